# SPDX-License-Identifier: Apache-2.0

"""Tests of the strategies as Watcher loads them."""

from watcher.db.sqlalchemy import models
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import audits
from tests.unit.plugin import base
from tests.unit.plugin.builders import an_audit
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.planning.questions import Decision
from watcher_host_maintenance.core.planning.questions import Question
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import planner
from watcher_host_maintenance.plugin.watcher import strategies
from watcher_host_maintenance.plugin.watcher import strategy
from watcher_host_maintenance.plugin.watcher.audit import AuditStrategy
from watcher_host_maintenance.request import parameters


class TestLoading(base.TestCase):
    def test_loads(self):
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        self.assertIsInstance(strategy, strategies.ClusterHostMaintenance)
        self.assertEqual('cluster_host_maintenance', strategy.name)
        self.assertEqual('Host Maintenance', strategy.display_name)
        self.assertEqual('cluster_maintenance', strategy.goal.name)

    def test_is_listed_beside_upstreams(self):
        listed = loading.DefaultStrategyLoader().list_available()
        self.assertIs(
            strategies.ClusterHostMaintenance, listed[names.STRATEGY]
        )
        self.assertIn('host_maintenance', listed)

    def test_planner_loads(self):
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        self.assertIsInstance(
            loading.DefaultPlannerLoader().load(strategy.planner),
            planner.ClusterMaintenance,
        )

    def test_names_fit_their_columns(self):
        columns = models.Strategy.__table__.c
        ours = strategies.ClusterHostMaintenance
        self.assertThat(ours.get_name(), base.FitsInto(columns.name))
        for name in (
            ours.get_display_name(),
            ours.get_translatable_display_name(),
        ):
            self.assertThat(name, base.FitsInto(columns.display_name))

    def test_schema(self):
        self.assertIs(
            parameters.SCHEMA, strategies.ClusterHostMaintenance.get_schema()
        )


class TestSeam(audits.TestCase):
    """Another strategy brings its names, parameters and door of core."""

    def test_another_door(self):
        read = []

        def door(snapshot, request, limits, fresh):
            """Read compute-2, and find that nothing is to be done."""
            snapshot = yield Question(snapshot, frozenset({'compute-2'}))
            read.extend(snapshot.by_hostname['compute-2'].used.items())
            return Decision(snapshot, Outcome())

        class Another(strategies.ClusterHostMaintenance):
            decide = staticmethod(door)

            def to_request(self):
                return Request()

        strategy = self.strategy()
        strategy.__class__ = Another
        self.cloud.placement.hold('new-1', uuid_of('compute-2'), VCPU=5)
        solution = strategy.execute(an_audit())
        self.assertEqual([], solution.actions)
        self.assertIn(('VCPU', 5), read)
        self.assertFalse(self.reported()['failed'])

    def test_whatever_is_missing_is_a_type_error(self):
        self.assertEqual(
            {'decide', 'to_request'},
            AuditStrategy.__abstractmethods__
            - strategy.base.BaseStrategy.__abstractmethods__,
        )
