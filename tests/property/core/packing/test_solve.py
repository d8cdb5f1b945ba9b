# SPDX-License-Identifier: Apache-2.0

import collections
import dataclasses
import os
import random
import subprocess
import sys
import textwrap

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import program
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status


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
                for s in problem.items
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
    @hypothesis.given(
        builders.problems(), st.sampled_from([0, 1_000, 5_000_000])
    )
    def test_decides_by_any_engine(self, problem, ejections):
        """Ejections alone, HiGHS alone, and both find what exists."""
        result = solve.solve(problem, Limits(ejections))
        if builders.is_possible(problem):
            self.assertIs(Status.PLACED, result.status)
            self.assertEqual([], builders.violations(problem, result))
            self.assertEqual(
                builders.total(problem), builders.number(result.placement)
            )
        else:
            self.assertIs(Status.IMPOSSIBLE, result.status)
            self.assertIsNotNone(result.proof)
            self.assertEqual({}, result.placement)

    @generated.settings(150)
    @hypothesis.given(
        builders.avoiding_problems(), st.sampled_from([0, 5_000_000])
    )
    def test_avoids_what_it_can(self, problem, ejections):
        result = solve.solve(problem, Limits(ejections))
        costs = [
            problem.cost_of(where)
            for where in builders.placements(problem, everything=True)
        ]
        if not costs:
            self.assertIs(Status.IMPOSSIBLE, result.status)
            return
        self.assertEqual([], builders.violations(problem, result))
        self.assertEqual(
            builders.total(problem), builders.number(result.placement)
        )
        self.assertEqual(min(costs), problem.cost_of(result.placement))

    @generated.settings(80)
    @hypothesis.given(
        builders.problems(20, 8), st.randoms(use_true_random=False)
    )
    def test_does_not_depend_on_the_order_of_its_input(self, problem, random):
        limits = Limits(ejections=5_000, nodes=50)
        self.assertEqual(
            solve.solve(problem, limits),
            solve.solve(mixed(random, problem), limits),
        )

    @generated.settings(80)
    @hypothesis.given(builders.problems(20, 8))
    def test_breaks_no_limit(self, problem):
        result = solve.solve(problem, Limits(ejections=5_000, nodes=50))
        self.assertEqual([], builders.violations(problem, result))
        if result.status is Status.PLACED:
            self.assertEqual(
                builders.total(problem), builders.number(result.placement)
            )


class TestProgram(base.TestCase):
    @generated.settings(80)
    @hypothesis.given(builders.problems())
    def test_agrees_with_trying_everything(self, problem):
        result = program.place(Board(problem), builders.LIMITS)
        self.assertEqual([], builders.violations(problem, result))
        self.assertTrue(result.complete)
        self.assertIs(builders.is_possible(problem), result.proof is None)


class TestSlowMachine(base.TestCase):
    """The clock of HiGHS, four times as fast, ends no search before work."""

    def test_at_the_limit_of_work(self):
        """The program is as hard as they come, and stays undecided."""
        draw = random.Random(1)
        sizes = [
            [draw.randint(5, 40) for _class in BALANCED] for _kind in range(20)
        ]
        held = [draw.choices(sizes, k=8) for _bin in range(20)]
        counts = collections.Counter(
            sizes.index(size) for sizes_in in held for size in sizes_in
        )
        problem = builders.a_problem(
            [
                builders.an_item(
                    f'{kind}',
                    count,
                    **dict(zip(BALANCED, sizes[kind], strict=True)),
                )
                for kind, count in counts.items()
            ],
            [
                builders.a_bin(
                    f'{n}',
                    **dict(
                        zip(
                            BALANCED,
                            map(sum, zip(*there, strict=True)),
                            strict=True,
                        )
                    ),
                )
                for n, there in enumerate(held)
            ],
        )
        limits = Limits(ejections=0, nodes=60)
        slow = dataclasses.replace(limits, guard_s=limits.guard_s / 4)
        result = solve.place_most(problem, limits)
        self.assertIs(Status.UNDECIDED, result.status)
        self.assertFalse(result.timed_out)
        self.assertLess(result.number, result.bound)
        self.assertEqual(result, solve.place_most(problem, slow))


class TestOtherProcess(base.TestCase):
    """Sets and mappings iterate in another order; the result is the same."""

    SCRIPT = textwrap.dedent(
        """
        from tests.unit.core.packing import builders
        from watcher_host_maintenance.core.packing import result
        from watcher_host_maintenance.core.packing import solve

        limits = result.Limits(ejections=5_000, nodes=50)
        for seed in range(40):
            problem = builders._drawn(12, 6, seed)
            print(solve.place_most(problem, limits))
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
        self.assertIn('complete=True', one)
        self.assertEqual(one, two)

    def test_nothing_is_printed(self):
        """Neither by a program of either kind, nor by its first variable."""
        code = (
            'from tests.unit.core.packing.test_program import TestPlaceMost\n'
            'from watcher_host_maintenance.core.packing import program\n'
            'from watcher_host_maintenance.core.packing.board import Board\n'
            'from watcher_host_maintenance.core.packing.result import Limits\n'
            'model = program.Model(Limits())\n'
            'model.bound([(model.whole(3, 1), 1)], 2, 3)\n'
            'assert model.minimize() is program.Ending.BEST\n'
            'program.place_most(Board(TestPlaceMost.PROBLEM), Limits())\n'
        )
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', code],
            check=True,
            capture_output=True,
            env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
        )
        self.assertEqual(b'', done.stdout)
