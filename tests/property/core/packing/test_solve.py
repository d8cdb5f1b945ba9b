# SPDX-License-Identifier: Apache-2.0

import dataclasses
import os
import subprocess
import sys
import textwrap

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import solve
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


class TestSolve(base.TestCase):
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


class TestExact(base.TestCase):
    """Cases that nothing but the exact solver or the search decides."""

    LIMITS = Limits(ejections=0, weight_rounds=0, lowering=0)

    @generated.settings(80)
    @hypothesis.given(builders.problems(), st.booleans())
    def test_agrees_with_trying_everything(self, problem, with_exact):
        limits = dataclasses.replace(self.LIMITS, exact=with_exact)
        answer = solve.solve(problem, limits)
        self.assertIs(
            builders.is_possible(problem), answer.status is Status.PLACED
        )
        self.assertIsNot(Status.UNDECIDED, answer.status)


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
