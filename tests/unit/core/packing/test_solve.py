# SPDX-License-Identifier: Apache-2.0

import dataclasses
import sys

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import exact
from watcher_host_maintenance.core.packing import most
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status


# No order by size places these, and no sum forbids it: the two bins have to
# be filled to the last unit.
TIGHT = builders.a_problem(
    [
        builders.a_shape(f's{size}', count, VCPU=size)
        for size, count in ((7, 1), (6, 2), (5, 1), (4, 3), (3, 2))
    ],
    [builders.a_bin('h1', VCPU=19), builders.a_bin('h2', VCPU=23)],
)


@ddt.ddt
class TestSolve(base.TestCase):
    @ddt.data(builders.WITH, builders.WITHOUT)
    def test_nothing_to_place(self, limits):
        answer = solve.solve(builders.a_problem([], []), limits)
        self.assertIs(Status.PLACED, answer.status)
        self.assertEqual({}, answer.where)

    @ddt.data(builders.WITH, builders.WITHOUT)
    def test_no_bins(self, limits):
        answer = solve.solve(
            builders.a_problem([builders.a_shape()], []), limits
        )
        self.assertIs(Status.IMPOSSIBLE, answer.status)
        self.assertIs(Kind.NO_BIN, answer.proof.kind)

    @ddt.data(builders.WITH, builders.WITHOUT)
    def test_fills_to_the_last_unit(self, limits):
        answer = solve.solve(TIGHT, limits)
        self.assertIs(Status.PLACED, answer.status)
        self.assertEqual([], builders.violations(TIGHT, answer))

    def test_is_undecided_without_work(self):
        limits = Limits(
            ejections=0, search_steps=0, exact=False, weight_rounds=0
        )
        self.assertEqual(
            solve.Answer(Status.UNDECIDED), solve.solve(TIGHT, limits)
        )


@ddt.ddt
class TestExact(base.TestCase):
    """Cases that nothing but the exact solver or the search decides."""

    LIMITS = Limits(ejections=0, weight_rounds=0, lowering=0)

    @ddt.data(True, False)
    def test_without_ejections(self, with_exact):
        limits = dataclasses.replace(self.LIMITS, exact=with_exact)
        answer = solve.solve(TIGHT, limits)
        self.assertIs(Status.PLACED, answer.status)
        self.assertEqual([], builders.violations(TIGHT, answer))

    def test_time_that_is_up_gives_no_other_placement(self):
        limits = dataclasses.replace(builders.WITH, ejections=5, guard_s=0.0)
        self.assertEqual(
            solve.Answer(Status.UNDECIDED, late=True),
            solve.solve(TIGHT, limits),
        )
        two = dataclasses.replace(
            TIGHT, bins=(*TIGHT.bins[:1], builders.a_bin('h2', VCPU=22))
        )
        self.assertEqual(
            solve.Answer(Status.UNDECIDED, late=True),
            most.place_most(two, limits),
        )

    def test_not_installed(self):
        exact.library.cache_clear()
        self.addCleanup(exact.library.cache_clear)
        self.addCleanup(sys.modules.update, {'highspy': exact.library()})
        exact.library.cache_clear()
        sys.modules['highspy'] = None
        self.assertIsNone(exact.library())
        answer = solve.solve(TIGHT, self.LIMITS)
        self.assertIs(Status.PLACED, answer.status)
