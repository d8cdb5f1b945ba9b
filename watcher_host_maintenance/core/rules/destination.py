# SPDX-License-Identifier: Apache-2.0

"""What is free on each destination while a plan is made."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import ANTI_AFFINITY
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
            # Which hosts an affinity group allows is a rule.
            if group.policy != AFFINITY:
                is_hard = group.policy == ANTI_AFFINITY
                (self.apart if is_hard else self.soft)[group.uuid] = group
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
    """Return the room that a node has.

    A class of which no instance may have any, for an allocation ratio of 0,
    is not offered: more of it would be more of nothing.

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


def with_taken(bin_: Bin, instances: Iterable[Instance]) -> Bin:
    """Return a bin with instances counted in."""
    used, members = [bin_.used], [bin_.members]
    for instance in instances:
        used.append(instance.resources)
        if instance.group:
            members.append({instance.group: 1})
    return dataclasses.replace(bin_, used=total(used), members=total(members))


def without(bin_: Bin, instances: Iterable[Instance]) -> Bin:
    """Return a bin with instances that it holds taken out."""
    used, members = dict(bin_.used), dict(bin_.members)
    for instance in instances:
        for resource_class, amount in instance.resources.items():
            used[resource_class] = used.get(resource_class, 0) - amount
        if instance.group in members:
            members[instance.group] -= 1
    return dataclasses.replace(bin_, used=used, members=members)


@dataclasses.dataclass(frozen=True, slots=True)
class Destination:
    """One compute node as the reasons look at it.

    :ivar bin: its room, with all taken so far
    """

    node: ComputeNode
    bin: Bin
    groups: Groups = NO_GROUPS

    @property
    def hostname(self) -> str:
        """The node's service host."""
        return self.node.hostname

    @property
    def beyond(self) -> Collection[str]:
        """The classes that were used beyond the headroom before."""
        if self.bin.is_open:
            return ()
        return [c for c in sorted(self.bin.limit) if self.free(c) < 0]

    def free(self, resource_class: str) -> float:
        """Return what may still be taken of a class; negative is over."""
        limit = self.bin.limit.get(resource_class, 0)
        return limit - self.bin.used.get(resource_class, 0)


def total(sizes: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up amounts: resource class, or group -> amount."""
    summed: dict[str, int] = {}
    for amounts in sizes:
        for name, amount in amounts.items():
            summed[name] = summed.get(name, 0) + amount
    return summed
