# SPDX-License-Identifier: Apache-2.0

"""Look for weights that prove that no placement exists.

Each bin holds at most the weight of its heaviest pattern. If the heaviest
patterns of all bins weigh less than all instances, no placement exists; that
is checked in whole numbers. Weights are found by Lagrange's method: what the
heaviest patterns hold too little of becomes heavier.
"""

from collections.abc import Sequence

from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Proof
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.patterns import Kinds
from watcher_host_maintenance.core.packing.patterns import Look
from watcher_host_maintenance.core.packing.proofs import record


SCALE = 10_000
"""Weights are whole numbers of about this size."""


def proof(board: Board, found: Kinds, rounds: int) -> Proof | None:
    """Look for weights by which the instances exceed all bins.

    :param rounds: how often the weights are corrected
    """
    weights = _first(found)
    step = 0.2
    best = float('inf')
    for _round in range(rounds):
        room, supply = _heaviest(found, weights)
        wanted = sum(map(int.__mul__, found.counts, weights))
        if room < wanted:
            return record(board, found, Kind.WEIGHTS, '', weights, room)
        lacking = [n - s for n, s in zip(found.counts, supply, strict=True)]
        if room - wanted >= best:
            step *= 0.93
        best = min(best, room - wanted)
        length = sum(x * x for x in lacking)
        if not length or max(lacking) <= 0:
            return None
        scale = step * SCALE * len(weights) / length**0.5
        weights = [
            max(0, round(w + scale * x))
            for w, x in zip(weights, lacking, strict=True)
        ]
        weights = _scaled(weights)
    return None


def _scaled(weights: Sequence[int]) -> list[int]:
    """Bring weights back to their usual size, lest they grow or vanish."""
    total = sum(weights)
    if not total:
        return [SCALE] * len(weights)
    return [w * SCALE * len(weights) // total for w in weights]


def _first(found: Kinds) -> list[int]:
    """Weigh each kind by the shares of all room that it takes."""
    room = [
        max(sum(look.times * look.room[r] for look in found.looks), 1)
        for r in range(len(found.sizes[0]))
    ]
    shares = [
        sum(a / f for a, f in zip(size, room, strict=True))
        for size in found.sizes
    ]
    total = sum(shares) or 1
    return _scaled([round(s / total * SCALE * SCALE) for s in shares])


def _heaviest(found: Kinds, weights: Sequence[int]) -> tuple[int, list[int]]:
    """Return what all bins hold at most, and how many of each kind then."""
    room = 0
    supply = [0] * len(weights)
    for look in found.looks:
        if look.patterns is None:
            room += look.times * look.holds(found.sizes, weights)
            pattern = _dense(found, look, weights)
        else:
            pattern = max(
                look.patterns,
                key=lambda p: sum(map(int.__mul__, p, weights)),
            )
            room += look.times * sum(map(int.__mul__, pattern, weights))
        for k, n in enumerate(pattern):
            supply[k] += n * look.times
    return room, supply


def _dense(
    found: Kinds, look: Look, weights: Sequence[int]
) -> tuple[int, ...]:
    """Fill a bin with what weighs most for its size, to guess a pattern."""
    free = list(look.room)
    pattern = [0] * len(weights)

    def density(k: int) -> float:
        return weights[k] / (
            sum(
                a / max(f, 1)
                for a, f in zip(found.sizes[k], look.room, strict=True)
            )
            or 1
        )

    for k in sorted(range(len(weights)), key=lambda k: (-density(k), k)):
        number = look.caps[k]
        for a, f in zip(found.sizes[k], free, strict=True):
            if a:
                number = min(number, f // a)
        pattern[k] = number
        free = [
            f - number * a for a, f in zip(found.sizes[k], free, strict=True)
        ]
    return tuple(pattern)
