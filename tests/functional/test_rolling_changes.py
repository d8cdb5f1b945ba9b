# SPDX-License-Identifier: Apache-2.0

"""What an operator and others do while a rolling maintenance lives."""

import json
import pathlib
import textwrap

import fixtures

from tests.functional import base
from tests.functional import command_line
from tests.functional.test_rolling import DONE
from tests.functional.test_rolling import PATIENCE_S
from tests.functional.test_rolling import STRATEGY
from tests.functional.test_rolling import RollingTestCase


class ChangesTestCase(RollingTestCase):
    """Steps are taken one by one: nobody works unless the test says so."""

    LIMIT_S = 600

    def said(self):
        """Return the status message of the maintenance."""
        return self.cloud.audit(self.audit['uuid'])['status_message'] or ''

    def assertSays(self, text):
        self.assertEventually(True, lambda: text in self.said(), PATIENCE_S)

    def patch(self, audit, **fields):
        self.cloud.watcher.patch(
            f'/v1/audits/{audit["uuid"]}',
            json=[
                {'op': 'replace', 'path': f'/{name}', 'value': value}
                for name, value in fields.items()
            ],
        )

    def change(self, **parameters):
        """Change the parameters; Watcher takes whatever it is."""
        given = {'maintenance_nodes': self.names, **parameters}
        self.patch(self.audit, parameters=given)

    def finish(self, host):
        """Say that the work on a node is done."""
        self.disable(host, DONE)

    def show(self):
        """Return what ``roll show`` prints."""
        line = f'openstack maintenance roll show {self.audit["uuid"]} -f json'
        status, out, err = command_line.answer_here(self.cloud, line)
        self.assertEqual(0, status or 0, err)
        return json.loads(out)


class TestGate(ChangesTestCase):
    """compute-1 has a server; the others are empty."""

    def test_waits_and_goes_on(self):
        self.names = [f'compute-{n}' for n in range(1, 5)]
        self.start_with(
            dict.fromkeys(self.names, base.a_host(vcpus=4)),
            {'web': base.on('compute-1')},
        )
        self.audit = self.begin(maintenance_nodes=self.names)
        self.assertSays('Ready to work on: compute-2')

        # An audit of someone else runs.
        other = self.cloud.create_audit(
            base.GOAL,
            base.STRATEGY,
            {'maintenance_node': 'compute-4'},
            audit_type='EVENT',
        )
        self.patch(other, state='ONGOING')
        self.finish('compute-2')
        self.assertSays(
            f'No other node is begun: The audit {other["uuid"]} is running.'
        )

        # A person closes a node that is done.
        self.disable('compute-2', 'fan broken')
        self.patch(other, state='CANCELLED')
        self.assertSays(
            'No other node is begun: compute-2 came back, but is disabled '
            'again: "fan broken".'
        )

        # Its network agent is dead.
        self.cloud.faults.set_agent('compute-2', alive=False)
        self.enable('compute-2')
        self.assertSays(
            'No other node is begun: compute-2 came back, but its agents are '
            'dead: '
        )

        # An operator's change is invalid.
        self.change(parallel=0)
        self.cloud.faults.set_agent('compute-2', alive=True)
        self.assertSays('The changed parameters are not used: The parameter ')
        shown = self.show()
        self.assertIn('parallel is invalid', shown['problems'][0])
        self.assertEqual([], shown['waves'])
        self.assertEqual(
            ['waiting', 'done', 'waiting', 'waiting'],
            [node['stand'] for node in shown['nodes']],
        )
        self.assertEqual(
            dict.fromkeys(self.names, base.ENABLED), self.cloud.services()
        )

        # A valid one holds for the next wave.
        self.change(parallel=2)
        self.assertSays('Ready to work on: compute-3, compute-4')
        self.assertEqual([], self.show()['problems'])
        self.assertEqual(
            '4 of 4 nodes maintained, 1 moves (at least 1 were needed).',
            self.ended(self.audit)['status_message'],
        )
        self.assertEqual(2, max(self.out))
        self.assertCountEqual(
            ['compute-1', 'compute-3', 'compute-4'], self.worked_on
        )
        self.assertEqual(
            dict.fromkeys(self.names, base.ENABLED), self.cloud.services()
        )
        self.assertPlacementTrue()


class TestStopAfter(ChangesTestCase):
    """compute-1 has fewer servers than compute-2; compute-3 takes all."""

    def test_is_raised_while_a_node_has_failed(self):
        self.names = ['compute-1', 'compute-2']
        self.start_with(
            dict.fromkeys([*self.names, 'compute-3'], base.a_host(vcpus=4)),
            {'web': base.on('compute-1'), 'db': base.on('compute-2', count=2)},
        )
        self.cloud.faults.fail('web')
        self.audit = self.begin(maintenance_nodes=self.names)
        self.assertSays('No other node is begun: stop_after is 1.')
        self.assertIn(
            'Failed: compute-1: web is in ERROR, but its guest is running',
            self.said(),
        )
        self.assertEqual(base.ENABLED, self.cloud.services()['compute-2'])

        self.change(stop_after=2)
        self.assertSays('Ready to work on: compute-2')
        self.assertEqual(base.MAINTAINED, self.cloud.services()['compute-1'])
        self.finish('compute-2')
        self.assertSays('1 of 2 nodes maintained, 2 moves')
        stands = [node['stand'] for node in self.show()['nodes']]
        self.assertEqual(['failed', 'done'], stands)

        # As soon as nothing blocks the node, it is emptied after all.
        self.cloud.faults.clear()
        self.recover('web')
        self.assertSays('Ready to work on: compute-1')
        self.assertNotEqual('compute-1', self.cloud.servers()['web'].host)
        self.finish('compute-1')
        self.assertEqual(
            '2 of 2 nodes maintained, 3 moves (at least 3 were needed).',
            self.ended(self.audit)['status_message'],
        )


class TestOwners(ChangesTestCase):
    """compute-1 has fewer servers than compute-2; compute-3 takes all."""

    def notices(self, *names):
        """Server name -> state, effect and word of its notice.

        :param names: none are all
        """
        keys = [f'maintenance:{key}' for key in ('state', 'effect', 'word')]
        return {
            server.name: tuple(map(server.metadata.get, keys))
            for server in self.cloud.nova.servers.list()
            if server.name in (names or [server.name])
        }

    def answer(self, name, word):
        server = self.cloud.nova.servers.find(name=name)
        self.cloud.nova.servers.add_tag(server.id, f'maintenance:{word}')

    def test_are_waited_for(self):
        self.names = ['compute-1', 'compute-2']
        self.start_with(
            dict.fromkeys([*self.names, 'compute-3'], base.a_host(vcpus=4)),
            {
                'eager': base.on('compute-1'),
                'chilled': base.on('compute-2'),
                'kept': base.on('compute-2'),
            },
        )
        self.answer('kept', 'keep')
        self.answer('chilled', 'cold')
        asked = {'owners': 'wait', 'notice_period': 1}
        blocked = self.cloud.run_audit(
            STRATEGY, STRATEGY, {'maintenance_nodes': self.names, **asked}
        )
        self.assertEqual('FAILED', blocked['state'])
        self.assertIn('kept is to be left alone', blocked['status_message'])
        self.assertIn('-p on_keep=move', blocked['status_message'])

        asked |= {'on_keep': 'move', 'answer_by': '2999-01-01T00:00:00Z'}
        self.audit = self.begin(maintenance_nodes=self.names, **asked)
        nobody = (None, None, None)
        told = {
            'eager': ('announced', 'live', None),
            'chilled': nobody,
            'kept': nobody,
        }
        self.assertEventually(told, self.notices, PATIENCE_S)
        self.assertSays('Announced: compute-1')
        self.assertEqual('compute-1', self.cloud.servers()['eager'].host)
        self.answer('eager', 'go')
        self.assertSays('Ready to work on: compute-1')
        self.assertEqual('compute-3', self.cloud.servers()['eager'].host)
        self.assertEqual(('done', 'live', None), self.notices()['eager'])

        # The next node has its turn, and its owners say nothing.
        self.finish('compute-1')
        told = {
            'chilled': ('announced', 'cold', 'cold'),
            'kept': ('announced', 'live', 'keep'),
        }
        self.assertEventually(
            told, lambda: self.notices('chilled', 'kept'), PATIENCE_S
        )
        servers = self.cloud.servers()
        self.assertEqual(
            {'compute-2'}, {servers[name].host for name in ('chilled', 'kept')}
        )
        asked['answer_by'] = '2026-01-01T00:00:00Z'
        self.change(**asked)
        self.assertEqual(
            '2 of 2 nodes maintained, 3 moves (at least 3 were needed).',
            self.ended(self.audit)['status_message'],
        )
        self.assertEqual(['compute-2'], self.worked_on)
        # Also of who had left before its node was closed.
        everybody = ('eager', 'chilled', 'kept')
        self.assertEqual(dict.fromkeys(everybody, nobody), self.notices())
        self.assertEqual(
            {('eager', 'live'), ('kept', 'live'), ('chilled', 'cold')},
            {
                (given['resource_name'], given['migration_type'])
                for plan in self.cloud.action_plans(self.audit)
                for action in self.cloud.actions(plan)
                if 'migration_type' in (given := action['input_parameters'])
            },
        )
        self.assertEqual(
            dict.fromkeys([*self.names, 'compute-3'], base.ENABLED),
            self.cloud.services(),
        )
        self.assertPlacementTrue()


class TestHookFaults(ChangesTestCase):
    """All nodes are empty; what goes wrong is in the hook."""

    HOOK = """#!/bin/sh
    cd {directory}
    case "$(cat)" in
        *compute-1*) echo no disk; exit 1;;
        *compute-2*) exit 70;;
    esac
    [ -e again ] && exit 0
    touch again
    exit 75
    """

    def work(self):
        """Leave the work to the hook."""

    def answers(self):
        """Return what the hooks have answered, and said."""
        return [
            (given.get('answer', 'done'), given.get('message', ''))
            for plan in self.cloud.action_plans(self.audit)
            for action in self.cloud.actions(plan)
            if action['action_type'] == 'run_hook'
            for given in [action['input_parameters']]
        ]

    def assertAnswers(self, answer, text):
        self.assertEventually(
            True,
            lambda: any(a == answer and text in t for a, t in self.answers()),
            PATIENCE_S,
        )

    def assertFails(self, host, hook, why):
        """Let a hook work on one node, with 2 seconds for it."""
        self.audit = self.begin(
            maintenance_nodes=[host], hook=hook, hook_timeout=2
        )
        self.assertSays(f'Failed: {host}: ')
        self.assertIn(why, self.show()['nodes'][0]['why'])
        self.patch(self.audit, state='CANCELLED')

    def test_faults(self):
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        slow = directory / 'slow'
        slow.write_text('#!/bin/sh\nexec sleep 60\n')
        slow.chmod(0o700)
        self.names = [f'compute-{n}' for n in range(1, 6)]
        self.start_with(
            dict.fromkeys(self.names, base.a_host()),
            {},
            hooks_dir=str(directory),
            exec_hooks='patch,slow',
            http_hooks='post:http://127.0.0.1:9/node',
            http_hook_hosts='127.0.0.1:8',
        )
        self.audit = self.begin(
            maintenance_nodes=self.names[:3],
            hook='patch',
            hook_timeout=600,
            parallel=3,
            stop_after=9,
        )
        # What has done nothing is called again.
        self.assertAnswers('not_run', 'No such file or directory')
        hook = directory / 'patch'
        hook.write_text(textwrap.dedent(self.HOOK).format(directory=directory))
        hook.chmod(0o770)
        self.assertAnswers('not_run', 'is writable by others')
        hook.chmod(0o700)
        self.assertSays('2 of 3 nodes maintained')
        self.assertEqual(
            {'not_run', 'nothing', 'later', 'done'},
            {answer for answer, _text in self.answers()},
        )
        stands = {n['host']: n['stand'] for n in self.show()['nodes']}
        self.assertEqual(
            {'compute-1': 'failed', 'compute-2': 'done', 'compute-3': 'done'},
            stands,
        )
        self.assertIn('no disk (1)', self.show()['nodes'][0]['why'])
        self.patch(self.audit, state='CANCELLED')

        self.assertFails('compute-4', 'slow', 'has not ended in 2 seconds')
        self.assertFails(
            'compute-5',
            'post',
            'It was not done in 2 seconds. Last: It was not run: 127.0.0.1:9 '
            'is not in http_hook_hosts',
        )
        closed = {
            h for h, s in self.cloud.services().items() if s[0] == 'disabled'
        }
        self.assertEqual({'compute-1', 'compute-4', 'compute-5'}, closed)
