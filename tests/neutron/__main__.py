# SPDX-License-Identifier: Apache-2.0

"""Run the tests with Neutron: ``python -m tests.neutron [NAME...]``.

NEUTRON_PYTHON is the interpreter of an environment that has Neutron. Where
there is none nothing is run, and that is no success: the last line begins
with SKIPPED, and the exit status is :data:`SKIPPED`.
"""

import os
import subprocess
import sys
import unittest

from collections.abc import Sequence


#: The exit status that Automake and Meson take for a test that was skipped.
SKIPPED = 77
_TESTS = ('tests.neutron.test_ports', 'tests.neutron.test_placement')


def main(arguments: Sequence[str]) -> int:
    """Run tests, by default all of them, and return the exit status."""
    problem = _import(os.environ.get('NEUTRON_PYTHON', ''))
    if problem:
        print(
            f'SKIPPED: NEUTRON_PYTHON has no Neutron: {problem}; pip install '
            '-r tests/neutron/requirements.txt'
        )
        return SKIPPED
    done = unittest.main(
        module=None,
        exit=False,
        argv=['tests.neutron', '-v', *(arguments or _TESTS)],
    )
    return 0 if done.result.wasSuccessful() else 1


def _import(python: str) -> str:
    """Return why an interpreter does not import Neutron; '' if it does."""
    if not python:
        return 'it is not set'
    try:
        done = subprocess.run(
            [python, '-W', 'ignore', '-c', 'import neutron.server'],
            check=False,
            capture_output=True,
            text=True,
        )
    except OSError as exc:
        return str(exc)
    lines = done.stderr.strip().splitlines() or [f'status {done.returncode}']
    return lines[-1] if done.returncode else ''


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
