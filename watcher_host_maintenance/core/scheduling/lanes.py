# SPDX-License-Identifier: Apache-2.0

"""Jobs that compete for slots, arranged into a graph that keeps the limits.

Watcher's applier starts an action as soon as its parents have ended, however
long they took. So "two at once" has to be in the graph: each slot of a pool
is a chain of jobs, and a job that takes a slot waits for the job before it
there. The limits then hold whatever the real durations are. There is no
barrier: a chain goes on while others still work on something large.
"""

import dataclasses
import math

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """Something that takes time, and a slot of each of some pools.

    :ivar key: unique among the jobs
    :ivar duration_s: how long it is thought to take, in seconds; it decides
        the order, and who waits for whom
    :ivar pools: the pools that it takes one slot of, each once
    :ivar after: keys of jobs that have to end before
    """

    key: str
    duration_s: float
    pools: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Placed:
    """A job with its place in the graph.

    :ivar after: keys of the jobs that it waits for, sorted; none of them
        waits for another one of them
    :ivar start_s: when it starts, if all takes as long as it is thought to
    :ivar end_s: when it ends then
    """

    key: str
    after: tuple[str, ...]
    start_s: float
    end_s: float


@dataclasses.dataclass(slots=True)
class _Slot:
    """One chain of a pool: its last job, and when that ends."""

    last: str = ''
    free_s: float = 0.0


def arrange(
    jobs: Iterable[Job], limits: Mapping[str, int]
) -> tuple[Placed, ...]:
    """Put the jobs into chains, the longest first.

    List scheduling in order of falling duration: whenever a slot gets free,
    the longest job that may start then takes it. For one pool of k slots
    that ends within 4/3 - 1/(3k) of the best there is (R. L. Graham, Bounds
    on Multiprocessing Timing Anomalies, 1969).

    :param limits: pool -> number of slots, at least 1; a pool that is not
        there has no limit
    :returns: the jobs by their start, ties as they were placed; equal
        durations go by key, so that equal input gives an equal graph
    :raises ValueError: jobs wait for one another, or for none of the jobs
    """
    waiting = sorted(jobs, key=lambda j: (-j.duration_s, j.key))
    slots = {pool: [_Slot() for _ in range(n)] for pool, n in limits.items()}
    placed: dict[str, Placed] = {}
    before: dict[str, frozenset[str]] = {}
    while waiting:
        starts = [_earliest_s(job, slots, placed) for job in waiting]
        now_s = min(starts)
        if math.isinf(now_s):
            raise ValueError(f'{waiting[0].key} waits for ever')
        job = waiting.pop(starts.index(now_s))
        _place(job, now_s, slots, placed, before)
    return tuple(placed.values())


def makespan_s(placed: Sequence[Placed]) -> float:
    """Return when the last job ends, in seconds; 0 without any job."""
    return max((p.end_s for p in placed), default=0.0)


def _earliest_s(
    job: Job,
    slots: Mapping[str, Sequence[_Slot]],
    placed: Mapping[str, Placed],
) -> float:
    """Return when a job may start; infinity when nobody knows yet."""
    if not all(key in placed for key in job.after):
        return math.inf
    ends = (placed[key].end_s for key in job.after)
    frees = (min(s.free_s for s in slots[p]) for p in job.pools if p in slots)
    return max((*ends, *frees), default=0.0)


def _place(
    job: Job,
    start_s: float,
    slots: Mapping[str, Sequence[_Slot]],
    placed: dict[str, Placed],
    before: dict[str, frozenset[str]],
) -> None:
    """Append a job to one chain of each of its pools."""
    end_s = start_s + job.duration_s
    parents = set(job.after)
    implied = frozenset[str]().union(*(before[p] for p in parents))
    pools = [slots[pool] for pool in job.pools if pool in slots]
    # Where there is least to choose from first: the others then follow.
    for pool in sorted(pools, key=len):
        slot = _chosen(pool, start_s, implied | parents)
        if slot.last:
            parents.add(slot.last)
            implied |= before[slot.last]
        slot.last, slot.free_s = job.key, end_s
    before[job.key] = implied | parents
    after = tuple(sorted(parents - implied))
    placed[job.key] = Placed(job.key, after, start_s, end_s)


def _chosen(
    pool: Sequence[_Slot], start_s: float, ended: frozenset[str] | set[str]
) -> _Slot:
    """Choose a chain that is free by then.

    One whose last job has to end before in any case makes the job wait for
    nobody else: one that took longer than thought would hold it up.

    :param ended: keys of the jobs that have to end before in any case
    """
    free = [slot for slot in pool if slot.free_s <= start_s]
    return min(
        free, key=lambda s: (s.last not in ended, bool(s.last), s.free_s)
    )
