# SPDX-License-Identifier: Apache-2.0

"""What an operator has changed since an audit was given to its strategy."""

import ddt
import fixtures

from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import context
from watcher.common import exception

from tests.unit.plugin import database
from tests.unit.plugin.audits import TestCase
from watcher_host_maintenance.cloud import deadlines
from watcher_host_maintenance.cloud.deadlines import OUT_OF_TIME
from watcher_host_maintenance.cloud.deadlines import PLANNING_TOO_LONG
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher import audit_row
from watcher_host_maintenance.request.parameters import BAD_PARAMETER


class TestCaseWithRow(TestCase):
    """An audit with a row."""

    def setUp(self):
        super().setUp()
        # Several threads read it, and each would have a memory of its own.
        path = self.useFixture(fixtures.TempDir()).path
        self.database = self.useFixture(
            database.Database(f'sqlite:///{path}/watcher.sqlite')
        )

    def an_audit(self, audit_type='CONTINUOUS', **parameters):
        """Return an audit, and its row as an operator changes it."""
        self.database.audit()
        audit = self.database.create(
            objects.Audit,
            name='another',
            audit_type=audit_type,
            state='ONGOING',
            goal_id=1,
            parameters=parameters,
            interval='60',
            scope=[],
            auto_trigger=False,
        )
        row = objects.Audit.get_by_uuid(context.make_context(), audit.uuid)
        return audit, row


@ddt.ddt
class TestParameters(TestCaseWithRow):
    @ddt.named_data(
        # name, type, are they those of the row
        ('continuous', 'CONTINUOUS', True),
        ('oneshot',    'ONESHOT',    False),
    )  # fmt: skip
    @ddt.unpack
    def test_changed(self, audit_type, is_new):
        audit, row = self.an_audit(audit_type, maintenance_node='compute-1')
        row.parameters = {'maintenance_node': 'compute-2'}
        row.save()
        strategy = self.strategy(maintenance_node='compute-1')
        strategy.execute(audit)
        host = 'compute-2' if is_new else 'compute-1'
        self.assertEqual((host,), strategy.request.maintenance_nodes)

    def test_removed(self):
        audit, row = self.an_audit(maintenance_node='compute-1')
        row.parameters = {}
        row.save()
        strategy = self.strategy(maintenance_node='compute-1')
        strategy.execute(audit)
        self.assertEqual((), strategy.request.maintenance_nodes)

    @ddt.named_data(
        # name, parameters that Watcher's API lets an operator set
        ('unknown', {'nonsense': 1}),
        ('wrong',   {'on_blocked': 'stay'}),
        ('type',    {'maintenance_node': 4.5}),
    )  # fmt: skip
    def test_are_validated(self, parameters):
        audit, row = self.an_audit(maintenance_node='compute-1')
        row.parameters = parameters
        row.save()
        findings, _message = self.refusal(audit, maintenance_node='compute-1')
        self.assertIs(BAD_PARAMETER, findings[0].reason)

    def test_invalid_change_waits(self):
        audit, row = self.an_audit(maintenance_node='compute-1')
        row.parameters = {'nonsense': 1}
        row.save()
        self.database.create(
            objects.ActionPlan,
            audit_id=audit.id,
            strategy_id=1,
            state='SUCCEEDED',
            global_efficacy=[],
        )
        solution = self.strategy().execute(audit)
        self.assertEqual([], solution.actions)
        self.assertIn('nonsense is invalid', audit.status_message)

    def test_row_is_gone(self):
        audit, row = self.an_audit(maintenance_node='compute-1')
        row.destroy()
        self.assertIsNone(audit_row.changed_parameters(audit))

    def test_no_database(self):
        audit, _row = self.an_audit(maintenance_node='compute-1')

        def fail(*args):
            raise db_exception.DBConnectionError

        self.patch(objects.Audit, 'get_by_uuid', fail)
        self.assertIsNone(audit_row.changed_parameters(audit))
        self.assertIs(False, audit_row.is_cancelled(audit))

    def test_plans_cannot_be_read(self):
        audit, _row = self.an_audit()
        self.assertIs(False, audit_row.has_planned(audit))

        def fail(*args, **kwargs):
            raise db_exception.DBConnectionError

        self.patch(objects.ActionPlan, 'list', fail)
        self.assertIs(True, audit_row.has_planned(audit))


@ddt.ddt
class TestCancelled(TestCaseWithRow):
    @ddt.named_data(
        ('runs', 'ONGOING', False),
        ('cancelled', 'CANCELLED', True),
    )
    @ddt.unpack
    def test_state(self, state, expected):
        audit, row = self.an_audit()
        row.state = state
        row.save()
        self.assertIs(expected, audit_row.is_cancelled(audit))

    def test_no_audit(self):
        self.assertIs(False, audit_row.is_cancelled(None))

    @ddt.data('ONESHOT', 'CONTINUOUS')
    def test_stops_reading(self, audit_type):
        audit, row = self.an_audit(audit_type)
        self.patch(deadlines, 'LOOK_S', 0.0)

        def cancel():
            row.state = 'CANCELLED'
            row.save()

        self.cloud.nova.afterwards['/v2.1/os-services'] = [cancel]
        strategy = self.strategy(maintenance_node='compute-1')
        self.assertRaises(exception.AuditCancelled, strategy.execute, audit)
        # What several threads ask for just then may still be read.
        self.assertEqual([], self.cloud.placement.requests)
        self.assertEqual([], strategy.solution.actions)


@ddt.ddt
class TestTime(TestCase):
    def test_is_over(self):
        self.configure_strategy(audit_timeout_s=1)
        self.patch(
            deadlines.Deadline, 'left_s', property(lambda deadline: 0.0)
        )
        findings, message = self.refusal(maintenance_node='compute-1')
        self.assertIs(OUT_OF_TIME, findings[0].reason)
        self.assertIn('1 s were over before Nova answered', message)

    @ddt.data(
        # Before a search, and when the plan is made but not emitted.
        'watcher_host_maintenance.core.packing.solve.worst_fit',
        'watcher_host_maintenance.plugin.watcher.audit.check',
    )
    def test_is_over_while_it_plans(self, step):
        self.configure_strategy(audit_timeout_s=900)
        strategy = self.strategy(maintenance_node='compute-1')

        def late(*_args):
            strategy.deadline.start(0.0)

        self.useFixture(fixtures.MockPatch(step, late))
        refused = self.assertRaises(DrainRefused, strategy.execute, None)
        [finding] = refused.findings
        self.assertIs(PLANNING_TOO_LONG, finding.reason)
        self.assertEqual([], strategy.solution.actions)

    def test_is_that_of_the_option(self):
        self.configure_strategy(audit_timeout_s=77)
        strategy = self.strategy(maintenance_node='compute-1')
        strategy.execute(None)
        self.assertEqual(77, strategy.deadline.limit_s)
        self.assertIsInstance(strategy.deadline, Deadline)
