# SPDX-License-Identifier: Apache-2.0

"""An audit after a plan that came to half its end."""

import re

from tests.functional import base
from tests.functional import plans
from watcher_host_maintenance.core.rules.cpus import CPU_LACKS_FEATURES
from watcher_host_maintenance.core.rules.cpus import ERROR_LACKS_FEATURES
from watcher_host_maintenance.core.telling import words


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
                'web-1': ('ERROR', 'compute-1'),
                'web-2': ('ACTIVE', 'compute-2'),
                'db': ('SHUTOFF', 'compute-2'),
            },
            services=services,
        )
        self.assertPlacementTrue()

        self.cloud.faults.clear()
        self.recover('web-1')
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
        """Elsewhere as long as there is another destination, then again.

        Where the CPU lacks a feature is the last choice before.
        """
        new = {**base.HOST, 'cpu_features': ['avx2', 'vmx']}
        self.start(
            hosts={
                'compute-1': new,
                'compute-2': new,
                'compute-3': {**base.HOST, 'cpu_features': ['vmx']},
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
        lacks = words.sentence(
            CPU_LACKS_FEATURES.about(
                'compute-3', source='compute-1', count=1, some=('avx2',)
            )
        )
        for destination, told, reason in (
            ('compute-2', None, 'status error, see'),
            (
                'compute-3',
                f'{lacks} A server that uses one cannot move live from '
                'compute-1 to it.',
                'status error, compute-3 lacks CPU features (avx2), see',
            ),
        ):
            audit = self.drain(maintenance_node='compute-1')
            plan = self.assertPlanned(audit, told)
            steps = plans.steps(self.cloud.actions(plan))
            self.assertEqual(('migrate', 'web-1', destination), steps[-1])
            self.assertEqual('FAILED', self.cloud.execute(plan)['state'])
            look = self.cloud.actions(plan)[-1]
            self.assertEqual('verify_host_empty', look['action_type'])
            self.assertIn(reason, look['status_message'])
            if destination == 'compute-2':
                self.recover('web-1')
        web = self.cloud.nova.servers.find(name='web-1')
        self.assertEventually(
            ('ERROR', 'compute-1'), lambda: self.cloud.servers()['web-1']
        )
        finding = ERROR_LACKS_FEATURES.about(
            'web-1',
            power_state='running',
            destination='compute-3',
            some=('avx2',),
            uuid=web.id,
        )
        self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            re.compile(re.escape(words.sentence(finding))),
        )
        self.recover('web-1')
        # Both have failed: one is repeated, and the audit says so.
        self.cloud.faults.clear()
        audit = self.drain(maintenance_node='compute-1')
        self.assertRegex(
            audit['status_message'],
            r'^web-1 moves to compute-2 again, where its live-migration '
            r'failed at 20\d\d-\d\d-\d\dT[\d:]{8}Z: '
            r'no other destination was found\.',
        )
        plan = self.assertPlanned(audit, audit['status_message'])
        self.assertEqual('SUCCEEDED', self.cloud.execute(plan)['state'])
