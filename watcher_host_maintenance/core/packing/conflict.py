# SPDX-License-Identifier: Apache-2.0

"""Why there is no placement: the fewest instances that have none."""

import dataclasses

from collections.abc import Mapping

from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Proof
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.board import board as to_board
from watcher_host_maintenance.core.packing.most import with_counts
from watcher_host_maintenance.core.packing.problem import Problem


STARTS = 3
"""How many proofs are made smaller, of which the smallest is told."""

TRIES = 120
"""The most placements that are looked for to make one smaller."""

Counts = dict[str, int]
"""Shape's key -> how many of it, without zeroes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """Instances that have no placement together.

    :ivar counts: shape's key -> how many of it, without zeroes
    :ivar proof: why these have no placement
    :ivar hosts: the bins that could take any one of them, sorted
    :ivar irreducible: without any one of them the others were placed
    """

    counts: Mapping[str, int]
    proof: Proof
    hosts: tuple[str, ...]
    irreducible: bool


def quick(limits: Limits) -> Limits:
    """Allow less work, for when a placement is looked for many times."""
    return dataclasses.replace(
        limits,
        ejections=min(limits.ejections, 60_000),
        search_steps=min(limits.search_steps, 30_000),
        weight_rounds=min(limits.weight_rounds, 30),
        nodes=min(limits.nodes, 100),
        guard_s=min(limits.guard_s, 5.0),
        exchanges=0,
        lowering=0,
    )


def conflict(
    problem: Problem, limits: Limits = solve.DEFAULT
) -> Conflict | None:
    """Find few instances that have no placement together.

    Each quick proof names such; of those with the fewest, one instance after
    the other is left out as long as there is no placement.

    :returns: the smallest that was found; None when a placement exists or it
        is not known whether one does
    """
    problem = solve.sorted_problem(problem)
    starts = _starts(problem, limits)
    if not starts:
        answer = solve.solve(problem, limits)
        if answer.status is not Status.IMPOSSIBLE:
            return None
        starts = [{s.key: s.count for s in problem.shapes}]
    found = [_shrunk(problem, counts, limits) for counts in starts[:STARTS]]
    return min(
        found, key=lambda c: (not c.irreducible, sum(c.counts.values()))
    )


def _starts(problem: Problem, limits: Limits) -> list[Counts]:
    """Name the instances of each proof, the fewest first."""
    board = to_board(problem)
    starts: list[Counts] = []
    for proof in solve.quick_proofs(board, limits):
        counts = _heaviest(problem, proof)
        if counts not in starts:
            starts.append(counts)
    return sorted(starts, key=lambda c: (sum(c.values()), sorted(c.items())))


def _heaviest(problem: Problem, proof: Proof) -> Counts:
    """Name the fewest instances that exceed the room of a proof."""
    counts: Counts = {}
    held = 0
    ordered = sorted(
        problem.shapes, key=lambda s: (-proof.weights.get(s.key, 0), s.key)
    )
    for shape in ordered:
        weight = proof.weights.get(shape.key, 0)
        if held <= proof.room and weight:
            number = min(shape.count, (proof.room - held) // weight + 1)
            counts[shape.key] = number
            held += number * weight
    return counts


def _shrunk(problem: Problem, counts: Counts, limits: Limits) -> Conflict:
    """Leave out instances, the smallest shapes first, while none fit.

    What is needed at its turn is needed in the end as well: with fewer
    instances there is only more room.
    """
    tries = _Tries(problem, quick(limits))
    memory = {s.key: s.memory_mb for s in problem.shapes}
    for key in sorted(counts, key=lambda k: (memory[k], k)):
        least, most = 0, counts[key]
        while least < most:
            middle = (least + most) // 2
            if tries.impossible({**counts, key: middle}):
                most = middle
            else:
                least = middle + 1
        counts = {k: n for k, n in {**counts, key: most}.items() if n}
    return tries.conflict(counts)


class _Tries:
    """Looks for placements of some of the instances, so many times."""

    def __init__(self, problem: Problem, limits: Limits):
        self.problem = problem
        self.limits = limits
        self.left = TRIES
        self.known: dict[tuple[tuple[str, int], ...], Status] = {}
        self.proofs: dict[tuple[tuple[str, int], ...], Proof | None] = {}

    def impossible(self, counts: Mapping[str, int]) -> bool:
        """Tell whether these are known to have no placement."""
        return self._status(counts) is Status.IMPOSSIBLE

    def conflict(self, counts: Counts) -> Conflict:
        """Write a conflict, and see whether each of its instances counts."""
        part = with_counts(self.problem, counts)
        irreducible = all(
            self._status({**counts, key: n - 1}) is Status.PLACED
            for key, n in sorted(counts.items())
        )
        self._status(counts)
        proof = self.proofs.get(_key(counts)) or Proof(Kind.SEARCH)
        hosts = tuple(to_board(part).hosts)
        return Conflict(
            dict(sorted(counts.items())), proof, hosts, irreducible
        )

    def _status(self, counts: Mapping[str, int]) -> Status:
        key = _key(counts)
        if key not in self.known:
            if self.left <= 0:
                return Status.UNDECIDED
            self.left -= 1
            part = with_counts(self.problem, counts)
            answer = solve.solve(part, self.limits)
            self.known[key] = answer.status
            self.proofs[key] = answer.proof
        return self.known[key]


def _key(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((k, n) for k, n in counts.items() if n))
