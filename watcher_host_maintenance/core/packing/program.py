# SPDX-License-Identifier: Apache-2.0

"""A placement as an integer program, solved by HiGHS.

The only module that imports HiGHS. One thread, a fixed seed and limits that
count work: one version of HiGHS gives the same answer to the same board.
"""

import dataclasses
import math

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import highspy

from watcher_host_maintenance.core.packing.board import Amounts
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
from watcher_host_maintenance.core.packing.subset_sum import rounded


MOST_NAMED = 8
"""Items of which as many as can be are preferred for their names."""

Worth = Mapping[int, int]
"""Item -> what each of it is worth that is placed."""


class Program:
    """One whole variable for each item in each bin: how many go there.

    :ivar contents: for each bin, item -> count: the last solution; empty
        before there is one
    """

    def __init__(
        self,
        counts: Sequence[int],
        most: Sequence[Sequence[int]],
        limits: Limits,
        everything: bool = True,
    ):
        """Bound how many there are of each item.

        :param counts: of each item
        :param most: of each bin, how many of each item it takes if no other
        :param everything: place all, not just as many as can be
        """
        self.contents: list[dict[int, int]] = []
        self._guard_s = limits.guard_s
        self._model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, option in _options(limits).items():
            self._model.setOptionValue(name, option)
        self._upper = [
            [min(*pair) for pair in zip(numbers, counts, strict=True)]
            for numbers in most
        ]
        self._in_bin: list[dict[int, Any]] = [
            {
                item: self._model.addIntegral(lb=0, ub=number)
                for item, number in enumerate(upper)
                if number
            }
            for upper in self._upper
        ]
        for item, count in enumerate(counts):
            if count:
                least = count if everything else 0
                self._bound(least, self._worth({item: 1}), count)

    def _bound(self, least: int, total: Any, most: float) -> None:
        self._model.addConstr(least <= total <= most)

    def _worth(self, worth: Worth) -> Any:
        """Return the expression of what all that is placed is worth."""
        return self._model.qsum(
            worth[item] * variable
            for variables in self._in_bin
            for item, variable in variables.items()
            if worth.get(item)
        )

    def bound_rooms(
        self, sizes: Sequence[Amounts], rooms: Iterable[Amounts]
    ) -> None:
        """Let each bin hold no more of each resource class than fits."""
        for index, room in enumerate(rooms):
            filled = rounded(sizes, self._upper[index], room)
            for r, most in enumerate(filled):
                self._bound_bin(index, [size[r] for size in sizes], most)

    def bound_groups(
        self, groups: Sequence[int], rooms: Iterable[Sequence[int]]
    ) -> None:
        """Let each bin hold no more members of each group than it may."""
        for index, of_group in enumerate(rooms):
            for group, most in enumerate(of_group):
                self._bound_bin(index, [int(g == group) for g in groups], most)

    def _bound_bin(self, index: int, sizes: Sequence[int], most: int) -> None:
        """Limit a sum in a bin unless it cannot exceed its limit."""
        if sum(map(int.__mul__, sizes, self._upper[index])) > most:
            self._bound(0, self._sum(index, sizes), most)

    def _sum(self, index: int, sizes: Sequence[int]) -> Any:
        return self._model.qsum(
            sizes[item] * variable
            for item, variable in self._in_bin[index].items()
            if sizes[item]
        )

    def fix(self, index: int, members: Sequence[int], count: int) -> None:
        """Let a bin hold so many of some items together."""
        chosen = [int(i in members) for i in range(len(self._upper[index]))]
        if any(map(int.__mul__, chosen, self._upper[index])):
            self._bound(count, self._sum(index, chosen), count)

    def keep(self, worth: Worth) -> None:
        """From now on accept nothing that is worth less than the last."""
        self._bound(self.worth(worth), self._worth(worth), math.inf)

    def worth(self, worth: Worth) -> int:
        """Return what the last solution is worth."""
        return sum(
            worth.get(item, 0) * number
            for held in self.contents
            for item, number in held.items()
        )

    def solve(self, worth: Worth | None = None) -> Result:
        """Look for the solution that is worth most.

        :returns: complete if there is none better, or none at all; without
            its placement, since what the items are is not known here
        """
        self.contents = []
        if not any(self._in_bin):
            # HiGHS does not look at the rows of a program without variables.
            return impossible(Proof(Kind.LINEAR))
        statuses = highspy.HighsModelStatus
        status = self._run(worth or {})
        if status == statuses.kTimeLimit:
            return TIMED_OUT
        if status == statuses.kInfeasible:
            self._model.setOptionValue('solve_relaxation', True)
            linear = self._run({}) == statuses.kInfeasible
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

    def _run(self, worth: Worth) -> Any:
        # The guard is for each run, the clock of a model for all of them.
        guard_s = self._model.getRunTime() + self._guard_s
        self._model.setOptionValue('time_limit', guard_s)
        self._model.maximize(self._worth(worth))
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


def _of_items(
    board: Board, limits: Limits, everything: bool = True
) -> Program:
    program = Program(board.counts, board.most, limits, everything)
    program.bound_rooms(board.amounts, board.rooms)
    program.bound_groups(board.groups, board.group_rooms)
    return program


def place(board: Board, limits: Limits) -> Result:
    """Look for a placement of everything.

    Of items that differ in their groups only it first asks how many go
    where, and then which: both are far smaller than all at once.
    """
    types = ItemTypes(board)
    if len(types.members) < sum(map(bool, board.counts)):
        typed = Program(types.counts, types.of_bin, limits)
        typed.bound_rooms(types.sizes, board.rooms)
        result = typed.solve()
        if not typed.contents:
            return result
        program = _of_items(board, limits)
        for index, held in enumerate(typed.contents):
            for number, members in enumerate(types.members):
                program.fix(index, members, held.get(number, 0))
        result = _placed(board, program, program.solve())
        if result.timed_out or result.placement:
            return result
    program = _of_items(board, limits)
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
    program = _of_items(board, limits, everything=False)
    best = UNDECIDED
    named = 0
    for worth in _preferences(board):
        wanted = sum(n * board.counts[i] for i, n in worth.items())
        if not best.complete or program.worth(worth) < wanted:
            named += len(worth) == 1
            if named > MOST_NAMED:
                return best
            result = _placed(board, program, program.solve(worth))
            if result.timed_out:
                return result
            if not result.complete:
                return dataclasses.replace(best, complete=False)
            best = result
        program.keep(worth)
    return best


def _preferences(board: Board) -> Iterator[Worth]:
    """Yield what items are worth, the first decides."""
    items = [i for i, count in enumerate(board.counts) if count]
    yield dict.fromkeys(items, 1)
    memory = {i: board.items[i].memory_mb for i in items}
    unit = math.gcd(*memory.values()) or 1
    yield {i: mb // unit for i, mb in memory.items() if mb}
    for item in items:
        yield {item: 1}
