# SPDX-License-Identifier: Apache-2.0

"""Find places for what has to leave some nodes, all of them together."""

import dataclasses

from collections.abc import Sequence

from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import Attempt


@dataclasses.dataclass(frozen=True)
class Emptied:
    """Every instance has a place, or as many as can have one.

    :ivar attempt: where they go; None when nothing has to move
    :ivar destinations: with those counted in
    """

    attempt: Attempt | None
    destinations: Destinations


@dataclasses.dataclass(frozen=True)
class Impossible:
    """Not every instance has a place, and none may be left."""


@dataclasses.dataclass(frozen=True)
class TimedOut:
    """The time was up; a faster machine may find more."""


Emptying = Emptied | Impossible | TimedOut


def empty(
    moving: Sequence[Instance], destinations: Destinations, limits: Limits
) -> Emptying:
    """Find places for these instances in what room is left."""
    if not moving:
        return Emptied(None, destinations)
    may_leave = destinations.request.on_blocked is OnBlocked.LEAVE
    attempt = methods.place(moving, destinations, limits)
    if attempt.assignment.status is not Status.PLACED and may_leave:
        attempt = methods.place_most(moving, destinations, limits)
    if attempt.assignment.timed_out:
        return TimedOut()
    if attempt.assignment.status is not Status.PLACED and not may_leave:
        return Impossible()
    where = attempt.assignment.where
    return Emptied(attempt, destinations.with_placed(moving, where))
