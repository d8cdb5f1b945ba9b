# SPDX-License-Identifier: Apache-2.0

"""A placement as an integer program, solved by HiGHS.

The only module that imports HiGHS. One thread, a fixed seed and limits that
count work: one version of HiGHS gives the same answer to the same board.
"""

import dataclasses
import enum
import math

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import highspy

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.board import Contents
from watcher_host_maintenance.core.packing.item_types import ItemTypes
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.result import TIMED_OUT
from watcher_host_maintenance.core.packing.result import UNDECIDED
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import impossible
from watcher_host_maintenance.core.packing.state import State


MOST_SOLVED = 10
"""How many preferences may each need a solution that is better."""

MANY_VARIABLES = 50_000
"""The variables that all these solutions may have together.

Number and what comes next, cost or memory, are preferred in any case.
"""

FEW_BRANCHES = 50
"""The branches after which no more preferences are looked at.

Again: number and the next are preferred in any case.
"""

LARGEST = 8_000
"""The most variables of a program that is solved: each takes about 5 KiB."""

USUAL = 250
"""The variables of a program that may take all branches.

A branch takes about 15 microseconds for each variable: larger ones may take
as many fewer.
"""

MARGIN_S = 1.0
"""Seconds after a deadline at which HiGHS is stopped."""

CLOSE = 1e-6
"""How far a whole number may be off in a solution of HiGHS."""

Weights = Sequence[int]
"""Of each item, what one of it weighs in a sum."""

Preference = Sequence[Weights]
"""For each bin, what one of each item weighs in a sum to maximize."""

Term = tuple[int, int]
"""The number of a variable, and its factor in a sum."""


class Ending(enum.Enum):
    """How a search for the cheapest solution ended."""

    BEST = 'best'
    IMPOSSIBLE = 'impossible'
    UNDECIDED = 'undecided'


class Model:
    """A program of whole variables, numbered from 0, and bounds on sums."""

    def __init__(self, limits: Limits):
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, option in _options(limits).items():
            self._highs.setOptionValue(name, option)
        self._nodes = limits.nodes
        self._most: list[int] = []

    def whole(self, most: int, cost: int = 0) -> int:
        """Add a variable of 0 to so many; return its number.

        :param cost: of each one in a solution
        """
        number = len(self._most)
        self._most.append(most)
        self._highs.addVar(0, most)
        self._highs.changeColIntegrality(number, highspy.HighsVarType.kInteger)
        self._highs.changeColCost(number, cost)
        return number

    def most(self, terms: Iterable[Term]) -> int:
        """Return the most that a sum of factors above 0 can be."""
        return sum(self._most[number] * factor for number, factor in terms)

    def bound(self, terms: Sequence[Term], least: float, most: float) -> None:
        """Bound a sum, in which each variable is once."""
        numbers = [number for number, _factor in terms]
        factors = [factor for _number, factor in terms]
        self._highs.addRow(least, most, len(terms), numbers, factors)

    def minimize(self) -> Ending:
        """Look for the cheapest solution."""
        if not self._most:
            # HiGHS does not look at the rows of a program without variables.
            return Ending.IMPOSSIBLE
        nodes = _most_nodes(self._nodes, len(self._most))
        self._highs.setOptionValue('mip_max_nodes', nodes)
        self._highs.run()
        statuses = highspy.HighsModelStatus
        return {
            statuses.kOptimal: Ending.BEST,
            statuses.kInfeasible: Ending.IMPOSSIBLE,
        }.get(self._highs.getModelStatus(), Ending.UNDECIDED)

    def values(self) -> list[int]:
        """Return the variables of the solution."""
        return [round(value) for value in self._highs.getSolution().col_value]


class Program:
    """One whole variable for each item in each bin: how many go there.

    :ivar contents: for each bin, item -> count: the last solution; empty
        before there is one
    :ivar bound: what no solution exceeds, in the preference of the last
    """

    def __init__(
        self,
        board: Board | ItemTypes,
        limits: Limits,
        everything: bool = True,
    ):
        """Bound how many there are of each item, and the rooms of each bin.

        :param everything: place all, not just as many as can be
        """
        self.contents: list[dict[int, int]] = []
        self.bound = 0
        self._guard_s = limits.guard_s
        self._left_s = limits.left_s
        self._model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, option in _options(limits).items():
            self._model.setOptionValue(name, option)
        self._upper = [[*map(min, most, board.counts)] for most in board.most]
        self._size = max(1, size(board))
        nodes = _most_nodes(limits.nodes, self._size)
        self._model.setOptionValue('mip_max_nodes', nodes)
        self.bounds = [
            min(count, sum(upper[item] for upper in self._upper))
            for item, count in enumerate(board.counts)
        ]
        self._in_bin: list[dict[int, Any]] = [
            {
                item: self._model.addIntegral(lb=0, ub=number)
                for item, number in enumerate(upper)
                if number
            }
            for upper in self._upper
        ]
        for item, count in enumerate(board.counts):
            if count:
                total = self._model.qsum(
                    variables[item]
                    for variables in self._in_bin
                    if item in variables
                )
                least = count if everything else 0
                self._model.addConstr(least <= total <= count)
        for index, room in enumerate(board.rooms):
            for r, most in enumerate(room):
                self.limit(index, [size[r] for size in board.amounts], most)

    def _total(self, preference: Preference) -> Any:
        """Return the expression of what all bins hold weighs."""
        return self._model.qsum(
            weights[item] * variable
            for weights, variables in zip(
                preference, self._in_bin, strict=False
            )
            for item, variable in variables.items()
            if weights[item]
        )

    def limit(
        self, index: int, weights: Weights, most: int, least: int = 0
    ) -> None:
        """Limit what all in a bin weighs, unless it is limited anyway."""
        if least or sum(map(int.__mul__, weights, self._upper[index])) > most:
            total = self._model.qsum(
                weights[item] * variable
                for item, variable in self._in_bin[index].items()
                if weights[item]
            )
            self._model.addConstr(least <= total <= most)

    def keep(self, preference: Preference) -> None:
        """From now on accept nothing that weighs less than the last."""
        least, total = self.weight(preference), self._total(preference)
        self._model.addConstr(least <= total <= math.inf)

    def weight(self, preference: Preference) -> int:
        """Return what the last solution weighs."""
        return sum(
            weights[item] * number
            for weights, held in zip(preference, self.contents, strict=True)
            for item, number in held.items()
        )

    def _most_weight(self, preference: Preference) -> int:
        """Return what no solution exceeds, if each bin is looked at alone."""
        return sum(
            bound * max((0, *(weights[item] for weights in preference)))
            for item, bound in enumerate(self.bounds)
            if bound
        )

    def solve(self, preference: Preference = ()) -> Result:
        """Look for a solution, for the one that weighs most.

        Parts of items first: their simplex method has a limit, and within
        the search for whole items HiGHS does not regard it.

        :returns: complete if there is none better, or none at all; without
            its placement, since what the items are is not known here
        """
        self.contents = []
        self.bound = self._most_weight(preference)
        if not any(self._in_bin):
            # HiGHS does not look at the rows of a program without variables.
            return impossible(Proof(Kind.LINEAR))
        statuses = highspy.HighsModelStatus
        for is_relaxed, kind in ((True, Kind.LINEAR), (False, Kind.SEARCH)):
            self._model.setOptionValue('solve_relaxation', is_relaxed)
            status = self._run(preference)
            if status == statuses.kTimeLimit:
                return TIMED_OUT
            if status == statuses.kInfeasible:
                return impossible(Proof(kind))
            if is_relaxed and status != statuses.kOptimal:
                return UNDECIDED
            self._lower_bound(is_relaxed)
        if self._model.getInfo().primal_solution_status != 2:
            return UNDECIDED
        values = self._model.getSolution().col_value
        self.contents = [
            {
                item: number
                for item, variable in variables.items()
                if (number := round(values[variable.index]))
            }
            for variables in self._in_bin
        ]
        return Result(complete=status == statuses.kOptimal)

    def maximize(self, preferences: Iterable[Preference]) -> Result:
        """Look for the solution that weighs most; ties: in the next sum.

        :returns: the same as of :meth:`solve`, with the bound of the first
        """
        most_solved = max(2, min(MOST_SOLVED, MANY_VARIABLES // self._size))
        bounds: list[int] = []
        branches = 0
        best: list[dict[int, int]] = []
        result = Result(complete=True)
        for preference in preferences:
            most = self._most_weight(preference)
            if not bounds or self.weight(preference) < most:
                if len(bounds) == most_solved or branches > FEW_BRANCHES:
                    break
                result = self.solve(preference)
                bounds.append(self.bound)
                if len(bounds) >= 2:
                    branches += self._model.getInfo().mip_node_count
                if not self.contents or not result.complete:
                    break
                best = self.contents
            self.keep(preference)
        if not result.timed_out:
            self.contents = self.contents or best
        return dataclasses.replace(result, bound=bounds[0])

    def _lower_bound(self, is_relaxed: bool) -> None:
        info = self._model.getInfo()
        bound = (
            info.objective_function_value
            if is_relaxed
            else info.mip_dual_bound
        )
        if math.isfinite(bound):
            self.bound = min(self.bound, math.floor(bound + CLOSE))

    def _run(self, preference: Preference) -> Any:
        # The guard is for each run, the clock of a model for all of them.
        run_time_s = self._model.getRunTime()
        guard_s = run_time_s + self._guard_s
        # With a margin: what the deadline ends, left_s() is sure to refuse.
        late_s = run_time_s + self._left_s() + MARGIN_S
        self._model.setOptionValue('time_limit', min(guard_s, late_s))
        self._model.maximize(self._total(preference))
        self._left_s()
        if self._model.getRunTime() >= guard_s:
            # HiGHS does not look at its clock everywhere.
            return highspy.HighsModelStatus.kTimeLimit
        return self._model.getModelStatus()


def _options(limits: Limits) -> dict[str, Any]:
    return {
        'output_flag': False,
        'threads': 1,
        'parallel': 'off',
        'random_seed': 1,
        'mip_rel_gap': 0.0,
        'mip_abs_gap': 0.5,
        'simplex_iteration_limit': limits.iterations,
        'time_limit': limits.guard_s,
    }


def _most_nodes(nodes: int, variables: int) -> int:
    """Return how many branches a program may take: of a large one fewer."""
    return min(nodes, max(1, nodes * USUAL // variables))


def place(board: Board, limits: Limits) -> Result:
    """Look for a placement of everything.

    Of items that differ in their groups only it first asks how many go
    where, and then which: both are far smaller than all at once.
    """
    types = ItemTypes(board)
    if len(types.members) < sum(map(bool, board.counts)):
        if size(types) > LARGEST:
            return UNDECIDED
        typed = Program(types, limits)
        result = typed.solve()
        if not typed.contents:
            return result
        result = _split(board, types, typed.contents, limits)
        if result.timed_out or result.placement:
            return result
    if size(board) > LARGEST:
        return UNDECIDED
    program = Program(board, limits)
    return _placed(board, program, program.solve())


def size(board: Board | ItemTypes) -> int:
    """Return how many variables the program of a board has."""
    return sum(
        bool(min(most))
        for mosts in board.most
        for most in zip(mosts, board.counts, strict=True)
    )


def _split(
    board: Board,
    types: ItemTypes,
    contents: Contents,
    limits: Limits,
    exactly: bool = True,
) -> Result:
    """Decide which items of each type go where.

    :param contents: for each bin, type -> count
    :param exactly: so many of each, not just as many as can be
    """
    held_most = [[0] * len(board.items) for _bin in board.bins]
    for most, held in zip(held_most, contents, strict=True):
        for number, count in held.items():
            for item in types.members[number]:
                most[item] = count
    narrow = board.with_most(held_most)
    program = Program(narrow, limits, everything=False)
    for index, held in enumerate(contents):
        for number, count in held.items():
            members = types.members[number]
            ones = [int(i in members) for i in range(len(board.items))]
            least = count if exactly else 0
            program.limit(index, ones, count, least=least)
    ones = [1] * len(board.items)
    preference = [] if exactly else _everywhere(board, ones)
    return _placed(board, program, program.solve(preference))


def _placed(board: Board, program: Program, result: Result) -> Result:
    """Return a result with its placement, checked in whole numbers."""
    if not program.contents:
        return result
    if not State(board).fill(program.contents):
        return UNDECIDED
    placement = board.named(program.contents)
    return dataclasses.replace(result, placement=placement)


def place_cheapest(board: Board, limits: Limits) -> Result:
    """Look for the placement of everything that costs least.

    :returns: with a placement if any was found, complete if it is the cheapest
        or there is none
    """
    if size(board) > LARGEST:
        return UNDECIDED
    program = Program(board, limits)
    return _placed(board, program, program.maximize([_savings(board)]))


def place_most(board: Board, limits: Limits) -> Result:
    """Look for the largest number; ties: cost, memory, then earlier keys.

    Where all items are too many variables, how many of each type go where
    is asked first: the tie is not decided by cost and keys then, and members
    of groups may find fewer places than others.

    :returns: with the largest number that is not ruled out as its bound
    """
    if size(board) <= LARGEST:
        program = Program(board, limits, everything=False)
        result = program.maximize(_preferences(board))
        return _placed(board, program, result)
    types = ItemTypes(board)
    if size(types) > LARGEST:
        return UNDECIDED
    program = Program(types, limits, everything=False)
    heads = [board.items[members[0]] for members in types.members]
    result = program.maximize(
        _everywhere(board, weights) for weights in _amounts(heads)
    )
    if not program.contents:
        return result
    split = _split(board, types, program.contents, limits)
    is_exact = split.complete and split.proof is None
    if not is_exact and not split.timed_out:
        split = _split(board, types, program.contents, limits, exactly=False)
    is_complete = result.complete and is_exact
    return dataclasses.replace(
        split, complete=is_complete, proof=None, bound=result.bound
    )


def _preferences(board: Board) -> Iterator[Preference]:
    """Yield the sums to maximize, the first decides."""
    number, memory = _amounts(board.items)
    yield _everywhere(board, number)
    if any(item.avoided for item in board.items):
        yield _savings(board)
    yield _everywhere(board, memory)
    for item, count in enumerate(board.counts):
        if count:
            ones = [int(i == item) for i in range(len(board.items))]
            yield _everywhere(board, ones)


def _everywhere(board: Board, weights: Weights) -> Preference:
    """Return that items weigh the same in each bin."""
    return [weights] * len(board.bins)


def _savings(board: Board) -> Preference:
    """Return costs below 0: the sum is largest where it costs least."""
    return [
        [-item.avoided.get(bin_.hostname, 0) for item in board.items]
        for bin_ in board.bins
    ]


def _amounts(items: Sequence[Item]) -> Iterator[Weights]:
    """Yield the number and the memory of items."""
    yield [1] * len(items)
    memory = [item.memory_mb for item in items]
    unit = math.gcd(*memory) or 1
    yield [mb // unit for mb in memory]
