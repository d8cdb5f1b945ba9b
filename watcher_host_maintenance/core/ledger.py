# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What is left on each destination while a plan is made."""

from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core import snapshot


BALANCED = ('VCPU', 'MEMORY_MB', 'DISK_GB')
"""The resource classes whose utilisation the spread evens out."""


class Destination:
    """One compute node that may take instances.

    :ivar hostname: its service host
    :ivar capacity: resource class -> (total - reserved) * ratio, of which
        the headroom is still to be kept
    :ivar limit: resource class -> the most that may be used of it
    :ivar used: resource class -> what is used, with all taken so far
    :ivar max_unit: resource class -> the most one instance may hold
    :ivar beyond: classes used beyond the limit before anything was taken
    """

    __slots__ = (
        'beyond',
        'capacity',
        'hostname',
        'limit',
        'max_unit',
        'used',
    )

    def __init__(self, node: snapshot.ComputeNode, headroom_percent: float):
        share = 100 - headroom_percent
        self.hostname = node.hostname
        self.capacity = {c: i.capacity for c, i in node.inventory.items()}
        self.limit = {c: v * share / 100 for c, v in self.capacity.items()}
        self.used: dict[str, float] = dict(node.used)
        self.max_unit = {
            c: i.max_unit
            for c, i in node.inventory.items()
            if i.max_unit is not None
        }
        # Without a headroom Placement's own rule stands: a class that is
        # overcommitted keeps out only those who ask for more of it.
        self.beyond = (
            tuple(c for c in sorted(self.limit) if self.left(c) < 0)
            if headroom_percent
            else ()
        )

    def left(self, resource_class: str) -> float:
        """Return what may still be taken of a class; negative is over."""
        limit = self.limit.get(resource_class, 0)
        return limit - self.used.get(resource_class, 0)

    def fits(self, resources: Mapping[str, int]) -> bool:
        """Tell whether one more instance of this size may come."""
        if self.beyond:
            return False
        for resource_class, wanted in resources.items():
            most = self.max_unit.get(resource_class)
            if most is not None and wanted > most:
                return False
            used = self.used.get(resource_class, 0)
            if used + wanted > self.limit.get(resource_class, 0):
                return False
        return True

    def take(self, resources: Mapping[str, int]) -> None:
        """Count an instance of this size in."""
        for resource_class, amount in resources.items():
            self.used[resource_class] = (
                self.used.get(resource_class, 0) + amount
            )

    def give_back(self, resources: Mapping[str, int]) -> None:
        """Count an instance of this size out again."""
        for resource_class, amount in resources.items():
            self.used[resource_class] -= amount

    def utilisation(self, extra: Mapping[str, int] | None = None) -> float:
        """Return the used share of its fullest balanced class, 0 to 1.

        :param extra: resource class -> amount to count in as well
        :returns: may exceed 1 where a class is overcommitted
        """
        extra = extra or {}
        shares = [0.0]
        for resource_class in BALANCED:
            capacity = self.capacity.get(resource_class, 0)
            if capacity > 0:
                used = self.used.get(resource_class, 0)
                shares.append(
                    (used + extra.get(resource_class, 0)) / capacity
                )
        return max(shares)


def total(sizes: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up resources: resource class -> amount."""
    summed: dict[str, int] = {}
    for resources in sizes:
        for resource_class, amount in resources.items():
            summed[resource_class] = summed.get(resource_class, 0) + amount
    return summed
