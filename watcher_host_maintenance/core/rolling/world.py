# SPDX-License-Identifier: Apache-2.0

"""Where every server is between two waves, and how much room there is."""

import collections
import dataclasses
import functools

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import Use


ANY_ZONE = ''
"""Stands for the room of all zones together."""

Amounts = collections.Counter[tuple[str, str]]
"""(zone, resource class) -> amount; see :data:`ANY_ZONE`."""


@dataclasses.dataclass(frozen=True)
class World:
    """The cloud between two waves.

    :ivar undone: hostnames of the set that are still to be maintained
    :ivar zone: availability zone of the last wave; '' is none yet
    :ivar before: what nodes could be used for before the last wave
    """

    snapshot: Snapshot
    request: RollRequest
    undone: frozenset[str]
    zone: str = ''
    before: Mapping[str, tuple[ComputeNode, bool, bool]] = dataclasses.field(
        default_factory=dict, repr=False, compare=False
    )

    def after(self, hostnames: Collection[str], outcome: Outcome) -> 'World':
        """Return the world in which a wave is over and its nodes are back.

        A node comes back as it was before, but one that was marked for this
        maintenance is enabled. If servers move back, they are where they
        were, but not those that made room, and spares are spares again.
        """
        moves_back = self.request.moves_back
        moves = outcome.secondary_moves if moves_back else outcome.moves
        enables = () if moves_back else outcome.enables
        after = projection.after_actions(
            self.snapshot, (*moves, *outcome.stops, *outcome.releases)
        )
        marks = self.request.marking_reasons
        opened = {
            node.hostname
            for node in after.nodes
            if node.hostname in enables
            or (
                node.hostname in hostnames
                and roles.is_marked(node.status, node.disabled_reason, marks)
            )
        }
        nodes = tuple(
            dataclasses.replace(node, status='enabled', disabled_reason='')
            if node.hostname in opened
            else node
            for node in after.nodes
        )
        first = self.snapshot.by_hostname[min(hostnames)]
        return World(
            dataclasses.replace(after, nodes=nodes),
            self.request,
            self.undone.difference(hostnames),
            first.zone,
            self._uses,
        )

    def moved(self, moves: Collection[Move]) -> 'World':
        """Return the world in which some servers have moved."""
        if not moves:
            return self
        after = projection.after_actions(self.snapshot, moves)
        return dataclasses.replace(self, snapshot=after, before=self._uses)

    @functools.cached_property
    def _uses(self) -> Mapping[str, tuple[ComputeNode, bool, bool]]:
        """Hostname -> node, whether servers may spread over it, or wake it."""
        uses = {}
        for node in self.snapshot.nodes:
            before = self.before.get(node.hostname)
            if before is None or before[0] is not node:
                spread, wake = (
                    roles.is_usable(node, use, self.request)
                    for use in (Use.SPREAD, Use.WAKE)
                )
                before = node, spread, wake
            uses[node.hostname] = before
        return uses

    @property
    def unsettled(self) -> frozenset[str]:
        """Hostnames of nodes from which servers would have to move again."""
        return frozenset() if self.request.moves_back else self.undone

    @functools.cached_property
    def enabled(self) -> tuple[ComputeNode, ...]:
        """The nodes over which servers may spread, undone ones too."""
        return tuple(node for node, spread, _ in self._uses.values() if spread)

    @functools.cached_property
    def spares(self) -> tuple[ComputeNode, ...]:
        """The spares that may be woken, and that no later wave empties."""
        return tuple(
            node
            for node, _, wake in self._uses.values()
            if wake and node.hostname not in self.unsettled
        )

    @functools.cached_property
    def settled(self) -> tuple[ComputeNode, ...]:
        """The enabled nodes that no later wave empties, emptiest first."""
        nodes = (n for n in self.enabled if n.hostname not in self.unsettled)
        return tuple(sorted(nodes, key=lambda n: (_fullness(n), n.hostname)))

    @functools.cached_property
    def servers(self) -> Mapping[str, tuple[Instance, ...]]:
        """Hostname -> the servers that are listed on it."""
        listed = collections.defaultdict(list)
        for instance in self.snapshot.instances:
            listed[instance.host].append(instance)
        return {host: tuple(many) for host, many in listed.items()}

    @functools.cached_property
    def room(self) -> Amounts:
        """What is free on settled nodes and spares: by zone, and in all."""
        free: Amounts = collections.Counter()
        for node in (*self.settled, *self.spares):
            bin_ = destination.to_bin(node, self.request.headroom_percent)
            for resource_class in bin_.limit if bin_.is_open else ():
                amount = max(bin_.free(resource_class), 0)
                free[node.zone, resource_class] += amount
                free[ANY_ZONE, resource_class] += amount
        return free

    def has_room(self, need: Amounts) -> bool:
        """Return False if these amounts cannot all go to settled nodes."""
        return all(self.room[key] >= amount for key, amount in need.items())

    def emptiest(self, zones: Iterable[str], most: int) -> tuple[str, ...]:
        """Return the hostnames of the emptiest settled nodes of each zone.

        :param zones: :data:`ANY_ZONE` is every zone
        :param most: how many of each
        """
        chosen: dict[str, None] = {}
        for zone in zones:
            nodes = [n for n in self.settled if zone in (ANY_ZONE, n.zone)]
            chosen |= dict.fromkeys(node.hostname for node in nodes[:most])
        return tuple(chosen)


def needed(instances: Iterable[Instance]) -> Amounts:
    """Return what servers need in all, and those pinned to a zone there."""
    need: Amounts = collections.Counter()
    for instance in instances:
        for resource_class, amount in instance.resources.items():
            need[ANY_ZONE, resource_class] += amount
            if instance.pinned_zone is not None:
                need[instance.pinned_zone, resource_class] += amount
    return need


def _fullness(node: ComputeNode) -> float:
    """Return the used share of a node's fullest balanced class."""
    return max(
        (
            node.used.get(c, 0) / offer.capacity
            for c in BALANCED
            if (offer := node.inventory.get(c)) and offer.capacity > 0
        ),
        default=1.0,
    )
