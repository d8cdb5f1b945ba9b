# SPDX-License-Identifier: Apache-2.0

"""The strategy of a rolling maintenance, as Watcher runs it."""

import dataclasses
import datetime
import time

from unittest import mock

import ddt

from watcher import conf
from watcher import objects
from watcher.common import context

from tests.unit.core import plans
from tests.unit.plugin import audits
from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin.builders import a_collector
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import connect
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.clouds import of_model
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.core.checking import rolls
from watcher_host_maintenance.core.model.nova import DISABLED_TRAIT
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import Wave
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.model.times import parse_time
from watcher_host_maintenance.core.rolling import notice_period
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.plugin.watcher import goals
from watcher_host_maintenance.plugin.watcher import roll_journal
from watcher_host_maintenance.plugin.watcher.rolling import (
    ClusterRollingMaintenance,
)
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request import options
from watcher_host_maintenance.request import windows


MARKED, WORKED_ON = 'watcher_maintaining', 'watcher_maintained'

NODES = ['compute-1', 'compute-2']
ANSWERED = {'answer_by': '2001-01-01T00:00Z'}


def action(kind, host, ended='SUCCEEDED', **parameters):
    return kind, {'resource_name': host, **parameters}, ended


def closing(host, ended='SUCCEEDED'):
    return action('change_nova_service_state', host, ended, state='disabled')


def announcing(name, audit_uuid, starts, ended='SUCCEEDED', host='compute-1'):
    return action(
        'notify_owner',
        name,
        ended,
        resource_id=uuid_of(name),
        source_node=host,
        notice={
            'maintenance:id': audit_uuid,
            'maintenance:state': 'announced',
            'maintenance:starts': starts,
            'maintenance:effect': 'live',
        },
    )


def a_canary(host, ended='SUCCEEDED'):
    return action('migrate', 'web-1', ended, destination_node=host)


class Recorded(database.Database):
    """A CONTINUOUS audit with plans."""

    def _setUp(self):
        super()._setUp()
        self.drain = objects.Audit.get(self.context, self.audit())
        self.drain.state = 'SUCCEEDED'
        self.drain.save()
        self.rolling = self.create(
            objects.Audit,
            name='rolling',
            audit_type='CONTINUOUS',
            state='ONGOING',
            goal_id=1,
            parameters={},
            interval='60',
            scope=[],
            auto_trigger=True,
        )

    def plan(
        self,
        *actions,
        audit_id=None,
        least=None,
        says=None,
        state='SUCCEEDED',
    ):
        """Write a plan; return nothing."""
        plan = self.create(
            objects.ActionPlan,
            audit_id=audit_id or self.rolling.id,
            strategy_id=1,
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
                status_message=says,
                parents=[],
            )
        if least is not None:
            self.create(
                objects.EfficacyIndicator,
                action_plan_id=plan.id,
                name='least_moves_count',
                description='',
                unit=None,
                value=least,
            )


class TestJournal(base.TestCase):
    def setUp(self):
        super().setUp()
        self.database = self.useFixture(Recorded())

    def journal(self):
        return roll_journal.recorded([self.database.rolling.uuid])

    def test_nothing(self):
        self.assertEqual(Journal(), self.journal())

    def test_queries_do_not_grow_with_the_plans(self):
        def queries():
            counts = []
            for listed in (
                objects.ActionPlan,
                objects.Action,
                objects.EfficacyIndicator,
            ):
                spied = mock.patch.object(listed, 'list', wraps=listed.list)
                counts.append(self.enterContext(spied))
            self.journal()
            return [spied.call_count for spied in counts]

        self.database.plan(closing('compute-1'), least=2)
        few = queries()
        for _run in range(5):
            self.database.plan(closing('compute-2'), least=1)
        self.assertEqual(few, queries())
        self.assertEqual(2, self.journal().least_moves)

    def test_what_has_succeeded(self):
        self.database.plan(
            closing('compute-1'),
            closing('compute-2', 'FAILED'),
            action('change_disabled_reason', 'spare-1'),
            action('change_nova_service_state', 'spare-2', state='enabled'),
            action('migrate', 'web-1'),
            action('live_migrate_paused', 'web-2'),
            action('migrate', 'web-3', 'FAILED'),
            action('verify_host_empty', 'compute-1'),
            least=7,
        )
        self.database.plan(
            action('return_host', 'compute-1'),
            action('return_host', 'compute-2', 'FAILED'),
            action('migrate', 'web-1'),
            least=3,
            says='Action failed in execute: It is down.',
        )
        self.assertEqual(
            Journal(
                closed=frozenset({'compute-1', 'spare-1'}),
                emptied=frozenset({'compute-1'}),
                returned=frozenset({'compute-1'}),
                latest=frozenset({'compute-1'}),
                failures={'compute-2': Failure(Part.RETURN, 1, 'It is down.')},
                moves=2,
                moves_back=1,
                least_moves=7,
            ),
            self.journal(),
        )

    def test_latest_wave(self):
        def latest():
            return {*self.journal().latest}

        self.database.plan(
            closing('compute-1'),
            closing('compute-2'),
            action('verify_host_empty', 'compute-1'),
            action('verify_host_empty', 'compute-2', 'FAILED'),
        )
        self.database.plan(action('return_host', 'compute-1'))
        self.database.plan(action('verify_host_empty', 'compute-2'))
        self.assertEqual({'compute-1', 'compute-2'}, latest())
        self.database.plan(
            action('return_host', 'compute-2'), closing('spare-1')
        )
        self.assertEqual({'compute-1', 'compute-2'}, latest())
        self.database.plan(
            closing('compute-3'), action('verify_host_empty', 'compute-3')
        )
        self.assertEqual({'compute-3'}, latest())

    def test_node_that_was_closed_beforehand(self):
        """Its turn begins with what looks whether it is empty."""
        self.database.plan(
            closing('compute-2'), action('verify_host_empty', 'compute-2')
        )
        self.database.plan(action('return_host', 'compute-2'))
        for ended, is_begun in (('CANCELLED', False), ('FAILED', True)):
            self.database.plan(action('verify_host_empty', 'compute-1', ended))
            self.assertEqual(is_begun, 'compute-1' in self.journal().closed)
        self.assertEqual({'compute-1'}, self.journal().latest)
        self.assertIn('compute-1', self.journal().failures)

    def test_node_that_could_not_be_closed(self):
        self.database.plan(
            closing('compute-1', 'FAILED'),
            action('verify_host_empty', 'compute-1', 'FAILED'),
        )
        self.assertEqual(frozenset(), self.journal().closed)

    def test_who_was_told_first(self):
        uuid = self.database.rolling.uuid
        times = [f'2026-12-01T2{n}:00:00Z' for n in range(3)]
        for starts in times[:2]:
            self.database.plan(
                announcing('web-1', uuid, starts),
                announcing('web-2', uuid, starts, 'CANCELLED'),
                announcing('web-3', uuid, starts, host='compute-2'),
            )
        # A notice of what is done is no announcement.
        moved = announcing('web-4', uuid, times[0], host='compute-3')
        moved[1]['notice']['maintenance:state'] = 'moving'
        self.database.plan(moved)
        told = self.journal().told
        self.assertEqual(
            {host: (uuid, parse_time(times[0])) for host in NODES},
            {h: (t.maintenance_id, t.starts_s) for h, t in told.items()},
        )
        self.assertAlmostEqual(time.time(), told['compute-1'].at_s, delta=600)
        # An audit that continues this one tells them again.
        self.database.plan(announcing('web-1', uuid_of('next'), times[2]))
        self.assertEqual(
            (uuid_of('next'), parse_time(times[2])),
            (
                self.journal().told['compute-1'].maintenance_id,
                self.journal().told['compute-1'].starts_s,
            ),
        )

    def test_told_again_after_it_was_called_off(self):
        uuid = self.database.rolling.uuid
        times = [f'2026-12-01T2{n}:00:00Z' for n in range(2)]
        self.database.plan(
            announcing('web-1', uuid, times[0]),
            announcing('web-2', uuid, times[0], host='compute-2'),
        )
        off = announcing('web-1', uuid, times[0])
        off[1]['notice']['maintenance:state'] = 'cancelled'
        self.database.plan(off)
        self.assertEqual({'compute-2'}, {*self.journal().told})
        self.database.plan(announcing('web-1', uuid, times[1]))
        told = self.journal().told['compute-1']
        self.assertEqual(parse_time(times[1]), told.starts_s)

    def test_node_whose_servers_wait_is_not_empty(self):
        web, db = uuid_of('web-1'), uuid_of('db-1')
        self.database.plan(
            closing('compute-1'),
            announcing('web-1', uuid_of('audit'), '2026-12-01T20:00:00Z'),
            action('verify_host_empty', 'compute-1', remaining=[web, db]),
        )
        self.assertEqual(frozenset(), self.journal().emptied)
        self.assertEqual({web, db}, self.journal().stayed)
        self.database.plan(
            action('verify_host_empty', 'compute-1', remaining=[db]),
        )
        self.assertEqual({'compute-1'}, self.journal().emptied)
        self.assertEqual({db}, self.journal().stayed)

    def test_canaries(self):
        def canaries():
            return self.journal().canaries

        self.database.plan(
            closing('compute-1'),
            action('verify_host_empty', 'compute-1', remaining=['uuid-1']),
        )
        self.database.plan(action('return_host', 'compute-1'))
        self.assertEqual({'uuid-1'}, self.journal().stayed)
        self.database.plan(
            a_canary('compute-1', 'FAILED'),
            says='Action failed in execute: No valid host.',
        )
        first = Failure(Part.CANARY, 1, 'No valid host.')
        self.assertEqual({'compute-1': first}, canaries())
        self.database.plan(a_canary('compute-1', 'SKIPPED'))
        self.database.plan(a_canary('compute-1', 'FAILED'), state='CANCELLED')
        self.assertEqual({'compute-1': first}, canaries())
        self.database.plan(a_canary('compute-1'))
        self.assertEqual(
            ({'compute-1': Failure(Part.CANARY, 2)}, 1),
            (canaries(), self.journal().moves),
        )
        self.database.plan(
            closing('compute-2'), action('verify_host_empty', 'compute-2')
        )
        self.assertEqual(set(), self.journal().stayed)
        self.database.plan(action('return_host', 'compute-1'))
        self.assertEqual({}, canaries())

    def test_failures_in_a_row(self):
        def verified(*states):
            for state in states:
                self.database.plan(
                    action('verify_host_empty', 'compute-1', state)
                )
            return self.journal().failures

        self.assertEqual(
            {'compute-1': Failure(Part.DRAIN, 2)}, verified('FAILED', 'FAILED')
        )
        self.assertEqual({}, verified('SUCCEEDED'))
        self.assertEqual(
            {'compute-1': Failure(Part.DRAIN)}, verified('FAILED')
        )
        self.database.plan(action('return_host', 'compute-1', 'FAILED'))
        self.assertEqual(
            {'compute-1': Failure(Part.RETURN)}, verified('CANCELLED')
        )

    def test_answers_of_a_hook(self):
        for part, host, answer in (
            ('preflight', 'compute-1', 'later'),
            ('preflight', 'compute-1', 'done'),
            ('preflight', 'compute-2', 'nothing'),
            ('preflight', 'compute-3', 'later'),
            ('hook', 'compute-1', 'later'),
        ):
            self.database.plan(
                action('run_hook', host, part=part, answer=answer)
            )
        journal = self.journal()
        self.assertEqual(
            ({'compute-1'}, {'compute-2'}, {'compute-3'}, set()),
            (
                journal.checked,
                journal.unneeded,
                journal.postponed,
                journal.worked,
            ),
        )
        self.assertEqual({'compute-1'}, {*journal.asked_s})
        self.database.plan(
            action('run_hook', 'compute-1', part='hook', answer='nothing')
        )
        self.assertEqual({'compute-1'}, self.journal().worked)

    def test_failure_of_a_cancelled_plan_does_not_count(self):
        self.database.plan(
            action('run_hook', 'compute-1', 'FAILED', part='hook'),
            state='CANCELLED',
        )
        self.assertEqual({}, self.journal().failures)

    def test_other_audits_do_not_count(self):
        self.database.plan(closing('compute-1'), audit_id=1, least=9)
        self.assertEqual(Journal(), self.journal())


@ddt.ddt
class TestStrategy(audits.TestCase):
    """compute-1 has web-1; compute-2 and compute-3 are empty."""

    def setUp(self):
        super().setUp()
        self.services = tuple(map(a_service, (*NODES, 'compute-3')))
        self.servers = {'compute-1': [a_server('web-1')]}
        self.database = self.useFixture(Recorded())
        for group, registered in config.OPTIONS.items():
            conf.CONF.register_opts(registered, group=group)

    def take_out(self, hostname, reason):
        """Disable one node."""
        self.services = tuple(
            disabled(h, reason) if h == hostname else a_service(h)
            for h in (*NODES, 'compute-3')
        )

    def strategy(self, **given):
        if not {'aggregate', 'zone'} & given.keys():
            given = {'maintenance_nodes': NODES} | given
        self.model = a_model(
            *(
                (a_node(h), self.servers.get(h, ()))
                for h in (*NODES, 'compute-3')
            )
        )
        self.cloud.follow(self.services, of_model(self.model))
        strategy = ClusterRollingMaintenance({})
        connect(strategy, a_collector(self.model))
        strategy.audit_scope = []
        strategy.input_parameters.update(given)
        self.audit = self.database.rolling
        self.audit.parameters = given
        self.audit.save()
        return strategy

    def next(self, **given):
        """Run the CONTINUOUS audit once; return its actions."""
        solution = self.strategy(**given).execute(self.audit)
        return [
            (a['action_type'], a['input_parameters'].get('resource_name'))
            for a in solution.actions
        ]

    @property
    def said(self):
        return self.audit.status_message

    def test_before_its_window(self):
        self.assertEqual([], self.next(starts='2999-01-01T00:00Z'))
        self.assertIn(
            'No other node is begun: compute-2 waits: its window begins at '
            '2999-01-01T00:00:00Z.',
            self.said,
        )

    def test_after_its_window(self):
        self.assertEqual([], self.next(ends='2001-01-01T00:00Z'))
        self.assertIn(
            'its last window ended at 2001-01-01T00:00:00Z.', self.said
        )

    def test_in_its_window(self):
        self.assertEqual(
            ('change_service_in_window', 'compute-2'),
            self.next(ends='2999-01-01T00:00Z')[0],
        )

    def test_wave_that_would_end_too_late(self):
        # web-1 takes about 21 s; compute-2 is empty, and has had its turn.
        self.take_out('compute-2', 'fan')
        for seconds, begins in ((60, True), (20, False)):
            actions = self.next(
                maintenance_nodes=['compute-1'],
                ends=format_time(int(time.time()) + seconds),
            )
            self.assertEqual(begins, bool(actions), self.said)
        self.assertIn(
            'No other node is begun: To empty compute-1 takes about 21 s',
            self.said,
        )
        self.assertIn(
            '"web-1 alone takes about 21 s to leave compute-1', self.log.output
        )

    def one_by_one(self):
        """Let db-1 be on compute-2; no two servers move at once."""
        self.servers['compute-2'] = [a_server('db-1')]
        self.conf.config(group=options.GROUP, max_migrations=1)

    @ddt.named_data(
        # name, seconds until the window ends, who moves, what is said
        ('both',    60, ['db-1', 'web-1'], 'Next: compute-1, compute-2.'),
        ('one',     40, ['web-1'],
         'Waves of at most 1 nodes, to fit the window.'),
        ('neither', 20, [], 'To empty compute-1 takes about 21 s'),
    )  # fmt: skip
    @ddt.unpack
    def test_wave_is_made_narrower(self, seconds, moving, said):
        self.one_by_one()
        actions = self.next(
            parallel=2,
            ends=format_time(int(time.time()) + seconds),
        )
        names = [name for kind, name in actions if 'migrate' in kind]
        self.assertEqual(moving, sorted(names))
        self.assertIn(said, self.said)

    def test_node_that_is_too_long_holds_up_no_other(self):
        """compute-1 has one server, and would be first."""
        self.servers = {
            'compute-1': [a_server('large', memory=8192)],
            'compute-2': [a_server(f'web-{n}', memory=2048) for n in range(5)],
        }
        for limit in ('', '_per_source', '_per_destination'):
            name = f'max_migrations{limit}'
            self.conf.config(group=options.GROUP, **{name: 5})
        webs = [f'web-{n}' for n in range(5)]
        for seconds, moving in ((70, webs), (5, [])):
            actions = self.next(ends=format_time(int(time.time()) + seconds))
            names = [name for kind, name in actions if 'migrate' in kind]
            self.assertEqual(moving, sorted(names), self.said)
            self.assertEqual(
                bool(moving),
                'Not begun, too long for the window and the next: compute-1.'
                in self.said,
            )

    def test_wave_waits_for_a_longer_window(self):
        self.one_by_one()
        now = datetime.datetime.now(datetime.UTC)
        begun = now - datetime.timedelta(minutes=4)
        with self.later(
            (begun.replace(second=28) - now).total_seconds() + 270
        ):
            self.assertEqual(
                [],
                self.next(
                    parallel=2,
                    cron=f'{begun:%M} * * * *',
                    duration='PT5M',
                ),
            )
        self.assertIn('To empty compute-1, compute-2 takes about', self.said)

    def test_what_has_begun_waits_for_the_window_too(self):
        self.take_out('compute-1', MARKED)
        self.database.plan(closing('compute-1'))
        self.assertEqual([], self.next(starts='2999-01-01T00:00Z'))
        self.assertIn('1 of 1 servers wait.', self.said)

    def test_return_needs_a_window_for_moves_alone(self):
        self.take_out('compute-2', WORKED_ON)
        self.database.plan(closing('compute-2'))
        late = {'starts': '2999-01-01T00:00Z'}
        self.assertEqual([], self.next(move_back='left', **late))
        self.assertIn('compute-2 waits: its window begins at', self.said)
        self.assertIn(('return_host', 'compute-2'), self.next(**late))

    def tells(self, **given):
        """Run the audit once, of compute-1 with time for its owners."""
        return self.next(
            **{
                'maintenance_nodes': ['compute-1'],
                'owners': 'obey',
                'notice_period': 3600,
                **given,
            }
        )

    def later(self, seconds):
        """Let it be so many seconds later."""
        clock = mock.Mock(**{'time.return_value': time.time() + seconds})
        return mock.patch.object(windows, 'time', clock)

    def told(self, seconds):
        """Owners were told, and their time ends so many seconds from now."""
        starts = format_time(int(time.time()) + seconds)
        self.database.plan(
            announcing('web-1', self.database.rolling.uuid, starts)
        )

    def test_owners_are_told_first(self):
        self.assertEqual([('notify_owner', 'web-1')], self.tells())
        self.assertIn('Announced: compute-1; work begins at 20', self.said)

    def test_wave_waits_until_owners_have_had_their_time(self):
        # The action has just ended.
        self.told(0)
        self.assertEqual([('notify_owner', 'web-1')], self.tells())
        self.assertIn('Announced: compute-1', self.said)
        with self.later(3590):
            self.assertEqual([('notify_owner', 'web-1')], self.tells())
        with self.later(3610):
            self.assertIn(('migrate', 'web-1'), self.tells())
        self.assertIn('Next: compute-1.', self.said)

    def test_owners_are_waited_for(self):
        wait = {'owners': 'wait', 'notice_period': 1}
        self.told(0)
        with self.later(2):
            # The node is not closed either.
            self.assertEqual(
                [('notify_owner', 'web-1')],
                self.tells(**wait, answer_by='2999-01-01T00:00Z'),
            )
            self.assertIn(
                ('migrate', 'web-1'),
                self.tells(**wait, answer_by='2001-01-01T00:00Z'),
            )

    def test_time_to_answer_is_cut_short(self):
        """Also if the notices say that nothing begins before its end."""
        until = '2999-01-01T00:00:00Z'
        told = announcing('web-1', self.database.rolling.uuid, until)
        told[1]['notice']['maintenance:answer_by'] = until
        self.database.plan(told)
        wait = {'owners': 'wait', 'notice_period': 1}
        with self.later(2 + notice_period.WRITING_S):
            self.assertEqual(
                [('notify_owner', 'web-1')],
                self.tells(**wait, answer_by=until),
            )
            self.assertIn(
                ('migrate', 'web-1'),
                self.tells(**wait, answer_by='2001-01-01T00:00Z'),
            )

    def test_nobody_is_told_of_an_empty_node(self):
        self.servers = {}
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1'),
                ('verify_host_empty', 'compute-1'),
            ],
            self.tells(),
        )

    def test_nodes_of_a_wave_are_disabled_when_owners_are_told(self):
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1'),
                ('notify_owner', 'web-1'),
                ('verify_host_empty', 'compute-1'),
            ],
            self.tells(close='now'),
        )
        self.take_out('compute-1', MARKED)
        self.database.plan(closing('compute-1'))
        self.told(3600)
        self.assertEqual([('notify_owner', 'web-1')], self.tells(close='now'))
        with self.later(3610):
            self.assertIn(('migrate', 'web-1'), self.tells(close='now'))

    def test_owners_are_told_before_the_window(self):
        late = {'starts': '2999-01-01T00:00Z'}
        self.assertEqual([('notify_owner', 'web-1')], self.tells(**late))
        self.assertIn(
            'Announced: compute-1; work begins at 2999-01-01T00:00:00Z.',
            self.said,
        )

    def test_owners_are_told_before_a_window_that_recurs(self):
        # With a day of notice, it is never the next one.
        now = datetime.datetime.now(datetime.UTC)
        soon = now + datetime.timedelta(minutes=10)
        every_day = {
            'cron': f'{soon:%M %H} * * *',
            'duration': 'PT4H',
            'notice_period': 24 * 3600,
        }
        self.assertEqual([('notify_owner', 'web-1')], self.tells(**every_day))
        begins = soon + datetime.timedelta(days=1)
        self.assertIn(f'work begins at {begins:%Y-%m-%dT%H:%M}:00Z', self.said)
        self.told(24 * 3600)
        with self.later(24 * 3600 - 60):
            self.assertNotIn(('migrate', 'web-1'), self.tells(**every_day))
        with self.later(24 * 3600 + 900):
            self.assertIn('migrate_in_window', dict(self.tells(**every_day)))

    def announced(self, **given):
        """Run the audit once; return whom it tells what.

        It has announced the maintenance of compute-1 to the owner of web-1.
        """
        self.told(0)
        strategy = self.strategy(
            **{'owners': 'obey', 'notice_period': 3600, **given}
        )
        [web] = [s for s in self.cloud.nova.servers if s['name'] == 'web-1']
        notice = announcing('web-1', self.database.rolling.uuid, '')
        web['metadata'] = notice[1]['notice']
        return [
            (
                a['input_parameters']['resource_name'],
                a['input_parameters']['notice']['maintenance:state'],
            )
            for a in strategy.execute(self.audit).actions
            if a['action_type'] == 'notify_owner'
        ]

    @ddt.named_data(
        # name, parameters, what is told
        ('last_window', {'ends': '2001-01-01T00:00Z'}, ['cancelled']),
        ('not_yet', {'starts': '2999-01-01T00:00Z'}, ['announced']),
        ('taken_out', {'maintenance_nodes': ['compute-2']}, ['cancelled']),
    )
    @ddt.unpack
    def test_wave_that_was_announced(self, given, states):
        given = {'maintenance_nodes': ['compute-1'], **given}
        self.assertEqual(
            [('web-1', state) for state in states], self.announced(**given)
        )

    def test_window_passes_while_the_gate_is_shut(self):
        self.services = (
            self.services[0],
            a_service('compute-2', state='down'),
            self.services[2],
        )
        self.database.plan(closing('compute-2'))
        self.database.plan(action('return_host', 'compute-2'))
        self.assertEqual([], self.announced())
        self.assertIn('nova-compute is down', self.said)
        self.assertEqual(
            [('web-1', 'cancelled')], self.announced(ends='2001-01-01T00:00Z')
        )

    @ddt.named_data(
        # name, nodes, skip_blocked, does the audit end
        ('passed_over', NODES, True, False),
        ('last', ['compute-1'], True, True),
        ('refused', NODES, False, False),
    )
    @ddt.unpack
    def test_blocked_after_the_announcement(self, nodes, skips, ends):
        self.servers['compute-1'] = [a_server('web-1', vcpus=999)]
        self.assertEqual(
            [('web-1', 'cancelled')] if skips else [],
            self.announced(maintenance_nodes=nodes, skip_blocked=skips),
        )
        self.assertEqual(ends, self.audit.end_time is not None)

    def test_duration_of_a_cron_interval(self):
        strategy = self.strategy(
            maintenance_nodes=['compute-1'], duration='PT4H'
        )
        self.audit.interval = '* * * * *'
        types = [
            a['action_type'] for a in strategy.execute(self.audit).actions
        ]
        self.assertIn('migrate_in_window', types)

    def test_owners_would_be_told_too_late(self):
        ends = format_time(int(time.time()) + 3600)
        self.assertEqual([], self.tells(ends=ends))
        self.assertIn('The notice period of compute-1 would end at', self.said)

    @ddt.named_data(
        ('no_owners', {'owners': 'ignore'}, 'needs owners=obey or wait'),
        ('too_long', {'notice_period': 9999999}, 'is greater than'),
        ('close', {'notice_period': 0, 'close': 'now'}, 'needs a notice'),
        ('wait', {'notice_period': 0, 'owners': 'wait'}, 'wait needs a time'),
        (
            'answer_by',
            {
                'notice_period': 0,
                'owners': 'wait',
                'answer_by': '2999-01-01T00:00Z',
            },
            'wait needs a notice_period',
        ),
        ('unused', {'answer_by': '2999-01-01T00:00Z'}, 'give -p owners=wait'),
    )
    @ddt.unpack
    def test_invalid_notice_period(self, given, text):
        self.assertRaises(DrainRefused, self.tells, **given)
        self.assertIn(text, self.said)

    def test_dry_run_at_any_time(self):
        strategy = self.strategy(starts='2999-01-01T00:00Z')
        self.audit.audit_type = 'ONESHOT'
        self.assertEqual([], strategy.execute(self.audit).actions)
        self.assertIn('2 of 2 nodes can be maintained', self.said)

    def test_dry_run(self):
        strategy = self.strategy()
        self.audit.audit_type = 'ONESHOT'
        solution = strategy.execute(self.audit)
        self.assertEqual([], solution.actions)
        self.assertEqual(
            '2 of 2 nodes can be maintained in 2 waves with 1 moves (at '
            'least 1 are needed).',
            self.said,
        )
        for text in ('"waves": [["compute-2"], ["compute-1"]]', 'Wave 2'):
            self.assertIn(text, self.log.output)

    def test_dry_run_is_refused(self):
        self.servers['compute-1'] = [a_server('web-1', vcpus=999)]
        strategy = self.strategy()
        self.audit.audit_type = 'ONESHOT'
        self.assertRaises(DrainRefused, strategy.execute, self.audit)
        self.assertIn('compute-1', self.said)
        self.assertIn('Nothing was changed.', self.said)

    @ddt.named_data(
        # name, audit type, actions
        ('dry_run', 'ONESHOT', []),
        ('acts', 'CONTINUOUS', [
            ('change_nova_service_state', 'compute-1'),
            ('migrate', 'small'),
            ('migrate_into_room', 'big'),
            ('verify_host_empty', 'compute-1'),
        ]),
    )  # fmt: skip
    @ddt.unpack
    def test_servers_of_other_nodes_make_room(self, audit_type, expected):
        """They are read although their nodes are outside the set."""
        self.servers = {
            'compute-1': [a_server('big', vcpus=16)],
            'compute-2': [a_server('small', vcpus=1)],
            'compute-3': [a_server('large', vcpus=15, memory=4096)],
        }
        strategy = self.strategy(
            maintenance_nodes=['compute-1'], max_secondary_moves=1
        )
        self.audit.audit_type = audit_type
        solution = strategy.execute(self.audit)
        self.assertEqual(
            expected,
            [
                (a['action_type'], a['input_parameters'].get('resource_name'))
                for a in solution.actions
            ],
        )
        self.assertIn(
            '1 of 1 nodes can be maintained in 1 waves with 2 moves',
            self.said,
        )
        self.assertIn('of servers of other nodes first: 1', self.log.output)

    @ddt.data('ONESHOT', 'CONTINUOUS')
    def test_placement_is_asked(self, audit_type):
        """A destination that Placement refuses is not planned."""
        strategy = self.strategy(maintenance_nodes=['compute-1'])
        self.audit.audit_type = audit_type
        providers = self.cloud.placement.providers
        providers[uuid_of('compute-2')].traits = (DISABLED_TRAIT,)
        strategy.execute(self.audit)
        [wave] = strategy._roll.waves
        self.assertEqual(
            ['compute-3'], [m.destination for m in wave.outcome.moves]
        )

    def test_placement_refuses_all(self):
        strategy = self.strategy(maintenance_nodes=['compute-1'])
        self.audit.audit_type = 'ONESHOT'
        for name in ('compute-2', 'compute-3'):
            provider = self.cloud.placement.providers[uuid_of(name)]
            provider.traits = (DISABLED_TRAIT,)
        self.assertRaises(DrainRefused, strategy.execute, self.audit)
        self.assertIn('Nothing was changed.', self.said)
        self.assertIn(f'has the trait {DISABLED_TRAIT}', self.log.output)

    def test_begins_with_the_empty_node(self):
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-2'),
                ('verify_host_empty', 'compute-2'),
            ],
            self.next(),
        )
        self.assertEqual(
            '2 of 2 nodes can be maintained in 2 waves with 1 moves (at '
            'least 1 are needed). Next: compute-2.',
            self.said,
        )

    def test_waits_for_who_works_on_it(self):
        self.take_out('compute-2', MARKED)
        self.database.plan(closing('compute-2'), least=1)
        self.assertEqual([], self.next())
        self.assertEqual(
            '0 of 2 nodes maintained, 0 moves (at least 1 were needed). '
            'Ready to work on: compute-2. When it is done: openstack '
            'maintenance done compute-2',
            self.said,
        )
        self.assertIsNone(self.audit.end_time)

    def test_returns_what_was_worked_on(self):
        self.take_out('compute-2', WORKED_ON)
        self.database.plan(closing('compute-2'), least=1)
        self.assertEqual(
            [
                ('return_host', 'compute-2'),
                ('verify_host_returned', 'compute-2'),
            ],
            self.next(),
        )
        self.assertIn('Back to service: compute-2.', self.said)

    def test_return_deletes_notices(self):
        uuid = self.database.rolling.uuid
        told = announcing('web-1', uuid, '', host='compute-2')
        done = {**told[1]['notice'], 'maintenance:state': 'done'}
        self.take_out('compute-2', WORKED_ON)
        moved = action(
            'migrate',
            'web-1',
            resource_id=uuid_of('web-1'),
            source_node='compute-2',
            destination_node='compute-1',
        )
        self.database.plan(closing('compute-2'), told, moved, least=1)
        for given in ({}, {'owners': 'obey'}, {**ANSWERED, 'owners': 'wait'}):
            strategy = self.strategy(**given)
            [server] = self.cloud.nova.servers
            server['metadata'] = done
            told = [
                a['input_parameters']
                for a in strategy.execute(self.audit).actions
                if a['action_type'] == 'notify_owner'
            ]
            self.assertEqual([{}], [given['notice'] for given in told])
            self.assertIn('Back to service: compute-2.', self.said)

    def test_goes_on_with_the_next_wave(self):
        self.database.plan(closing('compute-2'), least=1)
        self.database.plan(action('return_host', 'compute-2'))
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1'),
                ('migrate', 'web-1'),
                ('verify_host_empty', 'compute-1'),
            ],
            self.next(),
        )
        self.assertEqual(
            '1 of 2 nodes maintained, 0 moves (at least 1 were needed). '
            'Next: compute-1.',
            self.said,
        )

    def test_empties_what_was_left_half_empty(self):
        self.take_out('compute-1', MARKED)
        self.database.plan(closing('compute-1'), least=1)
        self.assertEqual(
            [('migrate', 'web-1'), ('verify_host_empty', 'compute-1')],
            self.next(),
        )
        self.assertIn('To be emptied: compute-1.', self.said)

    def test_ends_itself(self):
        self.database.plan(
            closing('compute-1'),
            action('migrate', 'web-1', resource_id=uuid_of('web-1')),
            least=1,
        )
        self.database.plan(*(action('return_host', h) for h in NODES))
        self.assertEqual([], self.next())
        self.assertEqual(
            '2 of 2 nodes maintained, 1 moves (at least 1 were needed).',
            self.said,
        )
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        end = self.audit.end_time.replace(tzinfo=None)
        self.assertLessEqual(end, now)
        self.assertLess(now - end, datetime.timedelta(minutes=5))

    @ddt.named_data(
        # name, skip_blocked, actions, what is said
        ('all_or_none', False, [], 'compute-1'),
        ('skipped', True, [('change_nova_service_state', 'compute-2'),
                           ('verify_host_empty', 'compute-2')],
         'Not maintained: compute-1: '),
    )  # fmt: skip
    @ddt.unpack
    def test_blocked(self, skips, actions, said):
        self.servers['compute-1'] = [a_server('web-1', vcpus=999)]
        self.assertEqual(actions, self.next(skip_blocked=skips))
        self.assertIn(said, self.said)

    def test_ends_when_only_blocked_nodes_are_left(self):
        self.servers['compute-1'] = [a_server('web-1', vcpus=999)]
        self.database.plan(closing('compute-2'), least=1)
        self.database.plan(action('return_host', 'compute-2'))
        self.assertEqual([], self.next(skip_blocked=True))
        self.assertIn('1 of 2 nodes maintained', self.said)
        self.assertIn('Not maintained: compute-1: ', self.said)
        self.assertIsNotNone(self.audit.end_time)

    def test_does_not_end_while_room_may_come_back(self):
        self.servers = {
            'compute-1': [a_server('web-1', vcpus=16)],
            'compute-2': [a_server('db-1', state='error')],
            'compute-3': [a_server('app-1', vcpus=1)],
        }
        self.take_out('compute-2', MARKED)
        self.database.plan(closing('compute-2'), least=1)
        self.assertEqual([], self.next(skip_blocked=True, stop_after=2))
        for text in (
            'The audit does not end before these are done: compute-2.',
            'Not maintained: compute-1: compute-1 can be emptied in no order',
        ):
            self.assertIn(text, self.said)
        self.assertIsNone(self.audit.end_time)

    def test_node_that_is_gone_is_skipped(self):
        gone = {'maintenance_nodes': [*NODES, 'compute-9']}
        self.come_back()
        self.assertEqual([], self.next(**gone))
        self.assertIn('compute-9 is not in Nova any more', self.said)
        self.assertIn('or set skip_blocked', self.said)
        self.assertIn(
            ('migrate', 'web-1'), self.next(skip_blocked=True, **gone)
        )
        self.assertIn('Not maintained: compute-9: compute-9 is not', self.said)
        self.database.plan(action('return_host', 'compute-1'))
        self.assertEqual([], self.next(skip_blocked=True, **gone))
        self.assertIsNotNone(self.audit.end_time)

    def test_hook_is_not_asked_about_a_node_that_is_gone(self):
        self.hooked(preflight_hooks=['reboot'])
        self.come_back()
        gone = {
            'maintenance_nodes': [*NODES, 'compute-9'],
            'hook': 'reboot',
            'skip_blocked': True,
        }
        self.assertEqual([('run_hook', 'compute-1')], self.next(**gone))
        self.database.plan(
            action('run_hook', 'compute-1', part='preflight', answer='later')
        )
        self.assertEqual([('run_hook', 'compute-1')], self.next(**gone))

    def test_asks_again_when_those_with_work_are_blocked(self):
        self.hooked(preflight_hooks=['reboot'])
        self.servers['compute-1'] = [a_server('web-1', vcpus=999)]
        self.database.plan(
            action('run_hook', 'compute-1', part='preflight'),
            action('run_hook', 'compute-2', part='preflight', answer='later'),
        )
        self.assertEqual(
            [('run_hook', 'compute-2')],
            self.next(hook='reboot', skip_blocked=True),
        )
        self.assertIsNone(self.audit.end_time)

    @ddt.named_data(
        # name, service of the node that is left, what is said
        ('down',   {'state': 'down'}, 'nova-compute is down'),
        ('closed', {'status': 'disabled', 'disabled_reason': 'fan'}, 'fan'),
    )  # fmt: skip
    @ddt.unpack
    def test_waits_for_what_may_pass(self, service, said):
        first, *others = self.services
        self.services = (dataclasses.replace(first, **service), *others)
        self.database.plan(closing('compute-2'), least=1)
        self.database.plan(action('return_host', 'compute-2'))
        self.assertEqual([], self.next(skip_blocked=True))
        self.assertIn(said, self.said)
        self.assertIsNone(self.audit.end_time)

    @ddt.named_data(
        ('no_nodes', {'maintenance_nodes': []}, 'maintenance_nodes is inv'),
        ('no_set', {'aggregate': None}, 'aggregate is invalid'),
        (
            'two_sets',
            {'aggregate': 'rack-7', 'zone': 'nova'},
            'aggregate, zone are given together',
        ),
        (
            'unknown_aggregate',
            {'aggregate': 'rack-8'},
            'there is no host aggregate rack-8',
        ),
        (
            'empty_aggregate',
            {'aggregate': 'shelf-1'},
            'shelf-1 has no compute nodes',
        ),
        ('empty_zone', {'zone': 'az-7'}, 'availability zone az-7'),
        ('hook', {'hook': 'reboot'}, 'watcher.conf has no hook reboot'),
        ('hook_twice', {'hook': 'twice'}, 'has the hook twice twice'),
        ('hook_timeout', {'hook_timeout': 0}, 'hook_timeout is invalid'),
        ('continues', {'continues': 'rack-7'}, 'continues is invalid'),
        ('stop_after', {'stop_after': 0}, 'stop_after is invalid'),
        ('unknown', {'maintenance_nodes': ['compute-9']}, 'compute-9'),
        ('parallel', {'parallel': 0}, 'parallel is invalid'),
        ('of_a_drain', {'backup_node': 'compute-3'}, 'no such parameter'),
    )
    @ddt.unpack
    def test_bad_request_fails_for_good(self, given, text):
        self.conf.config(
            group=options.ROLL_GROUP,
            exec_hooks=['twice'],
            http_hooks={'twice': 'https://patch.example.org/'},
        )
        self.cloud.nova.aggregates = [
            an_aggregate(1, 'rack-7', ['compute-1']),
            an_aggregate(1, 'shelf-1', ['compute-8']),
        ]
        error = self.assertRaises(DrainRefused, self.next, **given)
        self.assertIn(text, str(error))

    def test_invalid_change_begins_nothing(self):
        self.next()
        self.assertEqual([], self.next(parallel=0))
        self.assertEqual(
            '0 of 2 nodes maintained, 0 moves. The changed parameters are '
            'not used: The parameter parallel is invalid: 0 is less than the '
            'minimum of 1. No other node is begun.',
            self.said,
        )
        self.assertNotEqual([], self.next(parallel=2))
        self.assertNotIn('not used', self.said)

    def come_back(self):
        """Record that compute-2 was maintained; compute-1 is next."""
        self.database.plan(
            closing('compute-2'),
            action('verify_host_empty', 'compute-2'),
            least=1,
        )
        self.database.plan(action('return_host', 'compute-2'))

    def assertHeld(self, text, *actions):
        self.assertEqual([*actions], self.next())
        self.assertEqual(
            '1 of 2 nodes maintained, 0 moves (at least 1 were needed). No '
            f'other node is begun: {text}.',
            self.said,
        )

    @ddt.named_data(
        # name, how compute-2 is now, what is said
        ('closed', disabled('compute-2', 'fan broken'),
         'compute-2 came back, but is disabled again: "fan broken"'),
        ('marked', disabled('compute-2', MARKED),
         f'compute-2 came back, but is disabled again: "{MARKED}"'),
        ('down', a_service('compute-2', state='down'),
         'compute-2 came back, but nova-compute is down'),
    )  # fmt: skip
    @ddt.unpack
    def test_waits_for_a_node_that_came_back(self, service, text):
        self.come_back()
        self.services = (self.services[0], service, self.services[2])
        self.assertHeld(text)
        self.services = (self.services[0], a_service('compute-2'))
        self.assertIn(('migrate', 'web-1'), self.next())

    def test_waits_for_placement(self):
        self.come_back()
        strategy = self.strategy()
        provider = self.cloud.placement.providers[uuid_of('compute-2')]
        provider.traits = ('COMPUTE_STATUS_DISABLED',)
        self.assertEqual([], strategy.execute(self.audit).actions)
        self.assertIn(
            'compute-2 came back, but its provider in Placement has the trait '
            'COMPUTE_STATUS_DISABLED.',
            self.said,
        )

    def test_waits_for_agents_and_alerts(self):
        self.come_back()
        self.patch(Neutron, 'dead_agents', lambda neutron, host: ['l3-agent'])
        self.patch(connections, 'unfit_series', lambda host: ['ALERTS{}'])
        self.assertHeld(
            'compute-2 came back, but its agents are dead: l3-agent. And 1 '
            'more'
        )
        self.assertIn(
            '"waits_for": ["compute-2 came back, but its agents are dead: '
            'l3-agent.", "compute-2 came back, but unfit_query returns '
            'ALERTS{}."]',
            self.log.output,
        )

    def test_looks_at_the_latest_wave_only(self):
        self.come_back()
        asked = []
        self.patch(
            connections, 'unfit_series', lambda host: asked.append(host) or []
        )
        self.next()
        self.assertEqual(['compute-2'], asked)

    def test_canary_goes_first(self):
        self.come_back()
        self.servers['compute-1'] = [a_server('web-1'), a_server('web-2')]
        self.assertEqual([('migrate', 'web-1')], self.next(canary=True))
        self.assertEqual(
            '1 of 2 nodes maintained, 0 moves (at least 1 were needed). '
            'web-1 first, from compute-1 to compute-2.',
            self.said,
        )
        self.assertIn(
            'web-1 first, from compute-1 to compute-2', self.log.output
        )
        self.assertNotIn('depend', self.log.output)

    def test_wave_after_the_canary(self):
        self.come_back()
        self.database.plan(a_canary('compute-2'))
        self.servers = {
            'compute-1': [a_server('web-1')],
            'compute-2': [a_server('web-2')],
        }
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-1'),
                ('migrate', 'web-1'),
                ('verify_host_empty', 'compute-1'),
            ],
            self.next(canary=True),
        )
        self.assertNotIn('No server can', self.said)

    def test_no_server_can_be_the_canary(self):
        self.come_back()
        self.servers['compute-1'] = [
            a_server('web-1', state='stopped', power_state=4)
        ]
        self.assertEqual(
            ('change_nova_service_state', 'compute-1'),
            self.next(canary=True)[0],
        )
        self.assertIn(
            'Next: compute-1. No server can be moved first to: compute-2. It '
            'is not waited for.',
            self.said,
        )

    @ddt.named_data(
        # name, how the moves ended, actions
        ('once',      ['FAILED'],                [('migrate', 'web-1')]),
        ('cancelled', ['FAILED', 'CANCELLED'],   [('migrate', 'web-1')]),
        ('twice',     ['FAILED', 'FAILED'],      []),
        ('did_not_stay', ['FAILED', 'SUCCEEDED'], []),
    )  # fmt: skip
    @ddt.unpack
    def test_canary_that_does_not_arrive(self, ends, actions):
        self.come_back()
        for ended in ends:
            self.database.plan(
                a_canary('compute-2', ended),
                says='Action failed in execute: No valid host.',
            )
        self.assertEqual(actions, self.next(canary=True))
        self.assertEqual(
            not actions,
            'No other node is begun: compute-2 came back, but no server runs '
            'there after 2 moves to it' in self.said,
        )

    @ddt.named_data(
        # name, type, state, does the wave wait
        ('runs', 'ONESHOT', 'ONGOING', True),
        ('is_to_run', 'ONESHOT', 'PENDING', True),
        ('has_ended', 'ONESHOT', 'SUCCEEDED', False),
        ('event', 'EVENT', 'ONGOING', True),
        ('waits_for_an_event', 'EVENT', 'PENDING', False),
        ('lives_on', 'CONTINUOUS', 'ONGOING', False),
    )
    @ddt.unpack
    def test_waits_for_another_audit(self, kind, state, waits):
        self.come_back()
        other = self.database.drain
        other.audit_type, other.state = kind, state
        other.save()
        if waits:
            self.assertHeld(f'The audit {other.uuid} is running')
        else:
            self.assertIn(('migrate', 'web-1'), self.next())

    @ddt.named_data(
        ('of_another', 'ONGOING', True),
        ('begins', 'PENDING', True),
        ('recommended', 'RECOMMENDED', False),
        ('ended', 'SUCCEEDED', False),
    )
    @ddt.unpack
    def test_waits_for_a_plan(self, state, waits):
        self.come_back()
        self.database.plan(audit_id=self.database.drain.id, state=state)
        actions = self.next()
        self.assertEqual(waits, f'is {state}' in self.said)
        self.assertEqual(waits, not actions)

    def test_what_has_begun_waits_for_nothing(self):
        self.take_out('compute-2', WORKED_ON)
        self.database.plan(closing('compute-2'), least=1)
        self.database.drain.state = 'ONGOING'
        self.database.drain.save()
        self.assertEqual(('return_host', 'compute-2'), self.next()[0])

    def test_what_has_begun_goes_on_after_an_invalid_change(self):
        self.next()
        self.take_out('compute-2', WORKED_ON)
        self.database.plan(closing('compute-2'), least=1)
        self.assertEqual(
            ('return_host', 'compute-2'), self.next(maintenance_nodes=[])[0]
        )
        self.assertIn('maintenance_nodes is invalid', self.said)

    def test_does_not_end_before_the_change_is_valid(self):
        self.next()
        self.database.plan(*(action('return_host', h) for h in NODES))
        self.assertEqual([], self.next(maintenance_nodes=[*NODES, 'a b']))
        self.assertIsNone(self.audit.end_time)
        self.assertEqual([], self.next())
        self.assertIsNotNone(self.audit.end_time)

    @ddt.named_data(
        # name, changed parameters, what is said
        ('invalid', {'parallel': 0}, 'parallel is invalid'),
        ('unknown_node', {'maintenance_nodes': ['compute-9']}, 'compute-9'),
    )
    @ddt.unpack
    def test_engine_starts_after_an_invalid_change(self, given, said):
        self.database.plan(closing('compute-2'), least=1)
        self.assertEqual([], self.next(**given))
        self.assertIn(said, self.said)
        self.assertNotEqual([], self.next())

    def test_plan_that_is_not_proved_is_not_carried_out(self):
        self.enterContext(
            mock.patch.object(rolls, 'check', return_value=('it is wrong',))
        )
        self.assertEqual([], self.next())
        self.assertIn('did not pass its own check: it is wrong', self.said)
        self.servers['compute-1'] = [a_server('web-1', vcpus=999)]
        self.assertEqual([], self.next(skip_blocked=True))
        self.assertIn('did not pass its own check: it is wrong', self.said)
        self.assertIsNone(self.audit.end_time)

    @ddt.named_data(
        # name, parameter, its value, nodes
        ('aggregate', 'aggregate', 'rack-7', NODES),
        # As Watcher's command makes it of 4711.
        ('number', 'aggregate', 4711, NODES),
        ('zone', 'zone', 'nova', [*NODES, 'compute-3']),
    )
    @ddt.unpack
    def test_set_is_frozen(self, parameter, value, nodes):
        self.cloud.nova.aggregates = [
            an_aggregate(1, 'rack-7', [*NODES, 'without-nova']),
            an_aggregate(1, 'rack-8', ['compute-3']),
            an_aggregate(1, '4711', NODES),
        ]
        actions = self.next(**{parameter: value})
        self.assertEqual('change_nova_service_state', actions[0][0])
        row = objects.Audit.get_by_uuid(
            context.make_context(), self.audit.uuid
        )
        self.assertEqual(
            {parameter: value, 'frozen_nodes': nodes}, row.parameters
        )
        self.assertIn(f'of {len(nodes)} nodes', self.said)

    def test_other_window_of_a_member(self):
        self.cloud.nova.aggregates = [an_aggregate(1, 'rack-7', NODES)]
        drain = self.database.drain
        drain.state = 'ONGOING'
        drain.parameters = {
            'maintenance_node': 'compute-2',
            'starts': '2999-01-01T00:00Z',
        }
        drain.save()
        strategy = self.strategy(aggregate='rack-7', ends='2999-01-01T00:00Z')
        self.assertRaises(DrainRefused, strategy.execute, self.audit)
        self.assertIn(
            f'compute-2 has another window in the audit {drain.uuid}.',
            self.said,
        )

    def test_frozen_set_is_not_read_again(self):
        self.cloud.nova.aggregates = [an_aggregate(1, 'rack-7', ['compute-3'])]
        self.next(aggregate='rack-7', frozen_nodes=NODES)
        self.assertIn('2 of 2 nodes', self.said)

    def test_dry_run_freezes_nothing(self):
        self.cloud.nova.aggregates = [an_aggregate(1, 'rack-7', NODES)]
        strategy = self.strategy(aggregate='rack-7')
        self.audit.audit_type = 'ONESHOT'
        self.assertEqual([], strategy.execute(self.audit).actions)
        self.audit.refresh()
        self.assertEqual({'aggregate': 'rack-7'}, self.audit.parameters)

    def lost(self, state='CANCELLED', **parameters):
        """Record a roll that has maintained compute-2; return its UUID."""
        goal = self.database.create(
            objects.Goal,
            name='cluster_rolling_maintenance',
            display_name='roll',
            efficacy_specification=[],
        )
        lost = self.database.create(
            objects.Audit,
            name='lost',
            audit_type='CONTINUOUS',
            state=state,
            goal_id=goal.id,
            parameters=parameters,
            interval='60',
            scope=[],
            auto_trigger=True,
        )
        self.database.plan(closing('compute-2'), audit_id=lost.id, least=5)
        self.database.plan(
            action('return_host', 'compute-2'), audit_id=lost.id
        )
        return lost.uuid

    def test_continues(self):
        actions = self.next(continues=self.lost())
        self.assertIn(('migrate', 'web-1'), actions)
        self.assertEqual(
            '1 of 2 nodes maintained, 0 moves (at least 5 were needed). Next: '
            'compute-1.',
            self.said,
        )

    def test_continues_one_that_continued_another(self):
        first = self.lost()
        second = self.database.rolling
        second.parameters = {'continues': first}
        second.state = 'FAILED'
        second.goal_id = objects.Goal.get_by_name(
            context.make_context(), 'cluster_rolling_maintenance'
        ).id
        second.save()
        self.database.plan(action('return_host', 'compute-1'))
        self.assertEqual(
            ([first, second.uuid], ''), roll_journal.continued(second.uuid)
        )
        journal = roll_journal.recorded([first, second.uuid])
        self.assertEqual({*NODES}, journal.returned)

    def purge(self, uuid):
        """Let Watcher forget an audit."""
        audit = objects.Audit.get_by_uuid(context.make_context(), uuid)
        audit.soft_delete()

    def test_continues_one_that_was_purged(self):
        """It was there when this one began, but is not any more."""
        uuid = self.lost()
        self.database.plan(closing('compute-1'), least=5)
        self.database.plan(action('return_host', 'compute-1'))
        self.assertEqual([], self.next(continues=uuid))
        self.assertIn('2 of 2 nodes maintained', self.said)
        self.purge(uuid)
        self.assertIn(
            ('verify_host_empty', 'compute-2'), self.next(continues=uuid)
        )
        self.assertEqual(
            '1 of 2 nodes maintained, 0 moves (at least 5 were needed). Next: '
            f'compute-2. The records of audit {uuid} are gone: what only they '
            'had does not count.',
            self.said,
        )

    def test_continues_one_whose_own_was_purged(self):
        first = self.lost()
        second = self.database.create(
            objects.Audit,
            name='second',
            audit_type='CONTINUOUS',
            state='CANCELLED',
            goal_id=objects.Goal.get_by_name(
                context.make_context(), 'cluster_rolling_maintenance'
            ).id,
            parameters={'continues': first},
            interval='60',
            scope=[],
            auto_trigger=True,
        )
        self.purge(first)
        self.assertEqual(
            ([second.uuid], first), roll_journal.continued(second.uuid)
        )
        self.assertTrue(self.next(continues=second.uuid))
        self.assertIn(f'The records of audit {first} are gone', self.said)

    def test_dry_run_of_what_is_left(self):
        strategy = self.strategy(continues=self.lost())
        self.audit.audit_type = 'ONESHOT'
        self.assertEqual([], strategy.execute(self.audit).actions)
        self.assertIn('1 of 1 nodes can be maintained in 1 waves', self.said)

    def test_dry_run_of_what_is_over(self):
        uuid = self.lost()
        strategy = self.strategy(
            continues=uuid, maintenance_nodes=['compute-2']
        )
        self.audit.audit_type = 'ONESHOT'
        self.assertEqual([], strategy.execute(self.audit).actions)
        self.assertIn('1 of 1 nodes maintained', self.said)

    def test_continues_what_has_not_ended(self):
        uuid = self.lost('SUSPENDED')
        self.assertEqual([], self.next(continues=uuid))
        self.assertIn(f'{uuid} is SUSPENDED: it has not ended', self.said)

    @ddt.data('drain', 'unknown')
    def test_continues_nothing(self, which):
        uuid = uuid_of('unknown')
        if which == 'drain':
            uuid = self.database.drain.uuid
        error = self.assertRaises(DrainRefused, self.next, continues=uuid)
        self.assertIn(f'no rolling maintenance {uuid}', str(error))

    def test_stops_after_a_failure(self):
        self.take_out('compute-1', MARKED)
        self.database.plan(closing('compute-1'), least=1)
        for _try in range(2):
            self.database.plan(
                action('verify_host_empty', 'compute-1', 'FAILED'),
                says='It has web-1.',
            )
        self.assertEqual([], self.next())
        self.assertEqual(
            '0 of 2 nodes maintained, 0 moves (at least 1 were needed). No '
            'other node is begun: stop_after is 1. Failed: compute-1: It has '
            'web-1.',
            self.said,
        )
        actions = self.next(stop_after=2)
        self.assertIn(('verify_host_empty', 'compute-2'), actions)

    def test_server_that_cannot_leave_fails_its_node(self):
        self.take_out('compute-1', MARKED)
        self.servers['compute-1'] = [a_server('web-1', state='error')]
        self.hooked()
        self.database.plan(
            closing('compute-1'),
            action('verify_host_empty', 'compute-1', 'FAILED'),
            says='web-9 remains.',
            least=1,
        )
        self.assertEqual([], self.next(hook='reboot'))
        self.assertIn('Failed: compute-1: web-1 is in ERROR', self.said)

    def test_node_that_was_marked_beforehand_has_its_turn(self):
        self.hooked()
        self.take_out('compute-2', MARKED)
        self.assertEqual(
            [], self.next(hook='reboot', starts='2999-01-01T00:00Z')
        )
        self.assertIn('compute-2 waits: its window begins at', self.said)
        self.assertEqual(
            [('verify_host_empty', 'compute-2')], self.next(hook='reboot')
        )
        self.database.plan(action('verify_host_empty', 'compute-2'))
        self.assertEqual([('run_hook', 'compute-2')], self.next(hook='reboot'))

    def test_marked_node_is_alone_out(self):
        """compute-2 is empty, and would be first."""
        self.take_out('compute-1', MARKED)
        self.assertEqual(
            [('migrate', 'web-1'), ('verify_host_empty', 'compute-1')],
            self.next(),
        )
        for _try in range(2):
            self.database.plan(
                action('verify_host_empty', 'compute-1', 'FAILED')
            )
        self.assertEqual([], self.next())
        self.assertIn('stop_after is 1. Failed: compute-1', self.said)

    def test_node_that_is_out_for_something_else_has_failed(self):
        self.take_out('compute-1', 'fan broken')
        self.database.plan(closing('compute-1'), least=1)
        self.assertEqual([], self.next(skip_blocked=True))
        self.assertIn(
            'No other node is begun: stop_after is 1. Failed: compute-1: '
            'compute-1 is disabled: "fan broken"',
            self.said,
        )
        self.take_out('compute-1', MARKED)
        self.assertIn(('migrate', 'web-1'), self.next())

    def both_out(self, failed=(), **first):
        """compute-1 and compute-2 are out.

        :param failed: which of them a drain has failed to empty
        :param first: fields of the service of compute-1
        """
        one, two = (disabled(host, MARKED) for host in NODES)
        self.services = (
            dataclasses.replace(one, **first),
            two,
            a_service('compute-3'),
        )
        self.hooked()
        self.database.plan(
            *map(closing, NODES),
            *(action('verify_host_empty', h, 'FAILED') for h in failed),
            says='web-1 remains.' if failed else None,
            least=1,
        )

    def test_hook_is_called_beside_what_waits(self):
        self.both_out(state='down')
        self.assertEqual([('run_hook', 'compute-2')], self.next(hook='reboot'))
        self.assertEqual(
            '0 of 2 nodes maintained, 0 moves (at least 1 were needed). '
            'Cannot drain: compute-1: nova-compute is down, instances on it: '
            '1. The hook reboot works on: compute-2. Start nova-compute there; '
            'evacuate it with Nova only if the host is off.',
            self.said,
        )

    def test_ready_is_told_beside_what_waits(self):
        self.both_out(state='down')
        self.assertEqual([], self.next())
        self.assertIn('Ready to work on: compute-2.', self.said)

    def test_hook_is_called_beside_what_waits_for_its_window(self):
        self.both_out()
        self.assertEqual(
            [('run_hook', 'compute-2')],
            self.next(hook='reboot', starts='2999-01-01T00:00Z'),
        )
        for text in (
            'To be emptied: compute-1.',
            'The hook reboot works on: compute-2.',
            '1 of 1 servers wait',
        ):
            self.assertIn(text, self.said)

    def test_hook_is_called_beside_what_waits_for_owners(self):
        self.both_out()
        actions = self.next(
            hook='reboot',
            owners='wait',
            notice_period=1,
            answer_by='2999-01-01T00:00Z',
        )
        self.assertEqual(
            [('notify_owner', 'web-1'), ('run_hook', 'compute-2')], actions
        )

    def test_hook_waits_for_moves(self):
        self.both_out()
        self.assertEqual(
            [('migrate', 'web-1'), ('verify_host_empty', 'compute-1')],
            self.next(hook='reboot'),
        )

    def test_ready_is_told_beside_what_waits_for_its_window(self):
        self.both_out()
        self.assertEqual([], self.next(starts='2999-01-01T00:00Z'))
        self.assertIn('Ready to work on: compute-2.', self.said)

    @ddt.named_data(
        # name, reason of compute-1, parameters, what is said
        ('window',  WORKED_ON, {'move_back': 'left'},
         'compute-1 waits: its window begins at'),
        ('refused', 'AUTO: no libvirt', {'returning_reasons': ['AUTO']},
         'Cannot return: compute-1: hypervisor lost, disabled by Nova'),
    )  # fmt: skip
    @ddt.unpack
    def test_hook_is_called_beside_what_cannot_return(
        self, reason, given, said
    ):
        self.both_out(disabled_reason=reason)
        given = {**given, 'starts': '2999-01-01T00:00Z'}
        if 'returning_reasons' in given:
            self.conf.config(
                group=options.RETURN_GROUP,
                returning_reasons=given.pop('returning_reasons'),
            )
        self.assertEqual(
            [('run_hook', 'compute-2')], self.next(hook='reboot', **given)
        )
        self.assertIn(said, self.said)

    def test_returns_those_that_can(self):
        self.conf.config(
            group=options.RETURN_GROUP, returning_reasons=[WORKED_ON, 'AUTO']
        )
        self.services = (
            disabled('compute-1', 'AUTO: no libvirt'),
            disabled('compute-2', WORKED_ON),
            a_service('compute-3'),
        )
        self.database.plan(*map(closing, NODES), least=1)
        self.assertEqual(
            [
                ('return_host', 'compute-2'),
                ('verify_host_returned', 'compute-2'),
            ],
            self.next(),
        )
        for text in (
            'Back to service: compute-2. Cannot return: compute-1: ',
            'no libvirt',
        ):
            self.assertIn(text, self.said)
        self.services = (*self.services[:1], *map(a_service, NODES[1:]))
        self.database.plan(action('return_host', 'compute-2'))
        self.assertEqual([], self.next())
        self.assertIn('no libvirt', self.said)

    def test_hook_is_called_beside_what_has_failed(self):
        self.both_out(['compute-1'], state='down')
        self.assertEqual([('run_hook', 'compute-2')], self.next(hook='reboot'))
        self.assertEqual(
            '0 of 2 nodes maintained, 0 moves (at least 1 were needed). The '
            'hook reboot works on: compute-2. Failed: compute-1: compute-1: '
            'nova-compute is down, instances on it: 1.',
            self.said,
        )

    def test_no_room_any_more(self):
        self.servers['compute-1'] = [a_server('web-1', vcpus=999)]
        self.both_out()
        self.assertEqual([('run_hook', 'compute-2')], self.next(hook='reboot'))
        self.assertIn(
            'web-1 fits on no destination (compute-3: needs 999 VCPU, 16 free)'
            '. The hook reboot works on: compute-2.',
            self.said,
        )
        self.both_out(['compute-1'])
        self.assertEqual([('run_hook', 'compute-2')], self.next(hook='reboot'))
        self.assertIn('Failed: compute-1: ', self.said)
        self.assertIn(
            '"failed": {"compute-1": "web-1 fits on no', self.log.output
        )

    @ddt.named_data(
        # name, VCPUs of the servers on both nodes that are out, on compute-3,
        # who moves
        ('both_fit',  8,   8, 0, ['db-1', 'web-1']),
        ('one_never', 999, 8, 0, ['db-1']),
        ('one_each',  8,   9, 0, ['web-1']),
        ('neither',   8,   8, 9, []),
    )  # fmt: skip
    @ddt.unpack
    def test_empties_what_can_be_emptied(self, web, db, there, moving):
        self.servers = {
            'compute-1': [a_server('web-1', vcpus=web)],
            'compute-2': [a_server('db-1', vcpus=db)],
            'compute-3': [a_server('app-1', vcpus=there)] if there else [],
        }
        self.both_out()
        moves = [name for kind, name in self.next() if kind == 'migrate']
        self.assertEqual(moving, sorted(moves))
        self.assertEqual(not moving, 'Cannot drain' in self.said)

    def test_long_failure_hides_nothing(self):
        """What the operator is to do is told before what has failed."""
        self.services = (
            *(disabled(host, MARKED) for host in NODES),
            a_service('compute-3'),
        )
        self.database.plan(*map(closing, NODES), least=1)
        for _try in range(2):
            self.database.plan(
                action('verify_host_empty', 'compute-1', 'FAILED'),
                says=f'web-1 remains: {"x" * 200}',
            )
        self.assertEqual([], self.next())
        self.assertIn(
            'Ready to work on: compute-2. Failed: compute-1: web-1 remains: x',
            self.said,
        )
        self.assertTrue(self.said.endswith('maintenance done compute-2'))

    def hooked(self, **options_):
        self.conf.config(
            group=options.ROLL_GROUP, exec_hooks=['reboot'], **options_
        )

    def hook_actions(self, strategy):
        return [
            {
                k: v
                for k, v in a['input_parameters'].items()
                if k != 'resource_id'
            }
            for a in strategy.execute(self.audit).actions
        ]

    def test_calls_the_hook(self):
        self.hooked()
        self.take_out('compute-2', MARKED)
        self.database.plan(closing('compute-2'), least=1)
        strategy = self.strategy(hook='reboot', hook_timeout=60)
        self.assertEqual(
            [
                {
                    'resource_name': 'compute-2',
                    'hook': 'reboot',
                    'part': 'hook',
                    'timeout_s': 60,
                    'expected_reason': MARKED,
                }
            ],
            self.hook_actions(strategy),
        )
        self.assertIn('The hook reboot works on: compute-2.', self.said)

    def test_calls_a_hook_again_that_was_not_run(self):
        self.hooked()
        self.take_out('compute-2', MARKED)
        self.database.plan(closing('compute-2'), least=1)
        self.database.plan(
            action(
                'run_hook',
                'compute-2',
                part='hook',
                answer='not_run',
                message='no such file',
            )
        )
        self.assertEqual([('run_hook', 'compute-2')], self.next(hook='reboot'))
        self.assertIn(
            'The hook reboot works on: compute-2. compute-2 last: It was not '
            'run: no such file',
            self.said,
        )

    def test_calls_no_hook_beside_a_plan_that_waits(self):
        self.hooked()
        self.take_out('compute-2', MARKED)
        self.database.plan(closing('compute-2'), least=1)
        self.database.plan(
            action('run_hook', 'compute-2', 'PENDING', part='hook'),
            state='PENDING',
        )
        self.assertEqual([], self.next(hook='reboot'))
        self.assertIn('is PENDING', self.said)

    def test_returns_when_the_hook_is_done(self):
        self.hooked()
        self.take_out('compute-2', MARKED)
        self.database.plan(closing('compute-2'), least=1)
        self.database.plan(
            action('run_hook', 'compute-2', part='hook', message='Kernel 6.1')
        )
        self.assertEqual(
            ('return_host', 'compute-2'), self.next(hook='reboot')[0]
        )
        self.assertIn(
            'Back to service: compute-2. compute-2 last: Kernel 6.1', self.said
        )

    def test_asks_the_hook_first(self):
        self.hooked(preflight_hooks=['reboot'])
        actions = self.hook_actions(self.strategy(hook='reboot'))
        self.assertEqual(
            [('compute-1', 'preflight'), ('compute-2', 'preflight')],
            [(a['resource_name'], a['part']) for a in actions],
        )
        self.assertIn('is asked about: compute-1, compute-2.', self.said)

    def test_asks_again_when_an_operator_says_so(self):
        """As a node has its turn again whose hook has failed."""
        self.hooked(preflight_hooks=['reboot'])
        for _try in range(2):
            self.database.plan(
                action('run_hook', 'compute-1', 'FAILED', part='preflight'),
                action('run_hook', 'compute-2', part='preflight'),
                says='no key',
            )
        self.assertEqual([], self.next(hook='reboot'))
        self.assertIn('Failed: compute-1: no key', self.said)
        self.database.create(
            objects.Audit,
            name='end',
            audit_type='ONESHOT',
            state='SUCCEEDED',
            goal_id=self.database.create(
                objects.Goal,
                name='cluster_return',
                display_name='return',
                efficacy_specification=[],
            ).id,
            parameters={'maintenance_node': 'compute-1'},
            scope=[],
            auto_trigger=False,
        )
        self.assertEqual([('run_hook', 'compute-1')], self.next(hook='reboot'))

    def test_skips_what_the_hook_has_no_work_on(self):
        self.hooked(preflight_hooks=['reboot'])
        self.database.plan(
            action(
                'run_hook', 'compute-1', part='preflight', answer='nothing'
            ),
            action('run_hook', 'compute-2', part='preflight'),
        )
        actions = self.next(hook='reboot')
        self.assertEqual(
            [
                ('change_nova_service_state', 'compute-2'),
                ('verify_host_empty', 'compute-2'),
            ],
            actions,
        )
        self.assertEqual(
            '1 of 1 nodes can be maintained in 1 waves with 0 moves (at least '
            '0 are needed). Next: compute-2. Nothing to do on: compute-1.',
            self.said,
        )

    def test_who_left_moves_back(self):
        self.take_out('compute-1', WORKED_ON)
        self.servers = {'compute-2': [a_server('web-1')]}
        self.database.plan(closing('compute-1'), least=1)
        strategy = self.strategy(move_back='left')
        strategy.execute(self.audit)
        self.assertEqual(MoveBack.LEFT, strategy.request.move_back)
        self.assertIn('Back to service: compute-1.', self.said)

    def test_names(self):
        self.assertEqual(
            ('cluster_rolling_maintenance', 'cluster_rolling_maintenance'),
            (
                ClusterRollingMaintenance.get_name(),
                ClusterRollingMaintenance.get_goal_name(),
            ),
        )
        self.assertEqual(
            ('cluster_rolling_maintenance', 'Rolling Cluster Maintenance'),
            (
                goals.ClusterRollingMaintenance.get_name(),
                goals.ClusterRollingMaintenance.get_display_name(),
            ),
        )


class TestEfficacy(base.TestCase):
    def test_indicators_are_those_of_the_goal(self):
        goal = goals.ClusterRollingMaintenance
        specification = goal.get_efficacy_specification()
        measured = efficacy.measure_roll(Roll(least_moves=3), Outcome(), 1.2)
        self.assertEqual(
            {s.name for s in specification.get_indicators_specifications()},
            {*measured},
        )
        self.assertEqual(
            (3, 2),
            (measured['least_moves_count'], measured['estimated_duration']),
        )

    def test_secondary_moves_of_all_waves(self):
        outcome = Outcome(
            secondary_moves=(plans.a_move('small', host='compute-3'),)
        )
        wave = Wave(('compute-1',), outcome)
        measured = efficacy.measure_roll(Roll((wave, wave)), outcome, 0)
        self.assertEqual(
            (2, 2, 1),
            (
                measured['planned_moves_count'],
                measured['secondary_moves_count'],
                measured['instances_count'],
            ),
        )

    def test_share_of_needed_moves(self):
        specification = efficacy.ClusterRollingMaintenance()
        measured = efficacy.measure_roll(Roll(), Outcome(), 0)
        for planned, least, share in ((0, 0, 100.0), (4, 3, 75.0)):
            counts = measured | {
                'planned_moves_count': planned,
                'least_moves_count': least,
            }
            [indicator] = specification.get_global_efficacy_indicator(counts)
            self.assertEqual(share, indicator.value)
