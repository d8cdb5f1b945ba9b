# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""A spare that is maintained first is no spare in the next drain."""

from tests.functional import base
from tests.functional import plans


class TestSpare(base.CloudTestCase):
    def test_maintained_first(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST,
                   'compute-3': base.SPARE},
            servers={'web': base.on('compute-1', count=2)})
        done = self.drain_and_execute(maintenance_node='compute-3')
        self.assertEqual(
            [('change_disabled_reason', 'compute-3', '')],
            plans.steps(done.actions))
        done = self.drain_and_execute(maintenance_node='compute-3')
        self.assertEqual([], done.actions)

        # It is no spare any more.
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers=base.all_on('compute-2', 'web-1', 'web-2'),
            services={'compute-1': base.MAINTAINED,
                      'compute-2': base.ENABLED,
                      'compute-3': base.MAINTAINED})
