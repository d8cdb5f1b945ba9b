# SPDX-License-Identifier: Apache-2.0

"""A problem in whole numbers: what all searches work on.

All amounts of an item or a bin are packed into one integer, a field for each
resource class and each group. The highest bit of each field of a bin is its
guard: a subtraction that goes below zero clears it, so that one subtraction
and one mask compare all fields at once.
"""

import copy
import functools
import itertools
import math

from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.packing.problem import Problem


Amounts = tuple[int, ...]
"""One amount for each resource class of a board, in units, and each group."""

Contents = Sequence[Mapping[int, int]]
"""For each bin of a board, item -> count."""

Placement = Mapping[str, Mapping[str, int]]
"""Item's key -> hostname -> count."""

FULL = 1_000_000
"""The height of a bin whose fullest balanced class is all in use."""

_WHOLE = 1 << 48
"""What the room of all bins together weighs, of one resource class."""

_MILLI = 1_000
"""Parts of a unit that capacities are counted in: they need not be whole."""

_LOAD_BITS = 64
_LOAD = (1 << _LOAD_BITS) - 1


class Board:
    """The items of a problem and the bins that can take any, by index.

    Amounts are in units that divide every item's amount, so that rooms are
    small numbers.

    :ivar items: sorted by key
    :ivar counts: how many of each item are to be placed
    :ivar resources: the classes that any item holds, sorted
    :ivar units: what one unit of each resource class is
    :ivar groups: of each item, the index of its anti-affinity group or -1
    :ivar amounts: of each item, and 1 for its group
    :ivar bins: sorted by hostname
    :ivar rooms: of each bin, what may be taken of each resource class, and
        how many members of each group
    :ivar guard: the guard bits of all fields
    :ivar sizes: of each item, its packed amounts
    :ivar free: of each bin, its packed rooms, with guard bits
    :ivar slack: shift to the field above all others: the weight of the rooms
    """

    def __init__(self, problem: Problem):
        self.problem = problem
        self.items = sorted(
            (item for item in problem.items if item.count > 0),
            key=lambda item: item.key,
        )
        self.counts = [item.count for item in self.items]
        self.resources = tuple(
            sorted(
                {c for i in self.items for c, n in i.resources.items() if n}
            )
        )
        self.units = tuple(
            math.gcd(*(i.resources.get(c, 0) for i in self.items))
            for c in self.resources
        )
        names = sorted({i.group for i in self.items if i.group is not None})
        self.groups = [
            -1 if i.group is None else names.index(i.group) for i in self.items
        ]
        self.amounts = [
            (*self._in_units(i.resources), *(int(i.group == n) for n in names))
            for i in self.items
        ]
        self.bins = sorted(
            (b for b in problem.bins if b.is_open), key=lambda b: b.hostname
        )
        # Overcommitted keeps out only those who ask for more of it.
        self.rooms = [
            (
                *self._in_units(
                    {c: max(b.free(c), 0) for c in self.resources}
                ),
                *(problem.group_room(name, b) for name in names),
            )
            for b in self.bins
        ]
        self._pack()

    def _in_units(self, resources: Mapping[str, int]) -> Amounts:
        return tuple(
            resources.get(c, 0) // unit
            for c, unit in zip(self.resources, self.units, strict=True)
        )

    def _pack(self) -> None:
        """Pack rooms and amounts, and drop the bins that can take no item."""
        columns = [*zip(*self.rooms, *self.amounts, strict=True)]
        widths = [max(column).bit_length() + 1 for column in columns]
        *shifts, slack = itertools.accumulate(widths, initial=0)
        self.slack: int = slack
        self.guard: int = sum(
            1 << shift + width - 1
            for shift, width in zip(shifts, widths, strict=True)
        )
        # Of resource classes only: groups have no share of the room.
        weights = [
            _WHOLE // max(sum(column), 1)
            for column in [*zip(*self.rooms, strict=True)][
                : len(self.resources)
            ]
        ]

        def pack(amounts: Amounts) -> int:
            weight = sum(map(int.__mul__, amounts, weights))
            fields = map(int.__lshift__, amounts, shifts)
            return sum(fields, weight << slack)

        self.sizes = [pack(amounts) for amounts in self.amounts]
        self.free = [pack(room) + self.guard for room in self.rooms]
        self._ceilings = [
            pack(self._largest(index)) + self.guard
            for index in range(len(self.bins))
        ]
        # Most bins that take nothing are too small for the least amounts.
        least = pack(tuple(map(min, zip(*self.amounts, strict=True))))
        usable = [
            index
            for index, ceiling in enumerate(self._ceilings)
            if (ceiling - least) & self.guard == self.guard
            and any(self.takes(index, i) for i in range(len(self.items)))
        ]
        for name in ('bins', 'rooms', 'free', '_ceilings'):
            of_bin = getattr(self, name)
            setattr(self, name, [of_bin[index] for index in usable])

    def _largest(self, index: int) -> Amounts:
        """Return the most of each field that one item may hold in a bin."""
        largest = list(self.rooms[index])
        for number, c in enumerate(self.resources):
            most = self.bins[index].max_unit.get(c)
            if most is not None:
                most //= self.units[number]
                largest[number] = min(largest[number], most)
        return tuple(largest)

    def takes(self, index: int, item: int) -> bool:
        """Return True if a bin can take one of an item and no other."""
        allowed = self.items[item].allowed
        if allowed is not None and self.bins[index].hostname not in allowed:
            return False
        rest = self._ceilings[index] - self.sizes[item]
        return rest & self.guard == self.guard

    @functools.cached_property
    def able(self) -> list[list[int]]:
        """Of each item, the bins that can take one."""
        bins = range(len(self.bins))
        return [
            [index for index in bins if self.takes(index, item)]
            for item in range(len(self.items))
        ]

    @functools.cached_property
    def most(self) -> list[list[int]]:
        """Of each bin, how many of each item it can take if no other."""
        most = [[0] * len(self.items) for _bin in self.bins]
        for item, indices in enumerate(self.able):
            count = self.items[item].count
            needs = [(f, n) for f, n in enumerate(self.amounts[item]) if n]
            for index in indices:
                room = self.rooms[index]
                fitting = [room[field] // amount for field, amount in needs]
                most[index][item] = min([count, *fitting])
        return most

    @functools.cached_property
    def capacities(self) -> list[list[tuple[int, int]]]:
        """Of each bin, the shift in its load and the capacity of a class."""
        return [
            [
                (number * _LOAD_BITS, capacity)
                for number, c in enumerate(BALANCED)
                if (capacity := int(bin_.capacity.get(c, 0) * _MILLI)) > 0
            ]
            for bin_ in self.bins
        ]

    @functools.cached_property
    def loads(self) -> list[int]:
        """Of each bin, the packed use of the balanced classes."""
        return [packed_load(bin_.used) for bin_ in self.bins]

    @functools.cached_property
    def weights(self) -> list[int]:
        """Of each item, the packed amounts of the balanced classes."""
        return [packed_load(item.resources) for item in self.items]

    @functools.cached_property
    def heights(self) -> list[int]:
        """Of each bin, how high it is before anything is placed."""
        return [self.height(b, load) for b, load in enumerate(self.loads)]

    @functools.cached_property
    def order(self) -> list[int]:
        """The bins, the lowest first; ties go to the earlier hostname."""
        return sorted(range(len(self.bins)), key=self.heights.__getitem__)

    def height(self, index: int, load: int) -> int:
        """Return the used part of the fullest balanced class of a bin."""
        height = 0
        for shift, capacity in self.capacities[index]:
            used = ((load >> shift) & _LOAD) * FULL * _MILLI
            height = max(height, used // capacity)
        return height

    def with_most(self, most: list[list[int]]) -> 'Board':
        """Return the same bins taking at most so many of each item.

        :param most: of each bin, at most what it can take
        """
        board = copy.copy(self)
        board.most = most
        return board

    def with_counts(self, counts: Sequence[int]) -> 'Board':
        """Return the same bins with fewer items, or as many.

        :param counts: of each item, at most what there was
        """
        # Both need it, so that it is made once.
        most = self.most
        board = copy.copy(self)
        board.most, board.counts = most, list(counts)
        return board

    def named(self, contents: Contents) -> dict[str, dict[str, int]]:
        """Return item's key -> hostname -> count, without zeroes.

        :param contents: for each bin, item -> count
        """
        placement: dict[str, dict[str, int]] = {}
        for bin_, held in zip(self.bins, contents, strict=True):
            for item, count in held.items():
                if count:
                    key = self.items[item].key
                    placement.setdefault(key, {})[bin_.hostname] = count
        return dict(sorted(placement.items()))


def packed_load(resources: Mapping[str, int]) -> int:
    """Pack amounts of the balanced classes; loads are added up."""
    return sum(
        resources.get(c, 0) << number * _LOAD_BITS
        for number, c in enumerate(BALANCED)
    )
