# SPDX-License-Identifier: Apache-2.0

"""What is to be packed into what: items with counts, bins with room."""

import dataclasses

from collections.abc import Mapping


BALANCED = ('VCPU', 'MEMORY_MB', 'DISK_GB')
"""The resource classes whose utilisation is kept even."""

MEMORY = 'MEMORY_MB'


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """Something to place, as often as it is counted.

    :ivar key: its name, unique in a problem; ties go to the earlier name
    :ivar resources: resource class -> whole amount that each of them holds
    :ivar count: how many there are
    :ivar group: the hard anti-affinity group that all of them are members
        of; None is no group
    :ivar allowed: hostnames that all other rules allow; None is every one
    :ivar soft_group: the soft group that all of them are members of; None
        is none
    :ivar unproved: nothing proves that it fits; it is placed after all others
    :ivar avoided: hostname -> cost of placing one there, above 0. The costs
        of all items together are kept as low as can be, before anything else
        but how many are placed
    """

    key: str
    resources: Mapping[str, int]
    count: int = 1
    group: str | None = None
    allowed: frozenset[str] | None = None
    soft_group: str | None = None
    unproved: bool = False
    avoided: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def memory_mb(self) -> int:
        """MEMORY_MB that one of them holds, in MiB."""
        return self.resources.get(MEMORY, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Bin:
    """A destination as it is before anything is placed.

    :ivar capacity: resource class -> what utilisation is measured against
    :ivar used: resource class -> whole amount in use
    :ivar limit: resource class -> the most that may be in use, which is the
        capacity less the headroom; need not be whole
    :ivar max_unit: resource class -> the most one item may hold
    :ivar is_open: False takes nothing, whatever its room
    :ivar members: group, of anti-affinity or soft -> members that it holds
        already
    """

    hostname: str
    capacity: Mapping[str, float]
    used: Mapping[str, int]
    limit: Mapping[str, float]
    max_unit: Mapping[str, int] = dataclasses.field(default_factory=dict)
    is_open: bool = True
    members: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def free(self, resource_class: str) -> int:
        """Return the whole amount that may still be taken of a class."""
        limit = self.limit.get(resource_class, 0)
        # Floored first: a float less a whole number could round up.
        return int(limit // 1) - self.used.get(resource_class, 0)

    def with_headroom(self, percent: float) -> 'Bin':
        """Return the same bin with a share of its capacity kept free.

        One that is beyond that already is closed. Without headroom, a class
        that is overcommitted keeps out only items that need more of it.
        """
        if not percent:
            return dataclasses.replace(self, limit=self.capacity, is_open=True)
        limit = {
            c: n * (100 - percent) / 100 for c, n in self.capacity.items()
        }
        is_open = all(n <= limit.get(c, 0) for c, n in self.used.items())
        return dataclasses.replace(self, limit=limit, is_open=is_open)

    def utilisation(self) -> float:
        """Return the used share of its fullest balanced class."""
        return max(
            (
                self.used.get(c, 0) / capacity
                for c in BALANCED
                if (capacity := self.capacity.get(c, 0)) > 0
            ),
            default=0.0,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """Items to place in bins.

    :ivar items: with keys that differ, in any order
    :ivar bins: with hostnames that differ, in any order
    :ivar group_limits: anti-affinity group -> members that one bin may hold
        in all; 1 for a group that is not named
    :ivar soft_affinity_groups: the soft groups whose members should share a
        bin; those of the others should not
    """

    items: tuple[Item, ...]
    bins: tuple[Bin, ...]
    group_limits: Mapping[str, int] = dataclasses.field(default_factory=dict)
    soft_affinity_groups: frozenset[str] = frozenset()

    @property
    def costs(self) -> list[int]:
        """The costs at which some item can be placed, 0 included, sorted."""
        return sorted(
            {0, *(c for i in self.items for c in i.avoided.values())}
        )

    def without_above(self, cost: int) -> 'Problem':
        """Return the same problem without places that cost more."""
        if cost >= self.costs[-1]:
            return self
        hostnames = frozenset(b.hostname for b in self.bins)
        items = (
            dataclasses.replace(
                item,
                allowed=(hostnames if item.allowed is None else item.allowed)
                - {h for h, c in item.avoided.items() if c > cost},
            )
            for item in self.items
        )
        return dataclasses.replace(self, items=tuple(items))

    def cost_of(self, placement: Mapping[str, Mapping[str, int]]) -> int:
        """Return what a placement costs.

        :param placement: item's key -> hostname -> count
        """
        return sum(
            item.avoided.get(hostname, 0) * count
            for item in self.items
            for hostname, count in placement.get(item.key, {}).items()
        )

    def group_room(self, group: str, bin_: Bin) -> int:
        """Return how many more members of a group a bin may take."""
        limit = self.group_limits.get(group, 1)
        return max(limit - bin_.members.get(group, 0), 0)
