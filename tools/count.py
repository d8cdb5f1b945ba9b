# SPDX-License-Identifier: Apache-2.0

"""Print which tests failed, and how many passed, failed and were skipped.

Each ``stestr run`` adds one run to the repository ``.stestr``; all that are
kept count. Arguments are the parts of ``.ci/run`` that failed. The exit
status is not zero when a test failed or none passed.
"""

import sys

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from typing import cast

import subunit
import testtools

from stestr.repository import abstract
from stestr.repository import util


_PASSED = ('success', 'xfail')
_SKIPPED = ('skip',)
# Listed only; anything else, such as a test that never ended, has failed.
_NOT_RUN = ('exists',)
# What a failure says of itself: the end of its trace.
_LINES_TOLD = 12

#: The parts of .ci/run that add runs.
_SUITES = ('tests', 'property')

Test = dict[str, Any]
Counts = tuple[int, int, int]


def read(streams: Iterable[Any]) -> list[Test]:
    """Return each test of subunit streams, as testtools tells it.

    :param streams: binary files in subunit v2
    """
    found: list[Test] = []
    for stream in streams:
        result: Any = testtools.StreamToDict(cast(Any, found.append))
        result.startTestRun()
        subunit.ByteStreamToStreamResult(stream, 'stdout').run(result)
        result.stopTestRun()
    return found


def count(tests: Sequence[Test]) -> tuple[int, int, int]:
    """Return the numbers of tests passed, failed and skipped."""
    return (
        sum(test['status'] in _PASSED for test in tests),
        sum(map(has_failed, tests)),
        sum(test['status'] in _SKIPPED for test in tests),
    )


def failures(tests: Iterable[Test]) -> list[str]:
    """Tell of each test that failed its name and the end of its trace."""
    return [
        f'{test["status"]}: {test["id"]}\n{_end_of_trace(test)}'
        for test in tests
        if has_failed(test)
    ]


def has_failed(test: Test) -> bool:
    """Tell whether a test failed, or never ended."""
    return test['status'] not in (*_PASSED, *_SKIPPED, *_NOT_RUN)


def _end_of_trace(test: Test) -> str:
    trace = test['details'].get('traceback')
    lines = trace.as_text().rstrip().splitlines() if trace else []
    return '\n'.join(lines[-_LINES_TOLD:])


def _kept_runs() -> Iterable[Any]:
    try:
        repository = util.get_repo_open()
    except abstract.RepositoryNotFound:
        return
    for run in range(repository.count()):
        yield repository.get_test_run(run).get_subunit_stream()


def checked(counts: Counts, parts: Iterable[str]) -> Counts:
    """Count one as failed where a suite failed and no test did.

    A module that cannot be imported is such a case, an installation that
    failed another.

    :param parts: those of .ci/run that failed
    """
    passed, failed, skipped = counts
    if not failed and not set(_SUITES).isdisjoint(parts):
        failed = 1
    return passed, failed, skipped


def main(parts: Sequence[str]) -> int:
    """Tell the failures that the repository holds, and count in one line."""
    tests = read(_kept_runs())
    for failure in failures(tests):
        print(failure, file=sys.stderr)
    passed, failed, skipped = checked(count(tests), parts)
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return int(failed > 0 or passed == 0)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
