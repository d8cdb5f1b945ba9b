# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance``, typed into the real client."""

import csv
import importlib.util
import io
import json
import os
import pathlib
import re
import signal

from unittest import mock

import ddt
import fixtures
import yaml

from minicloud import cloud
from minicloud import credentials
from tests.functional import base
from tests.functional import command_line
from tests.functional import typed


ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDING = ROOT / 'doc' / 'source' / 'cli' / 'start-wait.txt'

spec = importlib.util.spec_from_file_location(
    'commands', ROOT / 'doc' / 'ext' / 'commands.py'
)
commands = importlib.util.module_from_spec(spec)
spec.loader.exec_module(commands)

#: In which the examples of the commands can be typed, and how they end.
ORDER = (
    'mine', 'answer', 'announce', 'answers', 'cancel', 'check', 'start',
    'show', 'list', 'history', 'why', 'stop', 'wait', 'done', 'end',
)  # fmt: skip
STATUSES = {'stop': 1, 'wait': 3}
EXAMPLE_AUDIT = '6f1c8ab2-57b9-4c1d-9d0e-2a7f3c1e8b44'

TICKET = 'watcher_maintaining: ticket 4711'


class MaintenanceTestCase(base.CloudTestCase):
    """One cloud with Keystone; a test gives back what it takes.

    compute-1, compute-2 and the host 4242 hold what can move, compute-3 a
    suspended server too.
    """

    LIMIT_S = 300

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.share(
            cloud.Cloud(
                base.description(
                    hosts=dict.fromkeys(
                        ('compute-1', 'compute-2', 'compute-3', '4242'),
                        base.HOST,
                    ),
                    servers={
                        'web': base.on('compute-1', count=2),
                        'db': base.on('compute-1', state='SHUTOFF'),
                        'lab': base.on('compute-3', state='SUSPENDED'),
                        'mail': base.on('compute-3'),
                        'number': base.on('4242'),
                        'job': base.on('compute-2', count=2),
                    },
                ),
                keystone=True,
                watcher_options=base.options({}),
            )
        )
        cls.cloud.refresh_model()

    def setUp(self):
        super().setUp()
        self.addCleanup(self.enable_all)

    def enable_all(self):
        """End what runs, and return every node to service."""
        self.cloud.faults.clear()
        for found in self.cloud.watcher.get('/v1/action_plans').json()[
            'action_plans'
        ]:
            self.cloud.finished_plan(found)
        for service in self.cloud.nova.services.list(binary='nova-compute'):
            if service.status == 'disabled':
                self.cloud.nova.services.enable(service.id)
        self.cloud.refresh_model()

    def type(self, command, status=0, user=credentials.ADMIN, fmt='json'):
        """Type a command; return what it prints as JSON, and its errors."""
        line = f'openstack maintenance {command} -f {fmt}'
        ended, out, err = command_line.answer_here(self.cloud, line, user)
        self.assertEqual(status, ended or 0, f'{line}\n{out}{err}')
        return (json.loads(out) if out and fmt == 'json' else out), err

    def phases(self):
        rows, _err = self.type('list --all')
        return {r['Host']: r['Phase'] for r in rows}


@ddt.ddt
class TestAWholeMaintenance(MaintenanceTestCase):
    def test_from_check_to_history(self):
        state = self.state()
        rows, told = self.type('check compute-1')
        self.assertEqual(state, self.state())
        self.assertIn('Possible now: compute-1. Servers to move: 3.', told)
        planned = {r['Server']: r['To'] for r in rows if r['To']}
        self.assertEqual({'web-1', 'web-2', 'db'}, set(planned))

        rows, told = self.type('start compute-1 --wait --reason "ticket 4711"')
        self.assertEqual({'SUCCEEDED'}, {r['State'] for r in rows})
        # What a check has said is what an audit has planned.
        self.assertEqual(
            planned, {r['Name']: r['To'] for r in rows if r['To']}
        )
        self.assertIn('3 of 3: verify compute-1: succeeded', told)
        self.assertEqual(
            ('disabled', 'up', TICKET), self.cloud.services()['compute-1']
        )

        # A plan for another node may be waiting to be started.
        [row] = [r for r in self.type('list')[0] if r['Host'] == 'compute-1']
        self.assertEqual(
            ('compute-1', 'ready', 0, TICKET),
            (row['Host'], row['Phase'], row['Servers'], row['Reason']),
        )
        shown, _told = self.type('show compute-1')
        self.assertEqual(row['Audit'], shown['audit'])
        self.assertEqual([], shown['servers'] + shown['problems'])
        self.assertIn('openstack maintenance end compute-1', shown['next'])
        self.type('wait compute-1')
        rows, _told = self.type('history compute-1')
        self.assertEqual(
            [('audit', 'SUCCEEDED'), ('action plan', 'SUCCEEDED')],
            [(r['Kind'], r['State']) for r in rows[:2]],
        )
        self.assertEqual(
            ['live-migration', 'live-migration', 'migration'],
            sorted(r['Kind'] for r in rows[2:]),
        )
        # Nothing is left to do.
        rows, told = self.type('start compute-1')
        self.assertEqual([], rows)
        self.assertIn('nothing to do', told)

    def test_host_of_digits(self):
        self.type('check 4242')
        rows, _told = self.type('start 4242 --wait')
        self.assertIn(
            'number', [r['Name'] for r in rows if r['From'] == '4242']
        )
        self.assertEqual('ready', self.phases()['4242'])

    @ddt.data(
        # command, a column to sort by, exit status
        ('list --all', 'Servers', 0),
        ('check 4242', 'Why', 0),
        ('history 4242', 'Time', 0),
        ('wait 4242 --timeout 0', 'Host', 1),
        ('show 4242', None, 0),
        ('why {audit}', None, 0),
    )
    @ddt.unpack
    def test_formats(self, command, column, status):
        """Nothing else than the table or record is on stdout."""
        audit = self.cloud.run_audit(
            base.GOAL, base.STRATEGY, {'maintenance_node': '4242'}
        )
        command = command.format(audit=audit['uuid'])
        if column:
            command = f'{command} --sort-column {column}'
        expected, _told = self.type(command, status)
        names = list(expected[0] if column else expected)
        out, _told = self.type(command, status, fmt='yaml')
        self.assertEqual(expected, yaml.safe_load(out))
        out, _told = self.type(command, status, fmt='table')
        for name in names:
            self.assertIn(f' {name} ', out)
        out, _told = self.type(f'{command} -c {names[0]}', status, fmt='value')
        if not column:
            self.assertEqual(expected[names[0]], out.strip())
            return
        values = [str(row[names[0]]) for row in expected]
        self.assertEqual(values, out.split('\n')[:-1])
        out, _told = self.type(command, status, fmt='csv')
        header, *rows = csv.reader(io.StringIO(out))
        self.assertEqual((names, values), (header, [row[0] for row in rows]))

    def test_columns(self):
        out, _told = self.type('list --all -c Host', fmt='value')
        self.assertEqual(
            ['4242', 'compute-1', 'compute-2', 'compute-3'], out.split()
        )

    def test_help_and_completion(self):
        _status, completion, _err = command_line.answer_here(
            self.cloud, 'openstack complete'
        )
        for name in ORDER:
            self.assertIn(f'maintenance_{name}', completion)
            status, out, _err = command_line.answer_here(
                self.cloud, f'openstack maintenance {name} --help'
            )
            self.assertEqual(0, status)
            self.assertRegex(
                out, rf'\n\nExample: openstack maintenance {name} [^\f]*?\n\n'
            )


class TestTrouble(MaintenanceTestCase):
    def test_impossible(self):
        state = self.state()
        rows, told = self.type('start compute-3', status=2)
        self.assertEqual([], rows)
        self.assertIn('lab is SUSPENDED', told)
        self.assertEqual(state, self.state())
        rows, _told = self.type('check compute-3', status=2)
        reasons = {r['Server']: r['Why'] for r in rows}
        self.assertEqual(['lab is SUSPENDED'], reasons['lab'])
        [row] = [r for r in self.type('list')[0] if r['Host'] == 'compute-3']
        self.assertEqual('blocked', row['Phase'])
        shown, _told = self.type(f'why {row["Audit"]}')
        self.assertEqual('impossible', shown['now'])
        self.assertIn('lab is SUSPENDED', shown['message'])
        shown, _told = self.type('show compute-3')
        doing = {s['name']: s['doing'] for s in shown['servers']}
        self.assertEqual('lab is SUSPENDED', doing['lab'])
        self.type('wait compute-3', status=2)

    def test_name_is_no_advice(self):
        name = 'lab -p on_blocked=fail'
        server = self.cloud.nova.servers.find(name='lab')
        self.cloud.nova.servers.update(server, name=name)
        self.addCleanup(self.cloud.nova.servers.update, server, name='lab')
        said = f'"{name}" is SUSPENDED'
        for command in ('check', 'start'):
            _rows, told = self.type(f'{command} compute-3', status=2)
            self.assertIn(said, told)
        [row] = [r for r in self.type('list')[0] if r['Host'] == 'compute-3']
        shown, _told = self.type(f'why {row["Audit"]}')
        self.assertIn(said, shown['message'])
        self.assertIn(said, '\n'.join(shown['details']))

    def test_partly(self):
        self.type('check compute-3 --on-blocked leave', status=3)
        _rows, told = self.type(
            'start compute-3 --on-blocked leave --wait', status=3
        )
        self.assertIn('lab is SUSPENDED', told)
        self.assertEqual('draining', self.phases()['compute-3'])
        self.type('wait compute-3', status=3)

    def test_unknown_node(self):
        _rows, told = self.type('start compute-9', status=2)
        self.assertIn('no compute node compute-9', told)
        for command in ('show', 'wait', 'stop'):
            _out, told = self.type(f'{command} compute-9', status=1)
            self.assertIn('compute-9', told)

    def test_member(self):
        audit = self.cloud.run_audit(base.GOAL)['uuid']
        member = {'status': 1, 'user': credentials.MEMBER}
        _out, told = self.type('start compute-1', **member)
        self.assertIn('goal:get', told)
        self.assertIn('HTTP 403', told)
        for command in (
            'list', 'show compute-1', 'check compute-1', 'wait compute-1',
            'stop compute-1', 'history compute-1', f'why {audit}',
        ):  # fmt: skip
            _out, told = self.type(command, **member)
            self.assertRegex(
                told, '(os_compute_api|audit):.* .HTTP 403', command
            )
            self.assertEqual(1, len(told.strip().splitlines()), told)
            self.assertNotIn('Traceback', told)

    def hang(self):
        """Start a plan whose servers do not arrive; return its command."""
        for name in ('web-1', 'web-2'):
            self.cloud.faults.hang(name)
        return command_line.running(
            self.cloud, 'openstack maintenance start compute-1 --wait -f json'
        )

    def until(self, process, text):
        """Read stderr until a line has this text."""
        for line in process.stderr:
            if text in line:
                return
        self.fail(f'No "{text}"')

    def test_interrupted_and_stopped(self):
        with self.hang() as process:
            self.until(process, 'disable compute-1: succeeded')
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        self.assertEqual(130, process.returncode, err)
        self.assertIn('The plan goes on', err)
        self.assertIn('openstack maintenance show compute-1', err)
        self.assertNotIn('Traceback', err)
        self.assertEqual({'web-1', 'web-2'}, self.named(json.loads(out)))

        self.assertEventually(
            True, lambda: any(' to ' in d for d in self.doing()), 60
        )
        self.assertEqual('draining', self.phases()['compute-1'])
        _rows, told = self.type('wait compute-1 --timeout 1', status=4)
        self.assertIn('goes on', told)
        _out, told = self.type('start compute-3', status=1)
        self.assertIn('any action plan is ongoing', told)
        _rows, told = self.type('stop compute-1')
        self.assertIn('is CANCELLING', told)
        self.assertIn('compute-1 stays disabled', told)
        self.cloud.faults.clear()
        self.type('wait compute-1', status=3)
        _out, told = self.type('stop compute-1', status=1)
        self.assertIn('no action plan', told)

    def named(self, rows):
        return {r['Name'] for r in rows if r['Action'] == 'live migrate'}

    def doing(self):
        """What each server on compute-1 is doing."""
        shown, _told = self.type('show compute-1')
        return [s['doing'] for s in shown['servers']]

    def test_failure(self):
        self.cloud.faults.fail('job-1')
        self.addCleanup(self.recover, 'job-1')
        _rows, told = self.type('start compute-2 --wait', status=3)
        self.assertIn('live migrate job-1', told)
        self.assertIn('failed', told)
        shown, _told = self.type('show compute-2')
        self.assertEqual('draining', shown['phase'])
        self.assertIn('job-1', '\n'.join(shown['problems']))
        self.assertIn('Fix what failed', shown['next'])

    def test_not_in_the_catalog(self):
        keystone = self.cloud.clients.keystone()
        [service] = keystone.get('/services?type=infra-optim').json()[
            'services'
        ]
        path = f'/services/{service["id"]}'

        def switch(enabled):
            keystone.patch(path, json={'service': {'enabled': enabled}})

        self.addCleanup(switch, True)
        switch(False)
        rows, _told = self.type('check compute-1')
        self.assertEqual('compute-1', rows[0]['From'])
        for command in ('list', 'start compute-1', 'history compute-1'):
            _out, told = self.type(command, status=1)
            self.assertIn('no Watcher (service type infra-optim)', told)
            self.assertIn('openstack maintenance check', told)
            self.assertEqual(1, len(told.strip().splitlines()))

    def test_snapshot_without_a_cloud(self):
        directory = self.useFixture(fixtures.TempDir()).path
        path = os.path.join(directory, 'snapshot.json')
        expected, _told = self.type(f'check compute-1 --save-snapshot {path}')
        with mock.patch.object(self.cloud, 'environment_of', return_value={}):
            self.assertEqual(
                expected, self.type(f'check compute-1 --snapshot {path}')[0]
            )
            _out, told = self.type('check compute-1', status=1)
        self.assertIn('auth-url', told)

    def test_no_nova_in_the_region(self):
        for command in ('check compute-1', 'list', 'start compute-1'):
            status, out, err = command_line.answer_here(
                self.cloud,
                f'openstack --os-region-name Atlantis maintenance {command}',
            )
            self.assertEqual((1, ''), (status, out))
            self.assertIn('The service catalog has no Nova: ', err)
            self.assertIn('Atlantis', err)
            self.assertEqual(1, len(err.strip().splitlines()))

    def test_plugin_is_not_loaded(self):
        self.restart_watcher(without='watcher_host_maintenance')
        self.addCleanup(self.restart_watcher)
        goals = command_line.run_here(
            self.cloud, 'openstack optimize goal list'
        )
        self.assertNotIn(base.GOAL, goals)
        self.assertIn('server_consolidation', goals)
        _out, told = self.type('start compute-1', status=1)
        self.assertIn('no goal cluster_maintenance', told)
        self.assertIn('watcher-decision-engine', told)
        self.assertEqual(1, len(told.strip().splitlines()))
        rows, _told = self.type('check compute-1')
        self.assertEqual('compute-1', rows[0]['From'])

    def restart_watcher(self, without=''):
        self.cloud.kill_watcher()
        self.cloud.start_watcher(without)

    def test_old_microversion(self):
        line = (
            'openstack --os-infra-optim-api-version 1.4 maintenance start '
            'compute-9'
        )
        status, _out, err = command_line.answer_here(self.cloud, line)
        self.assertEqual(1, status)
        self.assertIn('no messages below its API version 1.5', err)


class TestPage(base.CloudTestCase):
    """What the page of the commands shows."""

    LIMIT_S = 300

    def setUp(self):
        super().setUp()
        self.start(
            hosts=dict.fromkeys(
                ('compute-1', 'compute-2', 'compute-3'), base.HOST
            ),
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', state='SHUTOFF'),
            },
            nova_options=base.REPORTS,
        )
        self.cloud.refresh_model()

    def test_recording(self):
        """Compare the recording; RECORD=1 in the environment makes it."""
        line = (
            'openstack maintenance start compute-1 --wait '
            '--reason "ticket 4711"'
        )
        with mock.patch.dict(
            os.environ,
            {'CLIFF_MAX_TERM_WIDTH': '80', 'CLIFF_FIT_WIDTH': '1'},
        ):
            status, out, err = command_line.answer_here(self.cloud, line)
        self.assertEqual(0, status or 0, err)
        text = f'$ {line}\n{err}{out}'
        if os.environ.get('RECORD'):
            RECORDING.write_text(text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertEqual(
            self.comparable(RECORDING.read_text()), self.comparable(text)
        )

    def comparable(self, text):
        """Lines without UUIDs and without what depends on time.

        That is their order, and which states of a plan that has not ended
        are seen.
        """
        without = re.sub(
            r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '', text
        )
        return sorted(
            re.sub(r'^\d of|\s+|web-\d|compute-[23]', ' ', line)
            for line in without.splitlines()
            if not re.fullmatch(r'Action plan +: (PENDING|ONGOING)', line)
        )

    def test_every_example(self):
        """Type what the page shows; the two ways of its end together."""
        text = typed.section('cli/maintenance.rst', 'Drain a node')
        blocks = typed.blocks(text)
        check, start, end, dry_run, done = blocks
        with typed.shell(self.cloud) as shell:
            for block in (check, start, done, dry_run, end):
                shell.type(block)
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-1'])

    def test_owners_are_told_before(self):
        text = typed.section('cli/maintenance.rst', 'Tell owners before')
        announce, check, answers, cancel = typed.blocks(text)

        def told():
            return {
                name
                for server in self.cloud.nova.servers.list()
                for name in server.metadata
            }

        with typed.shell(self.cloud) as shell:
            self.assertIn('announced live', shell.type(check))
            self.assertEqual(set(), told())
            shell.type(announce)
            self.assertEventually(
                True, lambda: 'maintenance:answer_by' in told(), 60
            )
            self.assertIn('announced', shell.type(answers))
            shell.type(cancel)
        self.assertEqual(set(), told())

    def test_every_example_of_the_commands(self):
        """Type the example of each command, with names that exist here."""
        audit = self.cloud.run_audit(
            base.GOAL, base.STRATEGY, {'maintenance_node': 'compute-9'}
        )
        done = []
        listed = [c for c in commands.commands() if ' roll ' not in c[0]]
        for words, kind in sorted(
            listed, key=lambda c: ORDER.index(c[0].split()[-1])
        ):
            line = kind.example.replace(EXAMPLE_AUDIT, audit['uuid'])
            status, _out, err = command_line.answer_here(self.cloud, line)
            self.assertEqual(
                STATUSES.get(words.split()[-1], 0), status or 0, line + err
            )
            done.append(words)
        self.assertEqual(len(ORDER), len(done))
