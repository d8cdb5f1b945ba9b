# SPDX-License-Identifier: Apache-2.0

"""Run the real command line, and show it the way it is typed."""

import os
import shlex
import subprocess
import sys

from collections.abc import Mapping
from collections.abc import Sequence

from demo.judge import NotAsTold
from minicloud.environment import clean


TIMEOUT_S = 120
"""Seconds that a command may take, unless it is given more."""


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
        'COLUMNS': str(width),
        'CLIFF_FIT_WIDTH': '1',
        **variables,
    }


def run(
    words: Sequence[str],
    env: Mapping[str, str],
    status: int = 0,
    timeout_s: int = TIMEOUT_S,
) -> str:
    """Run a command to its end and return what it prints on stdout.

    Its stderr goes to our stdout at once: a progress bar moves there.

    :param status: with which it has to end
    :raises NotAsTold: it ended with another one, or took too long
    """
    try:
        done = subprocess.run(
            words,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            check=False,
            stdout=subprocess.PIPE,
            stderr=sys.__stdout__,
            text=True,
            timeout=timeout_s,
        )
    except FileNotFoundError as exc:
        raise NotAsTold(f'There is no command "{words[0]}"') from exc
    except subprocess.TimeoutExpired as exc:
        raise NotAsTold(
            f'"{shlex.join(words)}" took over {timeout_s} s'
        ) from exc
    if done.returncode != status:
        raise NotAsTold(
            f'"{shlex.join(words)}" ended with status {done.returncode}, '
            f'not {status}'
        )
    return done.stdout
