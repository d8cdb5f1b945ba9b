# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import answer
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import ejection
from watcher_host_maintenance.core.packing import search


def filled(*sizes, rooms):
    """A board of one shape for each size, with bins of VCPU."""
    counts = {size: sizes.count(size) for size in sizes}
    return board.board(
        builders.a_problem(
            [
                builders.a_shape(f's{size}', count, VCPU=size)
                for size, count in counts.items()
            ],
            [
                builders.a_bin(f'h{n}', VCPU=room)
                for n, room in enumerate(rooms)
            ],
        )
    )


# Filled to the last unit: 7+6+6 and 5+4+4+4+3+3.
TIGHT = filled(7, 6, 6, 5, 4, 4, 4, 3, 3, rooms=(19, 23))
# No sum forbids three of 3 and two of 2 in three rooms of 5, 5 and 3; but
# two of 5 and 3 hold 3+2, and the third 3.
LESS = filled(3, 3, 3, 2, 2, rooms=(5, 5, 3))


def violations(built, where):
    problem = builders.a_problem(
        built.shapes,
        [
            builders.a_bin(h, VCPU=room[0] * built.units[0])
            for h, room in zip(built.hosts, built.rooms, strict=True)
        ],
    )
    named = answer.Answer(answer.Status.PLACED, built.named(where))
    return builders.violations(problem, named)


@ddt.ddt
class TestEjection(base.TestCase):
    @ddt.data(TIGHT, LESS)
    def test_fills_to_the_last_unit(self, built):
        tried = ejection.Ejection(built)
        self.assertTrue(tried.run(50_000))
        self.assertEqual([], violations(built, tried.best))
        self.assertEqual(
            sum(built.counts), sum(sum(t.values()) for t in tried.best)
        )

    def test_keeps_the_most_that_had_a_place(self):
        built = filled(3, 3, 3, rooms=(3, 3))
        tried = ejection.Ejection(built)
        self.assertFalse(tried.run(5_000))
        self.assertEqual(1, tried.fewest)
        self.assertEqual([{0: 1}, {0: 1}], tried.best)

    def test_can_be_continued(self):
        tried = ejection.Ejection(TIGHT)
        rounds = 0
        while not tried.run(1) and rounds < 5_000:
            rounds += 1
        self.assertLess(0, rounds)
        self.assertEqual([], violations(TIGHT, tried.best))
        self.assertEqual([], tried.pool)

    def test_does_the_same_again(self):
        one, two = ejection.Ejection(TIGHT), ejection.Ejection(TIGHT)
        one.run(700)
        two.run(700)
        self.assertEqual(one.state.there, two.state.there)
        self.assertEqual((one.pool, one.steps), (two.pool, two.steps))

    def test_gives_up_what_fits_nowhere(self):
        tried = ejection.Ejection(filled(5, 1, rooms=(4,)))
        self.assertFalse(tried.run(1_000))
        self.assertEqual(1, tried.fewest)


@ddt.ddt
class TestSearch(base.TestCase):
    @ddt.data(TIGHT, LESS)
    def test_fills_to_the_last_unit(self, built):
        found = search.place(built, 100_000)
        self.assertTrue(found.complete)
        self.assertEqual([], violations(built, found.where))

    def test_knows_that_there_is_none(self):
        found = search.place(filled(4, 3, 3, rooms=(5, 5)), 100_000)
        self.assertEqual((None, True), (found.where, found.complete))

    def test_does_not_know_without_work(self):
        found = search.place(TIGHT, 3)
        self.assertEqual((None, False), (found.where, found.complete))

    def test_finds_nothing_when_more_is_known(self):
        found = search.place_most(filled(3, 3, 3, rooms=(3, 3)), 9_999, 4)
        self.assertEqual((None, True), (found.where, found.complete))
