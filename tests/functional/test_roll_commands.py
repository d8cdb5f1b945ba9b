# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance roll``, typed into the real client."""

import json
import pathlib
import re
import time

import fixtures

from tests.functional import base
from tests.functional import command_line
from tests.functional import plans
from tests.functional import typed


HOOK = """#!/bin/sh
cd {directory}
read -r document
host=$(expr "$document" : '.*"host": "\\([a-z0-9-]*\\)"')
[ -e "$host.done" ] && exit 0
touch "$host.todo"
exit 75
"""
"""It has the test restart nova-compute, and is asked again until it has."""


class RollTestCase(base.CloudTestCase):
    """A hook has nova-compute restarted on each node."""

    LIMIT_S = 600
    HOOK = 'restart'

    def start_with(self, hosts, servers, **more):
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        hook = self.directory / self.HOOK
        hook.write_text(HOOK.format(directory=self.directory))
        hook.chmod(0o700)
        self.start(
            hosts=hosts,
            servers=servers,
            nova_options=base.REPORTS,
            watcher_options={
                'watcher_strategies.cluster_host_return': {
                    'return_wait_s': 60
                },
                'watcher_strategies.cluster_rolling_maintenance': {
                    'hooks_dir': str(self.directory),
                    'exec_hooks': self.HOOK,
                },
            },
            **more,
        )
        self.restarted, self.out = [], []

    def type(self, command, status=0):
        """Type a command; return what it prints as JSON, and its errors."""
        line = f'openstack maintenance roll {command} -f json'
        ended, out, err = command_line.answer_here(self.cloud, line)
        self.assertEqual(status, ended or 0, f'{line}\n{out}{err}')
        return (json.loads(out) if out else None), err

    def work(self):
        """Restart nova-compute where the hook asks for it."""
        todos = sorted(self.directory.glob('*.todo'))
        services = self.cloud.services()
        self.out.append(
            sum(service[0] == 'disabled' for service in services.values())
        )
        for todo in todos:
            host = todo.stem
            done = todo.with_suffix('.done')
            if done.exists():
                # The hook asked again while this was being done.
                continue
            full = {server.host for server in self.cloud.servers().values()}
            self.assertNotIn(host, full)
            self.assertEqual('disabled', services[host][0])
            self.cloud.faults.stop_compute(host)
            self.cloud.faults.start_compute(host)
            self.restarted.append(host)
            todo.rename(done)

    def until_ended(self, command):
        """Type a command that waits; return its output, as JSON."""
        line = f'openstack maintenance roll {command} --wait -f json'
        with command_line.running(self.cloud, line) as process:
            while process.poll() is None:
                self.work()
                time.sleep(0.5)
            out, err = process.communicate()
        self.assertEqual(0, process.returncode, err)
        return json.loads(out), err


class TestCommands(RollTestCase):
    def test_pause_stop_and_continue(self):
        names = [f'compute-{n}' for n in range(1, 4)]
        self.start_with(
            dict.fromkeys(names, base.a_host(vcpus=4)),
            {'web1': base.on('compute-1'), 'web2': base.on('compute-2')},
        )
        state = self.state()
        rows, told = self.type(f'check {" ".join(names)}')
        self.assertEqual([1, 2, 3], [r['Wave'] for r in rows])
        self.assertIn('3 of 3 nodes can be maintained in 3 waves', told)
        _rows, told = self.type('check compute-9', status=2)
        self.assertIn('compute-9', told)
        self.assertEqual(state, self.state())

        given = '--hook restart --interval 5 --name rack-7 --yes'
        shown, told = self.type(f'start {" ".join(names)} {given}')
        self.assertEqual((3, 0), (shown['nodes'], shown['done']))
        self.assertIn('3 of 3 nodes can be maintained', told)
        self.assertEventually(True, self.has_begun, 300)
        shown, _told = self.type('pause rack-7 --wait')
        self.assertEqual('SUSPENDED', shown['state'])
        shown, _told = self.type('show rack-7')
        stands = {node['stand'] for node in shown['nodes']}
        self.assertIn('done', stands)
        self.assertIn('waiting', stands)
        self.assertEqual('', shown['estimated_end'])
        self.assertIn('maintenance roll continue', shown['next'])
        shown, _told = self.type('continue rack-7')
        self.assertEqual('ONGOING', shown['state'])
        [row] = self.type('list')[0]
        self.assertEqual(('rack-7', 'ONGOING', 3), tuple(row.values())[1:4])
        shown, _told = self.type('stop rack-7 --wait')
        self.assertEqual('CANCELLED', shown['state'])
        self.assertEqual([], self.type('list')[0])
        _out, told = self.type('pause rack-7', status=1)
        self.assertIn('is CANCELLED', told)

        shown, told = self.until_ended('start --continues rack-7 --interval 5')
        self.assertEqual(
            ('SUCCEEDED', 3, 2, 2),
            tuple(shown[n] for n in ('state', 'done', 'moves', 'least_moves')),
            told,
        )
        self.assertCountEqual(names, self.restarted)
        self.assertEqual(1, max(self.out))
        shown, _told = self.type(f'show {shown["audit"]}')
        self.assertEqual({'done'}, {n['stand'] for n in shown['nodes']})
        self.assertEqual(([], ''), (shown['waves'], shown['next']))
        self.assertEqual(2, len(self.type('list --all')[0]))
        self.assertEqual(
            dict.fromkeys(names, base.ENABLED), self.cloud.services()
        )
        self.call_off()

    def call_off(self):
        """Stop one that has told owners, and type what that names."""
        # An empty node would be first, and has no owners to tell.
        hosts = {server.host for server in self.cloud.servers().values()}
        self.type(
            f'start {" ".join(sorted(hosts))} --owners obey --notice-period 3600 '
            '--interval 2 --name told --yes'
        )
        self.assertEventually({'announced'}, self.told, 120)
        _shown, said = self.type('stop told --wait')
        [command] = re.findall('openstack maintenance cancel .*', said)
        ended, out, err = command_line.answer_here(
            self.cloud, f'{command} --yes --now'
        )
        self.assertEqual(0, ended or 0, f'{command}\n{out}{err}')
        self.assertEqual(set(), self.told())

    def told(self):
        """Return the states that owners read."""
        key = 'maintenance:state'
        servers = self.cloud.nova.servers.list()
        return {s.metadata[key] for s in servers if key in s.metadata}

    def has_begun(self):
        """Return True when a node is done and another is not."""
        self.work()
        [row] = self.type('list')[0]
        return row['Done'] >= 1


class TestMany(RollTestCase):
    """Six hosts with 40 servers, two at a time.

    No host is empty, so that the servers of the first one move twice.
    """

    def test_moves_are_few(self):
        counts = (7, 7, 7, 7, 6, 6)
        names = [f'compute-{n}' for n in range(1, 7)]
        self.start_with(
            dict.fromkeys(names, base.a_host(vcpus=12)),
            {
                f'web{host[-1]}': base.on(host, count=count)
                for host, count in zip(names, counts, strict=True)
            },
        )
        shown, told = self.until_ended(
            f'start {" ".join(names)} --hook restart --parallel 2 --interval 2'
        )
        self.assertEqual(
            ('SUCCEEDED', 6), (shown['state'], shown['done']), told
        )
        moved = plans.moves(self.cloud, {'uuid': shown['audit']})
        least = shown['least_moves']
        self.assertEqual(46, least)
        self.assertEqual(sum(moved.values()), shown['moves'])
        self.assertLessEqual(shown['moves'], 1.05 * least)
        self.assertEqual({*self.cloud.servers()}, {*moved})
        self.assertLessEqual(max(moved.values()), 2)
        twice = sum(count == 2 for count in moved.values())
        self.assertEqual(shown['moves'] - 40, twice)
        self.assertLessEqual(max(self.out), 2)
        self.assertCountEqual(names, self.restarted)
        self.assertEqual(
            dict.fromkeys(names, base.ENABLED), self.cloud.services()
        )
        self.assertPlacementTrue()


class TestPage(RollTestCase):
    """What the page of the commands shows; compute-1 and -2 are empty."""

    HOOK = 'patch-node'

    def test_every_example(self):
        names = [f'compute-{n}' for n in range(1, 5)]
        self.start_with(
            dict.fromkeys(names, base.a_host(vcpus=4)),
            {'web1': base.on('compute-3'), 'web2': base.on('compute-4')},
            aggregates={'rack-7': {'hosts': names}},
        )
        text = typed.section(
            'cli/maintenance.rst', 'Maintain a rack, a few nodes at a time'
        )
        check, start, show, done, pause, stop = typed.blocks(text)
        line = start.replace('\\\n', '')
        with (
            typed.shell(self.cloud) as shell,
            command_line.running(self.cloud, line) as process,
        ):
            shell.type(check)
            self.assertEventually(True, lambda: self.has('rack-7'), 120)
            self.hasten('rack-7')
            todo = self.directory / 'compute-1.todo'
            self.assertEventually(True, todo.exists, 120)
            self.assertIn('compute-2', shell.type(show))
            # The hook has not done it: an operator has.
            shell.type(done)
            todo.rename(todo.with_suffix('.done'))
            self.assertEventually(
                base.ENABLED, lambda: self.cloud.services()['compute-1'], 120
            )
            shell.type(pause)
            shell.type(stop)
            _out, told = process.communicate()
        self.assertEqual(3, process.returncode, told)
        self.assertIn('CANCELLED', told)
        self.hasten('rack-7-again')
        self.assertEventually('SUCCEEDED', self.state_of_the_second, 400)
        self.assertCountEqual(names[1:], self.restarted)
        self.assertEqual(2, max(self.out))
        self.assertEqual(
            dict.fromkeys(names, base.ENABLED), self.cloud.services()
        )

    def has(self, name):
        """Return True if there is an audit of this name that goes on."""
        rows, _told = self.type('list')
        return any((r['Name'], r['State']) == (name, 'ONGOING') for r in rows)

    def hasten(self, name):
        """Have an audit run as often as it can."""
        changed = {'op': 'replace', 'path': '/interval', 'value': '3'}
        self.cloud.watcher.patch(f'/v1/audits/{name}', json=[changed])

    def state_of_the_second(self):
        self.work()
        return self.cloud.audit('rack-7-again')['state']
