# SPDX-License-Identifier: Apache-2.0

"""Lanes keep every limit, whatever durations turn out to be."""

import dataclasses
import heapq
import math

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core.scheduling import lanes
from watcher_host_maintenance.core.scheduling.lanes import Job


def run(placed, took_s):
    """Start each job when its parents have ended.

    :param took_s: key -> how long it really takes
    :returns: key -> (start, end)
    """
    times = {}
    for job in placed:
        start_s = max((times[k][1] for k in job.after), default=0)
        times[job.key] = (start_s, start_s + took_s[job.key])
    return times


def most_at_once(times):
    """The largest number of intervals that overlap."""
    ends, most = [], 0
    for start_s, end_s in sorted(times):
        while ends and ends[0] <= start_s:
            heapq.heappop(ends)
        heapq.heappush(ends, end_s)
        most = max(most, len(ends))
    return most


HOSTS = ('x', 'y', 'z')


@st.composite
def cases(draw):
    """Jobs between hosts, limits, and how long each job really takes."""
    size = draw(st.integers(0, 25))
    jobs = [
        Job(
            f'{n:02}',
            float(draw(st.integers(0, 9))),
            (
                'all',
                f'source {draw(st.sampled_from(HOSTS))}',
                f'to {draw(st.sampled_from(HOSTS))}',
            ),
        )
        for n in range(size)
    ]
    pools = sorted({pool for job in jobs for pool in job.pools})
    limits = {pool: draw(st.integers(1, 4)) for pool in pools}
    took_s = {j.key: draw(st.integers(1, 9)) for j in jobs}
    return jobs, limits, took_s


@st.composite
def cases_with_parents(draw):
    """Jobs of some pools, without a limit too, that wait for others."""
    jobs, limits, _took_s = draw(cases())
    mixed = []
    for number, job in enumerate(jobs):
        earlier = st.sampled_from([j.key for j in jobs[: number + 1]])
        after = draw(st.lists(earlier, max_size=2, unique=True))
        pools = draw(st.lists(st.sampled_from(job.pools), unique=True))
        mixed.append(
            dataclasses.replace(
                job,
                pools=tuple(pools),
                after=tuple(key for key in after if key != job.key),
            )
        )
    for pool in draw(st.sets(st.sampled_from(['all', 'to x']))):
        limits.pop(pool, None)
    return mixed, limits


def arranged_plainly(jobs, limits, until_s=math.inf):
    """Key -> (parents, start), by looking at all jobs for each place."""

    def chain_s(job):
        others = (chain_s(other) for other in jobs if job.key in other.after)
        return job.duration_s + max(others, default=0)

    waiting = sorted(jobs, key=lambda j: (-chain_s(j), j.key))
    slots = {pool: [(None, 0)] * n for pool, n in limits.items()}
    placed, ends, before = {}, {None: 0}, {None: set()}

    def start_s(job):
        frees = (
            min(e for _key, e in slots[p]) for p in job.pools if p in slots
        )
        return max((*frees, *(ends[key] for key in job.after)), default=0)

    while ready := [j for j in waiting if ends.keys() >= {*j.after}]:
        job = min(ready, key=start_s)
        waiting.remove(job)
        if start_s(job) + job.duration_s > until_s:
            continue
        now_s, parents = start_s(job), set(job.after)
        ended = parents.union(*(before[key] for key in parents))
        pools = [slots[p] for p in job.pools if p in slots]
        for pool in sorted(pools, key=len):
            last = min(
                (slot for slot in pool if slot[1] <= now_s),
                key=lambda s: (s[0] not in ended, s[0] is not None, s[1]),
            )
            pool[pool.index(last)] = job.key, now_s + job.duration_s
            if last[0] is not None:
                parents.add(last[0])
                ended |= {last[0]} | before[last[0]]
        before[job.key], ends[job.key] = ended, now_s + job.duration_s
        implied = set().union(*(before[key] for key in parents))
        placed[job.key] = (tuple(sorted(parents - implied)), now_s)
    return placed


class TestEveryCase(base.TestCase):
    @generated.settings(300)
    @hypothesis.given(cases())
    def test_limits_are_kept(self, case):
        jobs, limits, took_s = case
        placed = lanes.arrange(jobs, limits)
        self.assertEqual(
            sorted(j.key for j in jobs), sorted(p.key for p in placed)
        )
        times = run(placed, took_s)
        for pool, limit in limits.items():
            there = [times[j.key] for j in jobs if pool in j.pools]
            self.assertLessEqual(most_at_once(there), limit)

    @generated.settings(100)
    @hypothesis.given(cases())
    def test_as_estimated(self, case):
        jobs, limits, _took_s = case
        placed = lanes.arrange(jobs, limits)
        took_s = {j.key: j.duration_s for j in jobs}
        self.assertEqual(
            {p.key: (p.start_s, p.end_s) for p in placed},
            run(placed, took_s),
        )

    @generated.settings(100)
    @hypothesis.given(cases(), st.randoms(use_true_random=False))
    def test_order_of_the_input_does_not_matter(self, case, random):
        jobs, limits, _took_s = case
        shuffled = random.sample(jobs, len(jobs))
        self.assertEqual(
            lanes.arrange(jobs, limits), lanes.arrange(shuffled, limits)
        )

    @generated.settings(200)
    @hypothesis.given(cases())
    def test_no_edge_is_implied_by_others(self, case):
        jobs, limits, _took_s = case
        before = {}
        for job in lanes.arrange(jobs, limits):
            implied = set().union(*(before[k] for k in job.after))
            self.assertEqual(set(), implied & set(job.after))
            before[job.key] = implied | set(job.after)

    @generated.settings(400)
    @hypothesis.given(cases_with_parents())
    def test_as_looked_at_one_by_one(self, case):
        jobs, limits = case
        self.assertEqual(
            [*arranged_plainly(jobs, limits).items()],
            [
                (job.key, (job.after, job.start_s))
                for job in lanes.arrange(jobs, limits)
            ],
        )

    @generated.settings(200)
    @hypothesis.given(cases_with_parents(), st.integers(0, 40))
    def test_until_some_time(self, case, until_s):
        jobs, limits = case
        placed = lanes.arrange(jobs, limits, until_s)
        self.assertEqual(
            [*arranged_plainly(jobs, limits, until_s).items()],
            [(job.key, (job.after, job.start_s)) for job in placed],
        )
        self.assertLessEqual(lanes.makespan_s(placed), until_s)
