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

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core import snapshot


BALANCED = ('VCPU', 'MEMORY_MB', 'DISK_GB')
"""The resource classes whose utilisation the spread evens out."""


class Groups:
    """The server groups of a snapshot, as destinations look at them.

    :ivar apart: UUID -> group, of hard anti-affinity
    :ivar soft: UUID -> group, of both soft policies
    """

    def __init__(self, groups: Iterable[snapshot.ServerGroup] = ()):
        self.apart: dict[str, snapshot.ServerGroup] = {}
        self.soft: dict[str, snapshot.ServerGroup] = {}
        self._members: dict[str, dict[str, int]] = {}
        for group in groups:
            if group.policy == 'anti-affinity':
                self.apart[group.uuid] = group
            elif group.policy.startswith('soft-'):
                self.soft[group.uuid] = group
            else:
                # Who may join an affinity group is settled beforehand.
                continue
            for hostname, count in group.members.items():
                self._members.setdefault(hostname, {})[group.uuid] = count

    def members_on(self, hostname: str) -> dict[str, int]:
        """Return group UUID -> members on a host, in a new mapping."""
        return dict(self._members.get(hostname, {}))


NO_GROUPS = Groups()


class Destination:
    """One compute node that may take instances.

    :ivar hostname: its service host
    :ivar inventory: resource class -> what the node offers
    :ivar capacity: resource class -> (total - reserved) * ratio, of which
        the headroom is still to be kept
    :ivar limit: resource class -> the most that may be used of it
    :ivar used: resource class -> what is used, with all taken so far
    :ivar beyond: classes used beyond the limit before anything was taken
    :ivar refused: UUIDs of instances that some rule keeps away, whatever
        room there is
    :ivar apart: UUID -> group of hard anti-affinity
    :ivar members: group UUID -> members here, with all taken so far
    """

    __slots__ = (
        '_odd',
        '_soft',
        'apart',
        'beyond',
        'capacity',
        'hostname',
        'inventory',
        'limit',
        'max_unit',
        'members',
        'refused',
        'used',
    )

    def __init__(
        self,
        node: snapshot.ComputeNode,
        headroom_percent: float,
        groups: Groups = NO_GROUPS,
        refused: Collection[str] = frozenset(),
    ):
        share = 100 - headroom_percent
        self.hostname = node.hostname
        self.inventory = node.inventory
        self.capacity = {c: i.capacity for c, i in node.inventory.items()}
        self.limit = {c: v * share / 100 for c, v in self.capacity.items()}
        self.used: dict[str, float] = dict(node.used)
        self.max_unit = {
            c: i.max_unit
            for c, i in node.inventory.items()
            if i.max_unit is not None
        }
        self._odd = {
            c: (i.min_unit, i.step_size)
            for c, i in node.inventory.items()
            if i.min_unit > 1 or i.step_size > 1
        }
        # Without a headroom Placement's own rule stands: a class that is
        # overcommitted keeps out only those who ask for more of it.
        self.beyond = (
            tuple(c for c in sorted(self.limit) if self.left(c) < 0)
            if headroom_percent
            else ()
        )
        self.refused = refused
        self.apart = groups.apart
        self._soft = groups.soft
        self.members = groups.members_on(node.hostname)

    @property
    def look(self) -> tuple[object, ...]:
        """What two destinations share when one stands for the other."""
        return (
            tuple((c, self.left(c)) for c in sorted(self.limit)),
            tuple(sorted(self.max_unit.items())),
            tuple(sorted(self._odd.items())),
            self.beyond,
            tuple(sorted((g, n) for g, n in self.members.items() if n)),
            self.refused,
        )

    def left(self, resource_class: str) -> float:
        """Return what may still be taken of a class; negative is over."""
        limit = self.limit.get(resource_class, 0)
        return limit - self.used.get(resource_class, 0)

    def fits(self, instance: snapshot.Instance) -> bool:
        """Tell whether one more instance may come."""
        if self.beyond or instance.uuid in self.refused:
            return False
        for resource_class, wanted in instance.resources.items():
            most = self.max_unit.get(resource_class)
            if most is not None and wanted > most:
                return False
            used = self.used.get(resource_class, 0)
            if used + wanted > self.limit.get(resource_class, 0):
                return False
        return self._has_such_units(instance) and self._keeps_apart(instance)

    def dislikes(self, instance: snapshot.Instance) -> int:
        """Tell how much a soft policy speaks against it; 0 is not at all."""
        group = self._soft.get(instance.group)
        if group is None:
            return 0
        there = self.members.get(group.uuid, 0)
        if group.policy == 'soft-anti-affinity':
            return there
        return 0 if there else 1

    def take(self, instance: snapshot.Instance) -> None:
        """Count an instance in."""
        for resource_class, amount in instance.resources.items():
            self.used[resource_class] = (
                self.used.get(resource_class, 0) + amount
            )
        if instance.group:
            there = self.members.get(instance.group, 0)
            self.members[instance.group] = there + 1

    def give_back(self, instance: snapshot.Instance) -> None:
        """Count an instance out again."""
        for resource_class, amount in instance.resources.items():
            self.used[resource_class] -= amount
        if instance.group:
            self.members[instance.group] -= 1

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
                shares.append((used + extra.get(resource_class, 0)) / capacity)
        return max(shares)

    def _has_such_units(self, instance: snapshot.Instance) -> bool:
        for resource_class, (least, step) in self._odd.items():
            wanted = instance.resources.get(resource_class)
            if wanted is not None and (wanted < least or wanted % step):
                return False
        return True

    def _keeps_apart(self, instance: snapshot.Instance) -> bool:
        group = self.apart.get(instance.group)
        if group is None:
            return True
        there = self.members.get(group.uuid, 0)
        return there < group.max_server_per_host


def total(sizes: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up resources: resource class -> amount."""
    summed: dict[str, int] = {}
    for resources in sizes:
        for resource_class, amount in resources.items():
            summed[resource_class] = summed.get(resource_class, 0) + amount
    return summed
