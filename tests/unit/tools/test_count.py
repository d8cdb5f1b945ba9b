# SPDX-License-Identifier: Apache-2.0

import contextlib
import io

from unittest import mock

import ddt
import subunit

from tests.unit import base
from tools import count


def a_stream(*statuses):
    """A run in which each test ended with one of the statuses."""
    stream = io.BytesIO()
    result = subunit.StreamResultToBytes(stream)
    for number, status in enumerate(statuses):
        test = f'tests.test_{number}'
        result.status(test_id=test, test_status='inprogress')
        if status != 'inprogress':
            result.status(test_id=test, test_status=status)
    stream.seek(0)
    return stream


@ddt.ddt
class TestCount(base.TestCase):
    @ddt.named_data(
        # name, statuses, expected passed, failed, skipped
        ('none',               [],                       (0, 0, 0)),
        ('passed',             ['success', 'success'],   (2, 0, 0)),
        ('failed',             ['success', 'fail'],      (1, 1, 0)),
        ('skipped',            ['skip', 'success'],      (1, 0, 1)),
        ('expected_failure',   ['xfail'],                (1, 0, 0)),
        ('unexpected_success', ['uxsuccess'],            (0, 1, 0)),
        ('never_ended',        ['inprogress'],           (0, 1, 0)),
        ('only_listed',        ['exists'],               (0, 0, 0)),
    )  # fmt: skip
    @ddt.unpack
    def test_one_run(self, statuses, expected):
        self.assertEqual(
            expected, count.count(count.read([a_stream(*statuses)]))
        )

    def test_runs_are_added(self):
        runs = [a_stream('success', 'fail'), a_stream('success', 'skip')]
        self.assertEqual((2, 1, 1), count.count(count.read(runs)))


class TestFailures(base.TestCase):
    def test_names_and_ends_of_traces(self):
        stream = io.BytesIO()
        result = subunit.StreamResultToBytes(stream)
        result.status(test_id='tests.test_a', test_status='success')
        result.status(
            test_id='tests.test_b',
            test_status='fail',
            file_name='traceback',
            mime_type='text/plain; charset=utf8',
            file_bytes=b'Traceback:\n' + b'deep\n' * 50 + b'Error: 1 != 2\n',
        )
        stream.seek(0)

        [told] = count.failures(count.read([stream]))

        self.assertEqual('fail: tests.test_b', told.splitlines()[0])
        self.assertEqual('Error: 1 != 2', told.splitlines()[-1])
        self.assertNotIn('Traceback', told)

    def test_a_test_that_never_ended(self):
        self.assertEqual(
            ['inprogress: tests.test_0\n'],
            count.failures(count.read([a_stream('inprogress', 'success')])),
        )


@ddt.ddt
class TestChecked(base.TestCase):
    @ddt.named_data(
        # name, counts, parts that failed, expected
        ('all_well',      (2, 0, 1), [],                 (2, 0, 1)),
        ('test_failed',   (2, 3, 1), ['tests'],          (2, 3, 1)),
        ('suite_ended',   (2, 0, 1), ['tests'],          (2, 1, 1)),
        ('none_ran',      (0, 0, 0), ['tests'],          (0, 1, 0)),
        ('property_ended', (2, 0, 1), ['property'],      (2, 1, 1)),
        ('no_suite',      (2, 0, 1), ['lint', 'types'],  (2, 0, 1)),
    )  # fmt: skip
    @ddt.unpack
    def test_suites(self, counts, parts, expected):
        self.assertEqual(expected, count.checked(counts, parts))


@ddt.ddt
class TestMain(base.TestCase):
    @ddt.named_data(
        # name, statuses, parts that failed, exit status, last line
        (
            'passed',
            ['success', 'skip'],
            [],
            0,
            '1 passed, 0 failed, 1 skipped',
        ),
        (
            'failed',
            ['success', 'fail'],
            ['tests'],
            1,
            '1 passed, 1 failed, 0 skipped',
        ),
        ('skipped', ['skip'], [], 1, '0 passed, 0 failed, 1 skipped'),
        ('none', [], [], 1, '0 passed, 0 failed, 0 skipped'),
        (
            'suite_ended',
            ['success'],
            ['tests'],
            1,
            '1 passed, 1 failed, 0 skipped',
        ),
        ('style', ['success'], ['lint'], 0, '1 passed, 0 failed, 0 skipped'),
    )
    @ddt.unpack
    def test_ends(self, statuses, parts, expected, line):
        self.enterContext(
            mock.patch.object(
                count, '_kept_runs', lambda: [a_stream(*statuses)]
            )
        )
        out = self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))
        self.assertEqual(expected, count.main(parts))
        self.assertEqual(f'{line}\n', out.getvalue())
