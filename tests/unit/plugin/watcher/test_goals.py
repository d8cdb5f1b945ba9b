# SPDX-License-Identifier: Apache-2.0

"""Tests of the goal, by the ways that Watcher takes to it."""

import json

import ddt

from watcher.db.sqlalchemy import models
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import goals


class TestGoal(base.TestCase):
    def test_loads(self):
        loaded = loading.DefaultGoalLoader().load(names.GOAL)
        self.assertIsInstance(loaded, goals.ClusterMaintenance)
        self.assertEqual('cluster_maintenance', loaded.name)
        self.assertEqual('Cluster Maintenance', loaded.display_name)

    def test_is_listed_beside_upstreams(self):
        listed = loading.DefaultGoalLoader().list_available()
        self.assertIs(goals.ClusterMaintenance, listed[names.GOAL])
        self.assertIn('cluster_maintaining', listed)

    def test_has_one_strategy(self):
        # The bare goal takes the first one that it finds.
        listed = loading.DefaultStrategyLoader().list_available()
        self.assertEqual(
            [names.STRATEGY],
            [
                name
                for name, strategy in listed.items()
                if strategy.get_goal_name() == names.GOAL
            ],
        )

    def test_name_fits_its_columns(self):
        columns = models.Goal.__table__.c
        self.assertThat(
            goals.ClusterMaintenance.get_name(), base.FitsInto(columns.name)
        )
        for name in (
            goals.ClusterMaintenance.get_display_name(),
            goals.ClusterMaintenance.get_translatable_display_name(),
        ):
            self.assertThat(name, base.FitsInto(columns.display_name))


@ddt.ddt
class TestIndicators(base.TestCase):
    def setUp(self):
        super().setUp()
        self.specification = (
            goals.ClusterMaintenance.get_efficacy_specification()
        )

    def test_names(self):
        # Stable: what reads Watcher's API reads these.
        self.assertEqual(
            [
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
            ],
            [
                i.name
                for i in self.specification.get_indicators_specifications()
            ],
        )

    def test_fit_their_columns(self):
        columns = models.EfficacyIndicator.__table__.c
        indicators = [
            *self.specification.get_indicators_specifications(),
            *self.specification.get_global_efficacy_indicator(
                {'instances_count': 1, 'remaining_instances_count': 1}
            ),
        ]
        for indicator in indicators:
            self.assertThat(indicator.name, base.FitsInto(columns.name))
            self.assertThat(
                indicator.description, base.FitsInto(columns.description)
            )
            self.assertThat(indicator.unit or '', base.FitsInto(columns.unit))

    def test_serialize(self):
        told = json.loads(self.specification.serialize_indicators_specs())
        self.assertEqual(10, len(told))
        for indicator in told:
            self.assertEqual(
                {'type': 'integer', 'minimum': 0},
                json.loads(indicator['schema']),
            )
