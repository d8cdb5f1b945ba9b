# SPDX-License-Identifier: Apache-2.0

"""Each way out that a refusal tells works when it is taken."""

from tests.functional import base
from tests.functional import plans
from tests.functional.refusals import cannot_move
from tests.functional.refusals import left_behind
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import WAKE_SPARE
from watcher_host_maintenance.core.advice.unplaced import NO_ROOM_BESIDE_OTHERS
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.rules.room import NO_ROOM


class TestRemedies(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.HOST,
            # Room for one of the three, and the spare for two.
            'compute-2': base.a_host(disk_gb=50),
            'spare': base.a_host(
                disk_gb=70, disabled_reason='watcher_disabled'
            ),
        },
        flavors={
            'third': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 34},
            'filling': {'vcpus': 1, 'memory_mb': 512, 'disk_gb': 1},
        },
        servers={
            'web': base.on('compute-1', 'third', count=3),
            'old': base.on('compute-2', 'filling'),
        },
    )

    def remedies(self, audit):
        """What the report tells of ways out: reason, subject, facts."""
        [report] = self.reports(audit)
        [node] = report['outcome']['nodes']
        return [
            (r['reason'], r['subject'], r['facts']) for r in node['remedies']
        ]

    def last(self):
        """Which of the equal servers stays: the last by UUID."""
        servers = self.cloud.nova.servers.list(
            search_opts={'host': 'compute-1'}
        )
        return max(servers, key=lambda s: s.id).name

    def spare(self):
        return self.compute_service('spare').id

    def test_enable_a_spare(self):
        audit = self.drain(maintenance_node='compute-1')
        self.assertRefused(
            audit,
            cannot_move(
                'compute-1',
                1,
                3,
                SUM_TOO_LARGE.about(
                    instances=3,
                    wanted=102,
                    resource_class='DISK_GB',
                    free=70,
                    hosts=('spare',),
                ),
                ways=[
                    WAKE_SPARE.about('spare'),
                    LEAVE_SOME.about(names=(self.last(),)),
                    ADD_ROOM.about(
                        'compute-2', amount=53, resource_class='DISK_GB'
                    ),
                ],
            ),
        )
        self.assertIn(('wake_spare', 'spare', {}), self.remedies(audit))
        services = self.cloud.nova.services
        services.enable(self.spare())
        self.addCleanup(
            services.disable_log_reason, self.spare(), 'watcher_disabled'
        )
        self.assertPlanned(self.drain(maintenance_node='compute-1'))

    def test_leave_some(self):
        audit = self.drain(maintenance_node='compute-1')
        [facts] = [
            facts
            for reason, _subject, facts in self.remedies(audit)
            if reason == 'leave_some'
        ]
        self.assertEqual({'count': 1, 'names': [self.last()]}, facts)
        plan = self.assertPlanned(
            self.drain(maintenance_node='compute-1', on_blocked='leave'),
            message=left_behind(
                1,
                3,
                NO_ROOM_BESIDE_OTHERS.about(self.last()),
                lacks=NO_ROOM.about(
                    'spare', wanted=34, resource_class='DISK_GB', free=2
                ),
            ),
        )
        self.assertEqual(
            1, plans.indicators(plan)['remaining_instances_count']
        )

    def test_keep_less_free(self):
        # With it the spare has room for only one of the three.
        services = self.cloud.nova.services
        services.enable(self.spare())
        self.addCleanup(
            services.disable_log_reason, self.spare(), 'watcher_disabled'
        )
        audit = self.drain(maintenance_node='compute-1', headroom_percent=40)
        [percent] = [
            facts['percent']
            for reason, _subject, facts in self.remedies(audit)
            if reason == 'lower_headroom'
        ]
        self.assertEqual('FAILED', audit['state'])
        # Two of 34 in 70, and one in 49 of 50: 2 of 70 have to stay free.
        self.assertEqual(2, percent)
        self.assertPlanned(
            self.drain(maintenance_node='compute-1', headroom_percent=percent)
        )
        self.assertEqual(
            'FAILED',
            self.drain(
                maintenance_node='compute-1', headroom_percent=percent + 1
            )['state'],
        )
