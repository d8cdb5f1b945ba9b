# SPDX-License-Identifier: Apache-2.0

"""The goal and the history of a return, as Watcher has them."""

from unittest import mock

import fixtures

from watcher import objects

from tests.unit.core.plans import a_move
from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Start
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.plugin.watcher import goals
from watcher_host_maintenance.plugin.watcher import history
from watcher_host_maintenance.plugin.watcher.strategies import (
    ClusterHostReturn,
)


class Recorded(database.Database):
    """A plan that has disabled compute-1 and moved web-1 to compute-2."""

    def _setUp(self):
        super()._setUp()
        self.audit_id = self.audit()

    def strategy(self, name):
        """Write another strategy, of the same goal."""
        goal = objects.Goal.get_by_name(self.context, names.GOAL)
        self.create(
            objects.Strategy,
            name=name,
            goal_id=goal.id,
            display_name=name,
            parameters_spec={},
        )

    def plan(self, *actions, state='SUCCEEDED', strategy=names.STRATEGY):
        """Write a plan; each action has a type, parameters and a state."""
        strategy = objects.Strategy.get_by_name(self.context, strategy)
        plan = self.create(
            objects.ActionPlan,
            audit_id=self.audit_id,
            strategy_id=strategy.id,
            state=state,
            global_efficacy=[],
        )
        for kind, parameters, ended in actions:
            self.create(
                objects.Action,
                action_plan_id=plan.id,
                action_type=kind,
                input_parameters=parameters,
                state=ended,
                parents=[],
            )
        return plan


DISABLE = (
    'change_nova_service_state',
    {'resource_name': 'compute-1', 'state': 'disabled'},
    'SUCCEEDED',
)
DISABLE_OTHER = (
    'change_nova_service_state',
    {'resource_name': 'compute-2', 'state': 'disabled'},
    'SUCCEEDED',
)
MOVE = (
    'migrate',
    {
        'resource_id': uuid_of('web-1'),
        'resource_name': 'web-1',
        'source_node': 'compute-1',
        'destination_node': 'compute-2',
    },
    'SUCCEEDED',
)


class TestHistory(base.TestCase):
    def setUp(self):
        super().setUp()
        self.database = self.useFixture(Recorded())

    def test_recorded(self):
        plan = self.database.plan(DISABLE, MOVE, state='FAILED')
        [closing] = history.recorded(['compute-1', 'compute-2'])
        self.assertEqual('compute-1', closing.hostname)
        self.assertEqual({uuid_of('web-1'): 'compute-2'}, closing.moved)
        self.assertEqual(int(plan.created_at.timestamp()), closing.since_s)

    def test_only_what_has_succeeded(self):
        self.database.plan(DISABLE, (*MOVE[:2], 'FAILED'))
        [closing] = history.recorded(['compute-1'])
        self.assertEqual({}, closing.moved)

    def test_newest_first(self):
        self.database.plan(DISABLE, MOVE)
        self.database.plan(DISABLE)
        [closing] = history.recorded(['compute-1'])
        self.assertEqual({}, closing.moved)

    def test_before_the_node_was_closed(self):
        """Of an audit that tells owners, until that is deleted."""
        self.database.plan(MOVE)
        self.database.plan(DISABLE)
        moved = []
        for owners in ('ignore', 'wait'):
            audit = objects.Audit.get(
                self.database.context, self.database.audit_id
            )
            audit.parameters = {**audit.parameters, 'owners': owners}
            audit.save()
            [closing] = history.recorded(['compute-1'])
            moved.append(closing.moved)
        self.assertEqual([{}, {uuid_of('web-1'): 'compute-2'}], moved)
        audit.soft_delete()
        [closing] = history.recorded(['compute-1'])
        self.assertEqual({}, closing.moved)

    def test_of_our_strategies_only(self):
        for name in (names.ROLL_STRATEGY, 'host_maintenance'):
            self.database.strategy(name)
        self.database.plan(DISABLE, MOVE, strategy=names.ROLL_STRATEGY)
        self.database.plan(DISABLE, strategy='host_maintenance')
        [closing] = history.recorded(['compute-1'])
        self.assertEqual({uuid_of('web-1'): 'compute-2'}, closing.moved)

    def test_empty_plans_do_not_count(self):
        """A CONTINUOUS audit has written one at each of its runs."""
        self.useFixture(fixtures.MockPatchObject(history, 'MAX_PLANS', new=1))
        self.database.plan(DISABLE, MOVE)
        self.database.plan()
        self.assertEqual(1, len(history.recorded(['compute-1'])))
        self.database.plan(DISABLE_OTHER)
        self.assertEqual((), history.recorded(['compute-1']))

    def test_more_actions_than_in_one_query(self):
        for page in (1, 2, 3, 4):
            with mock.patch.object(history, 'PAGE', page):
                self.database.plan(DISABLE, MOVE)
                self.database.plan(DISABLE_OTHER)
                hosts = ['compute-1', 'compute-2']
                self.assertEqual(2, len(history.recorded(hosts)), page)

    def test_plan_that_is_being_deleted(self):
        self.database.plan(DISABLE, MOVE)
        plan = self.database.plan(DISABLE)
        objects.ActionPlan.dbapi.soft_delete_action_plan(plan.uuid)
        [closing] = history.recorded(['compute-1'])
        self.assertEqual({uuid_of('web-1'): 'compute-2'}, closing.moved)

    def test_the_first_plan_is_purged(self):
        plan = self.database.plan(DISABLE)
        self.database.plan(MOVE)
        self.assertTrue(history.recorded(['compute-1'])[0].is_whole)
        plan.soft_delete()
        self.assertFalse(history.recorded(['compute-1'])[0].is_whole)

    def test_purged(self):
        plan = self.database.plan(DISABLE, MOVE)
        plan.soft_delete()
        self.assertEqual((), history.recorded(['compute-1']))


class TestNames(base.TestCase):
    def test_names(self):
        self.assertEqual(
            (
                'cluster_host_return',
                'Host Return',
                'Host Return',
                'cluster_return',
            ),
            (
                ClusterHostReturn.get_name(),
                ClusterHostReturn.get_display_name(),
                ClusterHostReturn.get_translatable_display_name(),
                ClusterHostReturn.get_goal_name(),
            ),
        )
        self.assertEqual(
            ('cluster_return', 'Return to Service', 'Return to Service'),
            (
                goals.ClusterReturn.get_name(),
                goals.ClusterReturn.get_display_name(),
                goals.ClusterReturn.get_translatable_display_name(),
            ),
        )


def a_stay(as_asked):
    return Stay(
        instance_uuid='s',
        instance_name='s',
        host='compute-2',
        as_asked=as_asked,
        findings=(),
    )


class TestEfficacy(base.TestCase):
    def test_counts(self):
        start = Start(instance_uuid='u', instance_name='n', host='compute-1')
        outcome = Outcome(
            nodes=(
                NodeOutcome(
                    'compute-1',
                    Verdict.PLANNED,
                    4,
                    Method.HOME,
                    (a_move('a'), a_move('b')),
                    stays=(a_stay(as_asked=True), a_stay(as_asked=False)),
                    starts=(start,),
                ),
            ),
            purpose=Purpose.RETURN,
            returns=(Return('compute-1'),),
            closes=(Spare('spare-1', 'x'),),
        )
        counts = efficacy.measure(outcome, 9.1)
        self.assertEqual(
            {
                'returned_nodes_count': 1,
                'instances_count': 4,
                'instances_to_move_count': 2,
                'live_migrations_count': 2,
                'cold_migrations_count': 0,
                'started_instances_count': 1,
                'staying_instances_count': 2,
                'blocked_instances_count': 1,
                'closed_spares_count': 1,
                'estimated_duration': 10,
            },
            counts,
        )
        specification = goals.ClusterReturn.get_efficacy_specification()
        self.assertEqual(
            list(counts),
            [s.name for s in specification.get_indicators_specifications()],
        )
        [ratio] = specification.get_global_efficacy_indicator(counts)
        self.assertEqual(50, ratio.value)
        [ratio] = specification.get_global_efficacy_indicator(
            {**counts, 'instances_count': 0}
        )
        self.assertEqual(100.0, ratio.value)
        self.assertEqual([], specification.get_global_efficacy_indicator())
