# SPDX-License-Identifier: Apache-2.0


"""An action finds its plan in Watcher's real tables."""

import ddt
import fixtures

from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import context

from tests.unit.plugin import base
from tests.unit.plugin import database
from watcher_host_maintenance.plugin.actions import action_row


OURS = {'resource_id': 'a', 'resource_name': 'web'}
ANOTHER = {'resource_id': 'b', 'resource_name': 'db'}


class RowTestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.database = self.useFixture(database.Database())
        self.audit_id = self.database.audit()

    def write(self, plan, action, parameters):
        """Write an action with its plan, in these states."""
        made = self.database.create(
            objects.ActionPlan,
            state=plan,
            global_efficacy=[],
            audit_id=self.audit_id,
            strategy_id=1,
        )
        self.database.create(
            objects.Action,
            action_plan_id=made.id,
            state=action,
            parents=[],
            action_type='nop',
            input_parameters=parameters,
        )


@ddt.ddt
class TestRow(RowTestCase):
    def state(self):
        """The state of the plan that is found."""
        plan = action_row.plan_of(OURS)
        return plan and plan.state

    def test_no_action(self):
        self.assertIsNone(action_row.plan_of(OURS))

    @ddt.named_data(
        # name, state of the plan, of the action, its parameters, is found
        ('runs',       'ONGOING',    'ONGOING',   OURS,    True),
        ('cancelling', 'CANCELLING', 'ONGOING',   OURS,    True),
        ('cancelled',  'CANCELLED',  'ONGOING',   OURS,    True),
        ('earlier',    'CANCELLED',  'CANCELLED', OURS,    False),
        ('another',    'CANCELLING', 'ONGOING',   ANOTHER, False),
    )  # fmt: skip
    @ddt.unpack
    def test_one(self, plan, action, parameters, expected):
        self.write(plan, action, parameters)
        self.assertEqual(plan if expected else None, self.state())

    def test_newest(self):
        # An applier that was lost has left the first one so.
        self.write('CANCELLED', 'ONGOING', OURS)
        self.write('ONGOING', 'ONGOING', OURS)
        self.assertEqual('ONGOING', self.state())
        self.write('CANCELLING', 'ONGOING', OURS)
        self.assertEqual('CANCELLING', self.state())

    def test_database_is_away(self):
        def fail(*args, **kwargs):
            raise db_exception.DBConnectionError('gone away')

        self.useFixture(
            fixtures.MonkeyPatch(
                'watcher.db.sqlalchemy.api.Connection.get_action_list', fail
            )
        )
        self.assertIsNone(self.state())
        self.assertIn('gone away', self.log.output)


class TestAddParameters(RowTestCase):
    def test_newest_row_gets_them(self):
        for _plan in range(2):
            self.write('ONGOING', 'ONGOING', OURS)
        self.assertTrue(action_row.add_parameters(OURS, answer='later'))
        rows = objects.Action.list(context.make_context())
        self.assertEqual(
            [OURS, {**OURS, 'answer': 'later'}],
            [row.input_parameters for row in sorted(rows, key=lambda r: r.id)],
        )

    def test_no_such_row(self):
        self.write('ONGOING', 'SUCCEEDED', OURS)
        self.assertFalse(action_row.add_parameters(OURS, answer='later'))
