# SPDX-License-Identifier: Apache-2.0

"""Actions, times and hints in words."""

import re

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.client.parameters import NODES
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.telling.words import name
from watcher_host_maintenance.core.telling.words import reword
from watcher_host_maintenance.osc.columns import Told


ACTION_COLUMNS = ('Action', 'Name', 'From', 'To', 'State', 'Message')

NOTICE = 'Notice'
"""The column of what owners are told, before the last two of the others."""


def describe(action: Action) -> str:
    """Return what an action does: 'live migrate web-1 to compute-2'."""
    if action.notice is not None:
        told = Told(action.notice).in_text()
        return f'tell the owner of {name(action.subject)}: {told}'
    verb = action.step.value if action.step else action.kind
    end = f' to {name(action.destination)}' if action.destination else ''
    return f'{verb} {name(action.subject)}{end}'


def action_table(
    actions: Iterable[Action],
) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    """Return actions by :data:`ACTION_COLUMNS`.

    If they tell owners, there is the column :data:`NOTICE` too.
    """
    actions = list(actions)
    if all(action.notice is None for action in actions):
        return ACTION_COLUMNS, map(_action_row, actions)
    *columns, state, message = ACTION_COLUMNS
    return (
        (*columns, NOTICE, state, message),
        (
            (*_action_row(a)[:-2], Told(a.notice), *_action_row(a)[-2:])
            for a in actions
        ),
    )


def _action_row(action: Action) -> tuple[str, ...]:
    return (
        action.step.value if action.step else action.kind,
        action.subject,
        action.source,
        action.destination,
        action.state,
        action.message,
    )


def notice_cells(notice: Notice) -> tuple[str, ...]:
    """Return state, effect, start, end, answer by, and fate of the host."""
    times = (notice.starts_s, notice.ends_s, notice.answer_by_s)
    return (
        notice.state or '',
        notice.effect or '',
        *('' if time is None else format_time(time) for time in times),
        notice.host or '',
    )


def duration(seconds: float | None) -> str:
    """Return a time as '45 s', '12 min' or '3 h 5 min'; '' is unknown."""
    if seconds is None:
        return ''
    if seconds < 100:
        return f'{seconds:.0f} s'
    minutes = round(seconds / 60)
    if minutes < 100:
        return f'{minutes} min'
    return f'{minutes // 60} h {minutes % 60} min'


def in_options(text: str) -> str:
    """Name the parameters of an audit as options: --on-blocked leave."""
    return reword(reword(text, _PARAMETER, _option), _INVALID, _argument)


def _option(match: re.Match[str]) -> str:
    name, value = match.groups()
    option = f'--{name.replace("_", "-")}'
    return option if value == 'true' else f'{option} {value}'


def _argument(match: re.Match[str]) -> str:
    name = match['name']
    return 'HOST' if name in NODES else f'--{name.replace("_", "-")}'


_NAMES = '|'.join(PARAMETERS)
_PARAMETER = re.compile(rf'-p ({_NAMES})=([\w-]+)')
_INVALID = re.compile(r'[Tt]he parameter (?P<name>\w+)(?= is invalid)')
