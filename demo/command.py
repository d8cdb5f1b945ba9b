# SPDX-License-Identifier: Apache-2.0

"""Run the real command line, and show it the way it is typed."""

import os
import re
import shlex
import subprocess
import sys

from collections.abc import Mapping
from collections.abc import Sequence

from demo.judge import NotAsTold
from minicloud.environment import clean


_TIMEOUT_S = 120
_UUID = re.compile(r'\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b')


def typed(words: Sequence[str], width: int) -> str:
    """Write a command as one types it, long ones on several lines."""
    lines, line = [], '$'
    for unit in _units(words):
        if len(line) + len(unit) + 3 > width:
            lines.append(line + ' \\')
            line = '   '
        line += ' ' + unit
    return '\n'.join([*lines, line])


def _units(words: Sequence[str]) -> list[str]:
    """Keep each option together with its value."""
    units: list[str] = []
    for number, word in enumerate(words):
        is_value = (
            number
            and words[number - 1].startswith('-')
            and not word.startswith('-')
        )
        if is_value:
            units[-1] += ' ' + shlex.quote(word)
        else:
            units.append(shlex.quote(word))
    return units


def environment(variables: Mapping[str, str], width: int) -> dict[str, str]:
    """Build the environment of a command: ours, but for other clouds.

    :param variables: those that lead to the cloud
    :param width: columns that a table may take
    """
    kept = {
        name: value
        for name, value in clean().items()
        if not name.startswith(('CLIFF_', 'PYTHONWARNINGS'))
    }
    path = os.pathsep.join(
        [os.path.dirname(sys.executable), kept.get('PATH', os.defpath)]
    )
    return {
        **kept,
        'PATH': path,
        'PYTHONWARNINGS': 'ignore',
        'CLIFF_MAX_TERM_WIDTH': str(width),
        'CLIFF_FIT_WIDTH': '1',
        **variables,
    }


def run(words: Sequence[str], env: Mapping[str, str]) -> str:
    """Run a command to its end and return what it printed.

    :raises NotAsTold: it failed, or took too long
    """
    try:
        done = subprocess.run(
            words,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            check=True,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
        )
    except FileNotFoundError as exc:
        raise NotAsTold(f'There is no command "{words[0]}"') from exc
    except subprocess.CalledProcessError as exc:
        raise NotAsTold(
            f'"{shlex.join(words)}" ended with status {exc.returncode}:\n'
            f'{exc.stderr.strip()}'
        ) from exc
    except subprocess.TimeoutExpired as exc:
        raise NotAsTold(
            f'"{shlex.join(words)}" took over {_TIMEOUT_S} s'
        ) from exc
    return done.stdout


def find_uuid(printed: str) -> str:
    """Pick the UUID of what a command has made out of what it printed.

    :raises NotAsTold: there is none
    """
    found = _UUID.search(printed)
    if not found:
        raise NotAsTold(f'No UUID in what was printed:\n{printed}')
    return found.group()
