# SPDX-License-Identifier: Apache-2.0

"""Place the largest number; ties: more memory, then earlier keys."""

import dataclasses

from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing import ejection
from watcher_host_maintenance.core.packing import exact
from watcher_host_maintenance.core.packing import search
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Answer
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.board import board as to_board
from watcher_host_maintenance.core.packing.loads import Loads
from watcher_host_maintenance.core.packing.loads import fill
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.spread import by_size


PART = 100
"""The part of the ejections that looks for the largest number."""


def place_most(
    problem: Problem,
    limits: Limits = solve.DEFAULT,
    everything: Answer | None = None,
) -> Answer:
    """Place as many as there is room for.

    Nothing that was left over fits beside what is placed.

    :param everything: what is known of placing all; None is nothing yet
    :returns: PLACED when it is proved that no placement is better; UNDECIDED
        with the best that was found, or with nothing when the time was up,
        since what was found would depend on the machine. A proof tells why
        not all are placed
    """
    if everything is None:
        everything = solve.solve(problem, limits)
    if everything.status is Status.PLACED or everything.late:
        return everything
    problem = solve.sorted_problem(problem)
    board = to_board(problem)
    where, complete = _largest(board, limits)
    if where is None:
        return Answer(Status.UNDECIDED, late=True)
    loads = fill(problem, board, where)
    part = with_counts(problem, _counts(loads))
    even = solve.solve(part, limits)
    if even.late:
        return Answer(Status.UNDECIDED, late=True)
    if even.status is Status.PLACED:
        loads = _named(problem, even.where)
    _add_left(loads)
    status = Status.PLACED if complete else Status.UNDECIDED
    return Answer(status, loads.where(), everything.proof)


def with_counts(problem: Problem, counts: Mapping[str, int]) -> Problem:
    """The same problem with other numbers of instances.

    :param counts: shape's key -> count; 0 for what is not named
    """
    shapes = (
        dataclasses.replace(s, count=counts.get(s.key, 0))
        for s in problem.shapes
    )
    return dataclasses.replace(
        problem, shapes=tuple(s for s in shapes if s.count)
    )


def _largest(
    board: Board, limits: Limits
) -> tuple[Sequence[Mapping[int, int]] | None, bool]:
    """Return the best placement that was found, and whether it is the best.

    :returns: None when the time was up
    """
    if not board.hosts:
        return [], True
    ejected = ejection.Ejection(board)
    ejected.run(limits.ejections // PART)
    number = sum(sum(there.values()) for there in ejected.best)
    if limits.exact and exact.library() is not None:
        solved = exact.place_most(board, limits)
        if solved.late:
            return None, False
        where, complete = solved.where, solved.complete
    else:
        tried = search.place_most(board, limits.search_steps, number)
        where, complete = tried.where, tried.complete
    if where is None or sum(sum(t.values()) for t in where) < number:
        return ejected.best, False
    return where, complete


def _counts(loads: Loads) -> dict[str, int]:
    return {key: sum(there.values()) for key, there in loads.where().items()}


def _named(problem: Problem, where: Mapping[str, Mapping[str, int]]) -> Loads:
    loads = Loads(problem)
    for shape in problem.shapes:
        for hostname, count in sorted(where.get(shape.key, {}).items()):
            for _one in range(count):
                loads.put(shape, hostname)
    return loads


def _add_left(loads: Loads) -> None:
    """Put what still fits, which happens when the best was not proved."""
    counts = _counts(loads)
    for shape in by_size(loads):
        for _one in range(shape.count - counts.get(shape.key, 0)):
            found = loads.lowest(shape)
            if found is None:
                break
            loads.put(shape, found[1])
