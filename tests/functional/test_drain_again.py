# SPDX-License-Identifier: Apache-2.0

"""An audit after a plan that came to half its end."""

from tests.functional import base
from tests.functional import plans


class TestAgain(base.CloudTestCase):
    def test_only_the_rest(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.SPARE},
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', 'medium', state='SHUTOFF'),
            },
        )
        self.cloud.faults.fail('web-1', 'live_migration')
        plan = self.assertPlanned(self.drain(maintenance_node='compute-1'))
        self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
        self.assertEqual(
            [('migrate', 'web-1'), ('verify_host_empty', 'compute-1')],
            [
                (a['action_type'], a['input_parameters']['resource_name'])
                for a in self.cloud.actions(plan)
                if a['state'] != 'SUCCEEDED'
            ],
        )
        services = {'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED}
        self.assertEnd(
            servers={
                'web-1': ('ACTIVE', 'compute-1'),
                'web-2': ('ACTIVE', 'compute-2'),
                'db': ('SHUTOFF', 'compute-2'),
            },
            services=services,
        )
        self.assertPlacementTrue()

        self.cloud.faults.clear()
        done = self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual(
            [('migrate', 'web-1', 'compute-2')], plans.steps(done.actions)
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                'db': ('SHUTOFF', 'compute-2'),
            },
            services=services,
        )

    def test_a_failed_move_is_not_repeated(self):
        """Elsewhere as long as there is another destination, then again."""
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.HOST,
            },
            servers={
                'web-1': base.on('compute-1'),
                'db': base.on('compute-3'),
            },
            watcher_options={
                'watcher_strategies.cluster_host_maintenance': {
                    'failed_migrations_hours': 1
                }
            },
        )
        self.cloud.faults.fail('web-1', 'live_migration')
        for destination in ('compute-2', 'compute-3'):
            audit = self.drain(maintenance_node='compute-1')
            self.assertIsNone(audit['status_message'])
            plan = self.assertPlanned(audit)
            steps = plans.steps(self.cloud.actions(plan))
            self.assertEqual(('migrate', 'web-1', destination), steps[-1])
            self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
            web = self.cloud.servers()['web-1']
            if web.status == 'ERROR':
                self.cloud.nova.servers.reset_state(web.id, 'active')
        # Both have failed: one is repeated, and the audit says so.
        self.cloud.faults.clear()
        audit = self.drain(maintenance_node='compute-1')
        self.assertRegex(
            audit['status_message'],
            r'^web-1 moves to compute-[23] again, where its live-migration '
            r'failed at 20\d\d-\d\d-\d\dT[\d:]{8}Z: '
            r'no other destination was found\.',
        )
        plan = self.assertPlanned(audit, audit['status_message'])
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
