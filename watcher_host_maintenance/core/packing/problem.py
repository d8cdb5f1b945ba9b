# SPDX-License-Identifier: Apache-2.0

"""What is to be packed into what: shapes with counts, bins with room."""

import dataclasses

from collections.abc import Mapping


BALANCED = ('VCPU', 'MEMORY_MB', 'DISK_GB')
"""The resource classes whose utilisation a spread evens out."""

MEMORY = 'MEMORY_MB'


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """Instances that stand for one another.

    :ivar key: its name, unique in a problem; ties go to the earlier name
    :ivar resources: resource class -> amount that each of them holds
    :ivar count: how many there are
    :ivar group: the hard anti-affinity group that all of them are members
        of; None is no group
    :ivar allowed: hostnames that all other rules allow; None is every one
    :ivar wish: the soft group that all of them are members of; None is none
    :ivar last: it chooses after all that are not
    """

    key: str
    resources: Mapping[str, int]
    count: int = 1
    group: str | None = None
    allowed: frozenset[str] | None = None
    wish: str | None = None
    last: bool = False

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
    :ivar max_unit: resource class -> the most one instance may hold
    :ivar is_open: False takes nothing, whatever its room
    :ivar members: group, of anti-affinity or soft -> members that are there
        already
    """

    hostname: str
    capacity: Mapping[str, float]
    used: Mapping[str, int]
    limit: Mapping[str, float]
    max_unit: Mapping[str, int] = dataclasses.field(default_factory=dict)
    is_open: bool = True
    members: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def left(self, resource_class: str) -> int:
        """Return the whole amount that may still be taken of a class."""
        limit = self.limit.get(resource_class, 0)
        # Floored first: a float less a whole number could round up.
        return int(limit // 1) - self.used.get(resource_class, 0)

    def utilisation(self) -> float:
        """Return the used share of its fullest balanced class."""
        share = 0.0
        for resource_class in BALANCED:
            capacity = self.capacity.get(resource_class, 0)
            if capacity > 0:
                used = self.used.get(resource_class, 0) / capacity
                share = max(share, used)
        return share


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """Shapes to place on bins.

    :ivar shapes: with keys that differ, in any order
    :ivar bins: with hostnames that differ, in any order
    :ivar group_limits: anti-affinity group -> members that one bin may hold
        in all; 1 for a group that is not named
    :ivar sociable: the soft groups whose members rather stay together;
        those of the others rather stay apart
    """

    shapes: tuple[Shape, ...]
    bins: tuple[Bin, ...]
    group_limits: Mapping[str, int] = dataclasses.field(default_factory=dict)
    sociable: frozenset[str] = frozenset()

    def group_left(self, group: str, there: Bin) -> int:
        """Return how many more members of a group a bin may take."""
        most = self.group_limits.get(group, 1)
        return most - there.members.get(group, 0)
