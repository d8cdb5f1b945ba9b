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
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.result import impossible
from watcher_host_maintenance.core.packing.state import State
from watcher_host_maintenance.core.packing.subset_sum import rounded


MOST_NAMED = 8
"""Items of which as many as can be are preferred for their names."""

Terms = Mapping[int, int]
"""Column -> coefficient."""


class Ending(enum.Enum):
    """How HiGHS ended."""

    OPTIMAL = 'optimal'
    INFEASIBLE = 'infeasible'
    LIMIT = 'limit'
    TIMED_OUT = 'timed out'


class Program:
    """One whole variable for each item in each bin: how many go there.

    :ivar columns: of each variable, its bin and its item
    :ivar rows: sums, with the least and the most of each
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
        self.counts = counts
        self.limits = limits
        self.columns = [
            (index, item)
            for index, numbers in enumerate(most)
            for item, number in enumerate(numbers)
            if number and counts[item]
        ]
        self.upper = [min(most[b][i], counts[i]) for b, i in self.columns]
        self.by_item: list[list[int]] = [[] for _item in counts]
        self.by_bin: list[dict[int, int]] = [{} for _bin in most]
        for column, (index, item) in enumerate(self.columns):
            self.by_item[item].append(column)
            self.by_bin[index][item] = column
        self.rows: list[tuple[Terms, int, int | float]] = [
            (dict.fromkeys(columns, 1), count if everything else 0, count)
            for columns, count in zip(self.by_item, counts, strict=True)
            if count
        ]
        self.contents: list[dict[int, int]] = []

    def bound_rooms(
        self, sizes: Sequence[Amounts], rooms: Iterable[Amounts]
    ) -> None:
        """Let each bin hold no more of each resource class than fits."""
        for columns, room in zip(self.by_bin, rooms, strict=True):
            numbers = [0] * len(sizes)
            for item, column in columns.items():
                numbers[item] = self.upper[column]
            for r, free in enumerate(rounded(sizes, numbers, room)):
                self._bound(
                    {c: sizes[item][r] for item, c in columns.items()}, free
                )

    def bound_groups(
        self, groups: Sequence[int], rooms: Iterable[Sequence[int]]
    ) -> None:
        """Let each bin hold no more members of each group than it may."""
        for columns, of_group in zip(self.by_bin, rooms, strict=True):
            for group, free in enumerate(of_group):
                self._bound(
                    {c: 1 for i, c in columns.items() if groups[i] == group},
                    free,
                )

    def _bound(self, terms: Terms, most: int) -> None:
        """Limit a sum unless it cannot exceed its limit."""
        if sum(n * self.upper[c] for c, n in terms.items()) > most:
            self.rows.append(({c: n for c, n in terms.items() if n}, 0, most))

    def fix(self, items: Iterable[int], index: int, count: int) -> None:
        """Let a bin hold so many of some items together."""
        columns = self.by_bin[index]
        terms = {columns[i]: 1 for i in items if i in columns}
        if terms:
            self.rows.append((terms, count, count))

    def keep(self, value: Mapping[int, int]) -> None:
        """From now on accept nothing that is worth less.

        :param value: item -> value of each that is placed
        """
        terms = {c: n for i, n in value.items() for c in self.by_item[i] if n}
        self.rows.append((terms, self.value(value), math.inf))

    def value(self, value: Mapping[int, int]) -> int:
        """Return what the last solution is worth."""
        return sum(
            value.get(item, 0) * n
            for held in self.contents
            for item, n in held.items()
        )

    def solve(
        self, value: Mapping[int, int] | None = None, whole: bool = True
    ) -> Ending:
        """Look for the placement that is worth most.

        :param value: item -> value of each that is placed
        :param whole: False allows parts of items
        """
        self.contents = []
        if not self.columns:
            # HiGHS does not look at the rows of a program without variables.
            return Ending.INFEASIBLE
        model = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, option in self._options().items():
            model.setOptionValue(name, option)
        kind = highspy.HighsVarType
        variables = [
            model.addVariable(
                lb=0,
                ub=most,
                type=kind.kInteger if whole else kind.kContinuous,
            )
            for most in self.upper
        ]
        for terms, least, most in self.rows:
            total = model.qsum(n * variables[c] for c, n in terms.items())
            model.addConstr(least <= total <= most)
        model.maximize(
            model.qsum(
                n * variables[c]
                for item, n in (value or {}).items()
                for c in self.by_item[item]
            )
        )
        status, statuses = model.getModelStatus(), highspy.HighsModelStatus
        if status == statuses.kTimeLimit:
            return Ending.TIMED_OUT
        if status == statuses.kInfeasible:
            return Ending.INFEASIBLE
        if not whole or model.getInfo().primal_solution_status != 2:
            return Ending.LIMIT
        self._read(model.getSolution().col_value)
        return Ending.OPTIMAL if status == statuses.kOptimal else Ending.LIMIT

    def _options(self) -> dict[str, Any]:
        return {
            'output_flag': False,
            'threads': 1,
            'parallel': 'off',
            'random_seed': 1,
            'mip_rel_gap': 0.0,
            'mip_abs_gap': 0.5,
            'mip_max_nodes': self.limits.nodes,
            'simplex_iteration_limit': self.limits.iterations,
            'time_limit': self.limits.guard_s,
        }

    def _read(self, values: Iterable[float]) -> None:
        """Keep a solution, for each bin item -> count."""
        self.contents = [{} for _bin in self.by_bin]
        for (index, item), value in zip(self.columns, values, strict=True):
            if number := round(value):
                self.contents[index][item] = number


def place(board: Board, limits: Limits) -> Result:
    """Look for a placement of everything.

    Of items that differ in their groups only it first asks how many go
    where, and then which: both are far smaller than all at once.
    """
    types = ItemTypes(board)
    whole = _of_items(board, limits)
    if len(types.members) == sum(map(bool, board.counts)):
        return _placed(board, whole)
    typed = Program(types.counts, types.of_bin, limits)
    typed.bound_rooms(types.sizes, board.rooms)
    result = _decided(typed)
    if result is not None:
        return result
    first = _of_items(board, limits)
    for index, held in enumerate(typed.contents):
        for number, members in enumerate(types.members):
            first.fix(members, index, held.get(number, 0))
    result = _placed(board, first)
    if result.status is Status.PLACED:
        return result
    return _placed(board, whole)


def _of_items(
    board: Board, limits: Limits, everything: bool = True
) -> Program:
    program = Program(board.counts, board.most, limits, everything)
    program.bound_rooms(board.amounts, board.rooms)
    program.bound_groups(board.groups, board.group_rooms)
    return program


def _decided(program: Program) -> Result | None:
    """Solve; return what there is to say without a placement, or None."""
    ending = program.solve()
    if ending is Ending.TIMED_OUT:
        return TIMED_OUT
    if ending is Ending.INFEASIBLE:
        linear = program.solve(whole=False) is Ending.INFEASIBLE
        return impossible(Proof(Kind.LINEAR if linear else Kind.SEARCH))
    return None if program.contents else UNDECIDED


def _placed(board: Board, program: Program) -> Result:
    """Solve; return a placement of everything, checked in whole numbers."""
    result = _decided(program)
    if result is not None:
        return result
    if not State(board).fill(program.contents):
        return UNDECIDED
    return Result(board.named(program.contents), complete=True)


def place_most(board: Board, limits: Limits) -> Result:
    """Look for the largest number; ties: more memory, then earlier keys."""
    program = _of_items(board, limits, everything=False)
    best = UNDECIDED
    named = 0
    for value in _values(board):
        wanted = sum(n * board.counts[i] for i, n in value.items())
        if not best.complete or program.value(value) < wanted:
            named += len(value) == 1
            if named > MOST_NAMED:
                return best
            ending = program.solve(value)
            if ending is Ending.TIMED_OUT:
                return TIMED_OUT
            fits = State(board).fill(program.contents)
            if ending is not Ending.OPTIMAL or not fits:
                return dataclasses.replace(best, complete=False)
            best = Result(board.named(program.contents), complete=True)
        program.keep(value)
    return best


def _values(board: Board) -> Iterator[dict[int, int]]:
    """Yield what is preferred, item -> value of each, the first decides."""
    items = [i for i, count in enumerate(board.counts) if count]
    yield dict.fromkeys(items, 1)
    memory = {i: board.items[i].memory_mb for i in items}
    unit = math.gcd(*memory.values()) or 1
    yield {i: mb // unit for i, mb in memory.items() if mb}
    for item in items:
        yield {item: 1}
