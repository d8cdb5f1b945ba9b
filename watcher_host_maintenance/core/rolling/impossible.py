# SPDX-License-Identifier: Apache-2.0

"""Prove that a node can be emptied in no order of waves.

When a node is out, every server of the set is on some other node. Where they
cannot all be, whatever moved before, no order helps. The reverse does not
hold: that there is room for all says nothing about a way there.
"""

import collections
import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.nova import ANTI_AFFINITY
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning.node_work import NodeWork
from watcher_host_maintenance.core.planning.placing import Place
from watcher_host_maintenance.core.planning.placing import Puzzle
from watcher_host_maintenance.core.rolling.world import World
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.hosting import Judge
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.rule import Leaver


@dataclasses.dataclass(frozen=True)
class Rest:
    """The servers of a set, and the nodes without them.

    :ivar moving: every server that leaves its node in some wave
    :ivar places: hostname -> what a node may hold of them, itself included
    """

    moving: tuple[Instance, ...]
    places: Mapping[str, Place]
    groups: Groups

    @classmethod
    def of(cls, world: World, works: Sequence[NodeWork]) -> 'Rest':
        """Take the servers of a set off their nodes.

        :param world: before the first wave
        :param works: one of each node of the set
        """
        leavers = [x for work in works for x in work.departures.moving]
        moving = tuple(x.instance for x in leavers)
        without = projection.after_actions(
            world.snapshot, [_gone(instance) for instance in moving]
        )
        groups = Groups(without.groups)
        places = dict(_places(world, without, leavers, groups))
        return cls(moving, places, groups)

    def is_never_empty(self, hostname: str, limits: Limits) -> bool:
        """Return True if a node is proved to be emptied in no order."""
        others = [p for host, p in self.places.items() if host != hostname]
        puzzle = Puzzle(self.moving, others, self.groups)
        status = puzzle.place_all(limits).status
        return status is Status.IMPOSSIBLE


def _gone(instance: Instance) -> Release:
    return Release(
        instance_uuid=instance.uuid,
        instance_name=instance.name,
        host=instance.host,
        kind=ReleaseKind.OFFLOAD,
    )


def _places(
    world: World,
    without: Snapshot,
    leavers: Sequence[Leaver],
    groups: Groups,
) -> Iterator[tuple[str, Place]]:
    """Yield each node that may hold any of these, and what it may hold.

    A server may always stay where it is: no rule or limit that its own node
    breaks already is used.
    """
    judge = Judge(world.snapshot, world.request, leavers)
    at_home = collections.defaultdict(list)
    for leaver in leavers:
        at_home[leaver.instance.host].append(leaver.instance)
    for node in without.nodes:
        own = at_home.get(node.hostname, [])
        if node.hostname in world.undone or _is_usable(node, world):
            bin_ = destination.to_bin(
                node, world.request.headroom_percent, groups
            )
            held = destination.with_taken(bin_, own)
            limit = {
                c: max(bin_.limit.get(c, 0), held.used.get(c, 0))
                for c in bin_.limit.keys() | held.used.keys()
            }
            largest = {
                c: max([most, *(i.resources.get(c, 0) for i in own)])
                for c, most in bin_.max_unit.items()
            }
            yield (
                node.hostname,
                Place(
                    dataclasses.replace(
                        bin_, limit=limit, max_unit=largest, is_open=True
                    ),
                    judge.refused(node) - {i.uuid for i in own},
                    {} if own else node.inventory,
                ),
            )


def _is_usable(node: ComputeNode, world: World) -> bool:
    return any(
        roles.is_usable(node, use, world.request)
        for use in (Use.SPREAD, Use.WAKE)
    )


def keeps_apart(snapshot: Snapshot) -> bool:
    """Return True if no node holds more of a group than the group allows."""
    return all(
        count <= group.max_server_per_host
        for group in snapshot.groups
        if group.policy == ANTI_AFFINITY
        for count in group.members.values()
    )
