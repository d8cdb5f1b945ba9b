# SPDX-License-Identifier: Apache-2.0

"""What is left on each destination while a plan is made."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core.model.nova import ANTI_AFFINITY
from watcher_host_maintenance.core.model.nova import SOFT_AFFINITY
from watcher_host_maintenance.core.model.nova import SOFT_ANTI_AFFINITY
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.packing.problem import Bin


class Groups:
    """The server groups of a snapshot, as destinations look at them.

    :ivar apart: UUID -> group, of hard anti-affinity
    :ivar soft: UUID -> group, of both soft policies
    """

    def __init__(self, groups: Iterable[ServerGroup] = ()):
        self.apart: dict[str, ServerGroup] = {}
        self.soft: dict[str, ServerGroup] = {}
        self._members: dict[str, dict[str, int]] = {}
        for group in groups:
            if group.policy == ANTI_AFFINITY:
                self.apart[group.uuid] = group
            elif group.policy in (SOFT_AFFINITY, SOFT_ANTI_AFFINITY):
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


def to_bin(
    node: ComputeNode,
    headroom_percent: float,
    groups: Groups = NO_GROUPS,
) -> Bin:
    """Say what a node has room for.

    A class of which nobody may have any, for an allocation ratio of 0, is not
    offered: more of it would be more of nothing.

    :param headroom_percent: the share of each class to keep free. A node
        that is beyond it already is closed. Without it Placement's own rule
        stands: a class that is overcommitted keeps out only those who ask
        for more of it
    """
    capacity = {
        c: i.capacity for c, i in node.inventory.items() if i.allocation_ratio
    }
    limit, is_open = capacity, True
    if headroom_percent:
        share = 100 - headroom_percent
        limit = {c: n * share / 100 for c, n in capacity.items()}
        is_open = all(
            node.used.get(c, 0) <= limit.get(c, 0) for c in node.inventory
        )
    return Bin(
        hostname=node.hostname,
        capacity=capacity,
        used=node.used,
        limit=limit,
        max_unit={
            c: i.max_unit
            for c, i in node.inventory.items()
            if i.max_unit is not None
        },
        is_open=is_open,
        members=groups.members_on(node.hostname),
    )


def with_taken(there: Bin, instances: Iterable[Instance]) -> Bin:
    """Count instances in."""
    used, members = dict(there.used), dict(there.members)
    for instance in instances:
        for resource_class, amount in instance.resources.items():
            used[resource_class] = used.get(resource_class, 0) + amount
        if instance.group:
            members[instance.group] = members.get(instance.group, 0) + 1
    return dataclasses.replace(there, used=used, members=members)


class Destination:
    """One compute node as the reasons look at it.

    :ivar hostname: its service host
    :ivar inventory: resource class -> what the node offers
    :ivar limit: resource class -> the most that may be used of it
    :ivar used: resource class -> what is used, with all taken so far
    :ivar beyond: classes used beyond the headroom
    :ivar apart: UUID -> group of hard anti-affinity
    :ivar members: group UUID -> members here, with all taken so far
    """

    __slots__ = (
        'apart',
        'beyond',
        'hostname',
        'inventory',
        'limit',
        'members',
        'used',
    )

    def __init__(
        self,
        node: ComputeNode,
        there: Bin,
        groups: Groups = NO_GROUPS,
    ):
        self.hostname = node.hostname
        self.inventory = node.inventory
        self.limit = there.limit
        self.used = there.used
        self.members = there.members
        self.apart = groups.apart
        self.beyond: Collection[str] = ()
        if not there.is_open:
            self.beyond = [c for c in sorted(self.limit) if self.free(c) < 0]

    def free(self, resource_class: str) -> float:
        """Return what may still be taken of a class; negative is over."""
        limit = self.limit.get(resource_class, 0)
        return limit - self.used.get(resource_class, 0)


def total(sizes: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up resources: resource class -> amount."""
    summed: dict[str, int] = {}
    for resources in sizes:
        for resource_class, amount in resources.items():
            summed[resource_class] = summed.get(resource_class, 0) + amount
    return summed
