# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.ejection import Ejection
from watcher_host_maintenance.core.packing.result import Result


def filled(*sizes, rooms):
    """A board of one item for each size, with bins of VCPU."""
    counts = {size: sizes.count(size) for size in sizes}
    return Board(
        builders.a_problem(
            [
                builders.an_item(f's{size}', count, VCPU=size)
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


def violations(board, contents):
    return builders.violations(board.problem, Result(board.named(contents)))


@ddt.ddt
class TestEjection(base.TestCase):
    @ddt.data(TIGHT, LESS)
    def test_fills_to_the_last_unit(self, board):
        tried = Ejection(board)
        self.assertTrue(tried.run(50_000))
        self.assertEqual([], violations(board, tried.best))
        self.assertEqual(
            sum(board.counts), sum(sum(t.values()) for t in tried.best)
        )

    def test_deadline_interrupts_it(self):
        whole, tried = Ejection(TIGHT), Ejection(TIGHT)
        whole.run(50_000)
        self.assertRaises(
            builders.TooLate, tried.run, 50_000, builders.Countdown(2)
        )
        self.assertLess(tried.steps, whole.steps)

    def test_keeps_the_most_that_had_a_place(self):
        board = filled(3, 3, 3, rooms=(3, 3))
        tried = Ejection(board)
        self.assertFalse(tried.run(5_000))
        self.assertEqual(1, tried.fewest)
        self.assertEqual([{0: 1}, {0: 1}], tried.best)

    def test_can_be_continued(self):
        tried = Ejection(TIGHT)
        rounds = 0
        while not tried.run(rounds) and rounds < 50_000:
            rounds += 1
        self.assertLess(0, rounds)
        self.assertEqual([], violations(TIGHT, tried.best))
        self.assertEqual([], tried.pool)

    def test_a_pause_changes_nothing(self):
        """Where it stops in between is no part of what it does."""
        one, two = Ejection(LESS), Ejection(LESS)
        self.assertEqual(one.run(700), two.run(10) or two.run(700))
        self.assertEqual(one.state.held, two.state.held)
        self.assertEqual((one.pool, one.steps), (two.pool, two.steps))

    def test_does_the_same_again(self):
        one, two = Ejection(TIGHT), Ejection(TIGHT)
        one.run(700)
        two.run(700)
        self.assertEqual(one.state.held, two.state.held)
        self.assertEqual((one.pool, one.steps), (two.pool, two.steps))

    def test_gives_up_what_fits_nowhere(self):
        tried = Ejection(filled(5, 1, rooms=(4,)))
        self.assertFalse(tried.run(1_000))
        self.assertEqual(1, tried.fewest)
