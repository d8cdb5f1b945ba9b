# SPDX-License-Identifier: Apache-2.0

"""The exact solver, HiGHS, if it is installed (the extra `exact`).

The only module that imports it, when it is first asked. One thread, a fixed
seed and limits that count work: the same board gives the same answer.
"""

import dataclasses
import functools
import math

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.rounding import Rounding
from watcher_host_maintenance.core.packing.state import State


MOST_NAMED = 8
"""Shapes of which as many as can be are preferred for their names."""

Row = tuple[list[int], list[int], float, float]
"""Columns, their coefficients, the least and the most of their sum."""


@dataclasses.dataclass(slots=True)
class Found:
    """What the exact solver came to.

    :ivar where: for each bin of the board, shape -> count; None is none
    :ivar complete: nothing better exists, or nothing at all
    :ivar kind: what proves that nothing exists
    :ivar late: the time was up, so that a faster machine may know more
    """

    where: list[dict[int, int]] | None = None
    complete: bool = False
    kind: Kind | None = None
    late: bool = False


@functools.cache
def library() -> Any:
    """Return the library, or None where it is not installed."""
    try:
        import highspy  # noqa: PLC0415
    except ImportError:
        return None
    return highspy


def place(board: Board, limits: Limits) -> Found:
    """Look for a placement of all instances."""
    model = _Model(board, limits)
    for whole, kind in ((False, Kind.LINEAR), (True, Kind.SEARCH)):
        status = model.solve(whole)
        if status == 'late':
            return Found(late=True)
        if status == 'infeasible':
            return Found(complete=True, kind=kind)
    where = model.where()
    return Found(where, where is not None)


def place_most(board: Board, limits: Limits) -> Found:
    """Look for the largest number; ties: more memory, then earlier keys."""
    model = _Model(board, limits, everything=False)
    best = Found()
    named = 0
    for wish in _wishes(board):
        if best.where is not None and model.reached(wish, best.where):
            model.keep(wish, best.where)
            continue
        named += len(wish) == 1
        if named > MOST_NAMED:
            return best
        status = model.solve(whole=True, wish=wish)
        if status == 'late':
            return Found(late=True)
        where = model.where()
        if where is None or status == 'limit':
            return dataclasses.replace(best, complete=False)
        best = Found(where, complete=True)
        model.keep(wish, where)
    return best


def _wishes(board: Board) -> Iterator[dict[int, int]]:
    """Yield what is preferred, shape -> value of each, the first decides."""
    shapes = range(len(board.shapes))
    yield dict.fromkeys(shapes, 1)
    memory = {s: board.shapes[s].memory_mb for s in shapes}
    unit = math.gcd(*memory.values()) or 1
    yield {s: mb // unit for s, mb in memory.items() if mb}
    for shape in shapes:
        yield {shape: 1}


class _Model:
    """One column for each shape in each bin: how many go there."""

    def __init__(self, board: Board, limits: Limits, everything: bool = True):
        self.board = board
        self.limits = limits
        self.columns = [
            (index, shape)
            for index, most in enumerate(board.most)
            for shape, number in enumerate(most)
            if number
        ]
        self.by_shape: dict[int, list[int]] = {
            s: [] for s in range(len(board.shapes))
        }
        self.by_bin: list[dict[int, int]] = [{} for _ in board.hosts]
        for column, (index, shape) in enumerate(self.columns):
            self.by_shape[shape].append(column)
            self.by_bin[index][shape] = column
        self.rows: list[Row] = []
        for shape, count in enumerate(board.counts):
            columns = self.by_shape[shape]
            least = float(count if everything else 0)
            ones = [1] * len(columns)
            self.rows.append((columns, ones, least, float(count)))
        self._bound_bins()
        self.values: Sequence[float] | None = None

    def _bound_bins(self) -> None:
        board, rounding = self.board, Rounding()
        for index, columns in enumerate(self.by_bin):
            room = rounding.lowered(
                board.sizes, board.most[index], board.rooms[index]
            )
            for resource, free in enumerate(room):
                sizes = {
                    c: board.sizes[s][resource] for s, c in columns.items()
                }
                self._bound(index, sizes, free)
            for group, free in enumerate(board.left[index]):
                members = {
                    c: 1
                    for s, c in columns.items()
                    if board.groups[s] == group
                }
                self._bound(index, members, free)

    def _bound(self, index: int, terms: Mapping[int, int], free: int) -> None:
        """Limit a sum unless it cannot exceed its limit."""
        most = self.board.most[index]
        largest = sum(n * most[self.columns[c][1]] for c, n in terms.items())
        if largest > free:
            used = {c: n for c, n in terms.items() if n}
            row = (list(used), list(used.values()), 0.0, float(free))
            self.rows.append(row)

    def keep(
        self, wish: Mapping[int, int], where: Sequence[Mapping[int, int]]
    ) -> None:
        """From now on accept nothing that is worse by a wish."""
        terms = {c: n for s, n in wish.items() for c in self.by_shape[s] if n}
        value = float(_value(wish, where))
        self.rows.append((list(terms), list(terms.values()), value, 1e30))

    def reached(
        self, wish: Mapping[int, int], where: Sequence[Mapping[int, int]]
    ) -> bool:
        """Tell whether a placement has everything that a wish asks for."""
        wanted = sum(n * self.board.counts[s] for s, n in wish.items())
        return _value(wish, where) == wanted

    def solve(self, whole: bool, wish: Mapping[int, int] | None = None) -> str:
        """Solve; return 'optimal', 'infeasible', 'limit' or 'late'.

        :param whole: False allows parts of instances
        :param wish: shape -> value of each that is placed
        """
        highspy = library()
        solver = highspy.Highs()
        for name, value in self._options().items():
            solver.setOptionValue(name, value)
        solver.passModel(self._program(highspy, whole, wish or {}))
        solver.run()
        status = solver.getModelStatus()
        statuses = highspy.HighsModelStatus
        self.values = None
        if status == statuses.kTimeLimit:
            return 'late'
        if status == statuses.kInfeasible:
            return 'infeasible'
        if whole and solver.getInfo().primal_solution_status == 2:
            self.values = list(solver.getSolution().col_value)
        return 'optimal' if status == statuses.kOptimal else 'limit'

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

    def _program(
        self, highspy: Any, whole: bool, wish: Mapping[int, int]
    ) -> Any:
        program = highspy.HighsLp()
        program.num_col_ = len(self.columns)
        program.num_row_ = len(self.rows)
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = [float(wish.get(s, 0)) for _b, s in self.columns]
        program.col_lower_ = [0.0] * len(self.columns)
        program.col_upper_ = [
            float(self.board.most[b][s]) for b, s in self.columns
        ]
        program.row_lower_ = [row[2] for row in self.rows]
        program.row_upper_ = [row[3] for row in self.rows]
        if whole:
            kind = highspy.HighsVarType.kInteger
            program.integrality_ = [kind] * len(self.columns)
        starts = [0]
        for row in self.rows:
            starts.append(starts[-1] + len(row[0]))
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = starts
        matrix.index_ = [c for row in self.rows for c in row[0]]
        matrix.value_ = [float(n) for row in self.rows for n in row[1]]
        return program

    def where(self) -> list[dict[int, int]] | None:
        """Return what was found, checked in whole numbers."""
        if self.values is None:
            return None
        where: list[dict[int, int]] = [{} for _ in self.board.hosts]
        for (index, shape), value in zip(
            self.columns, self.values, strict=True
        ):
            if number := round(value):
                where[index][shape] = number
        return where if self._holds(where) else None

    def _holds(self, where: Sequence[Mapping[int, int]]) -> bool:
        """Tell whether a placement keeps every limit exactly."""
        state = State(self.board)
        state.fill(where)
        kept = all(free >= 0 for room in state.free for free in room)
        return kept and all(n >= 0 for left in state.left for n in left)


def _value(wish: Mapping[int, int], where: Sequence[Mapping[int, int]]) -> int:
    return sum(wish.get(s, 0) * n for there in where for s, n in there.items())
