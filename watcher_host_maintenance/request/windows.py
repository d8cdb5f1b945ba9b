# SPDX-License-Identifier: Apache-2.0

"""The times of an audit: its window, and until when owners may answer."""

import time

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.request import times


STARTS, ENDS, DURATION, CLOSE = 'starts', 'ends', 'duration', 'close'

ANSWER_BY = 'answer_by'
NOTICE_PERIOD = 'notice_period'

SCHEMA: dict[str, Any] = {
    STARTS: {
        'description': 'Nothing begins before this time: a date and time of '
        'ISO 8601 with a zone, such as 2026-12-01T21:00Z.',
        **times.TIME,
    },
    ENDS: {
        'description': 'Nothing begins at this time or later, nor what is '
        'thought to end later. What has begun is not interrupted. As starts.',
        **times.TIME,
    },
    DURATION: {
        'description': 'A window of this length begins at each run of a '
        'CONTINUOUS audit with a cron interval: a number of minutes, or a '
        'duration of ISO 8601 such as PT4H.',
        **times.DURATION,
    },
    CLOSE: {
        'description': 'When the nodes are disabled: when the window begins, '
        'or at once.',
        'type': 'string',
        'enum': [CloseAt.START.value, CloseAt.NOW.value],
        'default': CloseAt.START.value,
    },
}
"""JSON schema of the parameters."""


def are_in(given: Mapping[str, Any]) -> bool:
    """Return True if parameters give an audit a window."""
    return any(name in given for name in (STARTS, ENDS, DURATION))


def fields(given: Mapping[str, Any], now_s: int | None) -> dict[str, Any]:
    """Return the fields of a request that are times.

    With a duration, a window begins now. It may be one of many between
    ``starts`` and ``ends``.

    :param given: the parameters
    :param now_s: seconds since 1970-01-01 00:00 UTC; None reads the clock
    :returns: without the time of now, unless something depends on it
    :raises InvalidDocument: a parameter is no time, or contradicts another
    """
    values: dict[str, Any] = {}
    now_s = int(time.time()) if now_s is None else now_s
    if ANSWER_BY in given:
        values['answer_by_s'] = seconds(given, ANSWER_BY)
    if given.get('owners') == Owners.WAIT.value:
        _check_answers(given)
    if tells_owners(given):
        values['now_s'] = now_s
    if are_in(given):
        values |= {'now_s': now_s, 'window': _window(given, now_s)}
    return values


def tells_owners(given: Mapping[str, Any]) -> bool:
    """Return True if parameters have the owners of servers told."""
    return bool(
        given.get('owners', Owners.IGNORE.value) != Owners.IGNORE.value
    )


def _check_answers(given: Mapping[str, Any]) -> None:
    """Refuse to wait for owners until no time, or until it is too late.

    :raises InvalidDocument: it is one of these
    """
    answer_by_s, ends_s = seconds(given, ANSWER_BY), seconds(given, ENDS)
    has_time = STARTS in given or bool(given.get(NOTICE_PERIOD))
    if answer_by_s is None and not has_time:
        raise InvalidDocument(
            'owners', 'wait needs a time: starts or answer_by'
        )
    if answer_by_s is None or ends_s is None:
        return
    if answer_by_s >= ends_s:
        problem = f'{given[ANSWER_BY]!r} is not before ends'
        raise InvalidDocument(ANSWER_BY, problem)


def named_hosts(given: Mapping[str, Any]) -> frozenset[str]:
    """Return the hostnames that parameters name, of any strategy."""
    single = given.get('maintenance_node')
    several = [
        *(given.get('maintenance_nodes') or ()),
        *(given.get('frozen_nodes') or ()),
    ]
    return frozenset(several if single is None else (*several, single))


def identity(given: Mapping[str, Any], interval: str) -> Any:
    """Return what tells the windows of parameters from those of others.

    :param interval: of the audit
    :returns: None without a window, or if a parameter is invalid, as it may
        be in an audit of another strategy
    """
    try:
        times_s = seconds(given, STARTS), seconds(given, ENDS)
        duration_s = (
            times.to_duration_s(given[DURATION]) if DURATION in given else None
        )
    except (InvalidDocument, TypeError, times.BadTime):
        return None
    window = (*times_s, duration_s, interval if duration_s else '')
    return window if any(window) else None


def _window(given: Mapping[str, Any], now_s: int) -> dict[str, int | None]:
    """Return the fields of the window; see :func:`fields`."""
    starts_s = seconds(given, STARTS) or 0
    ends_s = seconds(given, ENDS)
    if ends_s is not None and ends_s <= starts_s:
        raise InvalidDocument(ENDS, f'{given[ENDS]!r} is not after starts')
    if DURATION in given:
        try:
            duration_s = times.to_duration_s(given[DURATION])
        except times.BadTime as exc:
            raise InvalidDocument(DURATION, str(exc)) from exc
        if starts_s <= now_s and (ends_s is None or now_s < ends_s):
            starts_s = now_s
            ends_s = min(now_s + duration_s, ends_s or now_s + duration_s)
    return {'starts_s': starts_s, 'ends_s': ends_s}


def seconds(given: Mapping[str, Any], name: str) -> int | None:
    """Return a time that is given; None if it is not.

    :raises InvalidDocument: it is no time
    """
    if name not in given:
        return None
    try:
        return times.to_seconds(given[name])
    except times.BadTime as exc:
        raise InvalidDocument(name, str(exc)) from exc
