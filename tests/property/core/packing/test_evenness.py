# SPDX-License-Identifier: Apache-2.0

import hypothesis

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from tests.unit.core.packing.builders import heights
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.balance import balance
from watcher_host_maintenance.core.packing.bisect_peak import bisect_peak
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.worst_fit import worst_fit


class TestBalance(base.TestCase):
    @generated.settings(150)
    @hypothesis.given(builders.problems(8, 4))
    def test_is_never_worse(self, problem):
        found = worst_fit(Board(problem))
        if found is None:
            return
        before = heights(problem, found.placement())
        balance(found, 1_000)
        result = Result(found.placement())
        self.assertEqual([], builders.violations(problem, result))
        self.assertEqual(
            builders.total(problem), builders.number(result.placement)
        )
        self.assertLessEqual(heights(problem, result.placement)[0], before[0])


class TestBisectPeak(base.TestCase):
    @generated.settings(60)
    @hypothesis.given(builders.problems(5, 3))
    def test_the_highest_is_near_the_optimum(self, problem):
        """Within 2 % of the best of all placements of all items."""
        result = solve.solve(problem)
        if result.status is Status.PLACED:
            best = min(
                heights(problem, where)[0]
                for where in builders.placements(problem, everything=True)
            )
            self.assertLessEqual(
                heights(problem, result.placement)[0], best * 1.02
            )


class TestSoftGroups(base.TestCase):
    """What a soft group likes better goes first, however full it is."""

    @generated.settings(150)
    @hypothesis.given(builders.soft_problems())
    def test_are_counted(self, problem):
        found = worst_fit(Board(problem))
        if found is not None:
            self.assertEqual(
                builders.soft_violations(problem, found.placement()),
                found.all_soft_violations(),
            )

    @generated.settings(150)
    @hypothesis.given(builders.soft_problems())
    def test_evenness_is_not_at_their_cost(self, problem):
        found = worst_fit(Board(problem))
        if found is None:
            return
        before = builders.soft_violations(problem, found.placement())
        balance(found, 1_000)
        evened = builders.soft_violations(problem, found.placement())
        self.assertLessEqual(evened, before)
        lowered = bisect_peak(found, 1_000, 5_000)
        self.assertLessEqual(
            builders.soft_violations(problem, lowered.placement()), evened
        )

    @generated.settings(100)
    @hypothesis.given(builders.soft_problems(6, 3))
    def test_do_not_decide_whether_all_have_places(self, problem):
        result = solve.solve(problem)
        self.assertEqual([], builders.violations(problem, result))
        self.assertIs(
            builders.is_possible(problem), result.status is Status.PLACED
        )
