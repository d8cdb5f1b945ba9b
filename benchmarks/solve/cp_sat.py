# SPDX-License-Identifier: Apache-2.0

"""CP-SAT alone, as a peer: the plain program, nothing before it.

It is in ``ortools``, which is no dependency of this project. It has a HiGHS of
its own in it and cannot be loaded beside another: it works in a process of its
own, for which neither this module nor what it imports loads HiGHS.
"""

from benchmarks.solve import program as programs
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import UNDECIDED
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import impossible


LIMIT_S = 10.0
"""Processor seconds after which a peer gives up, about."""

IMPOSSIBLE = impossible(Proof(Kind.SEARCH))


def by_cp_sat(problem: Problem) -> Result:
    """Solve the whole program at once with CP-SAT."""
    from ortools.sat.python import cp_model as library

    plain = programs.of(problem)
    model = library.CpModel()
    columns = [model.new_int_var(0, most, '') for most in plain.upper]
    for row in plain.rows:
        terms = [columns[n] for n in row.terms]
        total = library.LinearExpr.weighted_sum(
            terms, list(row.terms.values())
        )
        model.add_linear_constraint(total, row.least, row.most)
    solver = library.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = LIMIT_S
    status = solver.solve(model)
    if status == library.INFEASIBLE:
        return IMPOSSIBLE
    if status not in (library.OPTIMAL, library.FEASIBLE):
        return UNDECIDED
    values = [solver.value(column) for column in columns]
    return Result(plain.where(values), complete=True)
