# SPDX-License-Identifier: Apache-2.0

"""Make a placement more even: look for one whose highest bin is lower."""

import dataclasses

from watcher_host_maintenance.core.packing.balance import balance
from watcher_host_maintenance.core.packing.board import FULL
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.ejection import Ejection
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.proofs import quick_proofs
from watcher_host_maintenance.core.packing.state import Heights


CLOSE = 500
"""A highest bin is low enough if the rest is less than such a part of it."""

ONE_TRY = 10
"""The part of the work that one limit may take."""


def bisect_peak(state: Heights, exchanges: int, steps: int) -> Heights:
    """Halve the way between the highest bin and what is known to be needed.

    :param exchanges: how many exchanges may be looked at after each try
    :param steps: how many things may be looked at while items eject one
        another, in all tries together
    :returns: the same, or a placement whose highest bin is lower
    """
    height, needed = state.highest(), needed_height(state)
    violations = state.all_soft_violations()
    candidates = _candidates(state)
    steps_left = steps
    while steps_left > 0 and (height - needed) * CLOSE > height:
        limit = (height + needed) // 2
        lower, used = _below(state, candidates, limit, steps // ONE_TRY)
        steps_left -= used
        if lower is None:
            needed = limit
            continue
        balance(lower, exchanges)
        if lower.all_soft_violations() > violations:
            # Evenness is not worth what a soft group asks for.
            break
        state, height = lower, lower.highest()
    return state


def needed_height(state: Heights) -> int:
    """Return how high the item that is worst off alone makes its bin."""
    lowest = map(state.lowest_alone, range(len(state.board.items)))
    return max((height for height in lowest if height is not None), default=0)


def _candidates(state: Heights) -> list[int]:
    """Choose bins that may be of use: those in use, and the lowest."""
    number = 2 * sum(state.board.counts)
    return sorted({*state.board.order[:number], *state.touched})


def _below(
    state: Heights, candidates: list[int], limit: int, steps: int
) -> tuple[Heights | None, int]:
    """Look for a placement below a limit; return it, and the work done."""
    before = state.board
    bins = [
        lowered(before.bins[index], limit)
        for index in candidates
        if before.heights[index] < limit
    ]
    board = Board(dataclasses.replace(before.problem, bins=tuple(bins)))
    board = board.with_counts(before.counts)
    cost = len(board.bins) * len(board.items)
    if next(quick_proofs(board), None) is not None:
        return None, cost
    ejection = Ejection(board)
    if not ejection.run(steps):
        return None, cost + steps
    placement = board.named(ejection.best)
    return Heights(before, placement), cost + steps - ejection.steps


def lowered(bin_: Bin, height: int) -> Bin:
    """Return a bin with so much less room that it ends no higher."""
    limit = dict(bin_.limit)
    for c in BALANCED:
        capacity = bin_.capacity.get(c, 0)
        if capacity > 0 and c in limit:
            limit[c] = min(limit[c], int(height * capacity) // FULL)
    return dataclasses.replace(bin_, limit=limit)
