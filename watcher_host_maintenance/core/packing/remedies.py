# SPDX-License-Identifier: Apache-2.0

"""What would make room, each tried by solving again before it is offered."""

import bisect
import collections
import dataclasses
import math

from collections.abc import Iterator
from typing import NamedTuple

from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


TRIES = 30
"""How often a placement is looked for with more room of one class."""


class Room(NamedTuple):
    """An amount of a resource class to free or add on one bin.

    :ivar amount: as Placement counts capacity; less does not suffice as far
        as the search can tell
    """

    resource_class: str
    amount: int
    hostname: str


def sufficient_headroom(
    problem: Problem, percent: float, limits: Limits = solve.DEFAULT
) -> int | None:
    """Find the highest smaller headroom with which everything has a place.

    :param percent: what the limits of the bins keep free; a bin that is
        closed is so because it is beyond that
    :returns: a whole number of percent; None when not even 0 suffices
    """

    def fits(share: int) -> bool:
        bins = tuple(b.with_headroom(share) for b in problem.bins)
        return _places(dataclasses.replace(problem, bins=bins), limits)

    highest = math.ceil(percent) - 1
    if highest < 0 or not fits(0):
        return None
    # A smaller share never leaves less room.
    return highest - bisect.bisect_left(
        range(highest), True, key=lambda lower: fits(highest - lower)
    )


def sufficient_rooms(
    problem: Problem, placed: Result, limits: Limits = solve.DEFAULT
) -> Iterator[Room]:
    """Find the least room on one bin with which everything has a place.

    :param placed: a placement of as many items as possible
    :returns: at most one for each resource class, by its name
    """
    shortfalls = sorted(_shortfalls(problem, placed))
    for name in sorted({room.resource_class for room in shortfalls}):
        lacking = [r for r in shortfalls if r.resource_class == name]
        hostnames = {room.hostname for room in lacking}
        # Elsewhere less may suffice: what is placed can perhaps change places.
        elsewhere = [
            lacking[-1]._replace(hostname=bin_.hostname)
            for bin_ in problem.bins
            if bin_.is_open and name in bin_.limit
            if bin_.hostname not in hostnames
        ]
        best = _least_room(problem, [*lacking, *elsewhere], limits)
        if best is not None:
            yield best


def _places(problem: Problem, limits: Limits) -> bool:
    return solve.solve(problem, limits.quick()).status is Status.PLACED


def _least_room(
    problem: Problem, lacking: list[Room], limits: Limits
) -> Room | None:
    """Find the bin on which the least of a resource class suffices.

    :param lacking: rooms that may suffice, the most likely first
    """
    tries_left = TRIES
    best: Room | None = None
    for room in lacking:

        def fits(amount: int, room: Room = room) -> bool:
            nonlocal tries_left
            tries_left -= 1
            larger = _with_room(problem, room._replace(amount=amount))
            return tries_left >= 0 and _places(larger, limits)

        enough = min(room.amount, best.amount - 1) if best else room.amount
        if tries_left > 0 and enough > 0 and fits(enough):
            amount = bisect.bisect_left(range(enough), True, key=fits)
            best = room._replace(amount=amount)
    return best


def _shortfalls(problem: Problem, placed: Result) -> Iterator[Room]:
    """Yield the one class that a bin lacks to take all that is unplaced."""
    wanted: collections.Counter[str] = collections.Counter()
    taken: collections.Counter[tuple[str, str]] = collections.Counter()
    for item in problem.items:
        unplaced = item.count - placed.placed(item.key)
        for c, amount in item.resources.items():
            wanted[c] += unplaced * amount
            for hostname, count in placed.placement.get(item.key, {}).items():
                taken[hostname, c] += count * amount
    for bin_ in problem.bins:
        alone = {c: n - bin_.free(c) for c, n in wanted.items() if n}
        beside = {c: n + taken[bin_.hostname, c] for c, n in alone.items()}
        # What is placed there can perhaps go elsewhere.
        lacks = [c for c, n in alone.items() if n > 0] or [
            c for c, n in beside.items() if n > 0
        ]
        # Where there is none of it, none can be freed.
        if bin_.is_open and len(lacks) == 1 and lacks[0] in bin_.limit:
            yield Room(lacks[0], beside[lacks[0]], bin_.hostname)


def _with_room(problem: Problem, room: Room) -> Problem:
    """Return the problem with more of a resource class on one bin."""
    c, amount, hostname = room
    bins = (
        dataclasses.replace(
            bin_,
            capacity={**bin_.capacity, c: bin_.capacity.get(c, 0) + amount},
            limit={**bin_.limit, c: bin_.limit[c] + amount},
        )
        if bin_.hostname == hostname
        else bin_
        for bin_ in problem.bins
    )
    return dataclasses.replace(problem, bins=tuple(bins))
