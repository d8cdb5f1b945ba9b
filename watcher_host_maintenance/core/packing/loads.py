# SPDX-License-Identifier: Apache-2.0

"""What bins hold of a problem while a spread is made, and how high."""

import heapq

from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.problem import Shape


class Load:
    """One bin with what is put on it.

    :ivar used: resource class -> amount in use, with all put so far
    :ivar there: shape's key -> how many were put, no zeroes
    :ivar members: group -> members, with all put so far
    """

    __slots__ = ('bin', 'members', 'there', 'used')

    def __init__(self, there: Bin):
        self.bin = there
        self.used = dict(there.used)
        self.there: dict[str, int] = {}
        self.members = dict(there.members)

    def add(self, shape: Shape, number: int) -> None:
        """Count instances in, or out with a negative number."""
        for resource_class, amount in shape.resources.items():
            used = self.used.get(resource_class, 0)
            self.used[resource_class] = used + number * amount
        for group in (shape.group, shape.wish):
            if group is not None:
                members = self.members.get(group, 0)
                self.members[group] = members + number
        there = self.there.get(shape.key, 0) + number
        if there:
            self.there[shape.key] = there
        else:
            del self.there[shape.key]

    def height(self) -> float:
        """Return the used share of its fullest balanced class."""
        return _height(self.bin.capacity, self.used, {})


class Loads:
    """The bins of a problem; only those that hold something cost anything.

    :ivar touched: hostname -> load of each bin that was given something
    """

    def __init__(self, problem: Problem):
        self.problem = problem
        self.touched: dict[str, Load] = {}
        self._bins = {b.hostname: b for b in problem.bins}
        # Lowest first: no other bin ends lower than it already is.
        self._order = sorted(
            (there.utilisation(), there.hostname, there)
            for there in problem.bins
            if there.is_open
        )
        self._rankings: dict[str, dict[int, _Ranking]] = {}

    def lowest(
        self,
        shape: Shape,
        below: float = float('inf'),
        dislikes: float = float('inf'),
    ) -> tuple[float, str] | None:
        """Find where one more instance makes a bin least full.

        What a soft group likes better goes first, however full it is.

        :param below: a height that is to be undercut
        :param dislikes: what must not be exceeded
        :returns: height and hostname; ties by hostname
        """
        found = [
            (level, height, hostname)
            for hostname, load in self.touched.items()
            if (level := self.dislikes(shape, load.members)) <= dislikes
            and (height := self.after(shape, load.bin, load)) is not None
            and height < below
        ]
        for level, ranking in self._ranking(shape).items():
            first = ranking.first(self) if level <= dislikes else None
            if first is not None and first[0] < below:
                found.append((level, *first))
                break
        return min(found)[1:] if found else None

    def dislikes(self, shape: Shape, members: Mapping[str, int]) -> int:
        """Tell how much a soft group speaks against a bin; 0 is not at all.

        :param members: group -> members that are there
        """
        if shape.wish is None:
            return 0
        there = members.get(shape.wish, 0)
        if shape.wish in self.problem.sociable:
            return 0 if there else 1
        return there

    def complaints(self) -> int:
        """Add up what soft groups have against where their members are."""
        total = 0
        shapes = {s.key: s for s in self.problem.shapes}
        for load in self.touched.values():
            members = dict(load.bin.members)
            for key, number in sorted(load.there.items()):
                wish = shapes[key].wish
                for _one in range(number if wish is not None else 0):
                    total += self.dislikes(shapes[key], members)
                    members[str(wish)] = members.get(str(wish), 0) + 1
        return total

    def alone(self, shape: Shape) -> float | None:
        """Return how low a bin could be with one, if nothing had been put."""
        least = None
        for ranking in self._ranking(shape).values():
            ranking.first(self)
            if ranking.least is not None:
                least = min(least or ranking.least, ranking.least)
        return least

    def _ranking(self, shape: Shape) -> dict[int, '_Ranking']:
        """Rank the untouched bins, by what a soft group has against them."""
        if shape.key not in self._rankings:
            levels: dict[int, list[tuple[float, str, Bin]]] = {}
            if shape.wish is None:
                levels[0] = self._order
            else:
                for entry in self._order:
                    level = self.dislikes(shape, entry[2].members)
                    levels.setdefault(level, []).append(entry)
            self._rankings[shape.key] = {
                level: _Ranking(shape, order)
                for level, order in sorted(levels.items())
            }
        return self._rankings[shape.key]

    def after(
        self, shape: Shape, there: Bin, load: Load | None = None
    ) -> float | None:
        """Return how full a bin would be with one more; None: no room.

        :param load: what was put on it
        """
        if shape.allowed is not None and there.hostname not in shape.allowed:
            return None
        used: Mapping[str, int] = there.used if load is None else load.used
        limit, max_unit = there.limit, there.max_unit
        for resource_class, wanted in shape.resources.items():
            total = used.get(resource_class, 0) + wanted
            if wanted and total > limit.get(resource_class, 0):
                return None
            if max_unit and wanted > max_unit.get(resource_class, wanted):
                return None
        if shape.group is not None:
            members = there.members if load is None else load.members
            most = self.problem.group_limits.get(shape.group, 1)
            if members.get(shape.group, 0) >= most:
                return None
        return _height(there.capacity, used, shape.resources)

    def put(self, shape: Shape, hostname: str) -> None:
        """Put one instance on a bin."""
        if hostname not in self.touched:
            self.touched[hostname] = Load(self._bins[hostname])
        self.touched[hostname].add(shape, 1)

    def where(self) -> dict[str, dict[str, int]]:
        """Return what was put: shape's key -> hostname -> count."""
        found: dict[str, dict[str, int]] = {}
        for hostname, load in sorted(self.touched.items()):
            for key, count in load.there.items():
                found.setdefault(key, {})[hostname] = count
        return dict(sorted(found.items()))

    def lowest_bins(self, number: int) -> list[Bin]:
        """Return the bins that were the least full, up to so many."""
        return [there for _height, _name, there in self._order[:number]]


class _Ranking:
    """The untouched bins for one shape, the lowest first, as far as needed.

    :ivar least: the lowest of all bins with one, before anything was put
    """

    def __init__(self, shape: Shape, order: list[tuple[float, str, Bin]]):
        self.shape = shape
        self.least: float | None = None
        self._order = order
        self._next = 0
        self._heap: list[tuple[float, str]] = []

    def first(self, loads: Loads) -> tuple[float, str] | None:
        """Return the height and hostname of the lowest untouched bin."""
        while True:
            while self._heap and self._heap[0][1] in loads.touched:
                heapq.heappop(self._heap)
            if self._next == len(self._order):
                return self._heap[0] if self._heap else None
            before, hostname, there = self._order[self._next]
            # With one more no bin is lower than before.
            if self._heap and self._heap[0][0] < before:
                return self._heap[0]
            self._next += 1
            height = loads.after(self.shape, there)
            if height is not None:
                heapq.heappush(self._heap, (height, hostname))
                if self.least is None or height < self.least:
                    self.least = height


def fill(
    problem: Problem, board: Board, where: Sequence[Mapping[int, int]]
) -> Loads:
    """Put a placement that was found on a board on the problem's bins."""
    loads = Loads(problem)
    for hostname, there in zip(board.hosts, where, strict=True):
        for index, count in sorted(there.items()):
            for _one in range(count):
                loads.put(board.shapes[index], hostname)
    return loads


def _height(
    capacity: Mapping[str, float],
    used: Mapping[str, int],
    extra: Mapping[str, int],
) -> float:
    height = 0.0
    for resource_class in BALANCED:
        whole = capacity.get(resource_class, 0)
        if whole > 0:
            total = used.get(resource_class, 0) + extra.get(resource_class, 0)
            height = max(height, total / whole)
    return height
