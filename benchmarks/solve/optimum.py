# SPDX-License-Identifier: Apache-2.0

"""The lowest that the highest utilisation can be, as far as HiGHS knows."""

import math

from collections.abc import Mapping

import highspy

from benchmarks.solve import program as programs
from benchmarks.solve import solvers
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.packing.problem import Problem


Where = Mapping[str, Mapping[str, int]]

UNIT = 1_000_000
"""Parts that a share is counted in, so that coefficients are of one size."""


def highest(problem: Problem, where: Where) -> float:
    """Return the used share of the fullest class of any bin."""
    held: dict[tuple[str, str], int] = {}
    for item in problem.items:
        for host, count in where.get(item.key, {}).items():
            for c, amount in item.resources.items():
                held[host, c] = held.get((host, c), 0) + count * amount
    return max(
        (there.used.get(c, 0) + held.get((there.hostname, c), 0)) / capacity
        for there in problem.bins
        for c, capacity in there.capacity.items()
        if c in BALANCED and capacity > 0
    )


def lowest(problem: Problem, where: Where) -> float | None:
    """Return the optimum of the highest utilisation; None is not known.

    :param where: a placement to start from
    """
    plain = programs.of(problem)
    share = len(plain.columns)
    rows = [*plain.rows, *_shares(problem, plain, share)]
    # Nothing that is placed makes a bin emptier.
    rows.append(programs.Row({share: 1}, _parts(highest(problem, {})), UNIT))
    solver = solvers.highs(
        rows,
        [*plain.upper, UNIT],
        [0.0] * share + [1.0],
        [True] * share + [False],
    )
    start = highspy.HighsSolution()
    placed = [where.get(key, {}).get(host, 0) for key, host in plain.columns]
    start.col_value = [
        *map(float, placed),
        float(math.ceil(highest(problem, where) * UNIT)),
    ]
    solver.setSolution(start)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(solver.getInfo().objective_function_value) / UNIT


def _shares(
    problem: Problem, plain: programs.Program, share: int
) -> list[programs.Row]:
    """Say that the share is at least that of each class of each bin."""
    sizes = {s.key: s.resources for s in problem.items}
    here: dict[str, list[tuple[int, str]]] = {}
    for column, (key, host) in enumerate(plain.columns):
        here.setdefault(host, []).append((column, key))
    rows = []
    for there in problem.bins:
        for c, capacity in there.capacity.items():
            if c in BALANCED and capacity > 0 and there.hostname in here:
                terms = {
                    column: sizes[key].get(c, 0) * UNIT // int(capacity)
                    for column, key in here[there.hostname]
                }
                used = _parts(there.used.get(c, 0) / capacity)
                rows.append(programs.Row({**terms, share: -1}, -UNIT, -used))
    return rows


def _parts(share: float) -> int:
    return math.floor(share * UNIT)
