# SPDX-License-Identifier: Apache-2.0

"""What is started, when, and with which exit status."""

import argparse
import contextlib
import io
import sys
import threading

from typing import ClassVar
from unittest import mock

import ddt

from osc_lib.exceptions import CommandError

from tests.unit.client.fake_watcher import an_audit
from tests.unit.osc import commands
from watcher_host_maintenance.osc.asking import is_declined
from watcher_host_maintenance.osc.start import Start


class TestCase(commands.CommandTestCase):
    """The audit that is created is there already, as it will end."""

    def start(self, *arguments):
        return self.run_command(Start, 'compute-1', *arguments)

    def attempt(self, plan=None, **fields):
        super().attempt(plan, uuid='new', **fields)
        for found in self.watcher.plans:
            found['audit_uuid'] = 'new'

    def changes(self):
        """What was asked of Watcher beside reads and the audit."""
        return [
            (method, path)
            for method, path, _body in self.watcher.requests
            if method != 'GET' and path != '/v1/audits'
        ]


@ddt.ddt
class TestStart(TestCase):
    def test_started(self):
        self.attempt('RECOMMENDED')
        status, rows, told = self.start()
        self.assertEqual(0, status)
        self.assertEqual(
            [
                ('disable', 'compute-1', ''),
                ('live migrate', 'web-1', 'compute-2'),
                ('verify', 'compute-1', ''),
            ],
            [(r['Action'], r['Name'], r['To']) for r in rows],
        )
        # No owners are told, so that there is no such column.
        self.assertNotIn('Notice', rows[0])
        self.assertEqual(
            [('POST', '/v1/action_plans/plan-1/start')], self.changes()
        )
        self.assertIn('openstack maintenance wait compute-1', told)

    @ddt.named_data(
        # name, what is typed, options, whether it is started
        ('yes', 'y\n', [], True),
        ('long_yes', 'YES\n', [], True),
        ('no', 'n\n', [], False),
        ('return', '\n', [], False),
        ('end_of_file', '', [], False),
        ('not_asked', '', ['--yes'], True),
        ('nobody_there', None, [], True),
    )
    @ddt.unpack
    def test_asks_on_a_terminal(self, typed, options, starts):
        self.terminal = typed
        self.attempt('RECOMMENDED')
        status, _rows, told = self.start(*options)
        asked = typed is not None and not options
        self.assertEqual(asked, 'Start this plan?' in told)
        self.assertEqual(asked, 'live migrate web-1 to compute-2' in told)
        self.assertEqual(0 if starts else 1, status)
        self.assertEqual(
            [('POST', '/v1/action_plans/plan-1/start')]
            if starts
            else [('PATCH', '/v1/action_plans/plan-1')],
            self.changes(),
        )

    def test_interrupted_at_the_question(self):
        self.attempt('RECOMMENDED')
        self.terminal = KeyboardInterrupt
        status, rows, told = self.start()
        self.assertEqual((1, 3), (status, len(rows)))
        self.assertNotIn('PENDING', {r['State'] for r in rows})
        self.assertIn('nothing was changed', told)
        self.assertEqual(
            [('PATCH', '/v1/action_plans/plan-1')], self.changes()
        )

    def test_old_watcher_says_nothing(self):
        self.watcher.newest = '1.4'
        self.attempt(audit='FAILED')
        self.watcher.audits[0].pop('status_message')
        with self.assertRaisesRegex(CommandError, 'maintenance why new'):
            self.start()

    def test_impossible(self):
        self.attempt(audit='FAILED', message='\x1b[2J -p on_blocked=leave')
        status, rows, told = self.start()
        self.assertEqual((2, []), (status, rows))
        self.assertIn('\\x1b[2J --on-blocked leave\n', told)
        self.assertIn('In full: openstack maintenance why new\n', told)
        self.assertEqual([], self.changes())

    @ddt.named_data(
        ('without_a_word', 'FAILED', 'decision-engine'),
        ('another_plan', 'CANCELLED', 'ongoing'),
    )
    @ddt.unpack
    def test_no_answer(self, state, expected):
        self.attempt(audit=state)
        with self.assertRaisesRegex(CommandError, expected):
            self.start()

    def test_nothing_to_do(self):
        self.attempt('SUCCEEDED')
        self.watcher.actions.clear()
        status, rows, told = self.start()
        self.assertEqual((0, []), (status, rows))
        self.assertIn('nothing to do', told)
        self.assertEqual([], self.changes())

    def test_bad_value_creates_no_audit(self):
        for value in ('nan', 'inf', '-1', '100'):
            with self.assertRaisesRegex(CommandError, '--headroom-percent'):
                self.start(f'--headroom-percent={value}')
        self.assertEqual([], self.watcher.requests)

    def test_closed_streams(self):
        self.attempt('RECOMMENDED')
        command = Start(None, None)
        with (
            mock.patch.object(sys, 'stdin', None),
            mock.patch.object(sys, 'stderr', None),
        ):
            command.tell('not seen')
            parsed = argparse.Namespace(yes=False)
            self.assertFalse(is_declined(command, parsed, 'Start?'))
        full = mock.Mock()
        full.write.side_effect = OSError('No space left on device')
        with mock.patch.object(sys, 'stderr', full):
            command.tell('not seen')
        full.write.assert_called_once_with('not seen\n')

    def test_plugin_missing(self):
        self.watcher.goals = []
        with self.assertRaisesRegex(CommandError, 'no goal'):
            self.start()

    def test_parameters(self):
        self.attempt('RECOMMENDED')
        self.start(
            'compute-2',
            'compute-1',
            '--backup-node',
            '4242',
            '--disable-live-migration',
            '--on-blocked',
            'leave',
            '--on-failure',
            'keep-disabled',
            '--headroom-percent',
            '10',
            '--reason',
            'ticket 4711',
            '--starts',
            '2026-07-01 22:00 Europe/Berlin',
            '--ends',
            '2026-07-02T02:00+02:00',
            '--close',
            'now',
        )
        [body] = [
            b for _, path, b in self.watcher.requests if path == '/v1/audits'
        ]
        self.assertEqual(
            {
                'maintenance_nodes': ['compute-1', 'compute-2'],
                'backup_node': '4242',
                'disable_live_migration': True,
                'on_blocked': 'leave',
                'on_failure': 'keep_disabled',
                'headroom_percent': 10.0,
                'reason': 'ticket 4711',
                'starts': '2026-07-01T20:00:00Z',
                'ends': '2026-07-02T00:00:00Z',
                'close': 'now',
            },
            body['parameters'],
        )

    def test_time_without_a_zone(self):
        self.assertRaises(SystemExit, self.start, '--ends', '2026-07-02 02:00')


@ddt.ddt
class TestWait(TestCase):
    def sleep(self, seconds):
        super().sleep(seconds)
        self.goes_on()

    def goes_on(self):
        """The plan ends."""
        self.watcher.plans[0]['state'] = self.end
        for action in self.watcher.actions:
            action['state'] = self.states.get(action['uuid'], 'SUCCEEDED')

    end = 'SUCCEEDED'
    states: ClassVar = {}

    def test_done(self):
        self.attempt('RECOMMENDED')
        status, rows, told = self.start('--wait')
        self.assertEqual(0, status)
        self.assertEqual({'SUCCEEDED'}, {r['State'] for r in rows})
        self.assertEqual(
            [
                'Audit new: planning.',
                '0 of 1: disable compute-1: succeeded',
                'Action plan plan-1: RECOMMENDED',
                '1 of 1: live migrate web-1 to compute-2: succeeded',
                '1 of 1: verify compute-1: succeeded',
                'Action plan plan-1: SUCCEEDED',
            ],
            told.splitlines(),
        )

    def test_failed(self):
        self.end, self.states = 'FAILED', {'m': 'FAILED', 'v': 'FAILED'}
        self.attempt('RECOMMENDED')
        self.watcher.actions[1]['status_message'] = 'No valid \x07host'
        status, _rows, told = self.start('--wait')
        self.assertEqual(1, status)
        self.assertIn('compute-2: failed: No valid \\x07host\n', told)

    def test_partly(self):
        self.end, self.states = 'FAILED', {'v': 'FAILED'}
        self.attempt('RECOMMENDED')
        self.assertEqual(3, self.start('--wait')[0])

    def test_timeout(self):
        self.attempt('RECOMMENDED')
        status, rows, told = self.start('--wait', '--timeout', '0')
        self.assertEqual(4, status)
        self.assertEqual(3, len(rows))
        self.assertIn('The plan goes on', told)

    def test_interrupted(self):
        self.attempt('RECOMMENDED')
        self.goes_on = self.interrupt
        status, rows, told = self.start('--wait')
        self.assertEqual((130, 3), (status, len(rows)))
        self.assertIn('openstack maintenance show compute-1', told)
        self.assertEqual(
            [('POST', '/v1/action_plans/plan-1/start')], self.changes()
        )

    def test_timeout_while_watcher_does_not_answer(self):
        self.attempt('RECOMMENDED')
        self.goes_on = self.go_away
        status, rows, told = self.start('--wait', '--timeout', '0.2')
        self.assertEqual((4, 3), (status, len(rows)))
        self.assertIn('failed at GET /v1/action_plans', told)
        self.assertIn('Trying again', told)
        self.assertIn('The plan goes on', told)

    def go_away(self):
        if self.watcher.failures:
            threading.Event().wait(0.3)
        self.watcher.failures = 50 * [(503, 'away')]

    def interrupt(self):
        raise KeyboardInterrupt

    def test_interrupted_while_watcher_plans(self):
        self.watcher.audits = [an_audit('new', 'PENDING')]
        self.goes_on = self.interrupt
        status, rows, told = self.start('--wait')
        self.assertEqual((130, []), (status, rows))
        self.assertIn('maintenance show compute-1', told)
        self.assertEqual([], self.changes())

    def test_timeout_while_watcher_plans(self):
        self.watcher.audits = [an_audit('new', 'PENDING')]
        self.goes_on = lambda: None
        self.assertEqual(4, self.start('--timeout', '0')[0])

    def test_bad_timeout(self):
        for value in ('-1', 'nan', 'inf', 'x'):
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors):
                refused = self.assertRaises(
                    SystemExit, self.start, '--timeout', value
                )
            self.assertEqual(1, refused.code)
            self.assertRegex(
                errors.getvalue(),
                r'^openstack maintenance: error: .* number of seconds.*\n$',
            )
