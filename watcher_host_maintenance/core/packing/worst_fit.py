# SPDX-License-Identifier: Apache-2.0

"""The ordinary pass: largest first, each where it fills a bin least."""

import math

from collections.abc import Iterator

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.state import State


SAMPLE = 50
"""How many bins tell what a usual bin is like."""


def worst_fit(board: Board) -> State | None:
    """Put every item, or give up at the first that has no room."""
    state = State(board)
    return None if any(unplaced(state)) else state


def unplaced(state: State) -> Iterator[int]:
    """Put what still fits of each item; yield how many are left of it."""
    board = state.board
    placed = [0] * len(board.items)
    for index in state.touched:
        for item, count in state.held[index].items():
            placed[item] += count
    for item in by_size(board):
        for number in range(board.counts[item] - placed[item], 0, -1):
            lowest = state.lowest(item)
            if lowest is None:
                yield number
                break
            state.put(lowest[1], item)


def by_size(board: Board) -> list[int]:
    """Order items by their largest share of a usual bin, descending.

    What nothing proves to fit comes last, whatever its size.
    """
    usual: dict[str, float] = {}
    for index in board.order[:SAMPLE]:
        for c, amount in board.bins[index].capacity.items():
            usual[c] = usual.get(c, 0) + amount

    def rank(item: int) -> tuple[bool, float, int, str]:
        wanted = board.items[item]
        share = max(
            (
                amount / usual[c] if usual.get(c) else math.inf
                for c, amount in wanted.resources.items()
                if amount
            ),
            default=0.0,
        )
        return wanted.unproved, -share, -wanted.memory_mb, wanted.key

    return sorted(range(len(board.items)), key=rank)
