# SPDX-License-Identifier: Apache-2.0

"""Make a placement more even: look for one with lower limits."""

import dataclasses

from watcher_host_maintenance.core.packing import ejection
from watcher_host_maintenance.core.packing import evening
from watcher_host_maintenance.core.packing import patterns
from watcher_host_maintenance.core.packing import proofs
from watcher_host_maintenance.core.packing.board import board as to_board
from watcher_host_maintenance.core.packing.loads import Loads
from watcher_host_maintenance.core.packing.loads import fill
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Problem


CLOSE = 0.002
"""A height this near to what is known to be needed is low enough."""

ONE_TRY = 10
"""The part of the work that one limit may take."""


def lower(loads: Loads, exchanges: int, steps: int) -> Loads:
    """Halve the way between the highest bin and what is known to be needed.

    :param exchanges: how many exchanges may be looked at after each try
    :param steps: how many things may be looked at while instances eject one
        another, for all tries together
    :returns: the same, or a placement whose highest bin is lower
    """
    height = highest(loads)
    needed = needed_height(loads)
    complaints = loads.complaints()
    candidates = _candidates(loads)
    left = steps
    while left > 0 and height - needed > CLOSE * height:
        limit = (height + needed) / 2
        found, used = _within(loads, candidates, limit, steps // ONE_TRY)
        left -= used
        if found is None:
            needed = limit
            continue
        evening.even(found, exchanges)
        if found.complaints() > complaints:
            # Evenness is not worth what a soft group asks for.
            break
        loads, height = found, highest(found)
    return loads


def highest(loads: Loads) -> float:
    """Return the height of the fullest bin that was given something."""
    return max(
        (load.height() for load in loads.touched.values() if load.there),
        default=0.0,
    )


def needed_height(loads: Loads) -> float:
    """Return what the instance that is worst off alone makes of its bin."""
    alone = (loads.alone(shape) for shape in loads.problem.shapes)
    return max((height for height in alone if height is not None), default=0.0)


def _candidates(loads: Loads) -> list[Bin]:
    """Choose bins that may be of use: those in use, and the lowest."""
    number = 2 * sum(s.count for s in loads.problem.shapes)
    chosen = {b.hostname: b for b in loads.lowest_bins(number)}
    chosen.update({h: load.bin for h, load in loads.touched.items()})
    return [chosen[hostname] for hostname in sorted(chosen)]


def _within(
    loads: Loads, candidates: list[Bin], limit: float, steps: int
) -> tuple[Loads | None, int]:
    """Look for a placement below a limit; return it, and the work done."""
    lowered = [
        _lowered(b, limit) for b in candidates if b.utilisation() < limit
    ]
    board = to_board(
        Problem(
            loads.problem.shapes, tuple(lowered), loads.problem.group_limits
        )
    )
    cost = len(board.hosts) * len(board.shapes)
    if next(proofs.of_board(board), None) is not None:
        return None, cost
    found = patterns.kinds(board)
    if next(proofs.of_kinds(board, found), None) is not None:
        return None, cost
    tried = ejection.Ejection(board)
    if not tried.run(steps):
        return None, cost + steps
    return fill(loads.problem, board, tried.best), cost + steps - tried.steps


def _lowered(there: Bin, share: float) -> Bin:
    limit = dict(there.limit)
    for resource_class in BALANCED:
        capacity = there.capacity.get(resource_class, 0)
        if capacity > 0 and resource_class in limit:
            limit[resource_class] = min(
                limit[resource_class], share * capacity
            )
    return dataclasses.replace(there, limit=limit)
