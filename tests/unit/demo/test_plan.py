# SPDX-License-Identifier: Apache-2.0

from demo import plan
from tests.unit import base


ACTIONS = [
    {
        'action_type': 'change_nova_service_state',
        'state': 'SUCCEEDED',
        'input_parameters': {'resource_name': 'a', 'state': 'disabled'},
    },
    {
        'action_type': 'migrate',
        'state': 'FAILED',
        'status_message': 'refused',
        'input_parameters': {
            'resource_name': 'web',
            'migration_type': 'live',
            'source_node': 'a',
            'destination_node': 'b',
        },
    },
    {
        'action_type': 'verify_host_empty',
        'state': 'PENDING',
        'input_parameters': {'resource_name': 'a', 'remaining': []},
    },
    {'action_type': 'nop', 'state': 'PENDING', 'input_parameters': {}},
]


class TestPlan(base.TestCase):
    def test_steps(self):
        self.assertEqual(
            [
                ('disable a', 'SUCCEEDED', None),
                ('web to b, live', 'FAILED', 'refused'),
                ('verify that a is empty', 'PENDING', None),
                ('nop', 'PENDING', None),
            ],
            [(s.words, s.state, s.why) for s in plan.steps(ACTIONS)],
        )

    def test_moves(self):
        self.assertEqual(
            [plan.Move('web', 'live', 'a', 'b')], plan.moves(ACTIONS)
        )
