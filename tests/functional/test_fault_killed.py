# SPDX-License-Identifier: Apache-2.0

"""The applier is killed in the middle of a plan, and started again."""

from tests.functional import base
from tests.functional import fault


class TestKilled(fault.FaultTestCase):
    def kill_when(self, name, status):
        """Kill Watcher when a server has this status, and start it again."""
        plan = self.plan(on_failure='enable')
        self.cloud.start_plan(plan)
        self.assertEventually(
            status, lambda: self.cloud.servers()[name].status, timeout_s=60
        )
        self.cloud.kill_watcher()
        return plan

    def assertLost(self, plan):
        """Check what a plan says whose applier was killed."""
        plan = self.cloud.finished_plan(plan)
        self.assertEqual('CANCELLED', plan['state'])
        self.assertIn('was stopped', plan['status_message'])
        self.assertEqual('CANCELLED', self.ends(plan)['compute-1'][0])

    def test_while_a_server_moves_live(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'large': base.on('compute-1', 'large'),
                'small': base.on('compute-1'),
            },
        )
        self.cloud.faults.hang('large')
        plan = self.kill_when('large', 'MIGRATING')
        self.cloud.start_watcher()
        self.assertLost(plan)
        self.cloud.faults.clear()
        self.assertTold('the applier is killed during a live migration', plan)
        self.assertFinished('large', 'small')
        self.assertAgain('the applier is killed during a live migration')

    def test_before_a_cold_migration_is_confirmed(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'job': base.on('compute-1', state='SHUTOFF')},
        )
        self.cloud.faults.hang('job', 'cold_migration')
        plan = self.kill_when('job', 'RESIZE')
        self.cloud.faults.clear()
        self.assertEventually(
            ('VERIFY_RESIZE', 'compute-2'),
            lambda: self.cloud.servers()['job'],
            timeout_s=60,
        )
        self.cloud.start_watcher()
        self.assertLost(plan)
        self.assertTold('the applier is killed during a cold migration', plan)
        # The second audit confirms it, and the server is as it was.
        self.drain_and_execute(
            maintenance_node='compute-1', becomes={'job': 'SHUTOFF'}
        )
        self.assertEnd(
            servers={'job': ('SHUTOFF', 'compute-2')},
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertAgain('the applier is killed during a cold migration')
