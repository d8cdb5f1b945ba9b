# SPDX-License-Identifier: Apache-2.0

"""The times of an audit: its window, and until when owners may answer."""

import dataclasses
import time

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.request import recurring
from watcher_host_maintenance.request import times


STARTS, ENDS, CLOSE = 'starts', 'ends', 'close'
CRON, DURATION = 'cron', 'duration'
OF_WINDOWS = (STARTS, ENDS, CRON, DURATION)

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
    CRON: {
        'description': 'A window begins at each time of this cron entry, '
        'between starts and ends: 0 22 * * * is in UTC, and '
        '0 22 * * * Europe/Berlin in that zone. Needs duration.',
        **recurring.CRON,
    },
    DURATION: {
        'description': 'The length of the windows of cron, or of those that '
        'begin at each run of a CONTINUOUS audit with a cron interval: a '
        'number of minutes, or a duration of ISO 8601 such as PT4H.',
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
    """Return True if parameters give an audit a window, or end answers."""
    return not {*OF_WINDOWS, ANSWER_BY}.isdisjoint(given)


def fields(
    given: Mapping[str, Any], now_s: int | None, interval: str = ''
) -> dict[str, Any]:
    """Return the fields of a request that are times.

    Of windows that recur it is the one that is open, or else the next one.

    :param given: the parameters
    :param now_s: seconds since 1970-01-01 00:00 UTC; None reads the clock
    :param interval: the cron entry at whose times the audit is run; '' is none
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
    if _has_window(given):
        values['now_s'] = now_s
        values |= {
            name: dataclasses.asdict(window)
            for name, window in _windows(given, now_s, interval).items()
        }
        _let_answer(given, values)
    return values


def _has_window(given: Mapping[str, Any]) -> bool:
    """Return True if nothing begins at some times."""
    return not {*OF_WINDOWS}.isdisjoint(given) or bool(_answers_until_s(given))


def _let_answer(given: Mapping[str, Any], values: dict[str, Any]) -> None:
    """Have owners who are waited for read until when they may answer.

    That is until work begins, if nothing else is said. With a notice period
    it is the window of the wave that says when.
    """
    starts_s = values['window']['starts_s']
    waits = given.get('owners') == Owners.WAIT.value
    if waits and starts_s and not given.get(NOTICE_PERIOD):
        values.setdefault('answer_by_s', starts_s)


def tells_owners(given: Mapping[str, Any]) -> bool:
    """Return True if parameters have the owners of servers told."""
    return bool(
        given.get('owners', Owners.IGNORE.value) != Owners.IGNORE.value
    )


def check_interval(
    given: Mapping[str, Any], interval: str, now_s: int | None = None
) -> None:
    """Refuse windows that may pass without a run of the audit.

    :param interval: of the audit: seconds, or a cron entry; '' is none
    :param now_s: seconds since 1970-01-01 00:00 UTC; None reads the clock
    :raises InvalidDocument: they may
    """
    if not interval.isdigit():
        if interval and CRON in given:
            raise InvalidDocument(
                CRON,
                f'the audit is run at the times of {interval!r} only; give it '
                'an interval in seconds',
            )
        if interval and DURATION not in given:
            _check_runs(given, interval, now_s)
        return
    length_s = _length_s(given)
    if length_s is not None and int(interval) > length_s:
        raise InvalidDocument(
            DURATION if DURATION in given else ENDS,
            f'the audit is run every {interval} s, so that a window of '
            f'{length_s} s may pass between two runs',
        )


def _check_runs(
    given: Mapping[str, Any], interval: str, now_s: int | None
) -> None:
    """Refuse a window in which there is no run of the audit.

    :param interval: the cron entry at whose times it is run; what only
        Watcher can read, such as ``@daily``, is left to it
    :raises InvalidDocument: there is none
    """
    now_s = int(time.time()) if now_s is None else now_s
    starts_s, ends_s = max(_begins_s(given), now_s), seconds(given, ENDS)
    if ends_s is None or ends_s <= starts_s:
        return
    try:
        runs = recurring.parse(interval, 1)
    except recurring.BadCron:
        return
    try:
        runs.within(Window(starts_s, ends_s), starts_s)
    except recurring.BadCron as exc:
        raise InvalidDocument(
            ENDS,
            f'the audit is run at the times of {interval!r} only, of which '
            'none is in its window',
        ) from exc


def _length_s(given: Mapping[str, Any]) -> int | None:
    """Return how long a window is; None if it has no end, or no begin."""
    if DURATION in given:
        windows = _recurring(given, '* * * * *')
        return windows.duration_s if windows is not None else None
    starts_s, ends_s = _begins_s(given), seconds(given, ENDS)
    return ends_s - starts_s if starts_s and ends_s is not None else None


def at(given: Mapping[str, Any], now_s: int) -> Window | None:
    """Return the window of ``cron`` that is open at a time, or the next.

    :returns: None if there is no ``cron``
    :raises InvalidDocument: a parameter is invalid
    """
    if CRON not in given:
        return None
    return _windows(given, now_s, '')['window']


def after(given: Mapping[str, Any], ends_s: int) -> Window | None:
    """Return the window of ``cron`` after the one that ends then, if any."""
    try:
        window = at(given, ends_s)
    except InvalidDocument:
        return None
    if window is None or window.is_over(ends_s):
        return None
    return window


def begins_s(given: Mapping[str, Any]) -> Iterator[int]:
    """Yield when windows begin: the first one, and that of now or the next.

    :raises InvalidDocument: a parameter is invalid
    """
    starts_s = seconds(given, STARTS)
    if starts_s is not None:
        yield starts_s
    if answers_until_s := _answers_until_s(given):
        yield answers_until_s
    window = at(given, int(time.time()))
    if window is not None:
        yield window.starts_s


def _check_answers(given: Mapping[str, Any]) -> None:
    """Refuse to wait for owners until no time, or until it is too late.

    :raises InvalidDocument: it is one of these
    """
    answer_by_s, ends_s = seconds(given, ANSWER_BY), seconds(given, ENDS)
    has_time = not {STARTS, CRON}.isdisjoint(given)
    has_time = has_time or bool(given.get(NOTICE_PERIOD))
    if answer_by_s is None and not has_time:
        raise InvalidDocument(
            'owners', 'wait needs a time: starts, cron or answer_by'
        )
    if answer_by_s is None or ends_s is None:
        return
    if answer_by_s >= ends_s:
        problem = f'{given[ANSWER_BY]!r} is not before ends'
        raise InvalidDocument(ANSWER_BY, problem)


def _begins_s(given: Mapping[str, Any]) -> int:
    """Return when work begins; 0 is at once."""
    return max(seconds(given, STARTS) or 0, _answers_until_s(given))


def _answers_until_s(given: Mapping[str, Any]) -> int:
    """Return when work begins with owners who were waited for; 0 is at once.

    With a notice period each node has its own time.
    """
    waits = given.get('owners') == Owners.WAIT.value
    if not waits or given.get(NOTICE_PERIOD):
        return 0
    return seconds(given, ANSWER_BY) or 0


def named_hosts(given: Mapping[str, Any]) -> frozenset[str]:
    """Return the hostnames that parameters name, of any strategy."""
    single = given.get('maintenance_node')
    several = [
        *(given.get('maintenance_nodes') or ()),
        *(given.get('frozen_nodes') or ()),
    ]
    named = several if single is None else (*several, single)
    # Watcher's command makes numbers of some.
    return frozenset(map(str, named))


def identity(given: Mapping[str, Any], interval: str) -> Any:
    """Return what tells the windows of parameters from those of others.

    Until when owners may answer is a part of it: they read one time.

    :param interval: of the audit
    :returns: None without a window, or if a parameter is invalid, as it may
        be in an audit of another strategy
    """
    try:
        times_s = seconds(given, STARTS), seconds(given, ENDS)
        windows = _recurring(given, interval)
        waits = given.get('owners') == Owners.WAIT.value
        answer_by_s = seconds(given, ANSWER_BY) if waits else None
    except (InvalidDocument, TypeError):
        return None
    window = (*times_s, windows, answer_by_s)
    return window if any(window) else None


def _windows(
    given: Mapping[str, Any], now_s: int, interval: str
) -> dict[str, Window]:
    """Return field of a request -> window; see :func:`fields`."""
    starts_s, ends_s = _begins_s(given), seconds(given, ENDS)
    if ends_s is not None and ends_s <= starts_s:
        raise InvalidDocument(ENDS, f'{given[ENDS]!r} is not after starts')
    whole = Window(starts_s, ends_s)
    windows = _recurring(given, interval)
    if windows is None:
        return {'window': whole}
    try:
        window = windows.within(whole, now_s)
        if CRON in given:
            return {'window': window}
        # Nothing looks at what is left until the audit is run again.
        later = windows.after(whole, window)
    except recurring.BadCron as exc:
        name = CRON if CRON in given else DURATION
        raise InvalidDocument(name, str(exc)) from exc
    return {'window': window, **({} if later is None else {'later': later})}


def _recurring(
    given: Mapping[str, Any], interval: str
) -> recurring.Recurring | None:
    """Return the windows that recur; None if there is at most one.

    :raises InvalidDocument: cron or duration is invalid, or needs the other
    """
    if DURATION not in given:
        if CRON in given:
            raise InvalidDocument(CRON, 'it needs duration')
        return None
    try:
        duration_s = times.to_duration_s(given[DURATION])
    except times.BadTime as exc:
        raise InvalidDocument(DURATION, str(exc)) from exc
    entry = given.get(CRON, interval)
    if not entry:
        raise InvalidDocument(
            DURATION,
            'it needs cron, or a CONTINUOUS audit with a cron interval',
        )
    try:
        return recurring.parse(entry, duration_s)
    except recurring.BadCron as exc:
        raise InvalidDocument(CRON, str(exc)) from exc


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
