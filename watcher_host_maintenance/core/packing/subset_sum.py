# SPDX-License-Identifier: Apache-2.0

"""What whole items can fill of a room."""

import functools


WIDEST = 1 << 14
"""Rooms of more units than this are taken to be filled."""


@functools.lru_cache(maxsize=4_096)
def largest_sum(numbers: tuple[tuple[int, int], ...], room: int) -> int:
    """Return the largest sum of at most so many of each size in a room.

    :param numbers: size, and how many there are of it
    """
    everything = sum(size * count for size, count in numbers)
    if everything <= room or room > WIDEST:
        return min(everything, room)
    mask = (1 << (room + 1)) - 1
    reachable = 1
    for size, count in numbers:
        rest = min(count, room // size) if size else 0
        chunk = 1
        # Doubling chunks make every number from 0 to count.
        while rest > 0:
            step = min(chunk, rest)
            reachable |= (reachable << (size * step)) & mask
            rest -= step
            chunk *= 2
    return reachable.bit_length() - 1
