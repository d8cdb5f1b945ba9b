# SPDX-License-Identifier: Apache-2.0

"""Round rooms down to what whole instances can fill."""

from collections.abc import Sequence

from watcher_host_maintenance.core.packing.board import Amounts


WIDEST = 1 << 14
"""Rooms of more units than this are left as they are."""


class Rounding:
    """Lowers rooms, and remembers what it has found.

    For each resource class by itself, since that is quick: what is cut off
    is of no use to any set of instances, so the same placements remain.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}

    def lowered(
        self, sizes: Sequence[Amounts], most: Sequence[int], room: Amounts
    ) -> Amounts:
        """Lower each amount of a room to the largest sum that fits it.

        :param sizes: of each shape, in units
        :param most: how many of each shape the room could take alone
        """
        here = [(n, size) for n, size in zip(most, sizes, strict=True) if n]
        return tuple(
            self._amount([(n, size[resource]) for n, size in here], free)
            for resource, free in enumerate(room)
        )

    def _amount(self, here: list[tuple[int, int]], room: int) -> int:
        everything = sum(n * size for n, size in here)
        if everything <= room or room > WIDEST:
            return min(everything, room)
        numbers: dict[int, int] = {}
        for n, size in here:
            if size:
                numbers[size] = numbers.get(size, 0) + n
        key = (room, tuple(sorted(numbers.items())))
        if key not in self._known:
            self._known[key] = largest_sum(key[1], room)
        return self._known[key]


def largest_sum(numbers: Sequence[tuple[int, int]], room: int) -> int:
    """Return the largest sum of at most so many of each size in a room.

    :param numbers: size, and how many there are of it
    """
    mask = (1 << (room + 1)) - 1
    reachable = 1
    for size, count in numbers:
        left = min(count, room // size)
        chunk = 1
        # Doubling chunks make every number from 0 to count.
        while left > 0:
            step = min(chunk, left)
            reachable |= (reachable << (size * step)) & mask
            left -= step
            chunk *= 2
    return reachable.bit_length() - 1
