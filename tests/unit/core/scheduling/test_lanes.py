# SPDX-License-Identifier: Apache-2.0

"""Lanes keep every limit, whatever durations turn out to be."""

import ddt

from tests.unit import base
from watcher_host_maintenance.core.scheduling import lanes
from watcher_host_maintenance.core.scheduling.lanes import Job


def a_job(key, duration_s, *pools, after=()):
    """A job of the pool ``all``, if no other is named."""
    return Job(key, duration_s, pools or ('all',), after)


def edges(placed):
    """Key -> what it waits for, as one word each."""
    return {p.key: ''.join(p.after) for p in placed}


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
        # What the longest waits for comes first: it makes room.
        placed = lanes.arrange(
            [a_job('a', 9, after=('b',)), a_job('b', 1), a_job('c', 2)],
            {'all': 1},
        )
        self.assertEqual({'b': '', 'a': 'b', 'c': 'a'}, edges(placed))

    def test_longest_chain_first(self):
        placed = lanes.arrange(
            [
                a_job('a', 5),
                a_job('b', 1),
                a_job('c', 2, after=('b',)),
                a_job('d', 4, after=('c',)),
            ],
            {'all': 1},
        )
        self.assertEqual('bcad', ''.join(p.key for p in placed))

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

    @ddt.named_data(
        # name, until, expected edges: of 6 s, 5 s and 4 s, one by one
        ('all',            15, {'a': '', 'b': 'a', 'c': 'b'}),
        ('the_last_late',  14, {'a': '', 'b': 'a'}),
        ('the_second_too', 10, {'a': '', 'c': 'a'}),
        ('nor_the_third',  9,  {'a': ''}),
        ('the_first_late', 5,  {'b': ''}),
        ('none',           3,  {}),
    )  # fmt: skip
    @ddt.unpack
    def test_until(self, until_s, expected):
        jobs = [a_job('a', 6), a_job('b', 5), a_job('c', 4)]
        placed = lanes.arrange(jobs, {'all': 1}, until_s)
        self.assertEqual(expected, edges(placed))

    def test_until_with_parents(self):
        jobs = [a_job('a', 9), a_job('b', 1, after=('a',)), a_job('c', 3)]
        placed = lanes.arrange(jobs, {'all': 1}, 8)
        self.assertEqual({'c': ''}, edges(placed))
