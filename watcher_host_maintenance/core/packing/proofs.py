# SPDX-License-Identifier: Apache-2.0

"""Proofs that need no search: sums and counts, of all or of some."""

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.item_types import ItemTypes
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.subset_sum import largest_sum


MOST_SUMS = 3_000
"""How many types of bins are summed up in all."""

Family = tuple[int, ...]
"""Types of items that are looked at by themselves, by index."""


def quick_proofs(board: Board) -> Iterator[Proof]:
    """Yield every proof that milliseconds find."""
    yield from _of_items(board)
    yield from _of_groups(board)
    yield from _of_types(board, ItemTypes(board))


def _of_items(board: Board) -> Iterator[Proof]:
    """Count what fits of each item."""
    for index, item in enumerate(board.items):
        room = sum(most[index] for most in board.most)
        wanted = board.counts[index]
        if room < wanted:
            yield Proof(Kind.NO_BIN, item.key, {item.key: 1}, room, wanted)


def _of_groups(board: Board) -> Iterator[Proof]:
    """Count what fits of each group."""
    for group in sorted({g for g in board.groups if g >= 0}):
        members = [i for i, g in enumerate(board.groups) if g == group]
        wanted = sum(board.counts[i] for i in members)
        room = sum(
            min(
                room[len(board.resources) + group],
                sum(most[i] for i in members),
            )
            for room, most in zip(board.rooms, board.most, strict=True)
        )
        if room < wanted:
            weights = {board.items[i].key: 1 for i in members}
            name = board.items[members[0]].group or ''
            yield Proof(Kind.GROUP, name, weights, room, wanted)


def _of_types(board: Board, types: ItemTypes) -> Iterator[Proof]:
    """Sum up and count families of types: all, of a zone, of some size."""
    budget = MOST_SUMS
    for number, family in enumerate(_families(board, types)):
        if number and budget < len(types.bins):
            return
        budget -= len(types.bins)
        yield from _sums(board, types, family)
        yield from _count(board, types, family)


def _families(board: Board, types: ItemTypes) -> list[Family]:
    """All types; those of each set of bins; those of at least some size."""
    everything = tuple(range(len(types.amounts)))
    families = {everything: None}
    allowed = [board.items[m[0]].allowed for m in types.members]
    for hosts in sorted({a for a in allowed if a is not None}, key=sorted):
        inside = tuple(
            t
            for t in everything
            if (a := allowed[t]) is not None and a <= hosts
        )
        families[inside] = None
    for resource in range(len(board.resources)):
        amounts = sorted({size[resource] for size in types.amounts})
        for least in amounts[1:]:
            large = tuple(
                t for t in everything if types.amounts[t][resource] >= least
            )
            families[large] = None
    return list(families)


def _sums(board: Board, types: ItemTypes, family: Family) -> Iterator[Proof]:
    """Compare each resource class with the room the family could fill."""
    bins = [b for b in types.bins if any(b.most[t] for t in family)]
    for r, name in enumerate(board.resources):
        sizes = {t: types.amounts[t][r] for t in family}
        plain = sum(b.room[r] * b.count for b in bins)
        filled = sum(
            b.count
            * largest_sum(
                tuple((size, b.most[t]) for t, size in sizes.items()),
                b.room[r],
            )
            for b in bins
        )
        wanted = sum(types.counts[t] * size for t, size in sizes.items())
        if filled < wanted:
            unit = board.units[r]
            weights = {t: size * unit for t, size in sizes.items()}
            kind = Kind.SUM if plain < wanted else Kind.ROUNDED_SUM
            yield _proof(board, types, kind, name, weights, filled * unit)


def _count(board: Board, types: ItemTypes, family: Family) -> Iterator[Proof]:
    """Compare how many there are of a family with how many fit."""
    room = sum(b.count * b.holds(types.amounts, family) for b in types.bins)
    if room < sum(types.counts[t] for t in family):
        ones = dict.fromkeys(family, 1)
        yield _proof(board, types, Kind.COUNT, '', ones, room)


def _proof(
    board: Board,
    types: ItemTypes,
    kind: Kind,
    subject: str,
    weights: Mapping[int, int],
    room: int,
) -> Proof:
    """Write a proof about types with the keys of their items."""
    keys = {
        board.items[i].key: weight
        for t, weight in weights.items()
        for i in types.members[t]
        if weight
    }
    wanted = sum(types.counts[t] * weight for t, weight in weights.items())
    return Proof(kind, subject, dict(sorted(keys.items())), room, wanted)
