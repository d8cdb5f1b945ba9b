# SPDX-License-Identifier: Apache-2.0

"""Why there is no placement: the fewest items that have none."""

import bisect
import dataclasses

from collections.abc import Mapping

from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.proofs import quick_proofs
from watcher_host_maintenance.core.packing.result import UNDECIDED
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


STARTS = 3
"""How many proofs are made smaller, of which the smallest is told."""

TRIES = 120
"""The most placements that are looked for to make one smaller."""

Counts = tuple[int, ...]
"""How many of each item of a board."""


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """Items that have no placement together.

    :ivar counts: item's key -> how many of it, without zeroes
    :ivar proof: why these have no placement
    :ivar hosts: the bins that can take any one of them, sorted
    :ivar irreducible: without any one of them the others were placed
    """

    counts: Mapping[str, int]
    proof: Proof
    hosts: tuple[str, ...]
    irreducible: bool


def conflict(
    problem: Problem, limits: Limits = solve.DEFAULT
) -> Conflict | None:
    """Find few items that have no placement together.

    Each quick proof names such; of those with the fewest, one item after the
    other is left out as long as there is no placement.

    :returns: the smallest that was found; None when a placement exists or it
        is not known whether one does
    """
    board = Board(problem)
    starts = {_heaviest(board, proof) for proof in quick_proofs(board)}
    if not starts:
        result = solve.solve_board(board, limits)
        if result.status is not Status.IMPOSSIBLE:
            return None
        starts = {tuple(board.counts)}
    # Ties go to more of the earlier items.
    smallest = sorted(starts, key=lambda c: (sum(c), [-n for n in c]))
    return min(
        (_shrunk(board, counts, limits) for counts in smallest[:STARTS]),
        key=lambda c: (not c.irreducible, sum(c.counts.values())),
    )


def _heaviest(board: Board, proof: Proof) -> Counts:
    """Return the fewest items that exceed the room of a proof."""
    counts = [0] * len(board.items)
    weights = [proof.weights.get(item.key, 0) for item in board.items]
    held = 0
    for item in sorted(range(len(counts)), key=lambda i: (-weights[i], i)):
        weight = weights[item]
        if held <= proof.room and weight:
            most = (proof.room - held) // weight + 1
            counts[item] = min(board.counts[item], most)
            held += counts[item] * weight
    return tuple(counts)


def _shrunk(board: Board, counts: Counts, limits: Limits) -> Conflict:
    """Leave out items, those with the least memory first, while none fit.

    What is needed at its turn is needed in the end as well: with fewer
    items there is only more room.
    """
    tries = _Tries(board, limits.quick())
    memory = [item.memory_mb for item in board.items]
    for item in sorted(range(len(counts)), key=lambda i: (memory[i], i)):
        fewer = [_with(counts, item, n) for n in range(counts[item])]
        fewest = bisect.bisect_left(fewer, True, key=tries.is_impossible)
        counts = _with(counts, item, fewest)
    named = [item for item, number in enumerate(counts) if number]
    hosts = {
        board.bins[index].hostname
        for item in named
        for index in board.able[item]
    }
    return Conflict(
        {board.items[item].key: counts[item] for item in named},
        tries.result(counts).proof or Proof(Kind.SEARCH),
        tuple(sorted(hosts)),
        all(
            tries.result(_with(counts, item, counts[item] - 1)).status
            is Status.PLACED
            for item in named
        ),
    )


def _with(counts: Counts, item: int, number: int) -> Counts:
    return (*counts[:item], number, *counts[item + 1 :])


class _Tries:
    """Looks for placements of some of the items, so many times."""

    def __init__(self, board: Board, limits: Limits):
        self.board = board
        self.limits = limits
        self.results: dict[Counts, Result] = {}

    def is_impossible(self, counts: Counts) -> bool:
        """Return True if there is no placement of these."""
        return self.result(counts).status is Status.IMPOSSIBLE

    def result(self, counts: Counts) -> Result:
        """Return what is known of placing these."""
        if counts not in self.results:
            if len(self.results) == TRIES:
                return UNDECIDED
            board = self.board.with_counts(counts)
            self.results[counts] = solve.solve_board(board, self.limits)
        return self.results[counts]
