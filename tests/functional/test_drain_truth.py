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

"""An audit after a plan that came to half its end."""
from tests.functional import base
from tests.functional import plans


class TestTruth(base.CloudTestCase):
    def test_servers_that_came_and_went(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1', count=2),
                     'gone': base.on('compute-1')})
        self.cloud.refresh_model()
        # From here on Watcher's model is old.
        self.cloud.nova.servers.find(name='gone').delete()
        self.cloud.nova.servers.find(name='web-2').stop()
        self.cloud.add_servers({'late': base.on('compute-1')})
        self.assertEventually(
            {'web-1': 'ACTIVE', 'web-2': 'SHUTOFF', 'late': 'ACTIVE'},
            lambda: {name: server.status
                     for name, server in self.cloud.servers().items()})

        audit = self.drain(refresh=False, maintenance_node='compute-1')
        plan = self.cloud.execute(self.assertPlanned(audit))
        self.assertEqual('SUCCEEDED', plan['state'])
        self.assertEqual(
            [('change_nova_service_state', 'compute-1', 'disabled'),
             ('migrate', 'late', 'compute-2'),
             ('migrate', 'web-1', 'compute-2'),
             ('migrate', 'web-2', 'compute-2')],
            plans.steps(self.cloud.actions(plan)))
        self.assertEnd(
            servers={'web-1': ('ACTIVE', 'compute-2'),
                     'web-2': ('SHUTOFF', 'compute-2'),
                     'late': ('ACTIVE', 'compute-2')},
            services={'compute-1': base.MAINTAINED,
                      'compute-2': base.ENABLED})
