# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

from demo import plan
from tests.unit import base


ACTIONS = [
    {'action_type': 'change_nova_service_state', 'state': 'SUCCEEDED',
     'input_parameters': {'resource_name': 'a', 'state': 'disabled'}},
    {'action_type': 'migrate', 'state': 'FAILED', 'status_message': 'refused',
     'input_parameters': {
         'resource_name': 'web', 'migration_type': 'live',
         'source_node': 'a', 'destination_node': 'b'}},
    {'action_type': 'verify_host_empty', 'state': 'PENDING',
     'input_parameters': {'resource_name': 'a', 'remaining': []}},
    {'action_type': 'nop', 'state': 'PENDING', 'input_parameters': {}},
]


class TestPlan(base.TestCase):
    def test_steps(self):
        self.assertEqual(
            [('disable a', 'SUCCEEDED', None),
             ('web to b, live', 'FAILED', 'refused'),
             ('verify that a is empty', 'PENDING', None),
             ('nop', 'PENDING', None)],
            [(s.words, s.state, s.why) for s in plan.steps(ACTIONS)])

    def test_moves(self):
        self.assertEqual([plan.Move('web', 'live', 'a', 'b')],
                         plan.moves(ACTIONS))
