# SPDX-License-Identifier: Apache-2.0

"""Lanes keep every limit, whatever durations turn out to be."""

import heapq

import ddt
import hypothesis

from hypothesis import strategies as st

from tests.unit import base
from tests.unit.core import generated
from watcher_host_maintenance.core.scheduling import lanes
from watcher_host_maintenance.core.scheduling.lanes import Job


def a_job(key, duration_s, *pools, after=()):
    """A job of the pool ``all``, if no other is named."""
    return Job(key, duration_s, pools or ('all',), after)


def edges(placed):
    """Key -> what it waits for, as one word each."""
    return {p.key: ''.join(p.after) for p in placed}


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


@ddt.ddt
class TestArrange(base.TestCase):
    @ddt.named_data(
        # name, limit, durations, expected edges, expected makespan
        ('none',      1, {}, {}, 0),
        ('one',       1, {'a': 5}, {'a': ''}, 5),
        ('chain',     1, {'a': 1, 'b': 3, 'c': 2},
         {'b': '', 'c': 'b', 'a': 'c'}, 6),
        ('as_many',   3, {'a': 1, 'b': 3, 'c': 2},
         {'a': '', 'b': '', 'c': ''}, 3),
        ('no_barrier', 2, {'a': 9, 'b': 3, 'c': 3, 'd': 3},
         {'a': '', 'b': '', 'c': 'b', 'd': 'c'}, 9),
        ('equals',    2, {'b': 1, 'a': 1, 'd': 1, 'c': 1},
         {'a': '', 'b': '', 'c': 'a', 'd': 'b'}, 2),
    )  # fmt: skip
    @ddt.unpack
    def test_one_pool(self, limit, durations, expected, makespan_s):
        jobs = [a_job(key, took_s) for key, took_s in durations.items()]
        placed = lanes.arrange(jobs, {'all': limit})
        self.assertEqual(expected, edges(placed))
        self.assertEqual(makespan_s, lanes.makespan_s(placed))

    def test_several_pools(self):
        # b and c share their destination, a and b their source.
        placed = lanes.arrange(
            [
                a_job('a', 4, 'source x', 'to p'),
                a_job('b', 3, 'source x', 'to q'),
                a_job('c', 2, 'source y', 'to q'),
            ],
            {'source x': 1, 'source y': 1, 'to p': 1, 'to q': 1},
        )
        self.assertEqual({'a': '', 'c': '', 'b': 'ac'}, edges(placed))

    def test_no_edge_across(self):
        # Two sources, one destination that takes two at once: two chains.
        jobs = [
            a_job(f'{source}{n}', 9 - n, f'source {source}', 'to z', 'all')
            for source in 'xy'
            for n in range(4)
        ]
        placed = lanes.arrange(
            jobs, {'source x': 1, 'source y': 1, 'to z': 2, 'all': 9}
        )
        self.assertEqual(
            {
                'x0': '',
                'x1': 'x0',
                'x2': 'x1',
                'x3': 'x2',
                'y0': '',
                'y1': 'y0',
                'y2': 'y1',
                'y3': 'y2',
            },
            edges(placed),
        )

    def test_a_pool_without_a_limit(self):
        placed = lanes.arrange([a_job('a', 1), a_job('b', 1)], {})
        self.assertEqual({'a': '', 'b': ''}, edges(placed))

    def test_after(self):
        # The longest has to wait for room that another one makes.
        placed = lanes.arrange(
            [a_job('a', 9, after=('b',)), a_job('b', 1), a_job('c', 2)],
            {'all': 1},
        )
        self.assertEqual({'c': '', 'b': 'c', 'a': 'b'}, edges(placed))

    @ddt.named_data(
        ('nobody', [a_job('a', 1, after=('x',))]),
        ('ring', [a_job('a', 1, after=('b',)), a_job('b', 1, after=('a',))]),
    )
    def test_waits_for_ever(self, jobs):
        error = self.assertRaises(ValueError, lanes.arrange, jobs, {'all': 1})
        self.assertEqual('a waits for ever', str(error))

    def test_in_order_of_the_start(self):
        placed = lanes.arrange(
            [a_job(key, n) for n, key in enumerate('abcdef', start=1)],
            {'all': 2},
        )
        starts = [p.start_s for p in placed]
        self.assertEqual(sorted(starts), starts)
        self.assertEqual('fedcba', ''.join(p.key for p in placed))


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
