# SPDX-License-Identifier: Apache-2.0

import dataclasses
import os
import subprocess
import sys
import textwrap

import ddt
import hypothesis

from hypothesis import strategies as st

from tests.unit import base
from tests.unit.core import generated
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import exact
from watcher_host_maintenance.core.packing import most
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.problem import Problem


def shuffled(random, items):
    items = list(items)
    random.shuffle(items)
    return tuple(items)


def mixed(random, problem):
    """The same problem in another order."""
    return Problem(
        shuffled(
            random,
            (
                dataclasses.replace(
                    s, resources=dict(shuffled(random, s.resources.items()))
                )
                for s in problem.shapes
            ),
        ),
        shuffled(
            random,
            (
                dataclasses.replace(
                    b,
                    used=dict(shuffled(random, b.used.items())),
                    limit=dict(shuffled(random, b.limit.items())),
                )
                for b in problem.bins
            ),
        ),
        problem.group_limits,
    )


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

    @generated.settings(200)
    @hypothesis.given(builders.problems(), st.booleans())
    def test_finds_a_placement_whenever_one_exists(self, problem, with_exact):
        limits = builders.WITH if with_exact else builders.WITHOUT
        answer = solve.solve(problem, limits)
        if builders.is_possible(problem):
            self.assertIs(Status.PLACED, answer.status)
            self.assertEqual([], builders.violations(problem, answer))
            self.assertEqual(
                builders.total(problem), builders.number(answer.where)
            )
        else:
            self.assertIs(Status.IMPOSSIBLE, answer.status)
            self.assertIsNotNone(answer.proof)
            self.assertEqual({}, answer.where)

    @generated.settings(80)
    @hypothesis.given(
        builders.problems(20, 8), st.randoms(use_true_random=False)
    )
    def test_does_not_depend_on_the_order_of_its_input(self, problem, random):
        limits = Limits(ejections=5_000, search_steps=2_000, exact=False)
        self.assertEqual(
            solve.solve(problem, limits),
            solve.solve(mixed(random, problem), limits),
        )

    @generated.settings(80)
    @hypothesis.given(builders.problems(20, 8))
    def test_breaks_no_limit(self, problem):
        answer = solve.solve(problem, Limits(ejections=5_000, nodes=50))
        self.assertEqual([], builders.violations(problem, answer))
        if answer.status is Status.PLACED:
            self.assertEqual(
                builders.total(problem), builders.number(answer.where)
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

    @generated.settings(80)
    @hypothesis.given(builders.problems(), st.booleans())
    def test_agrees_with_trying_everything(self, problem, with_exact):
        limits = dataclasses.replace(self.LIMITS, exact=with_exact)
        answer = solve.solve(problem, limits)
        self.assertIs(
            builders.is_possible(problem), answer.status is Status.PLACED
        )
        self.assertIsNot(Status.UNDECIDED, answer.status)

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


class TestOtherProcess(base.TestCase):
    """Sets and mappings iterate in another order; the answer is the same."""

    SCRIPT = textwrap.dedent(
        """
        from tests.unit.core.packing import builders
        from watcher_host_maintenance.core.packing import answer
        from watcher_host_maintenance.core.packing import most

        limits = answer.Limits(ejections=5_000, nodes=50)
        for seed in range(40):
            problem = builders._drawn(12, 6, seed)
            print(most.place_most(problem, limits))
        """
    )

    def answers(self, hash_seed):
        return subprocess.run(
            [sys.executable, '-c', self.SCRIPT],
            env={
                **os.environ,
                'PYTHONHASHSEED': hash_seed,
                'PYTHONPATH': os.pathsep.join(sys.path),
            },
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def test_answer_is_the_same_byte_for_byte(self):
        one, two = self.answers('1'), self.answers('2')
        self.assertIn('PLACED', one)
        self.assertEqual(one, two)
