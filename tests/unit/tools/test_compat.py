# SPDX-License-Identifier: Apache-2.0

"""The runner over every supported Watcher: names, pins, table."""

import configparser
import contextlib
import io
import pathlib
import re
import tempfile

from unittest import mock

import ddt

from tests.unit import base
from tools.compat import __main__ as compat
from tools.compat import commit
from tools.compat import environments
from tools.compat import refusal
from tools.compat import results
from tools.compat import suites


RELEASE = environments.Environment('16.0.2', '3.12')


class TestEnvironments(base.TestCase):
    def test_names(self):
        self.assertEqual(
            [
                '16-py311',
                '16-py312',
                '16-py313',
                '17-py311',
                '17-py312',
                '17-py313',
            ],
            [one.name for one in environments.ALL],
        )

    def test_are_those_that_are_supported(self):
        required = (environments.ROOT / 'requirements.txt').read_text()
        least, beyond = re.search(
            r'python-watcher>=(\d+)\.0\.0,<(\d+)\.0\.0', required
        ).groups()
        self.assertEqual(
            [str(n) for n in range(int(least), int(beyond))],
            sorted(environments.WATCHERS),
        )
        setup = (environments.ROOT / 'setup.cfg').read_text()
        self.assertEqual(
            re.findall(r'Python :: (3\.\d+)$', setup, re.MULTILINE),
            list(environments.PYTHONS),
        )

    def test_one_is_too_old(self):
        self.assertNotIn(environments.OLD, environments.ALL)

    def test_watcher_alone_is_open(self):
        pinned = environments.CONSTRAINTS.read_text().splitlines()
        left = environments.without_watcher(
            '\n'.join(pinned) + '\n'
        ).splitlines()
        self.assertEqual(
            [f'python-watcher=={environments.WATCHERS["17"]}'],
            sorted(set(pinned) - set(left)),
        )

    def test_interpreter_that_is_not_there(self):
        self.assertIsNone(environments.interpreter('3.0'))

    def test_interpreter_that_only_fails(self):
        shims = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        broken = shims / 'python3.12'
        broken.write_text('#!/bin/sh\nexit 127\n')
        broken.chmod(0o755)
        with mock.patch.dict(
            'os.environ', PATH=str(shims), PYENV_ROOT=str(shims)
        ):
            self.assertIsNone(environments.interpreter('3.12'))

    def test_program_that_fails(self):
        self.assertRaisesRegex(
            environments.Failed,
            'false ended with 1',
            environments.run,
            'false',
        )


def a_test(name, status='success'):
    return {'id': name, 'status': status, 'details': {}}


def tests_of(passed=0, failed=0, skipped=0):
    statuses = ['success'] * passed + ['fail'] * failed + ['skip'] * skipped
    return [a_test(f'tests.t{n}', status) for n, status in enumerate(statuses)]


def a_seen(passed=5, failed=0, skipped=0, commit='59d67be'):
    return results.summed(
        tests_of(passed, failed, skipped), commit, '2026-11-21'
    )


def a_result(end='passed', why='', python='3.12.1', watcher='16.0.2', **seen):
    return results.Result(watcher, python, end, why, seen)


class TestLook(base.TestCase):
    """What is said of an environment, whatever happens in it."""

    def setUp(self):
        super().setUp()
        self.told = io.StringIO()

    def look(self, python='/usr/bin/python3', make=None, **tests):
        with (
            mock.patch.object(
                environments, 'interpreter', return_value=python
            ),
            mock.patch.object(environments, 'make', side_effect=make),
            mock.patch.object(environments, 'version', return_value='3.12.1'),
            contextlib.redirect_stdout(self.told),
        ):
            return compat.look(
                RELEASE, lambda _python: tests, pathlib.Path('work')
            )

    def test_no_interpreter(self):
        self.assertEqual(
            a_result('skipped', 'no python3.12', '3.12'),
            self.look(python=None, unit=tests_of(1)),
        )

    def test_counts(self):
        seen = self.look(unit=tests_of(8, 1, 2)).seen['unit']
        self.assertEqual(
            (8, 1, 2, ['tests.t8']),
            (seen.passed, seen.failed, seen.skipped, seen.failures),
        )

    def test_commit_and_date(self):
        seen = self.look(unit=tests_of(1)).seen['unit']
        self.assertTrue(
            seen.commit.startswith(commit.state().removesuffix('-dirty'))
        )
        self.assertRegex(seen.date, r'^\d{4}-\d\d-\d\d$')

    def test_failures_are_told(self):
        self.look(unit=[a_test('tests.a'), a_test('tests.b', 'fail')])
        self.assertEqual('fail: tests.b', self.told.getvalue().strip())

    def test_not_installed(self):
        self.assertEqual(
            a_result('failed', 'pip ended with 1'),
            self.look(
                make=environments.Failed('pip ended with 1'), unit=tests_of(1)
            ),
        )


@ddt.ddt
class TestSuites(base.TestCase):
    def test_contract_is_told_from_the_rest(self):
        stream = [
            a_test('tests.unit.contract.test_contract.T.test_a'),
            a_test('tests.unit.core.test_drain.T.test_b'),
        ]
        drawn = tests_of(1, 0)
        with mock.patch.object(suites, '_run', side_effect=[stream, drawn]):
            found = suites.unit(pathlib.Path('python'))
        self.assertEqual(
            {'contract': stream[:1], 'unit': [*stream[1:], *drawn]}, found
        )

    @ddt.named_data(
        # name, tests that failed, status of the run, names of those that did
        ('passed',       0, 0, []),
        ('failed',       1, 1, ['tests.t5']),
        ('not_imported', 0, 2, ['the run ended with 2']),
    )  # fmt: skip
    @ddt.unpack
    def test_run_that_ended_badly(self, failed, status, expected):
        tests = suites.whole(tests_of(5, failed), status)
        self.assertEqual(
            expected, [one['id'] for one in tests if one['status'] == 'fail']
        )


@ddt.ddt
class TestMerged(base.TestCase):
    """What is kept of earlier runs."""

    @ddt.named_data(
        # name, tests of this run, end, why
        ('passed',       (9, 0, 0), 'passed', ''),
        ('some_skipped', (8, 0, 1), 'passed', ''),
        ('one_failed',   (8, 1, 0), 'failed', 'unit: tests.t8'),
        ('more_failed',  (7, 3, 0), 'failed', 'unit: tests.t7, and 2 more'),
        ('none_was_run', (0, 0, 0), 'failed', 'unit: no test passed'),
        ('all_skipped',  (0, 0, 9), 'failed', 'unit: no test passed'),
    )  # fmt: skip
    @ddt.unpack
    def test_end(self, counts, end, why):
        result = results.merged(
            a_result(contract=a_seen(), unit=a_seen(*counts)), None
        )
        self.assertEqual((end, why), (result.end, result.why))

    @ddt.named_data(
        # name, tests of this run, earlier functional tests, end, why
        ('both_passed',  (9, 0), (7, 0), 'passed', ''),
        ('this_failed',  (8, 1), (7, 0), 'failed', 'unit: tests.t8'),
        ('that_failed',  (9, 0), (6, 1), 'failed', 'functional: tests.t6'),
    )  # fmt: skip
    @ddt.unpack
    def test_other_tests(self, counts, earlier, end, why):
        before = a_result(functional=a_seen(*earlier, commit='072f39f'))
        result = results.merged(a_result(unit=a_seen(*counts)), before)
        self.assertEqual((end, why), (result.end, result.why))
        self.assertEqual(['functional', 'unit'], sorted(result.seen))
        self.assertEqual(
            ['072f39f', '59d67be'],
            [result.seen[kind].commit for kind in sorted(result.seen)],
        )

    def test_same_tests(self):
        before = a_result(unit=a_seen(3, 4, commit='072f39f'))
        self.assertEqual(
            a_result(unit=a_seen(9)),
            results.merged(a_result(unit=a_seen(9)), before),
        )

    def test_not_installed_this_time(self):
        before = a_result(functional=a_seen())
        self.assertEqual(
            a_result('failed', 'pip ended with 1', functional=a_seen()),
            results.merged(a_result('failed', 'pip ended with 1'), before),
        )

    @ddt.named_data(
        # name, what was there before
        ('other_watcher', {'watcher': '16.0.1'}),
        ('other_python', {'python': '3.12.0'}),
    )
    def test_is_not_mixed(self, before):
        result = a_result(unit=a_seen())
        self.assertEqual(
            a_result(unit=a_seen()),
            results.merged(result, a_result(functional=a_seen(), **before)),
        )

    def test_no_interpreter_this_time(self):
        before = a_result(unit=a_seen())
        skipped = a_result('skipped', 'no python3.12', '3.12')
        self.assertEqual(before, results.merged(skipped, before))
        self.assertEqual(skipped, results.merged(skipped, None))


@ddt.ddt
class TestRefusal(base.TestCase):
    TOLD = tuple(
        f"Could not load '{name}': this needs python-watcher 16"
        for name in refusal.names()
    )
    OTHERS = ('loaded host_maintenance', 'loaded cluster_maintaining')

    def test_names(self):
        config = configparser.ConfigParser()
        config.read(pathlib.Path(__file__).parents[3] / 'setup.cfg')
        offered = [
            line.partition(' = ')[0]
            for group, lines in config['entry_points'].items()
            if group.startswith('watcher_')
            for line in lines.strip().splitlines()
        ]
        self.assertEqual(sorted(offered), refusal.names())

    @ddt.named_data(
        # name, what is printed, what is wrong with it
        ('told',    [*TOLD, *OTHERS], None),
        ('silent',  OTHERS, 'told of'),
        ('but_one', [*TOLD[1:], *OTHERS], 'told of'),
        ('twice',   [*TOLD, TOLD[0], *OTHERS], 'told of'),
        ('loaded',  [*TOLD, 'loaded verify_host_empty'],
         r"loaded \['verify_host_empty'\]"),
    )  # fmt: skip
    @ddt.unpack
    def test_see(self, lines, wrong):
        with mock.patch.object(
            refusal, '_said', return_value='\n'.join(lines)
        ):
            if wrong is None:
                self.assertIn('25 names', refusal.see(pathlib.Path('python')))
                return
            self.assertRaisesRegex(
                environments.Failed, wrong, refusal.see, pathlib.Path('python')
            )


class TestTable(base.TestCase):
    def test_rows(self):
        said = results.table(
            {
                '17-py311': a_result(
                    python='3.11.7',
                    watcher='17.0.0',
                    contract=a_seen(),
                    unit=a_seen(90, 0, 2, commit='072f39f'),
                ),
                '17-py312': a_result(
                    'failed',
                    'unit: tests.t5_',
                    watcher='17.0.0',
                    unit=a_seen(5, 1, commit=''),
                ),
                '16-py312': a_result('skipped', 'no python3.12', '3.12'),
            }
        )
        self.assertEqual(
            [
                'python-watcher Python Contract Unit Functional '
                'Result of what was run',
                '16.0.2 3.12 not run not run not run skipped: no python3.12',
                '17.0.0 3.11.7 5 passed (59d67be, 2026-11-21) '
                '90 passed, 2 skipped (072f39f, 2026-11-21) not run passed',
                '17.0.0 3.12.1 not run 5 passed, 1 failed (?, 2026-11-21) '
                'not run failed: ``unit: tests.t5_``',
            ],
            [
                ' '.join(re.findall(r'- (.+)', row))
                for row in said.split('   * ')[1:]
            ],
        )

    def test_is_what_was_seen(self):
        self.assertEqual(
            results.table(results.load()), results.TABLE.read_text()
        )

    def test_is_kept(self):
        directory = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory())
        )
        kept = {'17-py311': a_result(unit=a_seen(3, 1))}
        with (
            mock.patch.object(results, 'RESULTS', directory / 'results'),
            mock.patch.object(results, 'TABLE', directory / 'table'),
        ):
            self.assertEqual({}, results.load())
            results.save(kept)
            self.assertEqual(kept, results.load())
