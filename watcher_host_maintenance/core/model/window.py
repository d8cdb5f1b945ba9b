# SPDX-License-Identifier: Apache-2.0

"""When a maintenance may begin work, and when that has to be over."""

import dataclasses

from watcher_host_maintenance.core.model.document import InvalidDocument


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """A time in which work may begin and has to end.

    Both ends are whole seconds since 1970-01-01 00:00 UTC.

    :ivar starts_s: nothing begins before
    :ivar ends_s: nothing begins then or later, and all that begins is
        thought to have ended by then; None is no end
    """

    starts_s: int
    ends_s: int | None = None

    def __post_init__(self) -> None:
        if self.starts_s < 0:
            raise InvalidDocument('starts_s', 'must be at least 0')
        if self.ends_s is not None and self.ends_s <= self.starts_s:
            raise InvalidDocument(
                'ends_s', f'must be after starts_s, which is {self.starts_s}'
            )

    def is_open(self, now_s: float) -> bool:
        """Return True if work may begin now."""
        return self.starts_s <= now_s and (
            self.ends_s is None or now_s < self.ends_s
        )

    def is_over(self, now_s: float) -> bool:
        """Return True if no work may begin any more."""
        return self.ends_s is not None and self.ends_s <= now_s

    def fits(self, begins_s: float, duration_s: float) -> bool:
        """Return True if work may begin then, and ends in time.

        :param duration_s: how long it is thought to take, in seconds
        """
        return self.is_open(begins_s) and (
            self.ends_s is None or begins_s + duration_s <= self.ends_s
        )
