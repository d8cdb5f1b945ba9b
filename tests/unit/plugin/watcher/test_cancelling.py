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

    def told(self, name, *states, now=State.ANNOUNCED, audit=None, **fields):
        """A server, and the actions that were to tell its owner.

        :param now: what its notice says; None is that it has none
        :param audit: whose notice it has
        """
        metadata = {}
        if now is not None:
            notice = self.notice(now, audit or self.ended.uuid)
            metadata = notice.to_metadata()
        self.nova.servers.append(
            a_server(name, **fields) | {'metadata': metadata}
        )
        for state in states:
            self.action(name, state)

    def notice(self, state, audit):
        return Notice(
            maintenance_id=audit,
            state=state,
            starts_s=1796158800,
            effect=Effect.LIVE,
            host=HostFate.RETURNS,
        )

    def action(self, name, told, **fields):
        notice = self.notice(told, self.ended.uuid)
        values = {
            'action_plan_id': self.plan.id,
            'action_type': 'notify_owner',
            'input_parameters': {
                'resource_id': uuid_of(name),
                'source_node': 'compute-1',
                'notice': notice.to_metadata(),
            },
            'state': 'SUCCEEDED',
            'parents': [],
        }
        self.database.create(objects.Action, **values | fields)

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
        self.assertEqual('Cluster Maintenance Cancellation', goal.display_name)
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
        # name, what was told, the notice, if its owner is told, more
        ('moving',    ['ANNOUNCED', 'MOVING'],  'MOVING',    True,  {}),
        ('told',      ['ANNOUNCED'],            'CANCELLED', True,  {}),
        ('wiped',     ['ANNOUNCED'],            None,        True,  {}),
        ('forged',    ['ANNOUNCED'],            'DONE',      True,  {}),
        ('done',      ['MOVING', 'DONE'],       'DONE',      False, {}),
        ('done_gone', ['MOVING', 'DONE'],       None,        False, {}),
        ('failed',    ['MOVING', 'DONE'],       'ANNOUNCED', True,  {}),
        ('left',      ['LEFT'],                 'LEFT',      False, {}),
        ('another',   ['ANNOUNCED'],            'ANNOUNCED', False,
         {'audit': uuid_of('another')}),
        ('never',     [],                       'ANNOUNCED', False, {}),
        ('offloaded', ['ANNOUNCED'],            'ANNOUNCED', True,
         {'host': None}),
    )  # fmt: skip
    @ddt.unpack
    def test_state(self, told, now, is_told, fields):
        now = State[now] if now else None
        self.told('web', *(State[s] for s in told), now=now, **fields)
        solution = self.run_audit(an_audit())
        self.assertEqual(is_told, bool(solution.actions))

    def test_what_has_begun_keeps_its_effect(self):
        self.told('web', State.ANNOUNCED, State.MOVING, now=State.MOVING)
        [action] = self.run_audit(an_audit()).actions
        notice = action['input_parameters']['notice']
        self.assertEqual(
            ('cancelled', 'live'),
            (notice['maintenance:state'], notice['maintenance:effect']),
        )

    @ddt.named_data(
        # name, the newest action
        ('not_run', {'state': 'CANCELLED'}),
        ('of_other_kind', {'action_type': 'migrate'}),
    )
    def test_actions_that_told_nothing(self, fields):
        self.told('web', State.ANNOUNCED)
        self.action('web', State.DONE, **fields)
        self.assertEqual(1, len(self.run_audit(an_audit()).actions))

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

    @ddt.data('RECOMMENDED', 'PENDING', 'ONGOING')
    def test_plan_that_goes_on(self, state):
        self.told('web', State.ANNOUNCED)
        self.set_state('SUCCEEDED')
        self.plan.state = state
        self.plan.save()
        self.assertIn(
            f'action plan {self.plan.uuid} is {state}: cancel it first',
            self.refusal(),
        )

    @ddt.data(('SUCCEEDED', 'CANCELLING'), ('CANCELLED', 'ONGOING'))
    @ddt.unpack
    def test_plan_that_is_to_end(self, audit, plan):
        self.told('web', State.ANNOUNCED)
        self.set_state(audit)
        self.plan.state = plan
        self.plan.save()
        self.assertEqual(1, len(self.run_audit(an_audit()).actions))

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
                lambda audits: 1 / 0,
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
