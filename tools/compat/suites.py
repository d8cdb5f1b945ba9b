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

"""The tests that run in an environment."""

import os
import pathlib
import subprocess
import tempfile

from collections.abc import Sequence

from tools import count
from tools.compat import environments


Counts = tuple[int, int, int]

#: Where the tests of a kind are that is run together with others.
_CONTRACT = 'tests.unit.contract.'

_UNIT = ('-m', 'stestr.subunit_runner.run', 'discover', '-t', './')
_FUNCTIONAL = ('-m', 'stestr', '--test-path', 'tests/functional', 'run',
               '--concurrency', '2', '--subunit')

#: Prints the names of ours that Watcher has.
_LOADED = """
import logging
logging.basicConfig(level=logging.ERROR)
from watcher.decision_engine.loading import default
for loader in (default.DefaultGoalLoader, default.DefaultStrategyLoader):
    print(*sorted(loader().list_available()))
"""


def unit(python: pathlib.Path) -> dict[str, Counts]:
    """Run the unit tests under an interpreter, in one process.

    :returns: numbers of tests passed, failed and skipped: those of the
        contract with Watcher, and all others
    """
    with tempfile.TemporaryFile() as stream:
        ended = _run(python, (*_UNIT, 'tests/unit'), stream)
        stream.seek(0)
        tests = count.read([stream])
    counts = {
        kind: count.count(tests, lambda name, wanted=contract:
                          name.startswith(_CONTRACT) is wanted)
        for kind, contract in (('contract', True), ('unit', False))}
    return checked(counts, ended)


def contract(python: pathlib.Path) -> dict[str, Counts]:
    """Run those of the contract alone, in seconds."""
    with tempfile.TemporaryFile() as stream:
        ended = _run(python, (*_UNIT, 'tests/unit/contract'), stream)
        stream.seek(0)
        return checked({'contract': count.count(count.read([stream]))}, ended)


def functional(python: pathlib.Path) -> dict[str, Counts]:
    """Run the functional tests under an interpreter."""
    with tempfile.TemporaryFile() as stream:
        ended = _run(python, _FUNCTIONAL, stream)
        stream.seek(0)
        counts = count.count(count.read([stream]))
    return checked({'functional': counts}, ended)


def checked(counts: dict[str, Counts], ended: int) -> dict[str, Counts]:
    """Count one more as failed where a run failed and no test did.

    A module that cannot be imported is such a case.
    """
    if ended and not any(failed for _passed, failed, _skipped
                         in counts.values()):
        last = list(counts)[-1]
        passed, _failed, skipped = counts[last]
        counts[last] = (passed, 1, skipped)
    return counts


def _run(python: pathlib.Path, arguments: Sequence[str],
         stream: object) -> int:
    path = f'{python.parent}{os.pathsep}{os.environ["PATH"]}'
    return subprocess.run(
        [python, *arguments], cwd=environments.ROOT, stdout=stream,
        check=False, env={**os.environ, 'PYTHONWARNINGS': 'ignore',
                          'PATH': path}).returncode


def names_loaded(python: pathlib.Path) -> str:
    """What Watcher logs and prints when it looks for goals and strategies."""
    return environments.run(
        str(python), '-c', _LOADED, '--config-file', os.devnull)
