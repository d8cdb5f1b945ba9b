# SPDX-License-Identifier: Apache-2.0

"""Whether a Watcher that is too old is told so, and loads nothing of ours."""

import configparser
import os
import pathlib
import re

from tools.compat import environments


#: Looks for all that the services of Watcher look for.
_LOOK = """
import logging
logging.basicConfig(level=logging.ERROR)
from watcher.applier.loading import default as applier
from watcher.decision_engine.loading import default as engine
for loader in (engine.DefaultGoalLoader, engine.DefaultStrategyLoader,
               engine.DefaultPlannerLoader, applier.DefaultActionLoader):
    for name in loader().list_available():
        print('loaded', name)
"""


def names() -> list[str]:
    """List what the plugin offers to Watcher: goal, strategy and so on."""
    setup = configparser.ConfigParser()
    setup.read(environments.ROOT / 'setup.cfg')
    return sorted(
        line.partition(' = ')[0]
        for group, lines in setup['entry_points'].items()
        if group.startswith('watcher_')
        for line in lines.split('\n')
        if line
    )


def see(python: pathlib.Path) -> str:
    """Look with the old Watcher for all that it may load.

    :raises environments.Failed: it does load something of ours, or is not
        told why not, once for each name
    """
    said = _said(python)
    told = sorted(
        re.findall(r"Could not load '(\w+)': .* needs python-watcher", said)
    )
    if told != names():
        raise environments.Failed(f'told of {told}, not of {names()}')
    if loaded := set(re.findall('^loaded (.+)$', said, re.MULTILINE)) & set(
        told
    ):
        raise environments.Failed(f'loaded {sorted(loaded)}')
    return f'refused in one line for each of {len(told)} names'


def _said(python: pathlib.Path) -> str:
    return environments.run(
        str(python), '-c', _LOOK, '--config-file', os.devnull
    )
