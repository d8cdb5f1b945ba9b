# SPDX-License-Identifier: Apache-2.0

"""A problem in whole numbers: the form that all tight methods work on."""

import dataclasses
import math

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.problem import Shape


Amounts = tuple[int, ...]
"""One amount for each resource class of a board."""


@dataclasses.dataclass(slots=True)
class Board:
    """Shapes and the bins that can take any of them, by index.

    Amounts are in units that divide every shape's amount, so that rooms are
    small numbers. Bins that can take nothing are not on the board.

    :ivar resources: the classes that any shape holds, sorted
    :ivar shapes: sorted by key
    :ivar counts: how many of each shape are to be placed
    :ivar sizes: of each shape, in units
    :ivar groups: of each shape, the index of its group or -1
    :ivar hosts: hostname of each bin, sorted
    :ivar rooms: of each bin, what is left of each resource class, in units
    :ivar most: of each bin, how many of each shape it could take alone
    :ivar left: of each bin, how many members of each group it may take
    :ivar units: what one unit of each resource class is
    """

    resources: tuple[str, ...]
    shapes: list[Shape]
    counts: list[int]
    sizes: list[Amounts]
    groups: list[int]
    hosts: list[str]
    rooms: list[Amounts]
    most: list[list[int]]
    left: list[list[int]]
    units: Amounts

    @property
    def demand(self) -> Amounts:
        """What all shapes hold together, in units."""
        return tuple(
            sum(n * s[r] for n, s in zip(self.counts, self.sizes, strict=True))
            for r in range(len(self.resources))
        )

    def named(
        self, where: Iterable[Mapping[int, int]]
    ) -> dict[str, dict[str, int]]:
        """Translate bin -> shape -> count from indices to names.

        :param where: for each bin of the board, shape -> count
        :returns: shape's key -> hostname -> count, without zeroes
        """
        found: dict[str, dict[str, int]] = {}
        for host, there in zip(self.hosts, where, strict=True):
            for shape, count in sorted(there.items()):
                if count:
                    key = self.shapes[shape].key
                    found.setdefault(key, {})[host] = count
        return found

    def with_counts(self, counts: Sequence[int]) -> 'Board':
        """The same bins with other numbers of instances."""
        return dataclasses.replace(self, counts=list(counts))


def board(problem: Problem) -> Board:
    """Write a problem in whole numbers."""
    shapes = sorted(
        (s for s in problem.shapes if s.count > 0), key=lambda s: s.key
    )
    resources = tuple(
        sorted({c for s in shapes for c, n in s.resources.items() if n})
    )
    units = tuple(
        math.gcd(*(s.resources.get(c, 0) for s in shapes)) for c in resources
    )
    names = sorted({s.group for s in shapes if s.group is not None})
    number = {name: index for index, name in enumerate(names)}
    built = Board(
        resources=resources,
        shapes=shapes,
        counts=[s.count for s in shapes],
        sizes=[
            tuple(
                s.resources.get(c, 0) // unit
                for c, unit in zip(resources, units, strict=True)
            )
            for s in shapes
        ],
        groups=[-1 if s.group is None else number[s.group] for s in shapes],
        hosts=[],
        rooms=[],
        most=[],
        left=[],
        units=units,
    )
    _add_bins(built, problem, names)
    return built


def _add_bins(built: Board, problem: Problem, groups: list[str]) -> None:
    pairs = list(zip(built.resources, built.units, strict=True))
    smallest = [min(amounts) for amounts in zip(*built.sizes, strict=True)]
    for there in sorted(problem.bins, key=lambda b: b.hostname):
        if not there.is_open:
            continue
        # Overcommitted keeps out only those who ask for more of it.
        room = tuple(max(there.left(c), 0) // unit for c, unit in pairs)
        if any(map(int.__lt__, room, smallest)):
            continue
        left = [max(problem.group_left(g, there), 0) for g in groups]
        most = [
            _most(built, index, there, room, left)
            for index in range(len(built.shapes))
        ]
        if any(most):
            built.hosts.append(there.hostname)
            built.rooms.append(room)
            built.most.append(most)
            built.left.append(left)


def _most(
    built: Board, index: int, there: Bin, room: Amounts, left: list[int]
) -> int:
    """Count how many of one shape a bin could take if it took only those."""
    shape = built.shapes[index]
    if shape.allowed is not None and there.hostname not in shape.allowed:
        return 0
    for resource_class, amount in there.max_unit.items():
        if shape.resources.get(resource_class, 0) > amount:
            return 0
    most = built.counts[index]
    for size, free in zip(built.sizes[index], room, strict=True):
        if size and most * size > free:
            most = free // size
    if built.groups[index] >= 0:
        most = min(most, left[built.groups[index]])
    return max(most, 0)
