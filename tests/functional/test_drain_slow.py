# SPDX-License-Identifier: Apache-2.0

"""An audit warns of servers that are too large for the time they get."""

from tests.functional import base
from tests.functional import plans


class TestSlow(base.CloudTestCase):
    def test_warned(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', 'medium'),
            },
            watcher_options={
                'watcher_strategies.cluster_host_maintenance': {
                    'migration_bandwidth_mib_s': 100
                },
                'nova': {
                    'migration_interval': 0.2,
                    'migration_max_retries': 300,
                },
            },
        )
        done = self.drain_and_execute(
            maintenance_node='compute-1',
            message='db may take 82 s to migrate, but 60 s are allowed. Raise '
            '[nova] migration_max_retries.',
        )
        # (20.48 + 10) s twice, and 81.92 + 10 s.
        self.assertEqual(
            153, plans.indicators(done.plan)['estimated_duration']
        )
