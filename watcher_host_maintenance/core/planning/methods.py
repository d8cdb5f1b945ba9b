# SPDX-License-Identifier: Apache-2.0

"""Method 1, one unused node takes everything; Method 2, a spread."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.placing import Assignment
from watcher_host_maintenance.core.rules import destination as ledger


@dataclasses.dataclass(frozen=True)
class MethodChoice:
    """One method with its destinations.

    :ivar destinations: hostnames, sorted
    :ivar wakes: hostname of the unused node it enables, if it does
    """

    method: Method
    destinations: tuple[str, ...]
    wakes: str | None = None


class Attempt(NamedTuple):
    """What one method made of a question."""

    choice: MethodChoice
    assignment: Assignment


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
    """Not every instance has a place, and none may be left.

    :ivar is_proved: no method has a place for all
    """

    is_proved: bool = True


@dataclasses.dataclass(frozen=True)
class TimedOut:
    """The time was up; a faster machine may find more."""


Emptying = Emptied | Impossible | TimedOut


def empty(
    moving: Sequence[Instance], destinations: Destinations, limits: Limits
) -> Emptying:
    """Find places for all that has to leave some nodes, together."""
    if not moving:
        return Emptied(None, destinations)
    may_leave = destinations.request.on_blocked is OnBlocked.LEAVE
    attempt = place(moving, destinations, limits)
    if attempt.assignment.status is not Status.PLACED and may_leave:
        attempt = place_most(moving, destinations, limits)
    if attempt.assignment.timed_out:
        return TimedOut()
    if attempt.assignment.status is not Status.PLACED and not may_leave:
        return Impossible(attempt.assignment.status is Status.IMPOSSIBLE)
    where = attempt.assignment.where
    return Emptied(attempt, destinations.with_placed(moving, where))


def choices(
    instances: Sequence[Instance], destinations: Destinations
) -> Iterator[MethodChoice]:
    """Yield the methods in the order of preference.

    Among unused nodes the tightest fit comes first: the one whose fullest
    class would be used most, then the hostname.
    """

    def choice(method: Method, hostname: str) -> MethodChoice:
        asleep = destinations.is_asleep(hostname)
        return MethodChoice(method, (hostname,), hostname if asleep else None)

    def rank(hostname: str) -> tuple[float, str]:
        bin_ = destinations.place(hostname).bin
        return -ledger.with_taken(bin_, instances).utilisation(), hostname

    if destinations.backup is not None:
        yield choice(Method.BACKUP, destinations.backup)
        return
    for hostname in sorted(destinations.unused, key=rank):
        yield choice(Method.UNUSED_HOST, hostname)
    yield MethodChoice(Method.SPREAD, destinations.enabled)


def place(
    instances: Sequence[Instance],
    destinations: Destinations,
    limits: Limits,
) -> Attempt:
    """Place everything by the first method that can at the lowest cost.

    :returns: when none can, the last method with an empty assignment; when
        the time was up, the method that it was up for
    """
    is_undecided = False
    placed: list[Attempt] = []
    for choice in choices(instances, destinations):
        puzzle = destinations.puzzle(instances, choice.destinations)
        assignment = puzzle.place_all(limits)
        attempt = Attempt(choice, assignment)
        if assignment.status is Status.PLACED and not assignment.cost:
            return attempt
        if assignment.status is Status.PLACED:
            placed.append(attempt)
        elif assignment.timed_out and not placed:
            return attempt
        is_undecided |= assignment.status is Status.UNDECIDED
    if placed:
        return min(placed, key=lambda attempt: attempt.assignment.cost)
    status = Status.UNDECIDED if is_undecided else Status.IMPOSSIBLE
    return Attempt(choice, dataclasses.replace(assignment, status=status))


def place_most(
    instances: Sequence[Instance],
    destinations: Destinations,
    limits: Limits,
) -> Attempt:
    """Place as many as any one method can; ties: cost, memory, the method.

    :returns: when the time was up, the method that it was up for, with what
        it had placed by then
    """
    memory_mb = {i.uuid: i.memory_mb for i in instances}
    attempts = []
    for choice in choices(instances, destinations):
        puzzle = destinations.puzzle(instances, choice.destinations)
        attempt = Attempt(choice, puzzle.place_most(limits))
        if attempt.assignment.timed_out:
            return attempt
        attempts.append(attempt)

    def score(attempt: Attempt) -> tuple[int, int, int]:
        where = attempt.assignment.where
        memory = sum(memory_mb[uuid] for uuid in where)
        return len(where), -attempt.assignment.cost, memory

    best = max(attempts, key=score)
    placed = len(best.assignment.where)
    more = max(
        len(attempt.assignment.where) + attempt.assignment.more - placed
        for attempt in attempts
    )
    if more == best.assignment.more:
        return best
    # What another method has not ruled out is not ruled out.
    assignment = dataclasses.replace(
        best.assignment, status=Status.UNDECIDED, more=more
    )
    return best._replace(assignment=assignment)
