# SPDX-License-Identifier: Apache-2.0

"""The tests that run in an environment."""

import os
import pathlib
import subprocess
import tempfile

from collections.abc import Sequence

from tools import count
from tools.compat import environments


#: Kind -> its tests, as :mod:`tools.count` reads them.
Tests = dict[str, list[count.Test]]

#: Where the tests of a kind are that is run together with others.
_CONTRACT = 'tests.unit.contract.'

_UNIT = ('-m', 'stestr.subunit_runner.run', 'discover', '-t', './')
_FUNCTIONAL = (
    '-m',
    'stestr',
    '--test-path',
    'tests/functional',
    'run',
    '--concurrency',
    '2',
    '--subunit',
)


def unit(python: pathlib.Path) -> Tests:
    """Run unit and property tests under an interpreter, a process each.

    :returns: those of the contract with Watcher, and all others
    """
    found: Tests = {'contract': [], 'unit': []}
    for test in (
        *_run(python, (*_UNIT, 'tests/unit')),
        *_run(python, (*_UNIT, 'tests/property')),
    ):
        ours = test['id'].startswith(_CONTRACT)
        found['contract' if ours else 'unit'].append(test)
    return found


def contract(python: pathlib.Path) -> Tests:
    """Run those of the contract alone, in seconds."""
    return {'contract': _run(python, (*_UNIT, 'tests/unit/contract'))}


def functional(python: pathlib.Path) -> Tests:
    """Run the functional tests under an interpreter."""
    return {'functional': _run(python, _FUNCTIONAL)}


def _run(python: pathlib.Path, arguments: Sequence[str]) -> list[count.Test]:
    path = f'{python.parent}{os.pathsep}{os.environ["PATH"]}'
    with tempfile.TemporaryFile() as stream:
        ended = subprocess.run(
            [python, *arguments],
            cwd=environments.ROOT,
            stdout=stream,
            check=False,
            env={**os.environ, 'PYTHONWARNINGS': 'ignore', 'PATH': path},
        ).returncode
        stream.seek(0)
        return whole(count.read([stream]), ended)


def whole(tests: Sequence[count.Test], ended: int) -> list[count.Test]:
    """Add a test that failed where a run failed and no test did.

    A module that cannot be imported is such a case.
    """
    if not ended or any(map(count.has_failed, tests)):
        return [*tests]
    run = {
        'id': f'the run ended with {ended}',
        'status': 'fail',
        'details': {},
    }
    return [*tests, run]
