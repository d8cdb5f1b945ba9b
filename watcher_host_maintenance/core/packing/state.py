# SPDX-License-Identifier: Apache-2.0

"""What the bins of a board hold while a placement is made or changed."""

import heapq
import math

from collections.abc import Sequence

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.board import Contents
from watcher_host_maintenance.core.packing.board import Placement


class State:
    """The bins with all that was put so far.

    :ivar free: of each bin, its packed rooms, with guard bits
    :ivar held: of each bin, item -> how many of it were put, no zeroes
    """

    def __init__(self, board: Board):
        self.board = board
        self.free = list(board.free)
        self.held: list[dict[int, int]] = [{} for _bin in board.bins]

    def fits(self, index: int, item: int) -> bool:
        """Return True if one more fits a bin that takes such items."""
        guard = self.board.guard
        return (self.free[index] - self.board.sizes[item]) & guard == guard

    def put(self, index: int, item: int, number: int = 1) -> None:
        """Put items into a bin, or take out a negative number of them."""
        self.free[index] -= number * self.board.sizes[item]
        held = self.held[index]
        count = held.get(item, 0) + number
        if count:
            held[item] = count
        else:
            del held[item]

    def placement(self) -> Placement:
        """Return item's key -> hostname -> count."""
        return self.board.named(self.held)

    def soft_violations(self, index: int, item: int) -> int:
        """Count what the soft group of an item has against a bin."""
        group = self.board.items[item].soft_group
        if group is None:
            return 0
        members = self.board.bins[index].members.get(group, 0) + sum(
            count
            for other, count in self.held[index].items()
            if self.board.items[other].soft_group == group
        )
        if group in self.board.problem.soft_affinity_groups:
            return int(not members)
        return members

    def fill(self, contents: Contents) -> bool:
        """Put what a placement holds; return False if it does not fit."""
        for index, held in enumerate(contents):
            for item, count in held.items():
                for _one in range(count):
                    if not self.fits(index, item):
                        return False
                    self.put(index, item)
        return True


class Heights(State):
    """The same with heights: how full the fullest class of each bin is.

    :ivar loads: of each bin, the packed use of the balanced classes
    :ivar touched: the bins that something was put into
    """

    def __init__(self, board: Board, placement: Placement | None = None):
        """Start with empty bins, or with what a placement puts into them."""
        super().__init__(board)
        self.loads = list(board.loads)
        self.touched: dict[int, None] = {}
        self._rankings: dict[int, dict[int, _Ranking]] = {}
        indices = {b.hostname: index for index, b in enumerate(board.bins)}
        placement = placement or {}
        for number, item in enumerate(board.items):
            for hostname, count in placement.get(item.key, {}).items():
                self.put(indices[hostname], number, count)

    def put(self, index: int, item: int, number: int = 1) -> None:
        """Put items into a bin, or take out a negative number of them."""
        super().put(index, item, number)
        self.loads[index] += number * self.board.weights[item]
        self.touched[index] = None

    def height(self, index: int) -> int:
        """Return how high a bin is, in millionths."""
        return self.board.height(index, self.loads[index])

    def height_with(self, index: int, item: int) -> int | None:
        """Return how high a bin would be with one more; None is no room."""
        if not self.board.takes(index, item) or not self.fits(index, item):
            return None
        load = self.loads[index] + self.board.weights[item]
        return self.board.height(index, load)

    def highest(self) -> int:
        """Return the height of the highest bin that something was put into."""
        return max(
            (self.height(index) for index in self.touched if self.held[index]),
            default=0,
        )

    def lowest(
        self,
        item: int,
        below: float = math.inf,
        violations: float = math.inf,
    ) -> tuple[int, int] | None:
        """Find the bin that ends lowest with one more of an item.

        What a soft group likes better goes first, however high it is.

        :param below: a height that has to be undercut
        :param violations: the most soft violations that are accepted
        :returns: height and bin; ties go to the earlier hostname
        """
        found = [
            (level, height, index)
            for index in self.touched
            if (level := self.soft_violations(index, item)) <= violations
            and (height := self.height_with(index, item)) is not None
            and height < below
        ]
        for level, ranking in self._rankings_of(item).items():
            first = ranking.first(self) if level <= violations else None
            if first is not None and first[0] < below:
                found.append((level, *first))
                break
        return min(found)[1:] if found else None

    def lowest_alone(self, item: int) -> int | None:
        """Return how low a bin could be with one, if nothing had been put."""
        rankings = self._rankings_of(item).values()
        for ranking in rankings:
            ranking.first(self)
        lowest = [r.lowest for r in rankings if r.lowest is not None]
        return min(lowest, default=None)

    def all_soft_violations(self) -> int:
        """Count what soft groups have against where their members are put."""
        total = 0
        again = State(self.board)
        for index in self.touched:
            for item, count in sorted(self.held[index].items()):
                if self.board.items[item].soft_group is not None:
                    for _one in range(count):
                        total += again.soft_violations(index, item)
                        again.put(index, item)
        return total

    def _rankings_of(self, item: int) -> dict[int, '_Ranking']:
        """Rank the bins as they were, by what a soft group has against them.

        :returns: soft violations -> bins, the fewest violations first
        """
        if item not in self._rankings:
            levels: dict[int, list[int]] = {}
            before = State(self.board)
            for index in self.board.order:
                level = before.soft_violations(index, item)
                levels.setdefault(level, []).append(index)
            self._rankings[item] = {
                level: _Ranking(item, order)
                for level, order in sorted(levels.items())
            }
        return self._rankings[item]


class _Ranking:
    """The untouched bins for an item, the lowest first, as far as needed.

    :ivar lowest: the height of the lowest bin with one, before any was put
    """

    def __init__(self, item: int, order: Sequence[int]):
        self.item = item
        self.lowest: int | None = None
        self._order = order
        self._next = 0
        self._heap: list[tuple[int, int]] = []

    def first(self, state: Heights) -> tuple[int, int] | None:
        """Return the height and the index of the lowest untouched bin."""
        board = state.board
        while True:
            while self._heap and self._heap[0][1] in state.touched:
                heapq.heappop(self._heap)
            if self._next == len(self._order):
                return self._heap[0] if self._heap else None
            index = self._order[self._next]
            # With one more no bin is lower than before.
            if self._heap and self._heap[0][0] < board.heights[index]:
                return self._heap[0]
            self._next += 1
            if board.takes(index, self.item):
                load = board.loads[index] + board.weights[self.item]
                height = board.height(index, load)
                heapq.heappush(self._heap, (height, index))
                if self.lowest is None or height < self.lowest:
                    self.lowest = height
