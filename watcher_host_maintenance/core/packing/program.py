# SPDX-License-Identifier: Apache-2.0

"""A placement as an integer program, solved by HiGHS.

The only module that imports HiGHS. One thread, a fixed seed and limits that
count work: one version of HiGHS gives the same answer to the same board.
"""

import dataclasses
import math

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import highspy

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.item_types import ItemTypes
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

Number and memory are preferred in any case.
"""

Weights = Sequence[int]
"""Of each item, what one of it weighs in a sum."""


class Program:
    """One whole variable for each item in each bin: how many go there.

    :ivar contents: for each bin, item -> count: the last solution; empty
        before there is one
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
        self._guard_s = limits.guard_s
        self._model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, option in _options(limits).items():
            self._model.setOptionValue(name, option)
        self._upper = [[*map(min, most, board.counts)] for most in board.most]
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
                self.bound(index, [size[r] for size in board.amounts], most)

    @property
    def size(self) -> int:
        """Return the number of variables, at least 1."""
        return max(1, sum(map(len, self._in_bin)))

    def _total(self, weights: Weights, bins: Iterable[dict[int, Any]]) -> Any:
        """Return the expression of what all in some bins weighs."""
        return self._model.qsum(
            weights[item] * variable
            for variables in bins
            for item, variable in variables.items()
            if weights[item]
        )

    def bound(
        self, index: int, weights: Weights, most: int, least: int = 0
    ) -> None:
        """Limit what all in a bin weighs, unless it is limited anyway."""
        if least or sum(map(int.__mul__, weights, self._upper[index])) > most:
            total = self._total(weights, [self._in_bin[index]])
            self._model.addConstr(least <= total <= most)

    def keep(self, weights: Weights) -> None:
        """From now on accept nothing that weighs less than the last."""
        total = self._total(weights, self._in_bin)
        self._model.addConstr(self.weight(weights) <= total <= math.inf)

    def weight(self, weights: Weights) -> int:
        """Return what the last solution weighs."""
        return sum(
            weights[item] * number
            for held in self.contents
            for item, number in held.items()
        )

    def solve(self, weights: Weights | None = None) -> Result:
        """Look for a solution, for the one that weighs most.

        :returns: complete if there is none better, or none at all; without
            its placement, since what the items are is not known here
        """
        self.contents = []
        if not any(self._in_bin):
            # HiGHS does not look at the rows of a program without variables.
            return impossible(Proof(Kind.LINEAR))
        statuses = highspy.HighsModelStatus
        status = self._run(weights)
        if status == statuses.kTimeLimit:
            return TIMED_OUT
        if status == statuses.kInfeasible:
            self._model.setOptionValue('solve_relaxation', True)
            linear = self._run(None) == statuses.kInfeasible
            return impossible(Proof(Kind.LINEAR if linear else Kind.SEARCH))
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

    def _run(self, weights: Weights | None) -> Any:
        # The guard is for each run, the clock of a model for all of them.
        guard_s = self._model.getRunTime() + self._guard_s
        self._model.setOptionValue('time_limit', guard_s)
        bins = self._in_bin if weights else ()
        self._model.maximize(self._total(weights or (), bins))
        return self._model.getModelStatus()


def _options(limits: Limits) -> dict[str, Any]:
    return {
        'output_flag': False,
        'threads': 1,
        'parallel': 'off',
        'random_seed': 1,
        'mip_rel_gap': 0.0,
        'mip_abs_gap': 0.5,
        'mip_max_nodes': limits.nodes,
        'simplex_iteration_limit': limits.iterations,
    }


def place(board: Board, limits: Limits) -> Result:
    """Look for a placement of everything.

    Of items that differ in their groups only it first asks how many go
    where, and then which: both are far smaller than all at once.
    """
    types = ItemTypes(board)
    if len(types.members) < sum(map(bool, board.counts)):
        typed = Program(types, limits)
        result = typed.solve()
        if not typed.contents:
            return result
        program = Program(board, limits)
        ones = [
            [int(item in members) for item in range(len(board.items))]
            for members in types.members
        ]
        for index, held in enumerate(typed.contents):
            for number, weights in enumerate(ones):
                count = held.get(number, 0)
                program.bound(index, weights, count, least=count)
        result = _placed(board, program, program.solve())
        if result.timed_out or result.placement:
            return result
    program = Program(board, limits)
    return _placed(board, program, program.solve())


def _placed(board: Board, program: Program, result: Result) -> Result:
    """Return a result with its placement, checked in whole numbers."""
    if not program.contents:
        return result
    if not State(board).fill(program.contents):
        return UNDECIDED
    placement = board.named(program.contents)
    return dataclasses.replace(result, placement=placement)


def place_most(board: Board, limits: Limits) -> Result:
    """Look for the largest number; ties: more memory, then earlier keys."""
    program = Program(board, limits, everything=False)
    most_solved = max(2, min(MOST_SOLVED, MANY_VARIABLES // program.size))
    best, solved = UNDECIDED, 0
    for weights in _preferences(board):
        wanted = sum(map(int.__mul__, weights, program.bounds))
        if not best.complete or program.weight(weights) < wanted:
            if solved == most_solved:
                return best
            solved += 1
            result = _placed(board, program, program.solve(weights))
            if result.timed_out:
                return result
            if not result.complete:
                return dataclasses.replace(best, complete=False)
            best = result
        program.keep(weights)
    return best


def _preferences(board: Board) -> Iterator[Weights]:
    """Yield what items weigh in the sums to maximize, the first decides."""
    yield [1] * len(board.items)
    memory = [item.memory_mb for item in board.items]
    unit = math.gcd(*memory) or 1
    yield [mb // unit for mb in memory]
    for item, count in enumerate(board.counts):
        if count:
            yield [int(i == item) for i in range(len(board.items))]
