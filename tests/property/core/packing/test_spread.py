# SPDX-License-Identifier: Apache-2.0

import dataclasses

import hypothesis

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from tests.unit.core.packing.builders import heights
from watcher_host_maintenance.core.packing import evening
from watcher_host_maintenance.core.packing import lowering
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing import spread
from watcher_host_maintenance.core.packing.answer import Status


class TestEvening(base.TestCase):
    @generated.settings(150)
    @hypothesis.given(builders.problems(8, 4))
    def test_is_never_worse(self, problem):
        found = spread.spread(solve.sorted_problem(problem))
        if found is None:
            return
        before = heights(problem, found.where())
        evening.even(found, 1_000)
        answer = solve.Answer(Status.PLACED, found.where())
        self.assertEqual([], builders.violations(problem, answer))
        self.assertEqual(
            builders.total(problem), builders.number(answer.where)
        )
        self.assertLessEqual(heights(problem, answer.where)[0], before[0])


class TestLowering(base.TestCase):
    @generated.settings(60)
    @hypothesis.given(builders.problems(5, 3))
    def test_the_highest_is_near_the_optimum(self, problem):
        """Within 2 % of the best of all placements of all instances."""
        answer = solve.solve(problem)
        if answer.status is Status.PLACED:
            best = min(
                heights(problem, where)[0]
                for where in builders.placements(problem, everything=True)
            )
            self.assertLessEqual(
                heights(problem, answer.where)[0], best * 1.02
            )


class TestWishes(base.TestCase):
    """What a soft group likes better goes first, however full it is."""

    @generated.settings(150)
    @hypothesis.given(builders.wishful_problems())
    def test_are_counted(self, problem):
        found = spread.spread(solve.sorted_problem(problem))
        if found is not None:
            self.assertEqual(
                builders.complaints(problem, found.where()), found.complaints()
            )

    @generated.settings(150)
    @hypothesis.given(builders.wishful_problems())
    def test_no_evening_is_at_their_cost(self, problem):
        found = spread.spread(solve.sorted_problem(problem))
        if found is None:
            return
        before = builders.complaints(problem, found.where())
        evening.even(found, 1_000)
        evened = builders.complaints(problem, found.where())
        self.assertLessEqual(evened, before)
        lowered = lowering.lower(found, 1_000, 5_000)
        self.assertLessEqual(
            builders.complaints(problem, lowered.where()), evened
        )

    @generated.settings(100)
    @hypothesis.given(builders.wishful_problems(6, 3))
    def test_do_not_decide_whether_all_have_places(self, problem):
        limits = dataclasses.replace(builders.WITHOUT, ejections=50_000)
        answer = solve.solve(problem, limits)
        self.assertEqual([], builders.violations(problem, answer))
        self.assertIs(
            builders.is_possible(problem), answer.status is Status.PLACED
        )
