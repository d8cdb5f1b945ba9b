# SPDX-License-Identifier: Apache-2.0

"""HiGHS alone, as a peer: the plain program, nothing before it."""

import time

from collections.abc import Sequence
from typing import Any

import highspy

from benchmarks.solve import program as programs
from benchmarks.solve.cp_sat import IMPOSSIBLE
from benchmarks.solve.cp_sat import LIMIT_S
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import UNDECIDED
from watcher_host_maintenance.core.packing.result import Result


def by_highs(problem: Problem) -> Result:
    """Solve the whole program at once with HiGHS."""
    plain = programs.of(problem)
    if not all(row.terms or not row.least for row in plain.rows):
        return IMPOSSIBLE
    whole = [True] * len(plain.columns)
    costs = [0.0] * len(plain.columns)
    solver = highs(plain.rows, plain.upper, costs, whole)
    solver.run()
    statuses = highspy.HighsModelStatus
    status = solver.getModelStatus()
    if status == statuses.kInfeasible:
        return IMPOSSIBLE
    if status != statuses.kOptimal:
        return UNDECIDED
    values = solver.getSolution().col_value
    return Result(plain.where(values), complete=True)


def highs(
    rows: Sequence[programs.Row],
    upper: Sequence[float],
    costs: Sequence[float],
    whole: Sequence[bool],
) -> Any:
    """Return HiGHS with a program to minimise, one thread, a fixed seed.

    :param costs: of each column
    :param whole: whether each column takes whole numbers only
    """
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ('output_flag', False),
        ('threads', 1),
        ('parallel', 'off'),
        ('random_seed', 1),
    ):
        solver.setOptionValue(name, value)
    _limit(solver)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(upper), len(rows)
    lp.col_cost_ = list(costs)
    lp.col_lower_ = [0.0] * len(upper)
    lp.col_upper_ = [float(most) for most in upper]
    lp.row_lower_ = [float(row.least) for row in rows]
    lp.row_upper_ = [float(row.most) for row in rows]
    kinds = highspy.HighsVarType
    lp.integrality_ = [
        kinds.kInteger if one else kinds.kContinuous for one in whole
    ]
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row.terms))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = starts
    lp.a_matrix_.index_ = [n for row in rows for n in row.terms]
    lp.a_matrix_.value_ = [
        float(a) for row in rows for a in row.terms.values()
    ]
    solver.passModel(lp)
    return solver


def _limit(solver: Any) -> None:
    """Stop a solver by processor time: its own option is by the clock."""
    end = time.process_time() + LIMIT_S

    def look(event: Any) -> None:
        if time.process_time() > end:
            event.interrupt()

    solver.cbMipInterrupt.subscribe(look)
    solver.cbSimplexInterrupt.subscribe(look)
