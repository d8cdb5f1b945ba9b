# SPDX-License-Identifier: Apache-2.0

"""Items and bins that look alike, as Gilmore and Gomory's types."""

import dataclasses
import math

from collections.abc import Sequence

from watcher_host_maintenance.core.packing.board import Amounts
from watcher_host_maintenance.core.packing.board import Board


Counts = tuple[int, ...]
"""How many of each type of item."""


@dataclasses.dataclass(frozen=True, slots=True)
class BinType:
    """What makes bins alike, when members of a group are not told apart.

    :ivar room: what may be taken of each resource class, in units
    :ivar most: how many of each type of item a bin can take if no other
    :ivar count: how many bins are of this type
    """

    room: Amounts
    most: Counts
    count: int

    def holds(self, sizes: Sequence[Amounts], weights: Sequence[int]) -> int:
        """Return the most weight that one of these bins may hold, or more.

        Looks at one resource class at a time, and lets the last item be cut.

        :param sizes: of each type of item
        :param weights: of one item of each type, 0 or more
        """
        types = [t for t, n in enumerate(self.most) if n and weights[t]]
        least = sum(self.most[t] * weights[t] for t in types)
        for resource, room in enumerate(self.room):
            densest = sorted(
                (
                    -weights[t] / size if size else -math.inf,
                    size,
                    self.most[t],
                    weights[t],
                )
                for t in types
                for size in [sizes[t][resource]]
            )
            least = min(least, _densest(densest, room))
        return least


def _densest(densest: list[tuple[float, int, int, int]], room: int) -> int:
    """Return the most weight in a room if the last item may be cut.

    :param densest: for each type its order, size, number and weight
    """
    held = 0
    for _order, size, count, weight in densest:
        number = min(count, room // size) if size else count
        held += number * weight
        room -= number * size
        if number < count:
            return held + room * weight // size
    return held


class ItemTypes:
    """The items of a board that differ without their groups, and the bins.

    What is proved of them holds for the items as well: it only forgets
    which members must be apart, not how many members a bin may take.

    :ivar members: of each type, the indices of its items
    :ivar sizes: of each type, its amounts
    :ivar counts: how many there are of each type
    :ivar of_bin: of each bin, how many of each type it can take if no other
    :ivar bins: the types of bins that can take any
    """

    def __init__(self, board: Board):
        types: dict[object, list[int]] = {}
        for index, item in enumerate(board.items):
            if board.counts[index]:
                alike = board.amounts[index], item.allowed
                types.setdefault(alike, []).append(index)
        self.members = list(types.values())
        self.sizes = [board.amounts[m[0]] for m in self.members]
        self.counts = [sum(board.counts[i] for i in m) for m in self.members]
        self.of_bin = [
            tuple(_most(board, index, m) for m in self.members)
            for index in range(len(board.bins))
        ]
        counts: dict[tuple[Amounts, Counts], int] = {}
        for room, most in zip(board.rooms, self.of_bin, strict=True):
            if any(most):
                counts[room, most] = counts.get((room, most), 0) + 1
        self.bins = [
            BinType(room, most, count)
            for (room, most), count in sorted(counts.items())
        ]


def _most(board: Board, index: int, members: Sequence[int]) -> int:
    """Count how many of one type of item a bin can take if no other."""
    alone = 0
    grouped: dict[int, int] = {}
    for item in members:
        most = min(board.counts[item], board.most[index][item])
        group = board.groups[item]
        if group < 0:
            alone += most
        elif most:
            grouped[group] = grouped.get(group, 0) + most
    rooms = board.group_rooms[index]
    alone += sum(min(n, rooms[group]) for group, n in grouped.items())
    for size, room in zip(
        board.amounts[members[0]], board.rooms[index], strict=True
    ):
        if size and alone * size > room:
            alone = room // size
    return alone
