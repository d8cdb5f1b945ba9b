# SPDX-License-Identifier: Apache-2.0

"""The rolling maintenance that the demo tells, checked as it is told."""

import pathlib

from collections.abc import Mapping
from typing import Any

from demo import judge
from demo import picture
from demo import plan as plans
from demo import tables
from demo.operator import Operator


HOOK = """#!/bin/sh
sleep 2
echo patched
"""
"""What works on a host in the demo."""

NOVA_OPTIONS = {'DEFAULT': {'report_interval': 1}}
"""A host that returns is waited for until it has reported."""

_TIMEOUT_S = 300


def watcher_options(directory: pathlib.Path) -> dict[str, Mapping[str, Any]]:
    """Write the hook, and return what watcher.conf has to say of it.

    :param directory: of nobody else
    """
    hook = directory / 'patch'
    hook.write_text(HOOK)
    hook.chmod(0o700)
    return {
        'watcher_strategies.cluster_host_return': {'return_wait_s': 60},
        'watcher_strategies.cluster_rolling_maintenance': {
            'hooks_dir': str(directory),
            'exec_hooks': 'patch',
        },
    }


def roll(operator: Operator) -> None:
    """Maintain all hosts, two at a time."""
    before = picture.take(operator.lab)
    hosts = ' '.join(before.hosts)
    screen = operator.screen
    screen.title('Maintain four hosts, at most two at a time')
    screen.say(
        'All of them need a patch, and none is empty. In which order can '
        'they be emptied, and is there room for all servers at each step? '
        'This only reads:'
    )
    operator.types(
        f'openstack maintenance roll check {hosts} --parallel 2 '
        '-c Wave -c Nodes -c Moves'
    )
    judge.require(judge.unchanged(before, picture.take(operator.lab)))
    screen.say(
        'So Watcher does it: it empties the hosts of a wave, has the hook '
        '"patch" work on them, returns them to service, looks whether they '
        'are fit, and goes on with the next wave. The hook of this demo '
        'sleeps for two seconds:'
    )
    operator.types(
        f'openstack maintenance roll start {hosts} --parallel 2 --hook patch '
        '--interval 2 --name rack-7 --wait '
        '-c state -c nodes -c done -c moves -c least_moves',
        timeout_s=_TIMEOUT_S,
    )
    audit = operator.lab.audit('rack-7')
    steps = sorted(
        operator.lab.action_plans(audit), key=lambda plan: plan['created_at']
    )
    moves = [
        move
        for step in steps
        for move in plans.moves(operator.lab.actions(step))
    ]
    after, complaints = operator.settled(
        lambda now: judge.rolled(before, now, moves)
    )
    screen.table(tables.hosts(after), tables.legend())
    judge.require(complaints)
    screen.seen(
        f'All {len(after.hosts)} hosts are patched and back in service.',
        f'All {len(after.servers)} servers are as they were; the moves were '
        f'{len(moves)}, and no server moved more than twice.',
    )
