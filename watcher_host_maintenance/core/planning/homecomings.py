# SPDX-License-Identifier: Apache-2.0

"""Bring home as many as one node has room for; affinity groups whole."""

import dataclasses
import itertools

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.placing import Assignment


MOST_GROUPS = 6
"""Affinity groups of which every combination is tried.

Where there are more, the smallest stay away, and nothing is proved.
"""

TIMED_OUT = Assignment({}, Status.UNDECIDED, timed_out=True)


def place(
    instances: Sequence[Instance],
    hostname: str,
    destinations: Destinations,
    affinity_groups: Collection[str],
    limits: Limits,
) -> Assignment:
    """Place the largest number of instances on their home.

    :param affinity_groups: UUIDs of the groups that come whole or not at all
    :returns: PLACED with every instance; IMPOSSIBLE when it is proved that no
        more of them can come; UNDECIDED when the search ended before it knew
    """
    puzzle = destinations.puzzle(instances, (hostname,))
    whole = puzzle.place_all(limits)
    if whole.status is Status.PLACED or whole.timed_out:
        return whole
    groups = [*_groups(instances, affinity_groups)]
    singles = [i for i in instances if not any(i in g for g in groups)]
    best = Assignment({}, Status.IMPOSSIBLE, whole.proof)
    bound = 0 if len(groups) <= MOST_GROUPS else len(instances)
    for chosen in _combinations(groups[:MOST_GROUPS]):
        assignment = _with_groups(
            chosen, singles, hostname, destinations, limits
        )
        if assignment is None:
            continue
        if assignment.timed_out:
            return TIMED_OUT
        bound = max(bound, len(assignment.where) + assignment.more)
        if _score(assignment, instances) > _score(best, instances):
            best = assignment
    more = bound - len(best.where)
    status = Status.UNDECIDED if more else Status.IMPOSSIBLE
    return Assignment(best.where, status, whole.proof, more=more)


def _groups(
    instances: Sequence[Instance], affinity_groups: Collection[str]
) -> Iterator[list[Instance]]:
    """Yield the members of each group that is not to be split, most first."""
    members: dict[str, list[Instance]] = {}
    for instance in instances:
        if instance.group in affinity_groups:
            members.setdefault(instance.group, []).append(instance)
    for uuid in sorted(members, key=lambda u: (-len(members[u]), u)):
        if len(members[uuid]) > 1:
            yield members[uuid]


def _combinations(
    groups: Sequence[Sequence[Instance]],
) -> Iterator[list[Instance]]:
    """Yield the members of every choice of groups, none included."""
    for count in range(len(groups), -1, -1):
        for chosen in itertools.combinations(groups, count):
            yield [*itertools.chain.from_iterable(chosen)]


def _with_groups(
    members: Sequence[Instance],
    singles: Sequence[Instance],
    hostname: str,
    destinations: Destinations,
    limits: Limits,
) -> Assignment | None:
    """Place these members, then as many others as there is room for.

    :returns: None when it is proved that not all of the members have room
    """
    puzzle = destinations.puzzle(members, (hostname,))
    first = puzzle.place_all(limits)
    if first.status is Status.IMPOSSIBLE:
        return None
    if first.status is not Status.PLACED:
        return dataclasses.replace(first, more=first.more + len(singles))
    beside = destinations.with_placed(members, first.where)
    others = beside.puzzle(singles, (hostname,)).place_most(limits)
    return Assignment(
        {**first.where, **others.where},
        others.status,
        timed_out=others.timed_out,
        more=others.more,
    )


def _score(
    assignment: Assignment, instances: Sequence[Instance]
) -> tuple[int, int]:
    """Return how many are placed, and their memory."""
    where = assignment.where
    memory_mb = sum(i.memory_mb for i in instances if i.uuid in where)
    return len(where), memory_mb
