# SPDX-License-Identifier: Apache-2.0

"""What would help, each tried by solving again before it is offered."""

import dataclasses
import enum

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing import most
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


TRIES = 30
"""How often a placement is looked for with more room of one class."""

MOST_SPARES = 20
"""How many spares are tried."""


class Help(enum.Enum):
    """What can be done."""

    WAKE = 'wake'
    """Use a bin that is not in use."""
    HEADROOM = 'headroom'
    """Keep a smaller share of each bin free."""
    ADD_ROOM = 'add_room'
    """Free or add an amount of a resource class on one bin."""


@dataclasses.dataclass(frozen=True, slots=True)
class Remedy:
    """One thing that suffices by itself.

    :ivar hostname: WAKE and ADD_ROOM: which bin
    :ivar resource_class: ADD_ROOM: of what
    :ivar amount: ADD_ROOM: how much of it, as Placement counts capacity;
        less does not suffice as far as the search can tell
    :ivar percent: HEADROOM: the highest whole share that suffices
    """

    help: Help
    hostname: str = ''
    resource_class: str = ''
    amount: int = 0
    percent: int = 0


def remedies(
    problem: Problem,
    spares: Sequence[Bin] = (),
    headroom_percent: float = 0,
    limits: Limits = solve.DEFAULT,
) -> tuple[Remedy, ...]:
    """Find what makes room for all.

    :param spares: bins that could be used, and are not in the problem
    :param headroom_percent: what the limits of the bins keep free; a bin
        that is closed is so because it is beyond that
    :returns: each spare that suffices, at most one headroom, and one amount
        for each resource class
    """
    limits = limits.quick()
    result = most.place_most(problem, limits)
    if all(result.placed(i.key) == i.count for i in problem.items):
        return ()
    return (
        *_wake(problem, spares, limits),
        *_headroom(problem, headroom_percent, limits),
        *_add_room(problem, result, limits),
    )


def _places(problem: Problem, limits: Limits) -> bool:
    return solve.solve(problem, limits).status is Status.PLACED


def _wake(
    problem: Problem, spares: Sequence[Bin], limits: Limits
) -> Iterator[Remedy]:
    ordered = sorted(spares, key=lambda b: b.hostname)
    for spare in ordered[:MOST_SPARES]:
        bins = (*problem.bins, spare)
        if _places(dataclasses.replace(problem, bins=bins), limits):
            yield Remedy(Help.WAKE, hostname=spare.hostname)


def _headroom(
    problem: Problem, percent: float, limits: Limits
) -> Iterator[Remedy]:
    """Bisect: a smaller share never leaves less room."""

    def fits(share: int) -> bool:
        bins = tuple(with_headroom(b, share) for b in problem.bins)
        return _places(dataclasses.replace(problem, bins=bins), limits)

    highest = -(-percent // 1) - 1
    if highest >= 0 and fits(0):
        least = _least(int(highest), lambda down: fits(int(highest) - down))
        yield Remedy(Help.HEADROOM, percent=int(highest) - least)


def with_headroom(bin_: Bin, percent: int) -> Bin:
    """Return the same bin with another share of its capacity kept free."""
    limit = {c: n * (100 - percent) / 100 for c, n in bin_.capacity.items()}
    beyond = any(n > limit.get(c, 0) for c, n in bin_.used.items())
    return dataclasses.replace(
        bin_, limit=limit, is_open=not (beyond and percent)
    )


def _least(enough: int, suffices: Callable[[int], bool]) -> int:
    """Find a number that suffices, when one less does not.

    :param enough: a number that does
    """
    least, most = 0, enough
    while least < most:
        middle = (least + most) // 2
        if suffices(middle):
            most = middle
        else:
            least = middle + 1
    return most


def _add_room(
    problem: Problem, result: Result, limits: Limits
) -> Iterator[Remedy]:
    """Start from what the unplaced items lack on one bin.

    :returns: for each resource class the least that was found to suffice
    """
    shortfalls = _shortfalls(problem, result)
    for name in sorted(
        {resource_class for _n, resource_class, _b in shortfalls}
    ):
        lacking = [(n, bin_) for n, c, bin_ in shortfalls if c == name]
        best = _least_room(problem, name, lacking, limits)
        if best is not None:
            yield best


def _least_room(
    problem: Problem,
    resource_class: str,
    lacking: Sequence[tuple[int, Bin]],
    limits: Limits,
) -> Remedy | None:
    """Find the bin on which the least of a resource class suffices.

    :param lacking: an amount that may suffice, and on which bin
    """
    tries_left = TRIES
    best: Remedy | None = None
    for amount, bin_ in lacking:

        def fits(number: int, chosen: Bin = bin_) -> bool:
            nonlocal tries_left
            tries_left -= 1
            return tries_left >= 0 and _places(
                _with_room(problem, chosen, resource_class, number), limits
            )

        enough = min(amount, best.amount - 1) if best else amount
        if tries_left > 0 and enough > 0 and fits(enough):
            best = Remedy(
                Help.ADD_ROOM,
                hostname=bin_.hostname,
                resource_class=resource_class,
                amount=_least(enough, fits),
            )
    return best


def _shortfalls(
    problem: Problem, result: Result
) -> list[tuple[int, str, Bin]]:
    """List what bins lack to take all that is unplaced, if it is one class.

    :param result: a placement of some
    :returns: amount, resource class and bin, the least amount first
    """
    wanted: dict[str, int] = {}
    for item in problem.items:
        number = item.count - result.placed(item.key)
        for c, amount in item.resources.items() if number else ():
            wanted[c] = wanted.get(c, 0) + number * amount
    free = _free(problem, result)
    shortfalls = []
    for bin_ in problem.bins:
        room = free[bin_.hostname]
        beside = [c for c, n in wanted.items() if n > room.get(c, 0)]
        alone = [c for c, n in wanted.items() if n > bin_.free(c)]
        # What is placed there can perhaps go elsewhere.
        lacks = alone or beside
        # Where there is none of it, none can be freed.
        if bin_.is_open and len(lacks) == 1 and lacks[0] in bin_.limit:
            amount = wanted[lacks[0]] - room[lacks[0]]
            shortfalls.append((amount, lacks[0], bin_))
    return sorted(shortfalls, key=lambda s: (s[1], s[0], s[2].hostname))


def _free(problem: Problem, result: Result) -> dict[str, dict[str, int]]:
    """Return what a placement leaves: hostname -> resource class -> amount."""
    free = {b.hostname: {c: b.free(c) for c in b.limit} for b in problem.bins}
    for item in problem.items:
        for hostname, count in result.placement.get(item.key, {}).items():
            for c, amount in item.resources.items():
                free[hostname][c] = free[hostname].get(c, 0) - count * amount
    return free


def _with_room(
    problem: Problem, chosen: Bin, resource_class: str, amount: int
) -> Problem:
    """Return the problem with more of a resource class on one bin."""

    def added(before: Mapping[str, float]) -> dict[str, float]:
        return {
            **before,
            resource_class: before.get(resource_class, 0) + amount,
        }

    larger = dataclasses.replace(
        chosen, capacity=added(chosen.capacity), limit=added(chosen.limit)
    )
    bins = (larger if b is chosen else b for b in problem.bins)
    return dataclasses.replace(problem, bins=tuple(bins))
