# SPDX-License-Identifier: Apache-2.0

import dataclasses

from unittest import mock

import ddt
import fixtures

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import program
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result


def members(counts, rooms, **group_limits):
    """Items of 1 VCPU each: some in no group, the others in g1, g2, ..."""
    alone, *grouped = counts
    return builders.a_problem(
        [
            builders.an_item('alone', alone),
            *(
                builders.an_item(f'm{n}', count, f'g{n}')
                for n, count in enumerate(grouped, 1)
            ),
        ],
        [builders.a_bin(f'h{n}', VCPU=v) for n, v in enumerate(rooms)],
        **group_limits,
    )


SPREAD = builders.a_problem(
    [
        builders.an_item('a', 1, 'g1', VCPU=1),
        builders.an_item('b', 1, 'g1', VCPU=2),
        builders.an_item('c', 3, VCPU=1),
        builders.an_item('d', 1, VCPU=2),
    ],
    [builders.a_bin('h1', VCPU=4), builders.a_bin('h2', VCPU=4)],
)
"""Both bins have room for three of 1 VCPU and one of 2, but for g1."""


def only_types(board):
    """As if all items were too many variables, and their types were not."""
    return program.LARGEST + isinstance(board, Board)


@ddt.ddt
class TestPlace(base.TestCase):
    @ddt.named_data(
        # name, VCPU of h2, the proof
        ('parts_do_not_fit', 4, Kind.LINEAR),
        ('whole_ones_do_not', 5, Kind.SEARCH),
        ('one_less_than_fits', 6, Kind.SEARCH),
        ('fits', 7, None),
    )
    @ddt.unpack
    def test_proof(self, vcpu, expected):
        problem = builders.a_problem(
            [
                builders.an_item('a', 1, VCPU=3, MEMORY_MB=2),
                builders.an_item('b', 1, VCPU=3, MEMORY_MB=3),
                builders.an_item('c', 2, VCPU=4, MEMORY_MB=2),
                builders.an_item('d', 2, VCPU=4, MEMORY_MB=4),
            ],
            [
                builders.a_bin('h1', VCPU=10, MEMORY_MB=9),
                builders.a_bin('h2', VCPU=vcpu, MEMORY_MB=7),
                builders.a_bin('h3', VCPU=7, MEMORY_MB=8),
            ],
        )
        result = program.place(Board(problem), builders.LIMITS)
        self.assertTrue(result.complete)
        self.assertEqual(expected, result.proof and result.proof.kind)

    @ddt.named_data(
        # name, how many of each group, VCPU of each bin, has a place
        ('each_apart', (1, 2, 2), (3, 2), True),
        ('three_of_a_group', (1, 3), (3, 2), False),
        ('two_groups', (0, 3, 3), (2, 2, 2), True),
        ('one_room_less', (1, 3, 3), (2, 2, 2), False),
    )
    @ddt.unpack
    def test_members_of_groups(self, counts, rooms, expected):
        problem = members(counts, rooms)
        result = program.place(Board(problem), builders.LIMITS)
        self.assertEqual([], builders.violations(problem, result))
        self.assertTrue(result.complete)
        self.assertIs(expected, result.proof is None)

    def test_members_that_no_first_answer_spreads(self):
        """How many go where is settled, and then no group fits: all again.

        Both bins take three of 1 VCPU and one of 2. Only if h1 takes the
        larger one may the members of g1, of both sizes, be apart.
        """
        result = program.place(Board(SPREAD), builders.LIMITS)
        self.assertEqual([], builders.violations(SPREAD, result))
        self.assertEqual(6, builders.number(result.placement))

    def test_deadline_interrupts_it(self):
        """HiGHS ends at once, and no answer is made of that."""
        self.useFixture(fixtures.MockPatchObject(program, 'MARGIN_S', 0.0))
        for decide in (program.place, program.place_most):
            limits = Limits(left_s=builders.Countdown(1))
            self.assertRaises(builders.TooLate, decide, Board(SPREAD), limits)

    @ddt.named_data(
        ('no_time', {'guard_s': 0.0}, Result(timed_out=True)),
        ('no_work', {'nodes': 0, 'iterations': 0}, Result()),
    )
    @ddt.unpack
    def test_limits(self, limits, expected):
        problem = builders.a_problem(
            [
                builders.an_item(f's{n}', 2, VCPU=n, MEMORY_MB=9 - n)
                for n in range(1, 8)
            ],
            [builders.a_bin(f'h{n}', VCPU=19, MEMORY_MB=22) for n in range(3)],
        )
        board = Board(problem)
        limits = Limits(**limits)
        self.assertEqual(expected, program.place(board, limits))
        most = program.place_most(board, limits)
        self.assertEqual(14, most.bound)
        self.assertEqual(expected, dataclasses.replace(most, bound=None))

    @ddt.named_data(
        # name, variables allowed, what is known
        ('all_items', 6, True),
        ('one_short', 5, False),
    )
    @ddt.unpack
    def test_of_too_many_variables(self, largest, expected):
        """HiGHS is not asked: it would take too much memory."""
        board = Board(members((2, 1, 1), (3, 2)))
        # As if members of groups had no place in numbers of each type.
        split = mock.patch.object(program, '_split', return_value=Result())
        with mock.patch.object(program, 'LARGEST', largest), split:
            result = program.place(board, Limits())
        self.assertIs(expected, result.complete)

    @ddt.named_data(('as_many', 2, True), ('one_short', 1, False))
    @ddt.unpack
    def test_of_too_many_variables_of_types(self, largest, expected):
        board = Board(members((2, 1, 1), (3, 2)))
        with mock.patch.object(program, 'LARGEST', largest):
            result = program.place(board, Limits())
        self.assertIs(expected, result.complete)
        self.assertEqual([], builders.violations(board.problem, result))

    def test_iterations_are_limited(self):
        """Those of the parts of items, whose number decides nothing."""
        problem = builders.a_problem(
            [
                builders.an_item(f's{n}', 2, VCPU=n + 3, MEMORY_MB=17 - n)
                for n in range(9)
            ],
            [builders.a_bin(f'h{n}', VCPU=31, MEMORY_MB=44) for n in range(5)],
        )
        board = Board(problem)
        short = program.place(board, Limits(iterations=3))
        self.assertEqual(Result(), short)
        self.assertTrue(program.place(board, Limits()).complete)

    @ddt.named_data(
        ('right', {0: 3}, True),
        ('too_many', {0: 5}, False),
    )
    @ddt.unpack
    def test_a_solution_is_checked(self, held, expected):
        """A value that is a little off is rounded, and then checked."""
        board = Board(members((3,), (4,)))
        solution = program.Program(board, Limits())
        solution.contents = [held]
        result = program._placed(board, solution, Result(complete=True))
        self.assertIs(expected, result.complete)
        self.assertEqual(expected, bool(result.placement))


@ddt.ddt
class TestNodes(base.TestCase):
    @ddt.named_data(
        # name, branches, variables, most branches
        ('small',          4000,    250, 4000),
        ('one_more',       4000,    251, 3984),
        ('large',          4000,  8_000,  125),
        ('never_none',      100, 99_999,    1),
        ('none_at_all',       0,     10,    0),
    )  # fmt: skip
    @ddt.unpack
    def test_large_programs_take_fewer(self, nodes, variables, expected):
        self.assertEqual(expected, program._most_nodes(nodes, variables))


@ddt.ddt
class TestPlaceMost(base.TestCase):
    PROBLEM = builders.a_problem(
        [
            builders.an_item('a', 2, VCPU=2, MEMORY_MB=1),
            builders.an_item('b', 2, VCPU=2, MEMORY_MB=2),
            builders.an_item('c', 1, VCPU=2, MEMORY_MB=2),
        ],
        [builders.a_bin(VCPU=6, MEMORY_MB=9)],
    )

    def test_prefers_memory_and_then_names(self):
        result = program.place_most(Board(self.PROBLEM), builders.LIMITS)
        self.assertEqual(
            Result({'b': {'h1': 2}, 'c': {'h1': 1}}, complete=True, bound=3),
            result,
        )

    def test_of_too_many_names(self):
        """Preferred are so many names, and the rest is not proved."""
        number = program.MOST_SOLVED + 1
        problem = builders.a_problem(
            [builders.an_item(f's{n}', VCPU=1) for n in range(number)],
            [builders.a_bin(VCPU=1)],
        )
        result = program.place_most(Board(problem), builders.LIMITS)
        self.assertEqual({'s0': {'h1': 1}}, result.placement)
        self.assertTrue(result.complete)

    @ddt.named_data(('some', 3), ('more', program.MOST_SOLVED))
    def test_of_names_without_a_bin(self, number):
        """No solution is spent on what fits nowhere."""
        problem = builders.a_problem(
            [
                *(builders.an_item(f'a{n}', VCPU=2) for n in range(number)),
                *(builders.an_item(f'b{n}', VCPU=1) for n in range(4)),
            ],
            [builders.a_bin(VCPU=1)],
        )
        with self.solving() as solve:
            result = program.place_most(Board(problem), builders.LIMITS)
        self.assertEqual({'b0': {'h1': 1}}, result.placement)
        # One for the number, one for each name that fits.
        self.assertLessEqual(solve.call_count, 5)

    @ddt.named_data(
        # name, variables of all solutions, most solutions
        ('three', 9, 3),
        ('one_variable_short', 8, 2),
        ('never_fewer', 0, 2),
    )
    @ddt.unpack
    def test_of_many_variables(self, variables, solutions):
        """Number and memory are preferred, names as far as work allows."""
        with (
            mock.patch.object(program, 'MANY_VARIABLES', variables),
            self.solving() as solve,
        ):
            result = program.place_most(Board(self.PROBLEM), builders.LIMITS)
        self.assertLessEqual(solve.call_count, solutions)
        self.assertTrue(result.complete)
        self.assertEqual(
            (3, 6),
            (
                result.number,
                sum(
                    result.placed(item.key) * item.memory_mb
                    for item in self.PROBLEM.items
                ),
            ),
        )

    @ddt.named_data(
        # name, how many of each group, VCPU of each bin, of how many variables,
        # placed, known to be the most
        ('items', (3, 2, 2), (3, 2), 6, 5, True),
        ('types', (3, 2, 2), (3, 2), 5, 5, True),
        ('too_many_types', (3, 2, 2), (3, 2), 1, 0, False),
    )
    @ddt.unpack
    def test_of_types(self, counts, rooms, largest, placed, complete):
        board = Board(members(counts, rooms))
        with mock.patch.object(program, 'LARGEST', largest):
            result = program.place_most(board, builders.LIMITS)
        self.assertEqual([], builders.violations(board.problem, result))
        self.assertEqual(placed, result.number)
        self.assertIs(complete, result.complete)

    @ddt.named_data(
        # name, branches that memory takes, most solutions
        ('as_many_as_may_be', program.FEW_BRANCHES, 3),
        ('one_more', program.FEW_BRANCHES + 1, 2),
    )
    @ddt.unpack
    def test_of_many_branches(self, branches, solutions):
        """Names are preferred only where that takes little work."""
        info = mock.Mock(mip_node_count=branches)
        solver = program.Program(Board(self.PROBLEM), Limits(), False)
        solver.contents = [{}]
        preferences = [[[1, 0, 0]], [[0, 1, 0]], [[0, 0, 1]]]
        with (
            mock.patch.object(
                solver, 'solve', return_value=Result(complete=True)
            ) as solve,
            mock.patch.object(solver, 'keep'),
            mock.patch.object(solver, '_model') as model,
        ):
            model.getInfo.return_value = info
            solver.maximize(preferences)
        self.assertEqual(solutions, solve.call_count)

    def test_of_types_that_groups_keep_apart(self):
        """One of two has a place, and the types rule out only three."""
        problem = builders.a_problem(
            [
                builders.an_item('a', 2, 'g1', VCPU=1),
                builders.an_item('b', 1, 'g1', VCPU=2),
            ],
            [builders.a_bin('h1', VCPU=4)],
        )
        with mock.patch.object(program, 'size', only_types):
            result = program.place_most(Board(problem), builders.LIMITS)
        self.assertEqual([], builders.violations(problem, result))
        self.assertEqual(
            (1, 2, False), (result.number, result.bound, result.complete)
        )

    def solving(self):
        return mock.patch.object(
            program.Program,
            'solve',
            autospec=True,
            side_effect=program.Program.solve,
        )


@ddt.ddt
class TestPlaceCheapest(base.TestCase):
    """Everything rather goes to h2, and b much more so."""

    @staticmethod
    def problem(*vcpus):
        return builders.a_problem(
            [
                builders.an_item('a', 3, avoided={'h1': 1}),
                builders.an_item('b', avoided={'h1': 100}),
            ],
            [
                builders.a_bin(f'h{number}', VCPU=count)
                for number, count in enumerate(vcpus, 1)
            ],
        )

    @ddt.named_data(
        # name, VCPU of h1, of h2, lowest cost
        ('none_is_avoided', 4, 4, 0),
        ('one_is_avoided',  4, 3, 1),
        ('the_lighter_are', 4, 1, 3),
        ('all_are',         4, 0, 103),
    )  # fmt: skip
    @ddt.unpack
    def test_cost(self, first, second, expected):
        problem = self.problem(first, second)
        result = program.place_cheapest(Board(problem), builders.LIMITS)
        self.assertTrue(result.complete)
        self.assertEqual([], builders.violations(problem, result))
        self.assertEqual(4, builders.number(result.placement))
        self.assertEqual(expected, problem.cost_of(result.placement))

    def test_impossible(self):
        board = Board(self.problem(2, 1))
        result = program.place_cheapest(board, builders.LIMITS)
        self.assertTrue(result.complete)
        self.assertIsNotNone(result.proof)
        self.assertEqual({}, result.placement)

    def test_too_large(self):
        board = Board(self.problem(4, 4))
        with mock.patch.object(program, 'LARGEST', 3):
            result = program.place_cheapest(board, builders.LIMITS)
        self.assertEqual(Result(), result)
        with mock.patch.object(program, 'LARGEST', 4):
            result = program.place_cheapest(board, builders.LIMITS)
        self.assertTrue(result.complete)
