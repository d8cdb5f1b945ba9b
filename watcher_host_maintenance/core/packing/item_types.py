# SPDX-License-Identifier: Apache-2.0

"""Items and bins that look alike, as Gilmore and Gomory's types."""

import collections
import dataclasses

from collections.abc import Iterable
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

    def holds(self, sizes: Sequence[Amounts], family: Iterable[int]) -> int:
        """Return the most items that one of these bins may hold, or more.

        Looks at one resource class at a time, the smallest items first.

        :param sizes: of each type of item
        :param family: the types of items that are looked at
        """
        types = [t for t in family if self.most[t]]
        least = sum(self.most[t] for t in types)
        for resource, free in enumerate(self.room):
            held, room = 0, free
            for size, count in sorted(
                (sizes[t][resource], self.most[t]) for t in types
            ):
                number = min(count, room // size) if size else count
                held += number
                room -= number * size
            least = min(least, held)
        return least


class ItemTypes:
    """The items of a board that differ without their groups, and the bins.

    What is proved of them holds for the items as well: it only forgets
    which members must be apart, not how many members a bin may take.

    :ivar members: of each type, the indices of its items
    :ivar amounts: of each type, without groups
    :ivar counts: how many there are of each type
    :ivar rooms: of each bin, what may be taken of each resource class
    :ivar most: of each bin, how many of each type it can take if no other
    :ivar bins: the types of bins that can take any
    """

    def __init__(self, board: Board):
        types: dict[object, list[int]] = {}
        width = len(board.resources)
        for index, item in enumerate(board.items):
            if board.counts[index]:
                alike = board.amounts[index][:width], item.allowed
                types.setdefault(alike, []).append(index)
        self.members = list(types.values())
        self.amounts = [board.amounts[m[0]][:width] for m in self.members]
        self.rooms = [room[:width] for room in board.rooms]
        self.counts = [sum(board.counts[i] for i in m) for m in self.members]
        self.most = [
            tuple(_most(board, index, m) for m in self.members)
            for index in range(len(board.bins))
        ]
        alike_bins = collections.Counter(
            zip(self.rooms, self.most, strict=True)
        )
        self.bins = [
            BinType(room, most, count)
            for (room, most), count in sorted(alike_bins.items())
            if any(most)
        ]


def _most(board: Board, index: int, members: Sequence[int]) -> int:
    """Count how many of one type of item a bin can take if no other."""
    of_group: collections.Counter[int] = collections.Counter()
    for item in members:
        of_group[board.groups[item]] += min(
            board.counts[item], board.most[index][item]
        )
    width, room = len(board.resources), board.rooms[index]
    alone = of_group.pop(-1, 0)
    most = alone + sum(min(n, room[width + g]) for g, n in of_group.items())
    for amount, free in zip(
        board.amounts[members[0]][:width], room, strict=False
    ):
        if amount and most * amount > free:
            most = free // amount
    return most
