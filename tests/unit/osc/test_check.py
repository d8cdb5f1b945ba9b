# SPDX-License-Identifier: Apache-2.0

"""What a check prints, and its exit status."""

import json
import os
import pathlib
import stat

from unittest import mock

import ddt

from osc_lib.exceptions import CommandError

from tests.unit.client.fake_watcher import an_audit
from tests.unit.osc import commands
from tests.unit.plugin import fake_placement
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.client import check as client_check
from watcher_host_maintenance.client import reasons
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.osc import check
from watcher_host_maintenance.osc.check import Check
from watcher_host_maintenance.osc.show import Show
from watcher_host_maintenance.osc.why import Why


class TestCase(commands.CommandTestCase):
    """compute-1 holds web-1; compute-2 and compute-3 are empty."""

    def setUp(self):
        super().setUp()
        self.placement = fake_placement.FakePlacement(self.mocker)
        for host in ('compute-1', 'compute-2', 'compute-3'):
            self.placement.add(host, VCPU=8, MEMORY_MB=8192, DISK_GB=100)
        self.hold('web-1')

    def hold(self, name, host='compute-1', vcpus=2):
        self.placement.hold(
            name, uuid_of(host), VCPU=vcpus, MEMORY_MB=2048, DISK_GB=20
        )

    def check(self, *arguments):
        return self.run_command(Check, *arguments)


@ddt.ddt
class TestCheck(TestCase):
    def test_possible(self):
        status, rows, told = self.check('compute-1')
        self.assertEqual(0, status)
        self.assertEqual(
            [
                ('', 'compute-1', 'planned', ''),
                ('web-1', 'compute-1', 'live migrate', 'compute-2'),
            ],
            [tuple(r.values())[:4] for r in rows],
        )
        self.assertEqual(
            [
                'it is left least full',
                'compute-2 then has 25 % of its VCPU in use',
            ],
            rows[1]['Why'],
        )
        self.assertNotIn('Notice', rows[1])
        self.assertIn('Possible now: compute-1. Servers to move: 1.', told)
        self.assertIn('Options of the plugin: defaults.', told)
        self.assertEqual([], self.watcher.requests)

    def test_what_owners_are_told(self):
        tags = {'tags': ['maintenance:cold']}
        self.nova.servers = [a_server('web-1', 'compute-1') | tags]
        _status, rows, _told = self.check('compute-1', '--owners', 'obey')
        notice = {'effect': 'cold', 'host': 'returns', 'word': 'cold'}
        self.assertEqual(
            [None, {'state': 'moving', **notice}], [r['Notice'] for r in rows]
        )
        times = {
            'answer_by': '2030-12-01T21:00:00Z',
            'starts': '2030-12-01T21:00:00Z',
        }
        _status, rows, _told = self.check(
            'compute-1', '--owners', 'wait', '--starts', times['starts']
        )
        self.assertEqual(
            [None, {'state': 'announced', **times, **notice}],
            [r['Notice'] for r in rows],
        )

    def test_reads_only(self):
        self.check('compute-1')
        self.assertEqual(
            {'GET'}, {r.method for r in self.mocker.request_history}
        )

    def test_impossible(self):
        self.hold('db-2', 'compute-2', vcpus=7)
        self.hold('db-3', 'compute-3', vcpus=7)
        status, rows, told = self.check('compute-1')
        self.assertEqual(2, status)
        self.assertEqual('stays', rows[1]['What'])
        why = '\n'.join(rows[1]['Why'])
        self.assertIn('compute-2: needs 2 VCPU, 1', why)
        self.assertIn('compute-3: needs 2 VCPU, 1', why)
        self.assertIn('Cannot drain compute-1', told)

    def test_server_that_cannot_move(self):
        self.nova.servers.append(
            a_server('a\nb', 'compute-1', state='suspended', power=4)
        )
        self.hold('a\nb')
        status, rows, told = self.check('compute-1')
        self.assertEqual(2, status)
        self.assertEqual('"a\\nb" is SUSPENDED', rows[1]['Why'][0])
        self.assertIn('"a\\nb" is SUSPENDED.\n', told)
        self.assertNotIn('log', told)
        status, rows, told = self.check('compute-1', '--on-blocked', 'leave')
        self.assertEqual(3, status)
        self.assertIn('Partly possible now: compute-1.', told)
        self.assertEqual(
            {'planned', 'live migrate', 'stays'}, {r['What'] for r in rows}
        )

    @ddt.named_data(
        ('backup', ['--backup-node', 'compute-3'], 'compute-3'),
        ('several', ['compute-2'], 'compute-3'),
        ('twice', ['compute-1'], 'compute-2'),
    )
    @ddt.unpack
    def test_parameters(self, arguments, destination):
        _status, rows, _told = self.check('compute-1', *arguments)
        self.assertEqual({destination}, {r['To'] for r in rows if r['Server']})

    def test_unused_node(self):
        self.disable('compute-3', 'watcher_disabled')
        _status, rows, _told = self.check('compute-1')
        self.assertEqual('compute-3', rows[1]['To'])
        self.assertIn('unused', rows[1]['Why'][0])

    def test_no_log_and_no_audit(self):
        """The rows have what an audit leaves to a log."""
        for name in ('a', 'b', 'c'):
            self.nova.servers.append(
                a_server(name, 'compute-1', state='suspended', power=4)
            )
            self.hold(name)
        for options in ([], ['--on-blocked', 'leave']):
            _status, _rows, told = self.check('compute-1', *options)
            self.assertNotRegex(told, r'log|run the audit|\n\n')
        self.assertIn('And 2 more.', told)
        self.assertEqual(
            'Wait, then check again.',
            reasons._in_check('Wait, then run the audit again.'),
        )

    def test_unknown_node(self):
        status, rows, told = self.check('compute-9')
        self.assertEqual((2, []), (status, rows))
        self.assertIn('no compute node compute-9', told)

    @ddt.data(
        (('compute-1', '--headroom-percent', '100'), '--headroom-percent is'),
        (('compute/1',), 'HOST is'),
        (('compute-1', 'compute/2'), 'HOST is'),
    )
    @ddt.unpack
    def test_bad_parameter(self, arguments, named):
        with self.assertRaisesRegex(CommandError, f'^{named} invalid: '):
            self.check(*arguments)

    def test_placement_refuses(self):
        self.placement.fail(
            '/allocation_candidates?resources=MEMORY_MB:1', status_code=403
        )
        with self.assertRaisesRegex(CommandError, 'Placement refused'):
            self.check('compute-1')


class TestConfigFile(TestCase):
    def test_is_used(self):
        self.disable('compute-2', 'kernel')
        self.disable('compute-3', 'kernel')
        path = self.config('unused_reasons = kernel')
        status, _rows, told = self.check('compute-1', '--config-file', path)
        self.assertEqual(0, status)
        self.assertIn(
            f'set in {path}: unused_reasons; others: defaults.', told
        )

    def test_bad(self):
        path = self.config('max_migrations = 0')
        with self.assertRaisesRegex(CommandError, 'Cannot read .*watcher'):
            self.check('compute-1', '--config-file', path)

    def test_no_meaning(self):
        path = self.config('marking_reasons =')
        with self.assertRaisesRegex(CommandError, 'marking_reasons'):
            self.check('compute-1', '--config-file', path)

    def test_missing(self):
        with self.assertRaisesRegex(CommandError, 'Cannot read'):
            self.check('compute-1', '--config-file', '/nonexistent')


@ddt.ddt
class TestSnapshot(TestCase):
    def test_there_and_back(self):
        path = str(self.directory / 'snapshot.json')
        first = self.check('compute-1', '--save-snapshot', path)
        before = len(self.mocker.request_history)
        self.assertEqual(first, self.check('compute-1', '--snapshot', path))
        self.assertEqual(before, len(self.mocker.request_history))

    def test_of_a_plan_that_is_not_proved(self):
        """It is saved all the same: it shows the bug."""
        path = str(self.directory / 'snapshot.json')
        with (
            mock.patch.object(client_check, 'check', return_value=['no room']),
            self.assertRaisesRegex(CommandError, 'own check: no room'),
        ):
            self.check('compute-1', '--save-snapshot', path)
        self.assertEqual(0, self.check('compute-1', '--snapshot', path)[0])

    def test_nobody_signs_in(self):
        path = str(self.directory / 'snapshot.json')
        self.assertFalse(Check.auth_required)
        self.check('compute-1', '--save-snapshot', path)
        [call] = self.signing_in.mock_calls
        self.assertTrue(call.args[0].auth_required)
        self.signing_in.reset_mock()
        self.check('compute-1', '--snapshot', path)
        self.assertEqual([], self.signing_in.mock_calls)

    def test_bad(self):
        for text in ('', '{}', '[]', '{"nodes": 1}', 'x'):
            path = self.file('snapshot.json', text)
            with self.assertRaisesRegex(CommandError, 'Cannot read the snap'):
                self.check('compute-1', '--snapshot', path)

    @ddt.named_data(
        ('nesting', '[' * 100_000),
        ('digits', '{"nodes": ' + '9' * 10_000 + '}'),
        ('not_utf8', '\udcff'),
    )
    def test_too_much(self, text):
        path = self.directory / 'snapshot.json'
        path.write_bytes(text.encode('utf-8', 'surrogateescape'))
        with self.assertRaisesRegex(CommandError, 'Cannot read the snap'):
            self.check('compute-1', '--snapshot', str(path))

    @ddt.named_data(
        ('infinity', 'Infinity'), ('exponent', '1e999'), ('large', '9' * 999)
    )
    def test_numbers_without_meaning(self, number):
        path = self.directory / 'snapshot.json'
        self.check('compute-1', '--save-snapshot', str(path))
        text = path.read_text()
        ratio = '"allocation_ratio": 1.0'
        self.assertIn(ratio, text)
        path.write_text(text.replace(ratio, f'"allocation_ratio": {number}'))
        with self.assertRaisesRegex(CommandError, 'Cannot read the snap'):
            self.check('compute-1', '--snapshot', str(path))

    @ddt.data(MemoryError(), OverflowError('too large'), RecursionError())
    def test_too_much_to_plan(self, error):
        path = str(self.directory / 'snapshot.json')
        self.check('compute-1', '--save-snapshot', path)
        with (
            mock.patch.object(check, 'check_snapshot', side_effect=error),
            self.assertRaisesRegex(CommandError, 'Cannot read the snap'),
        ):
            self.check('compute-1', '--snapshot', path)

    def test_of_another_node(self):
        self.nova.servers.append(a_server('db', 'compute-2'))
        self.hold('db', 'compute-2')
        path = str(self.directory / 'snapshot.json')
        self.check('compute-1', '--save-snapshot', path)
        with self.assertRaisesRegex(
            CommandError, 'does not list the servers of compute-2'
        ):
            self.check('compute-2', '--snapshot', path)

    def test_is_private(self):
        other = pathlib.Path(self.file('other', 'kept'))
        path = self.directory / 'snapshot.json'
        path.symlink_to(other)
        self.check('compute-1', '--save-snapshot', str(path))
        self.assertEqual('kept', other.read_text())
        self.assertFalse(path.is_symlink())
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        self.assertEqual({path, other}, {*self.directory.iterdir()})

    def test_is_no_regular_file(self):
        path = self.directory / 'pipe'
        os.mkfifo(path)
        with self.assertRaisesRegex(CommandError, 'no regular file'):
            self.check('compute-1', '--save-snapshot', str(path))
        self.assertEqual([path], [*self.directory.iterdir()])

    @ddt.data('--snapshot', '--save-snapshot', '--config-file')
    def test_empty_name(self, option):
        refused = self.assertRaises(
            SystemExit, self.check, 'compute-1', option, ''
        )
        self.assertEqual(1, refused.code)

    def test_missing(self):
        with self.assertRaisesRegex(CommandError, 'Cannot read the snap'):
            self.check('compute-1', '--snapshot', '/nonexistent')

    def test_cannot_be_saved(self):
        with self.assertRaisesRegex(CommandError, 'Cannot save'):
            self.check('compute-1', '--save-snapshot', '/nonexistent/x')

    def test_not_both(self):
        self.assertRaises(
            SystemExit,
            self.check,
            'compute-1',
            '--snapshot',
            'a',
            '--save-snapshot',
            'b',
        )


class TestWhy(TestCase):
    def test_empty(self):
        refused = self.assertRaises(SystemExit, self.run_command, Why, '')
        self.assertEqual(1, refused.code)

    def why(self):
        _status, shown, _told = self.run_command(Why, 'audit-1')
        return shown

    def test_is_possible_now(self):
        self.attempt(audit='FAILED', message='no room')
        shown = self.why()
        self.assertEqual('no room', shown['message'])
        self.assertEqual('possible', shown['now'])

    def test_still_impossible(self):
        self.hold('db-2', 'compute-2', vcpus=7)
        self.hold('db-3', 'compute-3', vcpus=7)
        self.attempt(audit='FAILED', message='Cannot drain compute-1...')
        shown = self.why()
        self.assertEqual('impossible', shown['now'])
        self.assertIn('needs 2 VCPU', json.dumps(shown['details']))

    def test_node_is_gone(self):
        self.attempt(
            audit='FAILED', parameters={'maintenance_node': 'compute-9'}
        )
        shown = self.why()
        self.assertEqual('impossible', shown['now'])

    def test_parameter_of_another_version(self):
        self.attempt(
            audit='FAILED',
            parameters={'maintenance_node': 'compute-1', 'colour': 'red'},
        )
        self.assertIn('colour', self.why()['now'])

    def test_options(self):
        self.nova.servers.append(
            a_server('db', 'compute-1', state='error', power=1)
        )
        self.attempt(audit='FAILED', message='Or: -p on_blocked=leave')
        shown = self.why()
        self.assertEqual('Or: --on-blocked leave', shown['message'])


@ddt.ddt
class TestName(TestCase):
    """The name of a server is no word of the tool."""

    def setUp(self):
        super().setUp()
        self.placement.free('web-1')
        self.hold('db-2', 'compute-2', vcpus=6)
        self.hold('db-3', 'compute-3', vcpus=7)
        for server in 'abc':
            self.hold(server)

    def told_of(self, name):
        """Return what is told of three servers of a name; one has room."""
        self.nova.servers = [
            a_server(name) | {'id': uuid} for uuid in map(uuid_of, 'abc')
        ]
        message = f'{words.name(name)} stays. Or: -p on_blocked=leave'
        self.watcher.audits = [
            an_audit(state='FAILED', status_message=message)
        ]
        status, rows, told = self.check('compute-1')
        self.assertEqual(2, status)
        _status, shown, _told = self.run_command(Why, 'audit-1')
        why = [text for row in rows for text in row['Why']]
        return [*told.splitlines(), *why, shown['message'], *shown['details']]

    @ddt.named_data(
        ('option',     'web -p on_blocked=fail'),
        ('quoted',     'web": -p on_blocked=fail "'),
        ('escaped',    'web\\": -p on_blocked=fail \\"'),
        ('backslash',  'web -p on_blocked=fail\\'),
        ('sentence',   'web. One way: leave it: -p on_blocked=leave'),
        ('flag',       '-p allow_unproved_moves=true'),
        ('invalid',    'The parameter move_back is invalid'),
        ('command',    'web"; openstack server delete db; "'),
        ('two_quotes', '"" -p on_blocked=fail ""'),
        ('line',       'web\nOne way: -p on_blocked=fail'),
    )  # fmt: skip
    def test_is_no_advice(self, name):
        shown = words.name(name)[1:-1]
        self.assertEqual(f'"{shown}"', words.name(name))
        self.assertNotIn('"', shown)
        plain = 'web '.ljust(len(shown), '!')
        harmless = self.told_of(plain)
        self.assertRegex('\n'.join(harmless), 'leave "web .*--on-blocked')
        self.assertEqual(
            harmless,
            [line.replace(shown, plain) for line in self.told_of(name)],
        )


class TestShow(TestCase):
    def test_reason_of_a_blocked_server(self):
        self.disable('compute-1')
        self.nova.servers.append(
            a_server('db', 'compute-1', state='suspended', power=4)
        )
        self.hold('db')
        self.attempt(audit='FAILED', message='db is SUSPENDED')
        _status, shown, told = self.run_command(Show, 'compute-1')
        self.assertEqual(
            {'db': 'db is SUSPENDED', 'web-1': ''},
            {s['name']: s['doing'] for s in shown['servers']},
        )
        self.assertEqual('', told)
