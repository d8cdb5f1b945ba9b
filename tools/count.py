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

"""Print how many tests passed, failed and were skipped, in all runs kept.

Each ``stestr run`` adds one run to the repository ``.stestr``. The exit
status is not zero when a test failed or none ran.
"""

import collections
import sys

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

import subunit
import testtools

from stestr.repository import abstract
from stestr.repository import util


_PASSED = ('success', 'xfail')
_SKIPPED = ('skip',)
# Listed only; anything else, such as a test that never ended, has failed.
_NOT_RUN = ('exists',)


def count(streams: Iterable[Any],
          wanted: Callable[[str], object] = bool) -> tuple[int, int, int]:
    """Count the tests in subunit streams.

    :param streams: binary files in subunit v2
    :param wanted: tells by its name whether a test is counted
    :returns: numbers of tests passed, failed and skipped
    """
    statuses: collections.Counter[str] = collections.Counter()

    def note(test: dict[str, Any]) -> None:
        if wanted(test['id']):
            statuses[test['status']] += 1

    for stream in streams:
        result = testtools.StreamToDict(note)
        result.startTestRun()
        subunit.ByteStreamToStreamResult(stream, 'stdout').run(result)
        result.stopTestRun()
    passed = sum(statuses.pop(status, 0) for status in _PASSED)
    skipped = sum(statuses.pop(status, 0) for status in _SKIPPED)
    for status in _NOT_RUN:
        statuses.pop(status, None)
    return passed, statuses.total(), skipped


def _kept_runs() -> Iterable[Any]:
    try:
        repository = util.get_repo_open()
    except abstract.RepositoryNotFound:
        return
    for run in range(repository.count()):
        yield repository.get_test_run(run).get_subunit_stream()


def main() -> int:
    """Count what the repository holds and say it in one line."""
    passed, failed, skipped = count(_kept_runs())
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return int(failed > 0 or passed + skipped == 0)


if __name__ == '__main__':
    sys.exit(main())
