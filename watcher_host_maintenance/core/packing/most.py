# SPDX-License-Identifier: Apache-2.0

"""Place the largest number; ties: more memory, then earlier keys."""

import dataclasses

from watcher_host_maintenance.core.packing import program
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.board import Placement
from watcher_host_maintenance.core.packing.ejection import Ejection
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import TIMED_OUT
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.state import Heights
from watcher_host_maintenance.core.packing.worst_fit import unplaced


PART = 100
"""The part of the ejections that looks for the largest number."""


def place_most(
    problem: Problem,
    limits: Limits = solve.DEFAULT,
    everything: Result | None = None,
) -> Result:
    """Place as many as there is room for.

    Nothing that was left over fits beside what is placed.

    :param everything: what is known of placing all; None is nothing yet
    :returns: complete when it is proved that no placement is better; else
        the best that was found, or nothing when the time was up, since what
        was found would depend on the machine. A proof tells why not all are
        placed
    """
    board = Board(problem)
    if everything is None:
        everything = solve.solve_board(board, limits)
    if everything.status is Status.PLACED or everything.timed_out:
        return everything
    largest = _largest(board, limits)
    if largest.timed_out:
        return TIMED_OUT
    placed = board.with_counts([largest.placed(i.key) for i in board.items])
    even = solve.solve_board(placed, limits)
    if even.timed_out:
        return TIMED_OUT
    if even.status is Status.PLACED:
        largest = dataclasses.replace(largest, placement=even.placement)
    state = Heights(board, largest.placement)
    # Something is left that fits only when the best was not proved.
    list(unplaced(state))
    proof = everything.proof
    if largest.complete and proof is None:
        proof = Proof(Kind.SEARCH)
    return Result(state.placement(), largest.complete, proof)


def _largest(board: Board, limits: Limits) -> Result:
    """Return the best placement that was found."""
    if not board.bins:
        return Result(complete=True)
    ejection = Ejection(board)
    ejection.run(limits.ejections // PART)
    ejected = Result(board.named(ejection.best))
    counts = [ejected.placed(item.key) for item in board.items]
    bounds = [sum(most[i] for most in board.most) for i in range(len(counts))]
    if counts == list(map(min, bounds, board.counts)):
        # Of no item more fit, even if no other is placed.
        return dataclasses.replace(ejected, complete=True)
    if limits.program:
        result = program.place_most(board, limits)
        if result.timed_out or _number(result.placement) >= sum(counts):
            return result
    return ejected


def _number(placement: Placement) -> int:
    return sum(sum(there.values()) for there in placement.values())
