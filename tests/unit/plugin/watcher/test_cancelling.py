# SPDX-License-Identifier: Apache-2.0

"""The strategy that tells owners of what was called off."""

import ddt
import fixtures
import jsonschema

from watcher import objects
from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import database
from tests.unit.plugin.builders import an_audit
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher.goals import ClusterCancellation
from watcher_host_maintenance.request import cancel_parameters


@ddt.ddt
class TestCancellation(base.TestCase):
    def setUp(self):
        super().setUp()
        self.database = self.useFixture(database.Database())
        self.nova = clouds.Cloud(self).nova
        self.ended = objects.Audit.get(
            self.database.context, self.database.audit()
        )
        self.set_state('CANCELLED')
        self.plan = self.database.create(
            objects.ActionPlan,
            audit_id=self.ended.id,
            strategy_id=1,
            state='CANCELLED',
            global_efficacy=[],
        )

    def set_state(self, state):
        self.ended.state = state
        self.ended.save()

    def told(self, name, state, kind='notify_owner', audit=None, **fields):
        """A server, and the action that was to tell its owner."""
        notice = Notice(
            maintenance_id=audit or self.ended.uuid,
            state=state,
            starts_s=1796158800,
            effect=Effect.LIVE,
            host=HostFate.RETURNS,
        )
        self.nova.servers.append(
            a_server(name, **fields) | {'metadata': notice.to_metadata()}
        )
        self.database.create(
            objects.Action,
            action_plan_id=self.plan.id,
            action_type=kind,
            input_parameters={'resource_id': uuid_of(name)},
            state='SUCCEEDED',
            parents=[],
        )

    def run_audit(self, audit, *audits):
        strategy = loading.DefaultStrategyLoader().load(names.CANCEL_STRATEGY)
        strategy.input_parameters.audits = list(audits or [self.ended.uuid])
        return strategy.execute(audit)

    def refusal(self, *audits):
        audit = an_audit()
        error = self.assertRaises(DrainRefused, self.run_audit, audit, *audits)
        self.assertTrue(
            str(error).startswith(audit.status_message.removesuffix('...'))
        )
        return str(error)

    def test_goal(self):
        goal = loading.DefaultGoalLoader().load(names.CANCEL_GOAL)
        self.assertIsInstance(goal, ClusterCancellation)
        self.assertEqual('Cancelled Maintenance', goal.display_name)
        strategy = loading.DefaultStrategyLoader().load(names.CANCEL_STRATEGY)
        self.assertEqual(names.CANCEL_GOAL, strategy.goal.name)
        self.assertEqual('Maintenance Cancellation', strategy.display_name)

    def test_who_is_told(self):
        self.configure_strategy(owner_tags=['lcm:ready=go'])
        self.told('web', State.ANNOUNCED)
        audit = an_audit()
        solution = self.run_audit(audit)
        self.assertEqual(
            [
                {
                    'action_type': 'notify_owner',
                    'input_parameters': {
                        'resource_id': uuid_of('web'),
                        'resource_name': 'web',
                        'source_node': 'compute-1',
                        'notice': {
                            'maintenance:id': self.ended.uuid,
                            'maintenance:state': 'cancelled',
                            'maintenance:starts': '2026-12-01T21:00:00Z',
                            'maintenance:effect': 'none',
                            'maintenance:host': 'returns',
                        },
                        'used_tags': ['lcm:ready', 'maintenance:go'],
                    },
                    'parents': [],
                }
            ],
            solution.actions,
        )
        self.assertEqual(
            'Servers whose owners are told: 1.', audit.status_message
        )
        self.assertEqual([], solution.efficacy_indicators)

    @ddt.named_data(
        # name, state of the notice, what else, if its owner is told
        ('moving',    State.MOVING,    {}, True),
        ('told',      State.CANCELLED, {}, True),
        ('done',      State.DONE,      {}, False),
        ('left',      State.LEFT,      {}, False),
        ('another',   State.ANNOUNCED, {'audit': uuid_of('another')}, False),
        ('not_told',  State.ANNOUNCED, {'kind': 'migrate'}, False),
        ('offloaded', State.ANNOUNCED, {'host': None}, True),
    )  # fmt: skip
    @ddt.unpack
    def test_state(self, state, fields, is_told):
        self.told('web', state, **fields)
        solution = self.run_audit(an_audit())
        self.assertEqual(is_told, bool(solution.actions))

    def test_nobody_was_told(self):
        self.told('web', State.ANNOUNCED)
        self.nova.servers.clear()
        audit = an_audit()
        self.assertEqual([], self.run_audit(audit).actions)
        self.assertEqual(
            'Servers whose owners are told: 0.', audit.status_message
        )

    @ddt.data('PENDING', 'ONGOING', 'SUSPENDED')
    def test_audit_that_goes_on(self, state):
        self.told('web', State.ANNOUNCED)
        self.set_state(state)
        self.assertEqual(
            'Cannot call off: the parameter audits is invalid: audit '
            f'{self.ended.uuid} is {state}: cancel it first. Give it a valid '
            'value.',
            self.refusal(),
        )

    def test_audit_that_does_not_exist(self):
        self.assertIn(
            f'there is no audit {uuid_of("x")}', self.refusal(uuid_of('x'))
        )

    def test_nova_does_not_answer(self):
        self.told('web', State.ANNOUNCED)
        self.told('db', State.ANNOUNCED)
        self.nova.fail(f'/v2.1/servers/{uuid_of("db")}', status_code=503)
        self.assertIn('Cannot call off: Nova did not answer', self.refusal())

    def test_bug(self):
        self.useFixture(
            fixtures.MonkeyPatch(
                'watcher_host_maintenance.plugin.watcher.cancelling._told',
                lambda audit: 1 / 0,
            )
        )
        self.assertIn('an unexpected error', self.refusal())

    @ddt.named_data(
        # name, parameters, if Watcher takes them
        ('one',     {'audits': [uuid_of('a')]},                   True),
        ('none',    {'audits': []},                               False),
        ('absent',  {},                                           False),
        ('a_name',  {'audits': ['rack']},                         False),
        ('twice',   {'audits': [uuid_of('a'), uuid_of('a')]},     False),
    )  # fmt: skip
    @ddt.unpack
    def test_schema(self, given, valid):
        schema = cancel_parameters.SCHEMA
        found = [*jsonschema.Draft4Validator(schema).iter_errors(given)]
        self.assertEqual(valid, not found)
