# SPDX-License-Identifier: Apache-2.0

"""What a board's bins hold while a packing is changed step by step."""

from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core.packing.board import Board


class State:
    """The room that is left, with all put so far.

    :ivar free: of each bin, what is left of each resource class, in units
    :ivar left: of each bin, how many more members of each group may come
    :ivar there: of each bin, shape -> how many of it are there, no zeroes
    :ivar able: of each shape, the bins that could take one if empty
    """

    __slots__ = ('able', 'board', 'free', 'groups', 'left', 'sizes', 'there')

    def __init__(self, board: Board):
        self.board = board
        self.sizes = board.sizes
        self.groups = board.groups
        self.free = [list(room) for room in board.rooms]
        self.left = [list(left) for left in board.left]
        self.there: list[dict[int, int]] = [{} for _ in board.hosts]
        self.able = [
            [b for b, most in enumerate(board.most) if most[shape]]
            for shape in range(len(board.shapes))
        ]

    def fill(self, where: Iterable[Mapping[int, int]]) -> None:
        """Put what a placement holds: for each bin, shape -> count."""
        for index, there in enumerate(where):
            for shape, count in there.items():
                for _one in range(count):
                    self.put(index, shape)

    def put(self, index: int, shape: int) -> None:
        """Count one instance in."""
        free = self.free[index]
        for resource, amount in enumerate(self.sizes[shape]):
            free[resource] -= amount
        group = self.groups[shape]
        if group >= 0:
            self.left[index][group] -= 1
        there = self.there[index]
        there[shape] = there.get(shape, 0) + 1

    def take(self, index: int, shape: int) -> None:
        """Count one instance out again."""
        free = self.free[index]
        for resource, amount in enumerate(self.sizes[shape]):
            free[resource] += amount
        group = self.groups[shape]
        if group >= 0:
            self.left[index][group] += 1
        there = self.there[index]
        if there[shape] == 1:
            del there[shape]
        else:
            there[shape] -= 1

    def fits(self, index: int, shape: int) -> bool:
        """Tell whether one more may come; the bin must be able to take it."""
        group = self.groups[shape]
        if group >= 0 and self.left[index][group] <= 0:
            return False
        for amount, free in zip(
            self.sizes[shape], self.free[index], strict=True
        ):
            if amount > free:
                return False
        return True
