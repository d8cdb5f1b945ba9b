# SPDX-License-Identifier: Apache-2.0

"""Windows that begin again and again, at the times of a cron entry."""

import dataclasses
import datetime
import re

from typing import Any

import croniter

from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.request import times


CRON: dict[str, Any] = {'type': 'string', 'minLength': 1, 'maxLength': 128}
"""JSON schema of a cron entry; :func:`parse` says what is wrong with one."""

CRON_FIELDS = 5

DRAWN = re.compile(r'(^|[\s,])[RHrh](?=[\s,(/]|$)')
"""A time that croniter draws anew each time it is asked."""


class BadCron(ValueError):
    """A text is no cron entry, or comes at no time."""


@dataclasses.dataclass(frozen=True)
class Recurring:
    """Windows of equal length that begin at the times of a cron entry.

    :ivar entry: the entry, without its zone
    :ivar zone: in which its times are
    :ivar duration_s: length of each window, in seconds
    """

    entry: str
    zone: datetime.tzinfo
    duration_s: int

    def within(self, whole: Window, now_s: int) -> Window:
        """Return the window that is open, or the next, or else the last one.

        An entry with years comes at no time after them.

        :param whole: between its ends they begin, and have to end
        :param now_s: seconds since 1970-01-01 00:00 UTC
        :raises BadCron: there is none
        """
        at_s = max(now_s, whole.starts_s)
        window = self._last(at_s)
        if window is None or not window.is_open(at_s):
            window = self._next(at_s)
        found = _cut(window, whole)
        if found is None:
            last_s = at_s if whole.ends_s is None else whole.ends_s - 1
            found = _cut(self._last(last_s), whole)
        if found is None:
            limit = '' if whole.ends_s is None else ' before ends'
            raise BadCron(f'{self.entry!r} comes at no time{limit}')
        return found

    def after(self, whole: Window, window: Window) -> Window | None:
        """Return the window after another; None if there is none.

        :param whole: see :meth:`within`
        """
        return _cut(self._next(window.starts_s), whole)

    def around(self, now_s: int) -> tuple[Window | None, Window | None]:
        """Return the window that has begun last, and the next one."""
        return self._last(now_s), self._next(now_s)

    def _last(self, now_s: int) -> Window | None:
        """Return the window that has begun last, if only now."""
        return self._window(self._times(now_s + 1), 'get_prev')

    def _next(self, now_s: int) -> Window | None:
        """Return the first window that begins later."""
        return self._window(self._times(now_s), 'get_next')

    def _times(self, now_s: int) -> Any:
        now = datetime.datetime.fromtimestamp(now_s, self.zone)
        return croniter.croniter(self.entry, now)

    def _window(self, entries: Any, direction: str) -> Window | None:
        """Return the one in a direction; None if there is none.

        An entry may name years.
        """
        try:
            starts_s = int(getattr(entries, direction)(float))
        except (croniter.CroniterError, OverflowError):
            return None
        return Window(max(starts_s, 0), max(starts_s, 0) + self.duration_s)


def _cut(window: Window | None, whole: Window) -> Window | None:
    """Return what of a window is in another; None is nothing."""
    if window is None:
        return None
    starts_s = max(window.starts_s, whole.starts_s)
    ends_s = window.ends_s
    if ends_s is not None and whole.ends_s is not None:
        ends_s = min(ends_s, whole.ends_s)
    if ends_s is not None and ends_s <= starts_s:
        return None
    return Window(starts_s, ends_s)


def parse(text: str, duration_s: int) -> Recurring:
    """Read a cron entry, which may end with the name of a time zone.

    :param text: such as '0 22 * * * Europe/Berlin'; without a zone, as in
        Watcher's own cron entries, it is in UTC
    :param duration_s: length of each window, in seconds
    :raises BadCron: it is none, or there is no such zone
    """
    *fields, last = str(text).split() or ['']
    zone: datetime.tzinfo = datetime.UTC
    if len(fields) >= CRON_FIELDS and last[:1].isalpha():
        try:
            zone = times.zone(last)
        except times.BadTime as exc:
            raise BadCron(str(exc)) from exc
    else:
        fields.append(last)
    entry = ' '.join(fields)
    is_drawn = DRAWN.search(entry) is not None
    if (
        len(fields) < CRON_FIELDS
        or is_drawn
        or not croniter.croniter.is_valid(entry)
    ):
        raise BadCron(f"{text!r} is no cron entry such as '0 22 * * *'")
    return Recurring(entry, zone, duration_s)


def interval_s(interval: str, now_s: int) -> int:
    """Return how many seconds there are between two runs of an audit.

    :param interval: of Watcher: seconds, or a cron entry
    :param now_s: the runs are those before and after it
    :returns: 0 if it is unknown
    """
    if interval.isdigit():
        return int(interval)
    try:
        before, after = parse(interval, 1).around(now_s)
    except BadCron:
        return 0
    if before is None or after is None:
        return 0
    return after.starts_s - before.starts_s
