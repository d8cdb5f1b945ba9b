# SPDX-License-Identifier: Apache-2.0

"""The planner writes what it is given into Watcher's real tables."""

import fixtures

from oslo_db import exception as db_exception
from watcher import objects
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.plugin import names


class TestPlanner(base.TestCase):
    def setUp(self):
        super().setUp()
        self.database = self.useFixture(database.Database())
        self.context = self.database.context
        self.audit_id = self.database.audit()
        self.strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        self.planner = loading.DefaultPlannerLoader().load(
            self.strategy.planner
        )

    def planned(self):
        """The rows of the plan that is made of the strategy's solution."""
        made = self.planner.schedule(
            self.context, self.audit_id, self.strategy.solution
        )
        plan = objects.ActionPlan.get_by_uuid(self.context, made.uuid)
        return plan, objects.Action.list(
            self.context, filters={'action_plan_id': plan.id}, sort_key='id'
        )

    def add(self, name, *parents):
        """Add an action as it is emitted."""
        solution = self.strategy.solution
        solution.add_action(
            action_type='nop',
            input_parameters={'message': name},
            resource_id=uuid_of(name),
        )
        solution.actions[-1]['parents'] = list(parents)

    def test_is_ours(self):
        self.assertEqual(names.PLANNER, self.strategy.planner)
        self.assertTrue(
            type(self.planner).__module__.startswith(
                'watcher_host_maintenance.'
            )
        )

    def test_graph(self):
        self.add('disable')
        self.add('web', 0)
        self.add('db', 0)
        self.add('verify', 1, 2)
        plan, actions = self.planned()
        uuids = [a.uuid for a in actions]
        self.assertEqual(
            [[], uuids[:1], uuids[:1], uuids[1:3]],
            [a.parents for a in actions],
        )
        self.assertEqual(
            ['disable', 'web', 'db', 'verify'],
            [a.input_parameters['message'] for a in actions],
        )
        self.assertEqual(
            {('nop', 'PENDING')}, {(a.action_type, a.state) for a in actions}
        )
        self.assertEqual(
            ('RECOMMENDED', None, self.audit_id),
            (plan.state, plan.status_message, plan.audit_id),
        )

    def test_nothing_to_do(self):
        plan, actions = self.planned()
        self.assertEqual(('SUCCEEDED', []), (plan.state, actions))

    def test_database_fails_half_way(self):
        # A plan that disables and moves nothing must not be started.
        self.add('disable')
        self.add('web', 0)
        create = objects.Action.create
        written = []

        def fail(action):
            if written:
                raise db_exception.DBConnectionError('gone away')
            written.append(action)
            create(action)

        self.useFixture(
            fixtures.MonkeyPatch('watcher.objects.Action.create', fail)
        )
        self.assertRaises(db_exception.DBConnectionError, self.planned)
        (plan,) = objects.ActionPlan.list(self.context)
        self.assertEqual(
            ('CANCELLED', 'The decision engine has not written all of it.'),
            (plan.state, plan.status_message),
        )

    def test_efficacy(self):
        counts = {
            i.name: n
            for n, i in enumerate(
                self.strategy.goal.efficacy_specification.get_indicators_specifications()
            )
        }
        self.strategy.solution.set_efficacy_indicators(**counts)
        self.strategy.solution.compute_global_efficacy()
        plan, _actions = self.planned()
        found = objects.EfficacyIndicator.list(
            self.context, filters={'action_plan_id': plan.id}
        )
        self.assertEqual(counts, {i.name: i.value for i in found})
        self.assertEqual(
            ['drained_instances_ratio'],
            [i['name'] for i in plan.global_efficacy],
        )

    def test_each_plan_is_its_own(self):
        self.add('web')
        (first, _), (second, actions) = self.planned(), self.planned()
        self.assertNotEqual(first.uuid, second.uuid)
        self.assertEqual(1, len(actions))
