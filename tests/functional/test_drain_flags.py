# SPDX-License-Identifier: Apache-2.0

"""disable_live_migration and disable_cold_migration, alone and both."""

from tests.functional import base
from tests.functional import plans


class TestFlags(base.CloudTestCase):
    def start_mixed(self, **hosts):
        """Start compute-1 with running and stopped servers, and these."""
        self.start(
            hosts={
                'compute-1': base.HOST,
                **{h.replace('_', '-'): r for h, r in hosts.items()},
            },
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', state='SHUTOFF'),
            },
        )

    def test_no_live_migration(self):
        self.start_mixed(compute_2=base.HOST)
        done = self.drain_and_execute(
            maintenance_node='compute-1', disable_live_migration=True
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                'db': ('SHUTOFF', 'compute-2'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertEqual(
            dict.fromkeys(('web-1', 'web-2', 'db'), 'cold'),
            plans.migration_types(done.actions),
        )

    def test_no_cold_migration(self):
        self.start_mixed(compute_2=base.HOST)
        done = self.drain_and_execute(
            maintenance_node='compute-1', disable_cold_migration=True
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                'db': ('SHUTOFF', 'compute-1'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertEqual(
            {'web-1': 'live', 'web-2': 'live'},
            plans.migration_types(done.actions),
        )
        counts = plans.indicators(done.plan)
        self.assertEqual(
            (3, 2, 1),
            (
                counts['instances_count'],
                counts['instances_to_move_count'],
                counts['remaining_instances_count'],
            ),
        )

    def test_neither(self):
        # Nothing moves, so that no room is needed.
        self.start_mixed(compute_2=base.a_host(vcpus=1))
        done = self.drain_and_execute(
            maintenance_node='compute-1',
            disable_live_migration=True,
            disable_cold_migration=True,
            stopped=('web-1', 'web-2'),
        )
        self.assertEnd(
            servers=base.all_on(
                'compute-1', 'web-1', 'web-2', 'db', status='SHUTOFF'
            ),
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertEqual(
            ['change_nova_service_state', 'stop', 'stop'],
            sorted(a['action_type'] for a in plans.changes(done.actions)),
        )
        self.assertEqual(
            2, plans.indicators(done.plan)['stopped_instances_count']
        )
