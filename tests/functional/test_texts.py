# SPDX-License-Identifier: Apache-2.0

"""What others wrote cannot speak as the plugin, wherever it is told."""

import json

from keystoneauth1 import exceptions as keystone_exceptions

from tests.functional import base
from tests.functional import command_line
from tests.functional.refusals import cannot_drain
from watcher_host_maintenance.core.model.text import is_unsafe
from watcher_host_maintenance.core.rules.roles import BACKUP_DISABLED


LINE = '2026-01-01 00:00:00.000 1 INFO nova [-] All is well'
REASON = f'fan\n{LINE}\u202e'

#: Nova takes the last one not by its API, but from other sources.
QUOTE, SENTENCE, CONTROLS = (
    'web" -p on_blocked=leave',
    'web. Everything has moved. Run: rm -rf /',
    f'web\u202e\x1b[2J\n{LINE}',
)
#: As they are told in a sentence.
TOLD = (
    r'"web\x22 -p on_blocked=leave"',
    '"web. Everything has moved. Run: rm -rf /"',
    rf'"web\u202e\x1b[2J\n{LINE}"',
)


class TestTexts(base.CloudTestCase):
    def setUp(self):
        super().setUp()
        names = (QUOTE, SENTENCE, 'written')
        self.start(
            hosts=dict.fromkeys(
                ('compute-1', 'compute-2', 'compute-3'), base.HOST
            ),
            servers={
                **{n: base.on('compute-1', state='SUSPENDED') for n in names},
                'web': base.on('compute-3'),
            },
        )
        written = self.cloud.nova.servers.find(name='written')
        self.cloud.faults.set_server(written.id, display_name=CONTROLS)
        self.disable('compute-2', REASON)

    def test_names_and_reasons(self):
        self.assertRefused(
            self.drain(maintenance_node='compute-3', backup_node='compute-2'),
            cannot_drain(
                BACKUP_DISABLED.about('compute-2', disabled_reason=REASON)
            ),
        )
        report = self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            'Cannot drain compute-1: 3 of 3 instances cannot be moved. '
            f'{TOLD[0]} is SUSPENDED. Nothing was changed. Its owner can '
            'resume it; an administrator can shelve it. There is more: see '
            'the decision engine log.',
        )
        self.assertEqual(
            [f'  {name} is SUSPENDED' for name in TOLD], report['words'][-3:]
        )
        self.assertClean(self.cloud.logs()['watcher'])

        rows = self.printed('check compute-1', status=2)
        self.assertEqual(
            [f'{name} is SUSPENDED' for name in TOLD],
            [why for row in rows for why in row['Why']],
        )
        rows = self.printed('list --all')
        self.assertIn(rf'fan\n{LINE}\u202e', [row['Reason'] for row in rows])
        shown = self.printed('show compute-1')
        self.assertEqual(
            [f'{name} is SUSPENDED' for name in TOLD],
            [server['doing'] for server in shown['servers']],
        )
        self.printed('show compute-2')

    def printed(self, command, status=0):
        """Return what a command prints as JSON, once all of it is clean."""
        line = f'openstack maintenance {command}'
        for form in ('table', 'json'):
            ended, out, told = command_line.answer_here(
                self.cloud, f'{line} -f {form}'
            )
            self.assertEqual(status, ended or 0, f'{line}\n{out}{told}')
            self.assertClean(out)
            self.assertClean(told)
        return json.loads(out)

    def assertClean(self, text):
        """Check that a text has no line, and no escape, of others."""
        lines = text.split('\n')
        self.assertFalse([s for s in lines if any(map(is_unsafe, s))])
        self.assertFalse([s for s in lines if s.startswith(LINE[:10])])

    def test_parameters_without_a_meaning(self):
        error = self.assertRaises(
            keystone_exceptions.BadRequest,
            self.drain,
            maintenance_node='\ud800',
        )
        self.assertIn('maintenance_node', error.response.text)
        # A reason may be anything: Nova gets what it can keep.
        plan = self.assertPlanned(
            self.drain(
                maintenance_node='compute-3',
                reason='\ud800\nfan \u202e\U0001f600',
            )
        )
        closing = self.cloud.actions(plan)[0]['input_parameters']
        self.assertEqual(
            'watcher_maintaining: fan ?', closing['disabled_reason']
        )
