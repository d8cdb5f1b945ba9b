# SPDX-License-Identifier: Apache-2.0

"""Method 1, one unused node takes everything; Method 2, a spread."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import placing
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
        [bin_] = destinations.bins([hostname])
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
    """Place everything by the first method that can.

    :returns: when none can, the last method with an empty assignment; when
        the time was up, the method that it was up for
    """
    is_undecided = False
    for choice in choices(instances, destinations):
        puzzle = destinations.puzzle(instances, choice.destinations)
        assignment = placing.place_all(puzzle, limits)
        if assignment.status is Status.PLACED or assignment.timed_out:
            return Attempt(choice, assignment)
        is_undecided |= assignment.status is Status.UNDECIDED
    status = Status.UNDECIDED if is_undecided else Status.IMPOSSIBLE
    return Attempt(choice, Assignment({}, status, assignment.proof))


def place_most(
    instances: Sequence[Instance],
    destinations: Destinations,
    limits: Limits,
) -> Attempt:
    """Place as many as any one method can; ties: memory, then the method.

    :returns: when the time was up, the method that it was up for, with an
        empty assignment
    """
    memory_mb = {i.uuid: i.memory_mb for i in instances}
    attempts = []
    for choice in choices(instances, destinations):
        puzzle = destinations.puzzle(instances, choice.destinations)
        attempt = Attempt(choice, placing.place_most(puzzle, limits))
        if attempt.assignment.timed_out:
            return attempt
        attempts.append(attempt)

    def score(attempt: Attempt) -> tuple[int, int]:
        where = attempt.assignment.where
        return len(where), sum(memory_mb[uuid] for uuid in where)

    return max(attempts, key=score)
