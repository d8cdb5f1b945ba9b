# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance end`` and ``done``."""

import ddt

from osc_lib.exceptions import CommandError

from tests.unit.client.fake_watcher import an_action
from tests.unit.osc import commands
from tests.unit.osc import test_start
from tests.unit.plugin.nova_answers import a_service
from watcher_host_maintenance.osc.done import Done
from watcher_host_maintenance.osc.end import End


NODE = {'resource_id': 'n', 'resource_name': 'compute-1'}


class TestEnd(test_start.TestCase):
    def end(self, *arguments):
        return self.run_command(End, 'compute-1', *arguments)

    def body(self):
        """The audit that Watcher was asked for."""
        [body] = [
            body
            for method, path, body in self.watcher.requests
            if (method, path) == ('POST', '/v1/audits')
        ]
        return body

    def returns(self, state='RECOMMENDED'):
        self.attempt(state)
        self.watcher.actions = [
            an_action(kind='return_host', input_parameters=NODE),
            an_action(
                'action-2',
                kind='verify_host_returned',
                input_parameters=NODE,
                parents=['action-1'],
            ),
        ]

    def test_started(self):
        self.returns()
        status, rows, _told = self.end()
        self.assertEqual(0, status)
        self.assertEqual(
            [('return', 'compute-1'), ('verify', 'compute-1')],
            [(r['Action'], r['Name']) for r in rows],
        )
        self.assertEqual(
            ('cluster_return', 'cluster_host_return'),
            (self.body()['goal'], self.body()['strategy']),
        )
        self.assertEqual(
            {'maintenance_node': 'compute-1'}, self.body()['parameters']
        )

    def test_parameters(self):
        self.returns()
        self.end('--move-back', '--return-as', 'spare', '--on-blocked', 'fail')
        self.assertEqual(
            {
                'maintenance_node': 'compute-1',
                'move_back': 'left',
                'return_as': 'spare',
                'on_blocked': 'fail',
            },
            self.body()['parameters'],
        )


@ddt.ddt
class TestDone(commands.CommandTestCase):
    def given(self, host='compute-1', **fields):
        self.nova.services = [a_service(host, **fields)]
        [service] = self.nova.services
        self.asked = []

        def change(request, context):
            self.asked.append(request.json())
            return {'service': service}

        path = f'/v2.1/os-services/{service["id"]}'
        self.nova._mocker.put(f'{self.nova.url}{path}', json=change)

    @ddt.named_data(
        # name, reason before, options, reason after
        ('marked', 'watcher_maintaining: t', [], 'watcher_maintained'),
        ('foreign', 'fan', [], 'watcher_maintained'),
        ('text', 'watcher_maintaining', ['--reason', 'CHG-7'],
         'watcher_maintained: CHG-7'),
        ('lines', 'watcher_maintaining', ['--reason', ' a\n b\x1b '],
         'watcher_maintained: a b'),
        ('longest', 'watcher_maintaining', ['--reason', 'x' * 235],
         'watcher_maintained: ' + 'x' * 235),
        ('too_long', 'watcher_maintaining', ['--reason', 'x' * 236],
         'watcher_maintained: ' + 'x' * 235),
    )  # fmt: skip
    @ddt.unpack
    def test_sets_the_reason(self, before, arguments, after):
        self.given(status='disabled', disabled_reason=before)
        status, shown, _told = self.run_command(Done, 'compute-1', *arguments)
        self.assertEqual((0, after), (status, shown['disabled_reason']))
        self.assertEqual(
            [{'status': 'disabled', 'disabled_reason': after}], self.asked
        )
        self.assertEqual([], self.watcher.requests)

    def test_another_reason_in_the_options(self):
        self.given(status='disabled', disabled_reason='watcher_maintaining')
        path = self.file(
            'watcher.conf',
            '[watcher_strategies.cluster_host_return]\n'
            'returning_reasons = worked_on,x',
        )
        _status, shown, _told = self.run_command(
            Done, 'compute-1', '--config-file', path
        )
        self.assertEqual('worked_on', shown['disabled_reason'])

    @ddt.named_data(
        ('enabled', {}, 'compute-1 is enabled'),
        ('spare', {'status': 'disabled',
                   'disabled_reason': 'watcher_disabled'}, 'is a spare'),
        ('by_nova', {'status': 'disabled', 'disabled_reason': 'AUTO: lost'},
         'Nova has disabled compute-1'),
        ('unknown', {'host': 'compute-2'}, 'There is no compute node'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, fields, text):
        self.given(**{'host': 'compute-1', **fields})
        error = self.assertRaises(
            CommandError, self.run_command, Done, 'compute-1'
        )
        self.assertIn(text, str(error))
