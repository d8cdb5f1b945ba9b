# SPDX-License-Identifier: Apache-2.0

"""Times and durations as people write them, without a doubt about them."""

import datetime
import re
import zoneinfo

from typing import Any

from watcher_host_maintenance.core.model.times import MAX_TIME_S


class BadTime(ValueError):
    """A text is no time, or may be more than one."""


TIME: dict[str, Any] = {
    'type': 'string',
    'format': 'date-time',
    'minLength': 1,
    'maxLength': 64,
}
"""JSON schema of a time; :func:`to_seconds` says what is wrong with one."""

DURATION: dict[str, Any] = {
    'type': ['integer', 'string'],
    'format': 'duration',
    'minimum': 1,
    'minLength': 1,
    'maxLength': 32,
}
"""JSON schema of a duration, likewise: watcherclient makes digits a number."""

LEAST_DURATION_S, MOST_DURATION_S = 60, 7 * 24 * 60 * 60

DURATION_FORM = re.compile(
    r'P(?:(\d+)D)?'
    r'(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?'
    r'(?:(\d+)S)?)?',
    re.ASCII,
)

MINUTES_FORM = re.compile(r'\d+', re.ASCII)

OF_MACHINES = frozenset({'Factory', 'localtime', 'posixrules'})
"""Names of zones that are none, or another one on each machine."""

NAMED_FORM = re.compile(r'(?P<time>.*\S)\s+(?P<zone>[A-Za-z][\w+/-]*)')
"""A time and the name of its zone."""


def to_seconds(text: str) -> int:
    """Read a time of ISO 8601 with its offset from UTC.

    :returns: seconds since 1970-01-01 00:00 UTC
    :raises BadTime: it is none, has no offset, or is no whole second
    """
    time = _parsed(text, text)
    if time.tzinfo is None:
        raise BadTime(
            f'{text!r} has no zone; write '
            f'{time.isoformat(timespec="minutes")}Z if it is in UTC'
        )
    return _seconds(text, time)


def local_to_seconds(text: str) -> int:
    """Read a time with its offset from UTC, or with the name of its zone.

    A local time that comes twice or never on the day on which clocks change
    is refused: the caller cannot know which one is meant.

    :param text: such as '2026-12-01 22:00 Europe/Berlin'
    :returns: seconds since 1970-01-01 00:00 UTC
    :raises BadTime: see :func:`to_seconds`; also a zone that is not known
    """
    named = NAMED_FORM.fullmatch(text.strip())
    if named is None or named['zone'] == 'Z':
        return to_seconds(text.strip())
    time = _parsed(named['time'], text)
    if time.tzinfo is not None:
        raise BadTime(f'{text!r} has both an offset and a zone')
    there = zone(named['zone'])
    first, second = (time.replace(tzinfo=there, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(datetime.UTC).astimezone(there)
        if back.replace(tzinfo=None, fold=0) != time:
            raise BadTime(f'{text!r} does not exist: the clocks skip it')
        raise BadTime(
            f'{text!r} comes twice: write {_offset(first)} or '
            f'{_offset(second)}'
        )
    return _seconds(text, first)


def zone(name: str) -> datetime.tzinfo:
    """Return the time zone of a name such as 'Europe/Berlin'.

    :raises BadTime: there is none
    """
    if name == 'UTC':
        return datetime.UTC
    try:
        if name in OF_MACHINES:
            raise ValueError(name)
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise BadTime(
            f'there is no time zone {name!r}; name one such as Europe/Berlin '
            'or UTC'
        ) from exc


def to_duration_s(value: int | str) -> int:
    """Read a number of minutes, or a duration of ISO 8601 such as 'PT4H'.

    :returns: seconds
    :raises BadTime: it is none, or too short or too long for a window
    """
    text = str(value).strip()
    parts = DURATION_FORM.fullmatch(text)
    if MINUTES_FORM.fullmatch(text):
        seconds = 60 * int(text)
    elif parts is not None and any(parts.groups()):
        days, hours, minutes, rest = (int(n or 0) for n in parts.groups())
        seconds = ((24 * days + hours) * 60 + minutes) * 60 + rest
    else:
        raise BadTime(
            f'{text!r} is neither a number of minutes nor a duration such as '
            'PT4H or PT90M'
        )
    if not LEAST_DURATION_S <= seconds <= MOST_DURATION_S:
        raise BadTime(f'{text!r} is not 1 minute to 7 days')
    return seconds


def _parsed(part: str, text: str) -> datetime.datetime:
    """Read the part of a text that is a time."""
    try:
        return datetime.datetime.fromisoformat(part)
    except ValueError as exc:
        raise BadTime(
            f'{text!r} is no time such as 2026-12-01T21:00Z'
        ) from exc


def _seconds(text: str, time: datetime.datetime) -> int:
    """Return the seconds of a time that has a zone.

    :raises BadTime: it cannot be written in UTC, or is no whole second
    """
    try:
        seconds = time.timestamp()
    except (OverflowError, ValueError) as exc:
        raise BadTime(f'{text!r} is out of range') from exc
    if not 0 <= seconds <= MAX_TIME_S:
        raise BadTime(f'{text!r} is out of range')
    if seconds != int(seconds):
        raise BadTime(f'{text!r} is no whole second')
    return int(seconds)


def _offset(time: datetime.datetime) -> str:
    return time.isoformat(timespec='minutes')
