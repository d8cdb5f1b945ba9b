# SPDX-License-Identifier: Apache-2.0

"""Place everything, or prove that it is impossible; or place the most."""

import dataclasses

from collections.abc import Iterator

from watcher_host_maintenance.core.packing import program
from watcher_host_maintenance.core.packing.balance import balance
from watcher_host_maintenance.core.packing.bisect_peak import bisect_peak
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.ejection import Ejection
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.proofs import quick_proofs
from watcher_host_maintenance.core.packing.result import UNDECIDED
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.result import impossible
from watcher_host_maintenance.core.packing.state import State
from watcher_host_maintenance.core.packing.worst_fit import unplaced
from watcher_host_maintenance.core.packing.worst_fit import worst_fit


DEFAULT = Limits()

FIRST_SHARE = 100
"""The part of the ejections that is tried before HiGHS is asked at all."""

SECOND_SHARE = 10
"""The part that is tried before HiGHS does all its work."""


def solve(problem: Problem, limits: Limits = DEFAULT) -> Result:
    """Place everything so that the highest bin ends as low as it can.

    The ordinary pass first. When it gets stuck: proofs, ejections and
    HiGHS. Exchanges make the result even. Where items avoid bins, first
    without these; if that cannot be, HiGHS looks for the lowest cost.

    :returns: a placement of everything; or a proof that there is none; or
        neither, which says nothing about whether a placement exists
    """
    for cost in problem.costs:
        board = Board(problem.without_above(cost))
        result = solve_board(board, limits)
        if result.status is Status.PLACED:
            return _cheapest(board, result, limits) if cost else result
    return result


def _cheapest(board: Board, found: Result, limits: Limits) -> Result:
    """Return the cheapest placement of everything.

    :param found: a placement of everything
    """
    if not limits.program:
        return found
    cheapest = program.place_cheapest(board, limits)
    cost_of = board.problem.cost_of
    if not cheapest.placement or (
        cost_of(cheapest.placement) >= cost_of(found.placement)
    ):
        return found
    state = _even(State(board, cheapest.placement), limits)
    return Result(state.placement(), complete=True)


def solve_board(board: Board, limits: Limits) -> Result:
    """Do the same for a problem that is written in whole numbers."""
    limits.left_s()
    state = worst_fit(board)
    if state is None:
        result = _tight(board, limits)
        if result.status is not Status.PLACED:
            return result
        state = State(board, result.placement)
    return Result(_even(state, limits).placement(), complete=True)


def _even(state: State, limits: Limits) -> State:
    """Return the same items, in bins of which the highest is lower."""
    balance(state, limits.exchanges)
    return bisect_peak(state, limits.exchanges, limits.peak_steps)


def place_most(
    problem: Problem,
    limits: Limits = DEFAULT,
    everything: Result | None = None,
) -> Result:
    """Place as many as there is room for; ties: cost, memory, earlier keys.

    Nothing that was left over fits beside what is placed.

    :param everything: what is known of placing all; None is nothing yet
    :returns: complete when it is proved that no placement is better, else
        the best that was found, with the bound of what is better. When the
        time was up, that is what was found without HiGHS, which does not
        depend on the machine. A proof tells why not all are placed
    """
    everything = everything or solve(problem, limits)
    if everything.status is Status.PLACED:
        return everything
    if everything.timed_out:
        limits = dataclasses.replace(limits, program=False)
    board = Board(problem)
    largest = _largest(board, limits)
    for cost in problem.costs[-2::-1]:
        if largest.complete and not problem.cost_of(largest.placement):
            break
        narrow = _largest(Board(problem.without_above(cost)), limits)
        if _is_better(problem, narrow, largest):
            largest = dataclasses.replace(largest, placement=narrow.placement)
    placed = board.with_counts([largest.placed(i.key) for i in board.items])
    even = _most_even(placed, largest, limits)
    state = State(board, even.placement())
    # Something is left that fits only when the best was not proved.
    list(unplaced(state))
    proof = everything.proof
    if largest.complete and proof is None:
        proof = Proof(Kind.SEARCH)
    timed_out = everything.timed_out or largest.timed_out
    result = Result(
        state.placement(), largest.complete and not timed_out, proof, timed_out
    )
    bound = result.number if result.complete else _bound(board, largest.bound)
    return dataclasses.replace(result, bound=bound)


def _is_better(problem: Problem, result: Result, other: Result) -> bool:
    """Return True if a result has more items, or costs less, than another."""
    cost, other_cost = map(
        problem.cost_of, (result.placement, other.placement)
    )
    return (result.number, -cost) > (other.number, -other_cost)


def _most_even(board: Board, found: Result, limits: Limits) -> State:
    """Place as many as a placement does, as evenly as a short search can.

    :param found: a placement of everything; none that costs more is returned
    """
    cost_of = board.problem.cost_of
    state = worst_fit(board)
    if state is not None and (
        cost_of(state.placement()) <= cost_of(found.placement)
    ):
        return _even(state, limits)
    states = [State(board, found.placement)]
    ejection = Ejection(board)
    if ejection.run(limits.ejections // FIRST_SHARE, limits.left_s):
        states.append(State(board, board.named(ejection.best)))
    return min(
        (_even(s, limits) for s in states),
        key=lambda s: (cost_of(s.placement()), s.highest()),
    )


def _bound(board: Board, bound: int | None) -> int:
    """Return the most items that a placement may hold.

    :param bound: what HiGHS proved, if it did; beside it: the quick proofs
    """
    total = sum(board.counts)
    by_item = sum(
        min(count, sum(most[item] for most in board.most))
        for item, count in enumerate(board.counts)
    )
    counts = {
        item.key: count
        for item, count in zip(board.items, board.counts, strict=True)
    }
    left = (proof.fewest_left(counts) for proof in quick_proofs(board))
    proved = min(by_item, total - max(left, default=0))
    return proved if bound is None else min(proved, bound)


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

    def eject(steps: int) -> Result:
        if ejection.run(steps, limits.left_s):
            return Result(board.named(ejection.best), complete=True)
        return UNDECIDED

    yield eject(limits.ejections // FIRST_SHARE)
    # With so little work as a conflict has for a try, one run is enough.
    if limits.program and limits.nodes > limits.quick().nodes:
        yield program.place(board, limits.short())
    yield eject(limits.ejections // SECOND_SHARE)
    if limits.program:
        yield program.place(board, limits)
    yield eject(limits.ejections)


def _largest(board: Board, limits: Limits) -> Result:
    """Return the best placement of some that was found."""
    bounds = {
        item.key: min(count, sum(most[number] for most in board.most))
        for number, (item, count) in enumerate(
            zip(board.items, board.counts, strict=True)
        )
    }
    best = Result()
    for result in _some_placed(board, limits):
        if _is_better(board.problem, result, best):
            best = result
        if not board.problem.cost_of(best.placement) and all(
            best.placed(key) == bound for key, bound in bounds.items()
        ):
            # Of no item more fit, even if no other is placed.
            return dataclasses.replace(best, complete=True)
    if limits.program:
        result = program.place_most(board, limits)
        if result.timed_out:
            return dataclasses.replace(best, timed_out=True)
        if _is_better(board.problem, best, result):
            return dataclasses.replace(best, bound=result.bound)
        return result
    return best


def _some_placed(board: Board, limits: Limits) -> Iterator[Result]:
    """Place some by the ordinary pass, and some by ejections."""
    state = State(board)
    list(unplaced(state))
    yield Result(state.placement())
    ejection = Ejection(board)
    ejection.run(limits.ejections // FIRST_SHARE, limits.left_s)
    yield Result(board.named(ejection.best))
