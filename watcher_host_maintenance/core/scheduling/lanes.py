# SPDX-License-Identifier: Apache-2.0

"""Jobs that compete for slots, arranged into a graph that keeps the limits.

Watcher's applier starts an action as soon as its parents have ended, however
long they took. So "two at once" has to be in the graph: each slot of a pool
is a chain of jobs, and a job that takes a slot waits for the job before it
there. The limits then hold whatever the real durations are. There is no
barrier: a chain goes on while others still work on something large.
"""

import dataclasses
import graphlib
import heapq
import math

from collections.abc import Iterable
from collections.abc import Iterator
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


@dataclasses.dataclass(slots=True)
class _Pool:
    """The chains of one limit, and the jobs that wait for one of them.

    :ivar waiting: ranks of jobs, a heap
    :ivar free_s: when the next chain gets free
    """

    slots: Sequence[_Slot]
    waiting: list[int] = dataclasses.field(default_factory=list)
    free_s: float = 0.0


def arrange(
    jobs: Iterable[Job],
    limits: Mapping[str, int],
    until_s: float = math.inf,
) -> tuple[Placed, ...]:
    """Put the jobs into chains, the longest first.

    List scheduling in order of falling duration: whenever a slot gets free,
    the longest job that may start then takes it. For one pool of k slots
    that ends within 4/3 - 1/(3k) of the best there is (R. L. Graham, Bounds
    on Multiprocessing Timing Anomalies, 1969). A job that others wait for is
    as long as the longest chain that it begins.

    :param limits: pool -> number of slots, at least 1; a pool that is not
        there has no limit
    :param until_s: when the last job has to end, in seconds: a slot goes to
        the longest job that ends by then, and what never can is left out
    :returns: the jobs by their start, ties as they were placed; equal
        durations go by key, so that equal input gives an equal graph
    :raises ValueError: jobs wait for one another, or for none of the jobs
    """
    jobs = [*jobs]
    chains_s = _chains_s(jobs)
    ranked = sorted(jobs, key=lambda j: (-chains_s[j.key], j.key))
    lacking = [set(job.after) for job in ranked]
    children: dict[str, list[int]] = {}
    for rank, keys in enumerate(lacking):
        for key in keys:
            children.setdefault(key, []).append(rank)
    lanes = _Lanes(ranked, limits, until_s)
    for rank, keys in enumerate(lacking):
        if not keys:
            lanes.wait(rank)
    for job in lanes.placements():
        for rank in children.get(job.key, ()):
            lacking[rank].remove(job.key)
            if not lacking[rank]:
                lanes.wait(rank)
    return tuple(lanes.placed.values())


def _chains_s(jobs: Iterable[Job]) -> dict[str, float]:
    """Return job's key -> duration of the longest chain that it begins.

    :raises ValueError: jobs wait for one another, or for none of the jobs
    """
    after = {job.key: job.after for job in jobs}
    durations_s = {job.key: job.duration_s for job in jobs}
    longest_s = dict(durations_s)
    try:
        order = [*graphlib.TopologicalSorter(after).static_order()]
    except graphlib.CycleError as exc:
        raise ValueError(f'{min(exc.args[1])} waits for ever') from exc
    for key, parents in after.items():
        if not after.keys() >= {*parents}:
            raise ValueError(f'{key} waits for ever')
    for key in reversed(order):
        for parent in after[key]:
            chain_s = durations_s[parent] + longest_s[key]
            longest_s[parent] = max(longest_s[parent], chain_s)
    return longest_s


def makespan_s(placed: Sequence[Placed]) -> float:
    """Return when the last job ends, in seconds; 0 without any job."""
    return max((p.end_s for p in placed), default=0.0)


class _Lanes:
    """The chains of all pools, and the jobs that wait for a place in them.

    A job is known by its rank: its place in order of falling length. It
    waits at the pool that keeps it longest, and only the first of a pool is
    in the queue: no chain gets free earlier than before, so that no entry
    of the queue is later than a start. When that one goes on to wait at a
    pool that all of its pool need, the others stay out of the queue: none
    of them can start before it.

    :ivar placed: key -> job, as they were placed
    """

    def __init__(
        self,
        ranked: Sequence[Job],
        limits: Mapping[str, int],
        until_s: float,
    ):
        self.placed: dict[str, Placed] = {}
        self._ranked = ranked
        self._until_s = until_s
        self._bits = {job.key: 1 << rank for rank, job in enumerate(ranked)}
        self._bits[''] = 0
        # Of each job that is placed, all that end before it, as bits.
        self._before = {'': 0}
        self._pools = {
            name: _Pool([_Slot() for _ in range(number)])
            for name, number in limits.items()
        }
        # Pool -> the pools that every job of it needs.
        self._needed: dict[str, set[str]] = {'': set()}
        for job in ranked:
            for name in job.pools:
                needed = self._needed.setdefault(name, {*job.pools})
                needed.intersection_update(job.pools)
        # Rank -> the pools that this job keeps out of the queue.
        self._kept: dict[int, list[str]] = {}
        # Time, rank, and the pool where the job waits; '' is none.
        self._queue: list[tuple[float, int, str]] = []

    def wait(self, rank: int) -> str:
        """Let a job wait whose parents are placed; return at which pool."""
        ready_s, name = self._start(rank)
        if name:
            heapq.heappush(self._pools[name].waiting, rank)
        if not name or self._pools[name].waiting[0] == rank:
            heapq.heappush(self._queue, (ready_s, rank, name))
        return name

    def placements(self) -> Iterator[Job]:
        """Place and yield the jobs that wait, the earliest start first."""
        while self._queue:
            time_s, rank, name = heapq.heappop(self._queue)
            kept: list[str] = []
            if name:
                waiting = self._pools[name].waiting
                if waiting[:1] != [rank]:
                    continue
                heapq.heappop(waiting)
                kept.append(name)
            kept += self._kept.pop(rank, ())
            start_s, _name = self._start(rank)
            if start_s + self._ranked[rank].duration_s > self._until_s:
                # Later it ends later still.
                pass
            elif start_s > time_s:
                longest = self.wait(rank)
                self._kept[rank] = [
                    pool
                    for pool in kept
                    if pool != longest and longest in self._needed[pool]
                ]
            else:
                self._place(self._ranked[rank], start_s)
                yield self._ranked[rank]
            for pool in kept:
                if pool not in self._kept.get(rank, ()):
                    self._announce(pool, rank)

    def _announce(self, name: str, rank: int) -> None:
        """Queue the first job of a pool, unless it is the one just queued."""
        pool = self._pools[name]
        if pool.waiting and pool.waiting[0] != rank:
            entry = pool.free_s, pool.waiting[0], name
            heapq.heappush(self._queue, entry)

    def _start(self, rank: int) -> tuple[float, str]:
        """Return when a job may start, and the pool that it waits for.

        :returns: '' for a job that waits for no pool
        """
        job = self._ranked[rank]
        ends = (self.placed[key].end_s for key in job.after)
        times = [(max(ends, default=0.0), '')]
        pools = [name for name in job.pools if name in self._pools]
        times.extend((self._pools[name].free_s, name) for name in pools)
        return max(times)

    def _place(self, job: Job, start_s: float) -> None:
        """Append a job to one chain of each of its pools."""
        end_s = start_s + job.duration_s
        parents = set(job.after)
        implied, bits = 0, 0
        for key in parents:
            implied |= self._before[key]
            bits |= self._bits[key]
        pools = [self._pools[p] for p in job.pools if p in self._pools]
        # Where there is least to choose from first: the others then follow.
        for pool in sorted(pools, key=lambda p: len(p.slots)):
            slot = self._chosen(pool.slots, start_s, implied | bits)
            if slot.last:
                parents.add(slot.last)
                bits |= self._bits[slot.last]
                implied |= self._before[slot.last]
            slot.last, slot.free_s = job.key, end_s
            pool.free_s = min(s.free_s for s in pool.slots)
        self._before[job.key] = implied | bits
        after = sorted(k for k in parents if not self._bits[k] & implied)
        self.placed[job.key] = Placed(job.key, tuple(after), start_s, end_s)

    def _chosen(
        self, slots: Iterable[_Slot], start_s: float, ended: int
    ) -> _Slot:
        """Choose a chain that is free by then.

        One whose last job has to end before in any case makes the job wait
        for no other: one that takes longer than estimated would delay it.

        :param ended: the jobs that have to end before in any case, as bits
        """
        return min(
            (slot for slot in slots if slot.free_s <= start_s),
            key=lambda s: (
                not self._bits[s.last] & ended,
                bool(s.last),
                s.free_s,
            ),
        )
