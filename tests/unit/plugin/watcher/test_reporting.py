# SPDX-License-Identifier: Apache-2.0

"""Tests of writing the full report: into the log, and into files."""

import errno
import json
import os
import pathlib
import stat

from unittest import mock

import ddt
import fixtures

from tests.unit.plugin import base
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.plugin import release
from watcher_host_maintenance.plugin.watcher import reporting
from watcher_host_maintenance.plugin.watcher.report_files import ReportFiles


KNOWN = Snapshot((ComputeNode('compute-1'),))


def a_report(**fields):
    return {'message': '', 'failed': False, **fields}


@ddt.ddt
class TestLog(base.TestCase):
    def write(self, report):
        reporting.write('audit-1', report, KNOWN, None)
        (line,) = self.log.output.splitlines()
        return json.loads(line.removeprefix('Drain report: '))

    def test_is_one_line_of_json(self):
        report = a_report(message='Cannot drain.\nBad "name": \u00fc\u202e')
        told = a_report(message='Cannot drain.\\nBad "name": \u00fc\\u202e')
        self.assertEqual(
            {'audit': 'audit-1', 'versions': release.versions(), **told},
            self.write(report),
        )

    @ddt.named_data(
        # name, the audit failed, level
        ('failed', True, 'ERROR'),
        ('succeeded', False, 'INFO'),
    )
    @ddt.unpack
    def test_level(self, failed, level):
        log = self.useFixture(fixtures.FakeLogger(format='%(levelname)s'))
        reporting.write('audit-1', a_report(failed=failed), None, None)
        self.assertEqual(f'{level}\n', log.output)


@ddt.ddt
class TestFiles(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def write(self, report=None, known=KNOWN, directory=None):
        reporting.write(
            'audit-1',
            report or a_report(),
            known,
            ReportFiles(str(directory or self.directory)),
        )

    def read(self, name):
        return (self.directory / name).read_text(encoding='utf-8')

    def written(self):
        return sorted(path.name for path in self.directory.iterdir())

    def test_report(self):
        self.write(a_report(message='\u00fc'))
        self.assertEqual(
            {
                'audit': 'audit-1',
                'versions': release.versions(),
                **a_report(message='\u00fc'),
            },
            json.loads(self.read('audit-1.report.json')),
        )

    def test_snapshot(self):
        self.write()
        self.assertEqual(
            KNOWN, snapshot.load(self.read('audit-1.snapshot.json'))
        )

    @ddt.named_data(
        # name, snapshot, files
        ('planned',  KNOWN, ['audit-1.report.json', 'audit-1.snapshot.json']),
        ('not_read', None,  ['audit-1.report.json']),
    )  # fmt: skip
    @ddt.unpack
    def test_names(self, known, names):
        self.write(known=known)
        self.assertEqual(names, self.written())

    def test_next_run_replaces(self):
        self.write(a_report(message='no room, nowhere, for nobody'))
        self.write()
        self.assertEqual(
            '', json.loads(self.read('audit-1.report.json'))['message']
        )

    @ddt.data(0o000, 0o022, 0o077, 0o777)
    def test_mode(self, umask):
        self.addCleanup(os.umask, os.umask(umask))
        self.write()
        for path in self.directory.iterdir():
            self.assertEqual(
                0o640, stat.S_IMODE(path.stat().st_mode), path.name
            )

    def test_mode_of_what_was_there(self):
        path = self.directory / 'audit-1.report.json'
        path.touch()
        path.chmod(0o666)
        self.write()
        self.assertEqual(0o640, stat.S_IMODE(path.stat().st_mode))

    @ddt.data('fchmod', 'write', 'rename')
    def test_no_partial_file_is_left(self, failing):
        self.write(a_report(message='whole'))
        full = OSError(errno.ENOSPC, 'No space left on device')
        with mock.patch.object(os, failing, side_effect=full):
            self.write(a_report(message='half'))
        self.assertEqual(
            ['audit-1.report.json', 'audit-1.snapshot.json'], self.written()
        )
        self.assertEqual(
            'whole', json.loads(self.read('audit-1.report.json'))['message']
        )
        self.assertIn(
            'Cannot write the report of audit audit-1', self.log.output
        )
        self.assertIn('No space left on device', self.log.output)

    @ddt.named_data(
        # name, text of others, in the report, in the snapshot's file
        ('no_utf_8',  '\udcff',       '\\udcff',     r'\udcff'),
        ('terminal',  '\x9b31m',      '\\x9b31m',    r'\u009b31m'),
        ('new_lines', '\n\u0085\u2028', '\\n\\x85\\u2028',
         r'\n\u0085\u2028'),
        ('direction', '\u202e',       '\\u202e',     r'\u202e'),
    )  # fmt: skip
    @ddt.unpack
    def test_text_of_others(self, text, told, escaped):
        known = Snapshot((ComputeNode('compute-1', disabled_reason=text),))
        self.write(a_report(message=text), known=known)
        self.assertEqual(
            told, json.loads(self.read('audit-1.report.json'))['message']
        )
        document = self.read('audit-1.snapshot.json')
        self.assertIn(f'"{escaped}"', document)
        self.assertEqual(known, snapshot.load(document))

    def test_what_cannot_be_written(self):
        self.write(a_report(message='whole'))
        self.write(a_report(message=object()))
        self.assertEqual(
            ['audit-1.report.json', 'audit-1.snapshot.json'], self.written()
        )
        self.assertEqual(
            'whole', json.loads(self.read('audit-1.report.json'))['message']
        )
        self.assertIn(
            'Cannot write the report of audit audit-1', self.log.output
        )

    @ddt.data('missing', 'file')
    def test_unwritable_directory(self, name):
        (self.directory / 'file').touch()
        self.write(directory=self.directory / name)
        self.assertEqual(['file'], self.written())
        self.assertIn('Drain report: {', self.log.output)
        self.assertIn(
            'Cannot write the report of audit audit-1', self.log.output
        )
