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
from watcher_host_maintenance.core.packing.state import State


CLOSE = 500
"""A highest bin is low enough if the rest is less than such a part of it."""

ONE_TRY = 10
"""The part of the work that one limit may take."""


def bisect_peak(state: State, exchanges: int, steps: int) -> State:
    """Halve the way between the highest bin and what is known to be needed.

    :param exchanges: how many exchanges may be looked at after each try
    :param steps: how many things may be looked at while items eject one
        another, in all tries together
    :returns: the same, or a placement whose highest bin is lower
    """
    board = state.board
    height, needed = state.highest(), needed_height(board)
    violations = state.all_soft_violations()
    # Bins that may be of use: those in use, and the lowest.
    number = 2 * sum(board.counts)
    candidates = sorted({*board.order[:number], *state.touched})
    steps_left = steps
    while steps_left > 0 and (height - needed) * CLOSE > height:
        limit = (height + needed) // 2
        lower = _lowered(board, candidates, limit)
        steps_left -= len(lower.bins) * len(lower.items)
        ejection = Ejection(lower)
        is_impossible = any(quick_proofs(lower))
        is_lower = not is_impossible and ejection.run(steps // ONE_TRY)
        steps_left -= ejection.steps
        if not is_lower:
            needed = limit
            continue
        even = State(board, lower.named(ejection.best))
        balance(even, exchanges)
        if even.all_soft_violations() > violations:
            # Evenness is not worth a soft violation or a cost.
            break
        state, height = even, even.highest()
    return state


def needed_height(board: Board) -> int:
    """Return how high the item that is worst off alone makes its bin."""
    lowest = map(State(board).lowest, range(len(board.items)))
    return max((bin_[0] for bin_ in lowest if bin_ is not None), default=0)


def _lowered(board: Board, indices: list[int], height: int) -> Board:
    """Return some bins, with so much less room that they end no higher."""
    bins = [
        lowered(board.bins[index], height)
        for index in indices
        if board.heights[index] < height
    ]
    lower = Board(dataclasses.replace(board.problem, bins=tuple(bins)))
    return lower.with_counts(board.counts)


def lowered(bin_: Bin, height: int) -> Bin:
    """Return a bin with so much less room that it ends no higher."""
    limit = dict(bin_.limit)
    for c in BALANCED:
        capacity = bin_.capacity.get(c, 0)
        if capacity > 0 and c in limit:
            limit[c] = min(limit[c], int(height * capacity) // FULL)
    return dataclasses.replace(bin_, limit=limit)
