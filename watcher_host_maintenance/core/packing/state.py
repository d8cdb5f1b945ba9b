# SPDX-License-Identifier: Apache-2.0

"""What the bins of a board hold while a placement is made or changed."""

import heapq
import math

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.board import Contents
from watcher_host_maintenance.core.packing.board import Placement


COST = 1_000_000
"""So many soft violations of groups weigh as much as a cost of 1."""


class State:
    """The bins with all that was put so far.

    :ivar free: of each bin, its packed rooms, with guard bits
    :ivar held: of each bin, item -> how many of it were put, no zeroes
    :ivar loads: of each bin, the packed use of the balanced classes
    :ivar touched: the bins that something was put into
    """

    def __init__(self, board: Board, placement: Placement | None = None):
        """Start with empty bins, or with what a placement puts into them."""
        self.board = board
        self.free = list(board.free)
        self.held: list[dict[int, int]] = [{} for _bin in board.bins]
        self.loads = list(board.loads)
        self.touched: dict[int, None] = {}
        self._rankings: dict[int, dict[int, _Ranking]] = {}
        indices = {b.hostname: index for index, b in enumerate(board.bins)}
        placement = placement or {}
        for number, item in enumerate(board.items):
            for hostname, count in placement.get(item.key, {}).items():
                self.put(indices[hostname], number, count)

    def fits(self, index: int, item: int) -> bool:
        """Return True if one more fits a bin that takes such items."""
        guard = self.board.guard
        return (self.free[index] - self.board.sizes[item]) & guard == guard

    def put(self, index: int, item: int, number: int = 1) -> None:
        """Put items into a bin, or take out a negative number of them."""
        self.free[index] -= number * self.board.sizes[item]
        self.loads[index] += number * self.board.weights[item]
        self.touched[index] = None
        held = self.held[index]
        count = held.get(item, 0) + number
        if count:
            held[item] = count
        else:
            del held[item]

    def fill(self, contents: Contents) -> bool:
        """Put what a placement holds; return False if it does not fit."""
        for index, held in enumerate(contents):
            for item, count in held.items():
                for _one in range(count):
                    if not self.fits(index, item):
                        return False
                    self.put(index, item)
        return True

    def placement(self) -> Placement:
        """Return item's key -> hostname -> count."""
        return self.board.named(self.held)

    def soft_violations(self, index: int, item: int) -> int:
        """Count what an item, or its soft group, has against a bin.

        No number of soft violations is worth a cost of the item.
        """
        violations = self._group_violations(index, item)
        avoided = self.board.items[item].avoided
        if avoided:
            hostname = self.board.bins[index].hostname
            violations += avoided.get(hostname, 0) * COST
        return violations

    def _group_violations(self, index: int, item: int) -> int:
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

    def all_soft_violations(self) -> int:
        """Count what items and soft groups have against where items are."""
        total = 0
        again = State(self.board)
        for index in self.touched:
            for item, count in sorted(self.held[index].items()):
                wanted = self.board.items[item]
                if wanted.soft_group is not None or wanted.avoided:
                    for _one in range(count):
                        total += again.soft_violations(index, item)
                        again.put(index, item)
        return total

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

        What costs less goes first, then what a soft group likes better,
        however high it is.

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
            first = ranking.first(self.touched)
            if level <= violations and first is not None and first[0] < below:
                found.append((level, *first))
                break
        return min(found)[1:] if found else None

    def _rankings_of(self, item: int) -> Mapping[int, '_Ranking']:
        """Rank the untouched bins, by what a soft group has against them.

        :returns: soft violations -> bins, the fewest violations first
        """
        if item not in self._rankings:
            levels: dict[int, list[int]] = {}
            wanted = self.board.items[item]
            if wanted.soft_group is None and not wanted.avoided:
                levels[0] = self.board.order
            else:
                for index in self.board.order:
                    level = self.soft_violations(index, item)
                    levels.setdefault(level, []).append(index)
            self._rankings[item] = {
                level: _Ranking(self.board, item, order)
                for level, order in sorted(levels.items())
            }
        return self._rankings[item]


class _Ranking:
    """The bins for an item, the lowest first, ranked as far as needed."""

    def __init__(self, board: Board, item: int, order: Sequence[int]):
        self._rest = _ranked(board, item, order)
        self._first = next(self._rest, None)

    def first(self, touched: Mapping[int, None]) -> tuple[int, int] | None:
        """Return the height and the index of the lowest untouched bin."""
        while self._first is not None and self._first[1] in touched:
            self._first = next(self._rest, None)
        return self._first


def _ranked(
    board: Board, item: int, order: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield the height with one item, and the index, of bins that take it.

    :param order: bins, those that are lowest without it first
    """
    heap: list[tuple[int, int]] = []
    for index in order:
        # With one more no bin is lower than before.
        while heap and heap[0][0] < board.heights[index]:
            yield heapq.heappop(heap)
        if board.takes(index, item):
            load = board.loads[index] + board.weights[item]
            heapq.heappush(heap, (board.height(index, load), index))
    while heap:
        yield heapq.heappop(heap)
