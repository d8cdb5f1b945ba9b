# SPDX-License-Identifier: Apache-2.0

import dataclasses
import itertools

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


# No order by size places these, and no sum forbids it: the two bins have to
# be filled to the last unit.
TIGHT = builders.a_problem(
    [
        builders.an_item(f's{size}', count, VCPU=size)
        for size, count in ((7, 1), (6, 2), (5, 1), (4, 3), (3, 2))
    ],
    [builders.a_bin('h1', VCPU=19), builders.a_bin('h2', VCPU=23)],
)


@ddt.ddt
class TestSolve(base.TestCase):
    @ddt.data(builders.LIMITS, builders.WITHOUT_PROGRAM)
    def test_nothing_to_place(self, limits):
        result = solve.solve(builders.a_problem([], []), limits)
        self.assertIs(Status.PLACED, result.status)
        self.assertEqual({}, result.placement)

    @ddt.data(builders.LIMITS, builders.WITHOUT_PROGRAM)
    def test_no_bins(self, limits):
        result = solve.solve(
            builders.a_problem([builders.an_item()], []), limits
        )
        self.assertIs(Status.IMPOSSIBLE, result.status)
        self.assertIs(Kind.NO_BIN, result.proof.kind)

    @ddt.data(builders.LIMITS, builders.WITHOUT_PROGRAM)
    def test_fills_to_the_last_unit(self, limits):
        result = solve.solve(TIGHT, limits)
        self.assertIs(Status.PLACED, result.status)
        self.assertEqual([], builders.violations(TIGHT, result))

    def test_is_undecided_without_work(self):
        self.assertEqual(Result(), solve.solve(TIGHT, Limits.of(0)))

    def test_by_highs_alone(self):
        result = solve.solve(TIGHT, Limits(ejections=0, peak_steps=0))
        self.assertIs(Status.PLACED, result.status)
        self.assertEqual([], builders.violations(TIGHT, result))

    @ddt.data(solve.solve, solve.place_most)
    def test_deadline_never_changes_an_answer(self, decide):
        """It comes before each look at the clock in turn, and after all."""
        expected = decide(TIGHT)
        answers = []
        for looks in itertools.count():
            limits = Limits(left_s=builders.Countdown(looks))
            try:
                answers.append(decide(TIGHT, limits))
            except builders.TooLate:
                self.assertEqual([], answers)
            if len(answers) == 3:
                break
        self.assertGreater(looks, 5)
        self.assertEqual([expected] * 3, answers)

    def test_time_that_is_up_gives_no_other_placement(self):
        limits = Limits(ejections=5, guard_s=0.0)
        self.assertEqual(Result(timed_out=True), solve.solve(TIGHT, limits))
        two = dataclasses.replace(
            TIGHT, bins=(*TIGHT.bins[:1], builders.a_bin('h2', VCPU=22))
        )
        most = solve.place_most(two, limits)
        self.assertEqual((True, False), (most.timed_out, most.complete))

    def test_time_that_is_up_keeps_what_needed_no_time(self):
        """Two of three have a place; HiGHS, which may find more, is late."""
        problem = builders.a_problem(
            [
                builders.an_item('low', 2, VCPU=2, MEMORY_MB=1),
                builders.an_item('high', 2, VCPU=2, MEMORY_MB=3),
            ],
            [
                builders.a_bin('h1', VCPU=4, MEMORY_MB=5),
                builders.a_bin('h2', VCPU=4, MEMORY_MB=3),
            ],
        )
        for ejections in (0, 5, 5_000):
            limits = Limits(ejections, guard_s=0.0)
            late = solve.place_most(problem, limits)
            without = dataclasses.replace(limits, program=False)
            self.assertTrue(late.timed_out)
            self.assertEqual(3, late.number)
            self.assertEqual(
                solve.place_most(problem, without).placement, late.placement
            )
