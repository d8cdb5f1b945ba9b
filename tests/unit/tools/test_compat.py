# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""The runner over every supported Watcher: names, pins, table."""

import pathlib
import re
import tempfile

from unittest import mock

import ddt

from tests.unit import base
from tools.compat import __main__ as compat
from tools.compat import environments
from tools.compat import results
from tools.compat import suites


RELEASE = environments.Environment('16.0.2', '3.12')


class TestEnvironments(base.TestCase):
    def test_names(self):
        self.assertEqual(
            ['16-py311', '16-py312', '16-py313',
             '17-py311', '17-py312', '17-py313'],
            [one.name for one in environments.ALL])

    def test_are_those_that_are_supported(self):
        required = (environments.ROOT / 'requirements.txt').read_text()
        least, beyond = re.search(
            r'python-watcher>=(\d+)\.0\.0,<(\d+)\.0\.0', required).groups()
        self.assertEqual([str(n) for n in range(int(least), int(beyond))],
                         sorted(environments.WATCHERS))
        setup = (environments.ROOT / 'setup.cfg').read_text()
        self.assertEqual(
            re.findall(r'Python :: (3\.\d+)$', setup, re.MULTILINE),
            list(environments.PYTHONS))

    def test_one_is_too_old(self):
        self.assertNotIn(environments.OLD, environments.ALL)

    def test_watcher_alone_is_open(self):
        pinned = environments.CONSTRAINTS.read_text().splitlines()
        left = environments.without_watcher(
            '\n'.join(pinned) + '\n').splitlines()
        self.assertEqual(
            [f'python-watcher=={environments.WATCHERS["17"]}'],
            sorted(set(pinned) - set(left)))

    def test_interpreter_that_is_not_there(self):
        self.assertIsNone(environments.interpreter('3.0'))

    def test_interpreter_that_only_fails(self):
        shims = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        broken = shims / 'python3.12'
        broken.write_text('#!/bin/sh\nexit 127\n')
        broken.chmod(0o755)
        with mock.patch.dict('os.environ', PATH=str(shims),
                             PYENV_ROOT=str(shims)):
            self.assertIsNone(environments.interpreter('3.12'))

    def test_program_that_fails(self):
        self.assertRaisesRegex(
            environments.Failed, 'false ended with 1',
            environments.run, 'false')


@ddt.ddt
class TestLook(base.TestCase):
    """What is said of an environment, whatever happens in it."""

    def look(self, python='/usr/bin/python3', make=None, **counts):
        with (mock.patch.object(environments, 'interpreter',
                                return_value=python),
              mock.patch.object(environments, 'make', side_effect=make),
              mock.patch.object(compat.subprocess, 'check_output',
                                return_value='3.12.1\n')):
            return compat.look(
                RELEASE, lambda _python: counts, pathlib.Path('work'))

    def test_no_interpreter(self):
        self.assertEqual(
            results.Result('16.0.2', '3.12', 'skipped', 'no python3.12'),
            self.look(python=None, unit=(1, 0, 0)))

    @ddt.named_data(
        # name, passed, failed and skipped tests, what is said
        ('passed',        (9, 0, 0), 'passed'),
        ('some_skipped',  (8, 0, 1), 'passed'),
        ('one_failed',    (8, 1, 0), 'failed'),
        ('none_was_run',  (0, 0, 0), 'failed'),
        ('all_skipped',   (0, 0, 9), 'failed'),
    )
    @ddt.unpack
    def test_end(self, counts, expected):
        seen = self.look(contract=(5, 0, 0), unit=counts)
        self.assertEqual((expected, '3.12.1'), (seen.end, seen.python))

    @ddt.named_data(
        # name, tests that failed, status of the run, counted as failed
        ('passed',       0, 0, 0),
        ('failed',       2, 1, 2),
        ('not_imported', 0, 1, 1),
    )
    @ddt.unpack
    def test_run_that_ended_badly(self, failed, status, expected):
        counts = suites.checked({'unit': (5, failed, 0)}, status)
        self.assertEqual({'unit': (5, expected, 0)}, counts)

    @ddt.named_data(
        # name, earlier functional tests, what is said now
        ('none',        None,      {'unit': (9, 0, 0)}, 'passed'),
        ('passed',      (7, 0, 0),
         {'functional': (7, 0, 0), 'unit': (9, 0, 0)}, 'passed'),
        ('one_failed',  (6, 1, 0),
         {'functional': (6, 1, 0), 'unit': (9, 0, 0)}, 'failed'),
    )
    @ddt.unpack
    def test_earlier_run(self, earlier, counts, end):
        before = earlier and results.Result(
            '16.0.2', '3.12.1', 'passed', counts={'functional': earlier})
        seen = compat.with_earlier(self.look(unit=(9, 0, 0)), before)
        self.assertEqual((counts, end), (seen.counts, seen.end))

    def test_not_installed(self):
        seen = self.look(make=environments.Failed('pip ended with 1'),
                         unit=(1, 0, 0))
        self.assertEqual(('failed', 'pip ended with 1', {}),
                         (seen.end, seen.why, seen.counts))


@ddt.ddt
class TestRefusal(base.TestCase):
    TOLD = ("Could not load 'cluster_maintenance': needs python-watcher 16",
            "Could not load 'cluster_host_maintenance': needs python-watcher")

    @ddt.named_data(
        # name, what is printed, whether it is as it should be
        ('told',     [*TOLD, 'cluster_maintaining', 'host_maintenance'], True),
        ('silent',   ['cluster_maintaining', 'host_maintenance'], False),
        ('half',     [TOLD[0], 'cluster_host_maintenance'], False),
        ('loaded',   [*TOLD, 'a cluster_maintenance'], False),
    )
    @ddt.unpack
    def test_refusal(self, lines, expected):
        with mock.patch.object(suites, 'names_loaded',
                               return_value='\n'.join(lines)):
            try:
                said = compat.refusal(pathlib.Path('python'))
            except environments.Failed:
                said = ''
        self.assertEqual(expected, bool(said))


class TestTable(base.TestCase):
    def test_rows(self):
        said = results.table({
            '17-py311': results.Result(
                '17.0.0', '3.11.7', 'passed',
                counts={'contract': (5, 0, 0), 'unit': (90, 0, 2)}),
            '16-py312': results.Result(
                '16.0.2', '3.12', 'skipped', 'no python3.12')})
        self.assertEqual([
            'python-watcher Python Contract Unit Functional '
            'Result of what was run',
            '16.0.2 3.12 not run not run not run skipped: no python3.12',
            '17.0.0 3.11.7 5 passed 90 passed, 2 skipped not run passed',
        ], [' '.join(re.findall(r'- (.+)', row))
            for row in said.split('   * ')[1:]])

    def test_is_what_was_seen(self):
        self.assertEqual(
            results.table(results.load()), results.TABLE.read_text())
