# SPDX-License-Identifier: Apache-2.0

"""What a plan is worth, as the API shows it."""

from tests.functional import base
from tests.functional import plans


class TestEfficacy(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.HOST,
            'compute-2': base.HOST,
            'compute-3': base.HOST,
            'compute-4': base.HOST,
        },
        servers={
            'web': base.on('compute-1', count=3),
            'batch': base.on('compute-1', 'medium', count=2, state='SHUTOFF'),
            'db': base.on('compute-1', state='SUSPENDED'),
        },
    )

    def assert_efficacy(self, audit, share, **expected):
        """Compare every indicator; those not given are 0.

        :param share: the global efficacy, in percent
        """
        (plan,) = self.cloud.action_plans(audit)
        names = (
            'instances_count',
            'instances_to_move_count',
            'live_migrations_count',
            'cold_migrations_count',
            'stopped_instances_count',
            'released_instances_count',
            'remaining_instances_count',
            'secondary_moves_count',
            'destinations_count',
            'estimated_duration',
        )
        self.assertEqual(
            {**dict.fromkeys(names, 0), **expected}, plans.indicators(plan)
        )
        self.assertEqual(
            [('drained_instances_ratio', '%', share)],
            [
                (i['name'], i['unit'], round(i['value'], 2))
                for i in plan['global_efficacy']
            ],
        )

    def test_part(self):
        audit = self.drain(maintenance_node='compute-1', on_blocked='leave')
        self.assert_efficacy(
            audit,
            83.33,
            instances_count=6,
            instances_to_move_count=5,
            live_migrations_count=3,
            cold_migrations_count=2,
            remaining_instances_count=1,
            destinations_count=3,
            estimated_duration=51,
        )

    def test_stopped(self):
        audit = self.drain(
            maintenance_node='compute-1',
            disable_live_migration=True,
            disable_cold_migration=True,
        )
        self.assert_efficacy(
            audit,
            0,
            instances_count=6,
            stopped_instances_count=3,
            remaining_instances_count=6,
            estimated_duration=10,
        )

    def test_empty(self):
        audit = self.drain(maintenance_node='compute-2')
        self.assert_efficacy(audit, 100)
