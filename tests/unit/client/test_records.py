# SPDX-License-Identifier: Apache-2.0

"""What the actions of a plan say of it."""

from tests.unit import base
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.client.records import hosts_of


def a_move(uuid, source, kind='migrate', **parameters):
    return Action.of(
        {
            'uuid': f'action {uuid}',
            'action_type': kind,
            'state': 'PENDING',
            'input_parameters': {
                'resource_id': uuid,
                'source_node': source,
                'migration_type': 'live',
                **parameters,
            },
        }
    )


INTO_ROOM = a_move(
    'web',
    'compute-1',
    'migrate_into_room',
    room_of=[{'resource_id': 'cache', 'resource_name': 'cache'}],
)


class TestActions(base.TestCase):
    def test_hosts_of_a_plan_that_makes_room(self):
        """No node is emptied off which servers only make room."""
        moves = [a_move('cache', 'compute-4'), INTO_ROOM]
        self.assertEqual({'compute-1'}, hosts_of(moves))
        self.assertEqual(
            {'compute-1', 'compute-4'},
            hosts_of([a_move('x', 'compute-4'), INTO_ROOM]),
        )

    def test_step(self):
        self.assertIs(Step.LIVE, INTO_ROOM.step)
        cold = a_move(
            'db', 'compute-1', 'migrate_into_room', migration_type='cold'
        )
        self.assertIs(Step.COLD, cold.step)
