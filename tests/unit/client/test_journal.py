# SPDX-License-Identifier: Apache-2.0

"""Which audits and plans are about a node."""

from unittest import mock

import ddt
import requests_mock

from tests.unit import base
from tests.unit.client import fake_watcher
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from watcher_host_maintenance.client.history import merge
from watcher_host_maintenance.client.journal import Journal
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.request.options import GOAL
from watcher_host_maintenance.request.options import RETURN_GOAL


HOST = 'compute-1'


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        mocker = requests_mock.Mocker()
        self.addCleanup(mocker.__exit__, None, None, None)
        self.fake = fake_watcher.FakeWatcher(mocker.__enter__())

    def record(self, uuid, hosts=(), state='SUCCEEDED', plan=None, **fields):
        """An audit; with the state of a plan, that moves off compute-1."""
        parameters = {'maintenance_nodes': list(hosts)} if hosts else {}
        self.fake.audits.append(
            an_audit(uuid, state, parameters=parameters, **fields)
        )
        if plan:
            name = f'plan of {uuid}'
            self.fake.plans.append(a_plan(name, plan, uuid))
            self.fake.actions.append(
                an_action(f'action of {uuid}', action_plan_uuid=name)
            )

    @property
    def journal(self):
        return Journal(Watcher(self.fake.adapter()))

    def attempts(self, host='compute-1', goals=()):
        return [
            (a.audit.uuid, a.plan and a.plan.uuid)
            for a in self.journal.attempts(host, goals)
        ]


class TestAttempts(TestCase):
    def test_named(self):
        self.record('1', ['compute-1'], plan='FAILED')
        self.record('2', ['compute-2'], plan='FAILED')
        self.record('3', ['compute-2', 'compute-1'], 'FAILED')
        self.assertEqual([('3', None), ('1', 'plan of 1')], self.attempts())

    def test_single_node(self):
        self.fake.audits = [an_audit('1', 'FAILED')]
        self.assertEqual([('1', None)], self.attempts())
        self.assertEqual([], self.attempts('compute-10'))

    def test_number_given_by_another_client(self):
        self.fake.audits = [
            an_audit('1', 'FAILED', parameters={'maintenance_node': 4242})
        ]
        self.assertEqual([('1', None)], self.attempts('4242'))

    def test_every_marked_node(self):
        self.record('1', plan='SUCCEEDED')
        self.record('2', state='FAILED')
        self.assertEqual([('1', 'plan of 1')], self.attempts())
        self.assertEqual(
            [('2', None), ('1', 'plan of 1')], self.attempts(goals=[GOAL])
        )
        self.assertEqual([], self.attempts('compute-9'))

    def test_destination_is_not_emptied(self):
        self.record('1', plan='SUCCEEDED')
        self.assertEqual([], self.attempts('compute-2'))

    def test_each_plan_of_a_continuous_audit(self):
        self.record('1', state='ONGOING', plan='SUCCEEDED')
        self.fake.plans.append(a_plan('empty', 'SUCCEEDED', '1'))
        self.fake.plans.append(a_plan('later', 'ONGOING', '1'))
        self.fake.actions.append(
            about_node('v', 'verify_host_empty')
            | {'action_plan_uuid': 'later'}
        )
        self.assertEqual([('1', 'later'), ('1', 'plan of 1')], self.attempts())

    def test_is_read_once(self):
        self.record('1', plan='SUCCEEDED')
        journal = self.journal
        for _time in range(2):
            list(journal.attempts('compute-1', [GOAL]))
            list(journal.attempts('compute-2', [GOAL]))
        self.assertEqual(4, len(self.fake.requests))


@ddt.ddt
class TestNewest(TestCase):
    def newest(self, goals=(GOAL,)):
        return self.journal.newest('compute-1', goals)

    def test_none(self):
        self.assertIsNone(self.newest())

    def test_running_one_counts(self):
        self.record('1', plan='ONGOING')
        self.record('2', ['compute-1'], 'CANCELLED')
        self.assertEqual('1', self.newest().audit.uuid)
        self.assertTrue(self.newest().is_running)

    def test_newest_counts(self):
        self.record('1', plan='FAILED')
        self.record('2', ['compute-1'], 'FAILED')
        self.assertEqual('2', self.newest().audit.uuid)
        self.assertTrue(self.newest().is_refused)

    def test_newest_that_did_something(self):
        self.record('1', plan='CANCELLED')
        self.fake.actions[0]['state'] = 'SUCCEEDED'
        self.record('2', ['compute-1'], plan='CANCELLED')
        self.record('3', ['compute-1'])
        self.assertEqual('1', self.newest().audit.uuid)
        self.record('4', ['compute-1'], 'FAILED')
        self.assertEqual('4', self.newest().audit.uuid)
        attempt = self.journal.newest('compute-1', [GOAL], refusals=False)
        self.assertEqual('1', attempt.audit.uuid)

    def test_refused(self):
        for number, (state, kind, message, expected) in enumerate(
            (
                ('FAILED', 'ONESHOT', 'no room', True),
                ('SUCCEEDED', 'ONESHOT', 'too slow', False),
                ('ONGOING', 'ONESHOT', None, False),
                ('ONGOING', 'CONTINUOUS', 'no room', True),
                ('ONGOING', 'CONTINUOUS', None, False),
                ('CANCELLED', 'CONTINUOUS', 'no room', False),
                ('FAILED', 'CONTINUOUS', 'no room', True),
            )
        ):
            self.record(
                str(number),
                ['compute-1'],
                state,
                audit_type=kind,
                status_message=message,
            )
            self.assertIs(expected, self.newest().is_refused, number)

    @ddt.named_data(
        # name, before when nothing begins, what is said, is it refused
        ('waits', '2999-01-01T00:00+00:00',
         'compute-1 waits: its window begins at 2999-01-01T00:00:00Z.', False),
        ('cannot', '2999-01-01T00:00+00:00', 'Cannot drain compute-1.', True),
        ('is_over', '2001-01-01T00:00Z',
         'compute-1 waits: its last window ended at 2001-01-02T00:00:00Z.', True),
        ('no_time', 'soon', 'compute-1 waits: its window begins soon.', True),
        ('no_text', 7, 'Cannot drain compute-1.', True),
    )  # fmt: skip
    @ddt.unpack
    def test_before_its_window(self, starts, message, expected):
        self.fake.audits = [
            an_audit(
                state='ONGOING',
                audit_type='CONTINUOUS',
                status_message=message,
                parameters={'maintenance_node': HOST, 'starts': starts},
            )
        ]
        self.assertIs(expected, self.newest().is_refused)

    @ddt.named_data(
        # name, cron entry, length in minutes, is it refused
        ('waits',    '0 22 * * *',               60, False),
        ('zone',     '0 23 * * * Europe/Berlin', 60, False),
        ('other',    '0 23 * * *',               60, True),
        ('no_entry', 'at night',                 60, True),
        ('no_text',  5,                          60, True),
        ('no_time',  '0 22 * * *',               'PT4', True),
    )  # fmt: skip
    @ddt.unpack
    def test_before_a_window_that_recurs(self, cron, duration, expected):
        # 2026-11-30, 21:00
        self.enterContext(mock.patch('time.time', return_value=1796072400))
        self.fake.audits = [
            an_audit(
                state='ONGOING',
                audit_type='CONTINUOUS',
                status_message='compute-1 waits: its window begins at '
                '2026-11-30T22:00:00Z.',
                parameters={'cron': cron, 'duration': duration},
            )
        ]
        self.assertIs(expected, self.newest().is_refused)

    def test_pending(self):
        for number, (state, plan, expected) in enumerate(
            (
                ('PENDING', None, True),
                ('ONGOING', None, True),
                ('FAILED', None, False),
                ('SUCCEEDED', 'RECOMMENDED', True),
                ('SUCCEEDED', 'PENDING', True),
                ('SUCCEEDED', 'CANCELLING', True),
                ('SUCCEEDED', 'CANCELLED', False),
                ('SUCCEEDED', 'SUPERSEDED', False),
                ('SUCCEEDED', 'FAILED', False),
            )
        ):
            self.fake.audits, self.fake.plans = [], []
            self.record(str(number), ['compute-1'], state, plan)
            self.assertIs(expected, self.newest().is_pending, number)


class TestHistory(TestCase):
    def test_merged(self):
        self.record(
            '1', ['compute-1'], plan='FAILED', created_at='2026-11-28T09:59:00'
        )
        self.fake.actions[0] |= {
            'state': 'FAILED',
            'status_message': 'no host',
        }
        departure = Migration(
            instance_uuid='web-1-uuid',
            source='compute-1',
            destination='compute-2',
            kind='live-migration',
            status='error',
            created_at='2026-11-28T10:00:07.000000',
            id=1,
        )
        events = merge(HOST, self.journal.attempts(HOST, ()), [departure])
        self.assertEqual(
            [
                ('2026-11-28T09:59:00Z', 'audit', 'SUCCEEDED'),
                ('2026-11-28T10:00:05Z', 'action plan', 'FAILED'),
                ('2026-11-28T10:00:07Z', 'live-migration', 'error'),
            ],
            [(e.time, e.kind, e.state) for e in events],
        )
        self.assertIn('web-1: no host', events[1].what)
        self.assertEqual('web-1-uuid to compute-2', events[2].what)

    def test_within_a_second(self):
        """The audit comes before its plan, and that before its moves."""
        self.record(
            '1', ['compute-1'], plan='FAILED', created_at='2026-11-28T10:00:05'
        )
        departures = [
            Migration(
                instance_uuid=f'server-{number}',
                source='compute-1',
                destination='compute-2',
                kind='cold',
                status='error',
                created_at='2026-11-28T10:00:05.000000',
                id=number,
            )
            for number in (72, 71)
        ]
        events = merge(HOST, self.journal.attempts(HOST, ()), departures)
        self.assertEqual(
            ['1', 'plan of 1', '71', '72'], [e.uuid for e in events]
        )

    def test_audit_with_two_plans_is_one_event(self):
        self.record('1', state='ONGOING', plan='SUCCEEDED')
        self.fake.plans.append(a_plan('later', 'ONGOING', '1'))
        self.fake.actions.append(an_action('b', action_plan_uuid='later'))
        events = merge(HOST, self.journal.attempts(HOST, ()), [])
        self.assertEqual(
            ['audit', 'action plan', 'action plan'], [e.kind for e in events]
        )


class TestReturns(TestCase):
    def returned(self, uuid, hosts=(), **fields):
        """A return, in the hour after the audits of the others."""
        self.record(
            uuid,
            hosts,
            goal_name=RETURN_GOAL,
            created_at='2026-11-28T11:00:00+00:00',
            **fields,
        )

    def test_both_goals_newest_first(self):
        self.returned('2', [HOST], state='FAILED')
        self.record('1', [HOST], 'FAILED')
        self.assertEqual([('2', None), ('1', None)], self.attempts())

    def test_bare_one_counts_for_what_waits_for_it(self):
        self.record('1', state='FAILED')
        self.returned('2', state='FAILED')
        self.assertEqual([('1', None)], self.attempts(goals=[GOAL]))
        self.assertEqual([('2', None)], self.attempts(goals=[RETURN_GOAL]))
        self.assertEqual([], self.attempts())
