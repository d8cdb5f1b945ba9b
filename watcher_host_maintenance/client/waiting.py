# SPDX-License-Identifier: Apache-2.0

"""Look again and again, within bounds."""

import time

from collections.abc import Callable
from collections.abc import Iterator
from typing import TypeVar

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NoAnswer
from watcher_host_maintenance.cloud.deadlines import pauses


Seen = TypeVar('Seen')

OUTAGE_S = 300.0
"""Seconds without any answer after which waiting ends with an error."""


class TimedOut(ClientError):
    """The time that a caller gave is over."""


def _ignore(_error: NoAnswer) -> None:
    """Wait in silence."""


class Waiting:
    """How long to wait, and how often to look."""

    def __init__(
        self,
        timeout_s: float | None = None,
        tell: Callable[[NoAnswer], None] = _ignore,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        """Start to count the time.

        :param timeout_s: seconds in all; None waits as long as APIs answer
        :param tell: is handed the first failure of each outage
        """
        self._timeout_s = timeout_s
        self._tell = tell
        self._clock = clock
        self._sleep = sleep or time.sleep
        self._began = clock()
        self._failing_since: float | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    @property
    def is_failing(self) -> bool:
        """Return True if the newest look has got no answer."""
        return self._failing_since is not None

    def looks(self, look: Callable[[], Seen]) -> Iterator[Seen]:
        """Yield what each look sees, until the caller has seen enough.

        A look that fails for want of an answer is repeated.

        :raises TimedOut: the time is over
        :raises NoAnswer: no answer came for :data:`OUTAGE_S`
        """
        for pause_s in pauses():
            try:
                seen = look()
            except NoAnswer as exc:
                now = self._clock()
                if self._failing_since is None:
                    self._failing_since = now
                    self._tell(exc)
                if now - self._failing_since >= OUTAGE_S:
                    raise
            else:
                self._failing_since = None
                yield seen
            self._pause(pause_s)

    def _pause(self, pause_s: float) -> None:
        if self._timeout_s is not None:
            left = self._timeout_s - self.elapsed_s
            if left <= 0:
                raise TimedOut(f'Not done within {self._timeout_s:g} s.')
            pause_s = min(pause_s, left)
        self._sleep(pause_s)
