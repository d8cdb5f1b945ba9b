# SPDX-License-Identifier: Apache-2.0

"""Find a placement of all instances, or prove that there is none."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing import ejection
from watcher_host_maintenance.core.packing import evening
from watcher_host_maintenance.core.packing import exact
from watcher_host_maintenance.core.packing import lowering
from watcher_host_maintenance.core.packing import patterns
from watcher_host_maintenance.core.packing import proofs
from watcher_host_maintenance.core.packing import search
from watcher_host_maintenance.core.packing import spread
from watcher_host_maintenance.core.packing import weights
from watcher_host_maintenance.core.packing.answer import Answer
from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Proof
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.board import board as to_board
from watcher_host_maintenance.core.packing.loads import Loads
from watcher_host_maintenance.core.packing.loads import fill
from watcher_host_maintenance.core.packing.problem import Problem


DEFAULT = Limits()

Where = Sequence[Mapping[int, int]]
"""For each bin of a board, shape -> count."""

FEW_PATTERNS = 5_000
"""Steps that may be spent to list what fits the bins, at first."""

MANY_PATTERNS = 50_000
"""The same, when that and the first ejections did not decide."""

FIRST_SHARE = 10
"""The part of the ejections that is tried before anything expensive."""


def solve(problem: Problem, limits: Limits = DEFAULT) -> Answer:
    """Place every instance so that the fullest bin ends as low as it can.

    The ordinary pass first. When it gets stuck: proofs, ejections, and the
    exact solver, or without it a search. Exchanges make the result even.

    :returns: PLACED with all; IMPOSSIBLE with a proof; or UNDECIDED, which
        says nothing about whether a placement exists
    """
    problem = sorted_problem(problem)
    loads = spread.spread(problem)
    if loads is not None:
        return _evened(loads, limits)
    board = to_board(problem)
    proof = prove(board, limits)
    if proof is not None:
        return Answer(Status.IMPOSSIBLE, proof=proof)
    where, proof, late = _tight(board, limits)
    if where is not None:
        return _evened(fill(problem, board, where), limits)
    if proof is not None:
        return Answer(Status.IMPOSSIBLE, proof=proof)
    return Answer(Status.UNDECIDED, late=late)


def sorted_problem(problem: Problem) -> Problem:
    """The same problem, without shapes of which there are none."""
    shapes = sorted(
        (s for s in problem.shapes if s.count > 0), key=lambda s: s.key
    )
    return dataclasses.replace(problem, shapes=tuple(shapes))


def prove(board: Board, limits: Limits) -> Proof | None:
    """Prove in milliseconds that no placement exists, if that is enough."""
    return next(quick_proofs(board, limits), None)


def quick_proofs(board: Board, limits: Limits) -> Iterator[Proof]:
    """Yield every proof that milliseconds find."""
    yield from proofs.of_board(board)
    found = patterns.kinds(board)
    yield from proofs.of_kinds(board, found)
    listed = patterns.listed(found, FEW_PATTERNS)
    proof = weights.proof(board, listed, limits.weight_rounds)
    if proof is not None:
        yield proof


def _tight(
    board: Board, limits: Limits
) -> tuple[Where | None, Proof | None, bool]:
    """Return a placement, or what proves that there is none, or neither.

    :returns: whether the time was up besides
    """
    ejected = ejection.Ejection(board)
    first = limits.ejections // FIRST_SHARE
    if ejected.run(first):
        return ejected.best, None, False
    if limits.exact and exact.library() is not None:
        solved = exact.place(board, limits)
        if solved.late:
            # What is found from here on would depend on the machine.
            return None, None, True
        proof = Proof(solved.kind) if solved.kind else None
        decided: tuple[Where | None, Proof | None] = solved.where, proof
    else:
        decided = _searched(board, limits)
    if decided == (None, None) and ejected.run(limits.ejections - first):
        return ejected.best, None, False
    return *decided, False


def _searched(
    board: Board, limits: Limits
) -> tuple[Where | None, Proof | None]:
    """Do without the exact solver: better weights, and then a search."""
    listed = patterns.listed(patterns.kinds(board), MANY_PATTERNS)
    proof = weights.proof(board, listed, limits.weight_rounds)
    if proof is not None:
        return None, proof
    tried = search.place(board, limits.search_steps)
    if tried.complete and tried.where is None:
        return None, Proof(Kind.SEARCH)
    return tried.where, None


def _evened(loads: Loads, limits: Limits) -> Answer:
    evening.even(loads, limits.exchanges)
    loads = lowering.lower(loads, limits.exchanges, limits.lowering)
    return Answer(Status.PLACED, loads.where())
