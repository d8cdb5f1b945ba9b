# SPDX-License-Identifier: Apache-2.0

"""``openstack maintenance mine`` and ``answer``."""

import ddt

from osc_lib.exceptions import CommandError

from tests.unit.osc import commands
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.osc.owners import Answer
from watcher_host_maintenance.osc.owners import Mine


NOTICE = {
    'maintenance:id': uuid_of('audit'),
    'maintenance:state': 'announced',
    'maintenance:starts': '2999-12-01T21:00:00Z',
    'maintenance:ends': '2999-12-02T03:00:00Z',
    'maintenance:answer_by': '2999-12-01T18:00:00Z',
    'maintenance:effect': 'live',
    'maintenance:host': 'returns',
    'maintenance:word': 'keep',
}


@ddt.ddt
class TestOwners(commands.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.nova.servers = [
            a_server('web-1')
            | {'metadata': NOTICE, 'tags': ['maintenance:stop']},
            a_server('web-2') | {'metadata': {}, 'tags': []},
        ]

    def test_mine(self):
        status, rows, told = self.run_command(Mine)
        self.assertEqual((0, ''), (status, told))
        self.assertEqual(
            [
                {
                    'ID': uuid_of('web-1'),
                    'Server': 'web-1',
                    'State': 'announced',
                    'Effect': 'live',
                    'Starts': '2999-12-01T21:00:00Z',
                    'Ends': '2999-12-02T03:00:00Z',
                    'Answer By': '2999-12-01T18:00:00Z',
                    'Host': 'returns',
                    'Word': 'stop',
                    'Counts': 'keep',
                }
            ],
            rows,
        )
        self.assertEqual([], self.watcher.requests)

    def test_all(self):
        _status, rows, _told = self.run_command(Mine, '--all')
        self.assertEqual(['web-1', 'web-2'], [r['Server'] for r in rows])
        self.assertEqual(
            {''}, {v for k, v in rows[1].items() if k not in {'ID', 'Server'}}
        )

    def test_none(self):
        self.nova.servers.pop(0)
        status, rows, told = self.run_command(Mine)
        self.assertEqual((0, []), (status, rows))
        self.assertIn('No maintenance of your servers', told)

    def test_name_that_others_wrote(self):
        self.nova.servers[0]['name'] = 'web\x1b[2J'
        _status, rows, _told = self.run_command(Mine)
        self.assertEqual('web\\x1b[2J', rows[0]['Server'])

    def test_answer(self):
        status, rows, _told = self.run_command(Answer, 'web-1', 'keep')
        self.assertEqual(0, status)
        self.assertEqual(
            [
                {
                    'ID': uuid_of('web-1'),
                    'Server': 'web-1',
                    'Word': 'keep',
                    'Message': '',
                }
            ],
            rows,
        )
        self.assertEqual([], self.watcher.requests)

    @ddt.named_data(
        # name, arguments, exit status, what became of each
        ('all',     ['web-1', 'web-2', 'move'], 0, ['move', 'move']),
        ('once',    ['web-1', 'web-1', 'go'],   0, ['stop, go']),
        ('partly',  ['web-1', 'web-2', 'go'],   3, ['stop, go', '']),
        ('none',    ['web-2', 'go'],            1, ['']),
        ('unknown', ['web-9', 'move'],          1, ['']),
    )  # fmt: skip
    @ddt.unpack
    def test_status(self, arguments, expected, words):
        status, rows, _told = self.run_command(Answer, *arguments)
        self.assertEqual(expected, status)
        self.assertEqual(words, [r['Word'] for r in rows])

    @ddt.named_data(
        ('no_word', ['web-1']),
        ('unknown', ['web-1', 'burn']),
        ('empty',   ['', 'keep']),
    )  # fmt: skip
    def test_wrong_command_line(self, arguments):
        self.assertRaises(SystemExit, self.run_command, Answer, *arguments)

    def test_no_nova(self):
        self.nova.fail('/v2.1/servers/detail')
        for kind, arguments in ((Mine, ()), (Answer, ('web-1', 'go'))):
            error = self.assertRaises(
                CommandError, self.run_command, kind, *arguments
            )
            self.assertIn('GET /servers/detail', str(error))
