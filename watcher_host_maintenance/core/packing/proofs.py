# SPDX-License-Identifier: Apache-2.0

"""Proofs that need no search: sums and counts, of all or of some."""

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Proof
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.patterns import Kinds
from watcher_host_maintenance.core.packing.patterns import Look
from watcher_host_maintenance.core.packing.rounding import Rounding


MOST_SUMS = 3_000
"""How many bins, or looks of bins, are summed up in all."""

Family = tuple[int, ...]
"""Kinds that are looked at by themselves, by index."""


def of_board(board: Board) -> Iterator[Proof]:
    """Count what fits of each shape and of each group."""
    for index, shape in enumerate(board.shapes):
        room = sum(most[index] for most in board.most)
        if room < board.counts[index]:
            yield Proof(
                Kind.NO_BIN,
                shape.key,
                {shape.key: 1},
                room,
                board.counts[index],
            )
    for group in sorted({g for g in board.groups if g >= 0}):
        yield from _of_group(board, group)


def _of_group(board: Board, group: int) -> Iterator[Proof]:
    members = [i for i, g in enumerate(board.groups) if g == group]
    wanted = sum(board.counts[i] for i in members)
    room = sum(
        min(left[group], sum(most[i] for i in members))
        for left, most in zip(board.left, board.most, strict=True)
    )
    if room < wanted:
        weights = {board.shapes[i].key: 1 for i in members}
        name = board.shapes[members[0]].group or ''
        yield Proof(Kind.GROUP, name, weights, room, wanted)


def of_kinds(board: Board, found: Kinds) -> Iterator[Proof]:
    """Sum up and count families of kinds: all, of a zone, of some size."""
    rounding = Rounding()
    budget = MOST_SUMS
    for number, family in enumerate(families(board, found)):
        if number and budget < len(found.looks):
            return
        budget -= len(found.looks)
        yield from _sums(board, found, family, rounding)
        yield from _count(board, found, family)


def families(board: Board, found: Kinds) -> list[Family]:
    """All kinds; those of each set of bins; those of at least some size."""
    everything = tuple(range(len(found.sizes)))
    chosen = {everything: None}
    allowed = [board.shapes[m[0]].allowed for m in found.members]
    for hosts in sorted({a for a in allowed if a is not None}, key=sorted):
        inside = tuple(
            k
            for k in everything
            if (a := allowed[k]) is not None and a <= hosts
        )
        chosen[inside] = None
    for resource in range(len(board.resources)):
        amounts = sorted({size[resource] for size in found.sizes})
        for least in amounts[1:]:
            large = tuple(
                k for k in everything if found.sizes[k][resource] >= least
            )
            chosen[large] = None
    return list(chosen)


def _sums(
    board: Board, found: Kinds, family: Family, rounding: Rounding
) -> Iterator[Proof]:
    """Compare each resource class with the room the family could fill."""
    wanted = [
        sum(found.counts[k] * found.sizes[k][r] for k in family)
        for r in range(len(board.resources))
    ]
    plain = [0] * len(wanted)
    rounded = [0] * len(wanted)
    for look, caps in _caps(found, family):
        lowered = rounding.lowered(found.sizes, caps, look.room)
        for r, amount in enumerate(lowered):
            plain[r] += look.room[r] * look.times
            rounded[r] += amount * look.times
    for r, name in enumerate(board.resources):
        if rounded[r] < wanted[r]:
            weights = [0] * len(found.sizes)
            for k in family:
                weights[k] = found.sizes[k][r] * board.units[r]
            kind = Kind.SUM if plain[r] < wanted[r] else Kind.ROUNDED_SUM
            room = rounded[r] * board.units[r]
            yield record(board, found, kind, name, weights, room)


def _count(board: Board, found: Kinds, family: Family) -> Iterator[Proof]:
    weights = [0] * len(found.sizes)
    for k in family:
        weights[k] = 1
    room = sum(
        look.times * look.holds(found.sizes, weights) for look in found.looks
    )
    if room < sum(found.counts[k] for k in family):
        yield record(board, found, Kind.COUNT, '', weights, room)


def _caps(
    found: Kinds, family: Family
) -> Iterator[tuple[Look, tuple[int, ...]]]:
    """Yield each look that can take any of a family, with its caps for it."""
    for look in found.looks:
        caps = [0] * len(look.caps)
        for k in family:
            caps[k] = look.caps[k]
        if any(caps):
            yield look, tuple(caps)


def record(
    board: Board,
    found: Kinds,
    kind: Kind,
    subject: str,
    weights: Sequence[int],
    room: int,
) -> Proof:
    """Write a proof about kinds with the keys of their shapes."""
    keys = {
        board.shapes[i].key: weights[k]
        for k, members in enumerate(found.members)
        for i in members
        if weights[k]
    }
    wanted = sum(n * w for n, w in zip(found.counts, weights, strict=True))
    return Proof(kind, subject, dict(sorted(keys.items())), room, wanted)
