# SPDX-License-Identifier: Apache-2.0

"""Find a placement of everything, or prove that there is none."""

from collections.abc import Iterator

from watcher_host_maintenance.core.packing import program
from watcher_host_maintenance.core.packing.balance import balance
from watcher_host_maintenance.core.packing.bisect_peak import bisect_peak
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.ejection import Ejection
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.proofs import quick_proofs
from watcher_host_maintenance.core.packing.result import UNDECIDED
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.result import impossible
from watcher_host_maintenance.core.packing.state import Heights
from watcher_host_maintenance.core.packing.worst_fit import worst_fit


DEFAULT = Limits()

FIRST_SHARE = 10
"""The part of the ejections that is tried before HiGHS does all its work."""

SHORT = 50_000
"""Ejections that are tried before HiGHS is asked at all."""


def solve(problem: Problem, limits: Limits = DEFAULT) -> Result:
    """Place everything so that the highest bin ends as low as it can.

    The ordinary pass first. When it gets stuck: proofs, ejections and
    HiGHS. Exchanges make the result even.

    :returns: a placement of everything; or a proof that there is none; or
        neither, which says nothing about whether a placement exists
    """
    return solve_board(Board(problem), limits)


def solve_board(board: Board, limits: Limits) -> Result:
    """Do the same for a problem that is written in whole numbers."""
    state = worst_fit(board)
    if state is None:
        result = _tight(board, limits)
        if result.status is not Status.PLACED:
            return result
        state = Heights(board, result.placement)
    balance(state, limits.exchanges)
    state = bisect_peak(state, limits.exchanges, limits.peak_steps)
    return Result(state.placement(), complete=True)


def _tight(board: Board, limits: Limits) -> Result:
    """Decide what the ordinary pass did not."""
    proof = next(quick_proofs(board), None)
    if proof is not None:
        return impossible(proof)
    for result in _searches(board, limits):
        # What is found after a time-out would depend on the machine.
        if result.complete or result.timed_out:
            return result
    return UNDECIDED


def _searches(board: Board, limits: Limits) -> Iterator[Result]:
    """Search by ejections and HiGHS in turn, the cheap searches first."""
    ejection = Ejection(board)
    first = limits.ejections // FIRST_SHARE

    def ejected(is_placed: bool) -> Result:
        placed = Result(board.named(ejection.best), complete=True)
        return placed if is_placed else UNDECIDED

    yield ejected(ejection.run(first, rest=max(first - SHORT, 0)))
    # With so little work as a conflict has for a try, one run is enough.
    if limits.program and limits.nodes > limits.quick().nodes:
        yield program.place(board, limits.short())
    yield ejected(ejection.resume())
    if limits.program:
        yield program.place(board, limits)
    yield ejected(ejection.run(limits.ejections - first))
