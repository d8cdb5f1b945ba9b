# SPDX-License-Identifier: Apache-2.0

"""Lanes keep every limit, whatever durations turn out to be."""

import heapq

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
