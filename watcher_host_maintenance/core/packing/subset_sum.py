# SPDX-License-Identifier: Apache-2.0

"""Round rooms down to what whole items can fill."""

import functools

from collections.abc import Sequence

from watcher_host_maintenance.core.packing.board import Amounts


WIDEST = 1 << 14
"""Rooms of more units than this are left as they are."""


def rounded(
    sizes: Sequence[Amounts], most: Sequence[int], room: Amounts
) -> Amounts:
    """Lower each amount of a room to the largest sum that fits it.

    For each resource class by itself, since that is quick: what is cut off
    is of no use to any set of items, so the same placements remain.

    :param sizes: of each item, in units
    :param most: how many of each item the room can take if no other
    """
    able = [(n, size) for n, size in zip(most, sizes, strict=True) if n]
    return tuple(
        _rounded([(n, size[resource]) for n, size in able], free)
        for resource, free in enumerate(room)
    )


def _rounded(able: Sequence[tuple[int, int]], room: int) -> int:
    everything = sum(n * size for n, size in able)
    if everything <= room or room > WIDEST:
        return min(everything, room)
    numbers: dict[int, int] = {}
    for n, size in able:
        if size:
            numbers[size] = numbers.get(size, 0) + n
    return largest_sum(tuple(sorted(numbers.items())), room)


@functools.lru_cache(maxsize=4_096)
def largest_sum(numbers: tuple[tuple[int, int], ...], room: int) -> int:
    """Return the largest sum of at most so many of each size in a room.

    :param numbers: size, and how many there are of it
    """
    mask = (1 << (room + 1)) - 1
    reachable = 1
    for size, count in numbers:
        rest = min(count, room // size)
        chunk = 1
        # Doubling chunks make every number from 0 to count.
        while rest > 0:
            step = min(chunk, rest)
            reachable |= (reachable << (size * step)) & mask
            rest -= step
            chunk *= 2
    return reachable.bit_length() - 1
