# SPDX-License-Identifier: Apache-2.0

"""What would help, each tried by solving again before it is told."""

import dataclasses
import enum

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing import most
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Answer
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.conflict import quick
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Problem


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
    limits = quick(limits)
    answer = most.place_most(problem, limits)
    if all(answer.placed(s.key) == s.count for s in problem.shapes):
        return ()
    return (
        *_wake(problem, spares, limits),
        *_headroom(problem, headroom_percent, limits),
        *_add_room(problem, answer, limits),
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


def with_headroom(there: Bin, percent: int) -> Bin:
    """The same bin with another share of its capacity kept free."""
    limit = {c: n * (100 - percent) / 100 for c, n in there.capacity.items()}
    beyond = any(n > limit.get(c, 0) for c, n in there.used.items())
    return dataclasses.replace(
        there, limit=limit, is_open=not (beyond and percent)
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
    problem: Problem, answer: Answer, limits: Limits
) -> Iterator[Remedy]:
    """Start from what the instances that are left lack on one bin.

    :returns: for each resource class the least that was found to suffice
    """
    found = _shortfalls(problem, answer)
    for name in sorted({resource_class for _n, resource_class, _b in found}):
        lacking = [(n, there) for n, c, there in found if c == name]
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
    tries = TRIES
    best: Remedy | None = None
    for amount, there in lacking:

        def fits(number: int, chosen: Bin = there) -> bool:
            nonlocal tries
            tries -= 1
            return tries >= 0 and _places(
                _with_room(problem, chosen, resource_class, number), limits
            )

        enough = min(amount, best.amount - 1) if best else amount
        if tries > 0 and enough > 0 and fits(enough):
            best = Remedy(
                Help.ADD_ROOM,
                hostname=there.hostname,
                resource_class=resource_class,
                amount=_least(enough, fits),
            )
    return best


def _shortfalls(
    problem: Problem, answer: Answer
) -> list[tuple[int, str, Bin]]:
    """List what bins lack to take all that is left, if it is one class.

    :param answer: a placement of some
    :returns: amount, resource class and bin, the least amount first
    """
    left = [s for s in problem.shapes if s.count > answer.placed(s.key)]
    wanted: dict[str, int] = {}
    for shape in left:
        number = shape.count - answer.placed(shape.key)
        for c, amount in shape.resources.items():
            wanted[c] = wanted.get(c, 0) + number * amount
    free = _free(problem, answer)
    found = []
    for there in problem.bins:
        room = free[there.hostname]
        beside = [c for c, n in wanted.items() if n > room.get(c, 0)]
        alone = [c for c, n in wanted.items() if n > there.left(c)]
        # What is placed there can perhaps go elsewhere.
        lacks = alone or beside
        # Where there is none of it, none can be freed.
        if there.is_open and len(lacks) == 1 and lacks[0] in there.limit:
            amount = wanted[lacks[0]] - room[lacks[0]]
            found.append((amount, lacks[0], there))

    return sorted(found, key=lambda f: (f[1], f[0], f[2].hostname))


def _free(problem: Problem, answer: Answer) -> dict[str, dict[str, int]]:
    """Return what a placement leaves: hostname -> resource class -> amount."""
    free = {b.hostname: {c: b.left(c) for c in b.limit} for b in problem.bins}
    for shape in problem.shapes:
        for hostname, count in answer.where.get(shape.key, {}).items():
            for c, amount in shape.resources.items():
                free[hostname][c] = free[hostname].get(c, 0) - count * amount
    return free


def _with_room(
    problem: Problem, chosen: Bin, resource_class: str, amount: int
) -> Problem:
    more = {resource_class: amount}

    def added(before: Mapping[str, float]) -> dict[str, float]:
        return {c: before.get(c, 0) + more.get(c, 0) for c in {*before, *more}}

    larger = dataclasses.replace(
        chosen, capacity=added(chosen.capacity), limit=added(chosen.limit)
    )
    bins = (larger if b is chosen else b for b in problem.bins)
    return dataclasses.replace(problem, bins=tuple(bins))
