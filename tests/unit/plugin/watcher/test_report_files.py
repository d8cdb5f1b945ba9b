# SPDX-License-Identifier: Apache-2.0

"""Files in a directory that others may write to as well."""

import errno
import os
import pathlib
import time

from unittest import mock

import ddt
import fixtures

from tests.unit import base
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.plugin.watcher.report_files import PARTIAL_S
from watcher_host_maintenance.plugin.watcher.report_files import ReportFiles


NAME = f'{uuid_of("audit")}.report.json'
NOW = 2_000_000_000
DAY_S = 24 * 60 * 60


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.path = self.directory / NAME

    def files(self, **limits):
        return ReportFiles(str(self.directory), **limits)

    def names(self):
        return {path.name for path in self.directory.iterdir()}


@ddt.ddt
class TestWrite(TestCase):
    def test_in_parts(self):
        def write_less(file, data, whole=os.write):
            return whole(file, data[:3])

        with mock.patch.object(os, 'write', write_less):
            self.files().write(NAME, 'all of it')
        self.assertEqual('all of it', self.path.read_text())

    def test_link_is_replaced(self):
        target = pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'his')
        target.write_text('his')
        self.path.symlink_to(target)
        self.files().write(NAME, 'ours')
        self.assertEqual('his', target.read_text())
        self.assertFalse(self.path.is_symlink())
        self.assertEqual('ours', self.path.read_text())

    def test_pipe_is_replaced_without_waiting_for_a_reader(self):
        os.mkfifo(self.path)
        self.files().write(NAME, 'ours')
        self.assertEqual('ours', self.path.read_text())

    def test_directory_is_left(self):
        self.path.mkdir()
        self.assertRaises(OSError, self.files().write, NAME, 'ours')
        self.assertEqual({NAME}, self.names())

    @ddt.data('link', 'pipe', 'file')
    def test_what_has_the_name_of_a_new_file(self, kind):
        # It cannot be guessed; here it is known.
        planted = self.directory / f'.{NAME}.{"0" * 16}'
        target = self.directory / 'target'
        match kind:
            case 'link':
                planted.symlink_to(target)
            case 'pipe':
                os.mkfifo(planted)
            case 'file':
                planted.write_text('his')
        with mock.patch('secrets.token_hex', return_value='0' * 16):
            exc = self.assertRaises(
                FileExistsError, self.files().write, NAME, 'ours'
            )
        self.assertEqual(errno.EEXIST, exc.errno)
        self.assertFalse(target.exists())
        self.assertFalse(self.path.exists())

    def test_names_are_random(self):
        created = []

        def record(name, *args, whole=os.open, **options):
            created.append(name)
            return whole(name, *args, **options)

        with mock.patch.object(os, 'open', record):
            self.files().write(NAME, '')
            self.files().write(NAME, '')
        partial = [name for name in created if name.startswith('.')]
        self.assertEqual(2, len(set(partial)))

    def test_no_descriptor_is_left_open(self):
        before = os.listdir('/proc/self/fd')
        self.files().write(NAME, 'ours')
        self.files(max_audits=1).prune()
        self.assertEqual(before, os.listdir('/proc/self/fd'))


@ddt.ddt
class TestPrune(TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(
            fixtures.MockPatchObject(time, 'time', return_value=NOW)
        )

    def add(self, name, age_s=0.0):
        path = self.directory / name
        path.touch()
        os.utime(path, (NOW - age_s, NOW - age_s))

    def add_audits(self, count):
        for number in range(count):
            for kind in ('report', 'snapshot'):
                self.add(f'{uuid_of(str(number))}.{kind}.json', number)

    @ddt.named_data(
        # name, most, audits kept of three
        ('all',     0, 3),
        ('on_it',   3, 3),
        ('past_it', 2, 2),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, max_audits, kept):
        self.add_audits(3)
        self.files(max_audits=max_audits).prune()
        self.assertEqual(
            {
                f'{uuid_of(str(number))}.{kind}.json'
                for number in range(kept)
                for kind in ('report', 'snapshot')
            },
            self.names(),
        )

    @ddt.named_data(
        # name, days, seconds of age, is it kept
        ('no_limit', 0, 1000 * DAY_S,  True),
        ('on_it',    2, 2 * DAY_S,     True),
        ('past_it',  2, 2 * DAY_S + 1, False),
    )  # fmt: skip
    @ddt.unpack
    def test_age(self, days, age_s, is_kept):
        self.add(NAME, age_s)
        self.files(max_age_days=days).prune()
        self.assertEqual({NAME} if is_kept else set(), self.names())

    def test_newer_snapshot_keeps_the_report(self):
        self.add(NAME, 3 * DAY_S)
        snapshot = NAME.replace('report', 'snapshot')
        self.add(snapshot)
        self.files(max_age_days=2).prune()
        self.assertEqual({NAME, snapshot}, self.names())

    @ddt.named_data(
        # name, seconds of age, is it kept
        ('on_it',   PARTIAL_S,     True),
        ('past_it', PARTIAL_S + 1, False),
    )  # fmt: skip
    @ddt.unpack
    def test_what_a_killed_engine_left(self, age_s, is_kept):
        partial = f'.{NAME}.{"0" * 16}'
        self.add(partial, age_s)
        self.files().prune()
        self.assertEqual({partial} if is_kept else set(), self.names())

    @ddt.data(
        'notes.json',
        f'x{NAME}',
        f'{NAME}.gz',
        f'.{NAME}.0',
        f'.{NAME}.{"0" * 16}.gz',
    )
    def test_files_of_others_stay(self, name):
        self.add(name, 1000 * DAY_S)
        self.files(max_audits=1, max_age_days=1).prune()
        self.assertEqual({name}, self.names())

    @ddt.data('link', 'pipe', 'directory')
    def test_only_regular_files_are_removed(self, kind):
        match kind:
            case 'link':
                self.path.symlink_to('/dev/zero')
            case 'pipe':
                os.mkfifo(self.path)
            case 'directory':
                self.path.mkdir()
        self.add(f'{uuid_of("1")}.report.json', -1)
        self.files(max_audits=1).prune()
        self.assertIn(NAME, self.names())
