#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.


"""A plan is cancelled while an action of our own waits for Nova."""

from tests.functional import base
from tests.functional import fault


STOPPED = (
    'Action failed in execute: The plan was cancelled before {} was done.')


class TestCancelled(fault.FaultTestCase):
    def setUp(self):
        super().setUp()
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'paused': base.on('compute-1', 'large', state='PAUSED'),
                     'web': base.on('compute-1')})

    def when_ongoing(self, plan, name):
        """Cancel a plan once its action on a host or server runs."""
        self.begin(plan)
        self.assertEventually(
            'ONGOING', lambda: self.ends(plan)[name][0], timeout_s=60)
        self.cancel(plan)
        return self.cloud.finished_plan(plan)['state']

    def test_each_action(self):
        self.paused_is_taken_back()
        self.nothing_is_restored()
        self.nova_is_waited_for_no_longer()

    def paused_is_taken_back(self):
        self.cloud.faults.hang('paused')
        plan = self.plan(on_failure='enable')
        self.assertEqual('CANCELLED', self.when_ongoing(plan, 'paused'))
        self.assertEqual(
            {'paused': ('FAILED', STOPPED.format('paused')),
             'web': ('CANCELLED', ''), 'compute-1': ('CANCELLED', '')},
            self.ends(plan))
        self.assertEnd(
            servers={'paused': ('PAUSED', 'compute-1'),
                     'web': ('ACTIVE', 'compute-1')},
            services={'compute-1': base.MAINTAINED,
                      'compute-2': base.ENABLED})
        self.cloud.faults.clear()

    def nothing_is_restored(self):
        self.enable('compute-1')
        plan = self.plan(on_failure='enable')
        self.cloud.faults.hang('late', 'spawn')
        self.cloud.add_servers({'late': base.on('compute-1', state='BUILD')})
        self.assertEqual('FAILED', self.when_ongoing(plan, 'compute-1'))
        self.assertLook(
            plan, r'late remains \(building, spawning\)\. The plan was '
            r'cancelled\.')
        self.assertEqual(
            base.MAINTAINED, self.cloud.services()['compute-1'])
        self.cloud.faults.clear()
        self.assertEventually(
            'ACTIVE', lambda: self.cloud.servers()['late'].status)
        self.assertFinished('web', 'late', paused=('PAUSED', 'compute-2'))

    def nova_is_waited_for_no_longer(self):
        self.enable('compute-1')
        self.cloud.add_servers({
            'shelved': base.on('compute-1', state='SHELVED'),
            'migrated': base.on('compute-2', state='VERIFY_RESIZE',
                                resized_from={'host': 'compute-1'})})
        plan = self.plan()
        self.cloud.faults.stop_compute('compute-1')
        self.assertEqual('CANCELLED', self.when_ongoing(plan, 'shelved'))
        ends = self.ends(plan)
        self.assertEqual(
            ('FAILED', STOPPED.format('shelved')), ends['shelved'])
        self.assertRegex(ends['migrated'][1], (
            'Nova does not do it for migrated: Service is unavailable at '
            r'this time\. \(HTTP 409\)'))
        # Nova has what it was asked for, and does it when it can.
        self.cloud.faults.start_compute('compute-1')
        self.assertEventually(
            ('SHELVED_OFFLOADED', None),
            lambda: self.cloud.servers()['shelved'])
        self.drain_and_execute(
            maintenance_node='compute-1', becomes={'migrated': 'ACTIVE'})

    def enable(self, host):
        """End the maintenance of a host, as an administrator does."""
        for service in self.cloud.nova.services.list(host=host):
            self.cloud.nova.services.enable(service.id)
