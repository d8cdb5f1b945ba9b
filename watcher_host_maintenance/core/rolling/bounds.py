# SPDX-License-Identifier: Apache-2.0

"""How many moves any order of waves needs.

Every server that has to leave a node of the set moves once. When the first
node of the set is emptied, no other is done: its servers go outside the set,
as far as there is room, or to a node that is emptied later, and then they
move again. The same holds for every part of the set that servers cannot leave:
when the first node of a zone is emptied, those who are pinned to the zone go
to a node of it that is yet undone.

Only moves off nodes that are being emptied are counted on, and room outside
the set only shrinks: a server that has gone there stays. Where servers of
other nodes may move first, it may grow: then no repeated move is certain.
"""

import bisect
import collections
import dataclasses
import itertools

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.planning.node_work import NodeWork
from watcher_host_maintenance.core.rolling.world import World
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.hosting import Judge
from watcher_host_maintenance.core.rules.roles import Use


FEW_OUTSIDE = 32
"""Nodes outside the set that are each counted by themselves."""

Refusals = frozenset[str]
"""UUIDs of the servers that a node may not take, by a rule."""


@dataclasses.dataclass(frozen=True)
class _Outside:
    """A node outside the set.

    :ivar refused: UUIDs of the servers that it may not take
    """

    bin: Bin
    refused: Refusals

    def takes(self, instance: Instance) -> bool:
        """Return True if a server fits that comes alone."""
        return (
            self.bin.is_open
            and instance.uuid not in self.refused
            and all(
                self.bin.free(c) >= n for c, n in instance.resources.items()
            )
        )


def least_moves(world: World, works: Sequence[NodeWork]) -> int:
    """Return a number of moves that no order of waves goes below.

    Moves back to a node that has returned are not counted.

    :param world: before the first wave; its undone nodes are the set
    :param works: one of each node of the set
    """
    if not works:
        return 0
    bound = _Bound(world, works)
    if world.request.moves_back or world.request.max_secondary_moves:
        # Nothing has to move again, or none is certain to.
        return bound.once
    return bound.once + max(map(bound.repeats, bound.partitions()))


class _Bound:
    """The servers of a set, and where each may be.

    :ivar once: how many have to move at least once
    :ivar first: hostnames of the nodes that may come first of all
    """

    def __init__(self, world: World, works: Sequence[NodeWork]):
        self.moving = {work.hostname: work.moving for work in works}
        self.once = sum(map(len, self.moving.values()))
        self.nodes = [world.snapshot.by_hostname[h] for h in self.moving]
        self.first = {h for h in self.moving if world.may_be_out([h])}
        judge = Judge(
            world.snapshot,
            world.request,
            [x for work in works for x in work.departures.moving],
        )
        self.refused = {n.hostname: judge.refused(n) for n in self.nodes}
        self.outside = [
            _Outside(
                destination.to_bin(node, world.request.headroom_percent),
                judge.refused(node),
            )
            for node in world.snapshot.nodes
            if node.hostname not in self.moving
            and any(
                roles.is_usable(node, use, world.request)
                for use in (Use.SPREAD, Use.WAKE)
            )
        ]

    def partitions(self) -> Iterable[list[list[str]]]:
        """Yield ways to cut the set into parts: hostnames of each."""
        keys: tuple[Callable[[ComputeNode], Hashable], ...] = (
            lambda node: '',
            lambda node: node.zone,
            lambda node: self.refused[node.hostname],
        )
        for key in keys:
            parts = collections.defaultdict(list)
            for node in self.nodes:
                parts[key(node)].append(node.hostname)
            yield [*parts.values()]

    def repeats(self, parts: Sequence[Sequence[str]]) -> int:
        """Return how many moves the first nodes of these parts cost twice.

        The first node of all is the first of one part; all of its servers
        have to go outside or to a node that is yet undone.
        """
        confined = [self._confined(part) for part in parts]
        total = sum(confined)
        return min(
            total - own + self._without_room(self.moving[hostname])
            for part, own in zip(parts, confined, strict=True)
            for hostname in self.first.intersection(part)
        )

    def _without_room(self, instances: Sequence[Instance]) -> int:
        return len(instances) - self._taken_outside(instances)

    def _confined(self, part: Sequence[str]) -> int:
        """Return how many repeat their move by the first node of a part.

        Only those count that may not be on another node of the set.
        """
        others = {
            refused
            for hostname, refused in self.refused.items()
            if hostname not in part
        }
        return min(
            self._without_room(
                [
                    instance
                    for instance in self.moving[hostname]
                    if all(instance.uuid in refused for refused in others)
                ]
            )
            for hostname in part
        )

    def _taken_outside(self, instances: Sequence[Instance]) -> int:
        """Return how many may go outside the set, at most."""
        if len(self.outside) > FEW_OUTSIDE:
            able = [
                i for i in instances if any(o.takes(i) for o in self.outside)
            ]
            return _fitting(able, _sum_of_room(self.outside))
        return min(
            sum(
                _fitting(
                    [i for i in instances if outside.takes(i)],
                    _sum_of_room([outside]),
                )
                for outside in self.outside
            ),
            len(instances),
        )


def _sum_of_room(outside: Iterable[_Outside]) -> Mapping[str, int]:
    """Return resource class -> what is free on these nodes."""
    free: collections.Counter[str] = collections.Counter()
    for node in outside:
        if node.bin.is_open:
            for resource_class in node.bin.limit:
                free[resource_class] += max(node.bin.free(resource_class), 0)
    return free


def _fitting(instances: Sequence[Instance], free: Mapping[str, int]) -> int:
    """Return how many fit at most, as if of each class the smallest came."""
    most = len(instances)
    for resource_class in {c for i in instances for c in i.resources}:
        amounts = sorted(i.resources.get(resource_class, 0) for i in instances)
        sums = [*itertools.accumulate(amounts)]
        most = min(
            most, bisect.bisect_right(sums, free.get(resource_class, 0))
        )
    return most
