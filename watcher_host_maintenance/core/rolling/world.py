# SPDX-License-Identifier: Apache-2.0

"""Where every server is between two waves, and how much room there is."""

import collections
import dataclasses
import functools

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import NamedTuple

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


class _NodeUse(NamedTuple):
    """What a node can be used for until its record changes.

    :ivar spread: servers may spread over it
    :ivar wake: it is a spare that may be enabled
    :ivar fullness: used share of its fullest class
    :ivar free: resource class -> what it can still take
    """

    node: ComputeNode
    spread: bool
    wake: bool
    fullness: float
    free: Mapping[str, int]

    @classmethod
    def of(cls, node: ComputeNode, request: RollRequest) -> '_NodeUse':
        """Judge a node as it is."""
        bin_ = destination.to_bin(node, request.headroom_percent)
        return cls(
            node,
            roles.is_usable(node, Use.SPREAD, request),
            roles.is_usable(node, Use.WAKE, request),
            _fullness(node),
            {c: max(bin_.free(c), 0) for c in bin_.limit}
            if bin_.is_open
            else {},
        )


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
    before: Mapping[str, _NodeUse] = dataclasses.field(
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
        opened = {
            node.hostname
            for node in after.nodes
            if node.hostname in enables
            or (
                node.hostname in hostnames
                and roles.has_mark(node, self.request)
            )
        }
        if opened:
            nodes = tuple(
                dataclasses.replace(node, status='enabled', disabled_reason='')
                if node.hostname in opened
                else node
                for node in after.nodes
            )
            after = dataclasses.replace(after, nodes=nodes)
        first = self.snapshot.by_hostname[min(hostnames)]
        return World(
            after,
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
    def _uses(self) -> Mapping[str, _NodeUse]:
        """Hostname -> what a node can be used for."""
        uses = {}
        for node in self.snapshot.nodes:
            use = self.before.get(node.hostname)
            if use is None or use.node is not node:
                use = _NodeUse.of(node, self.request)
            uses[node.hostname] = use
        return uses

    @functools.cached_property
    def out(self) -> frozenset[str]:
        """Hostnames of undone nodes that are out of service already."""
        nodes = map(self.snapshot.by_hostname.__getitem__, self.undone)
        return frozenset(
            node.hostname
            for node in nodes
            if roles.has_mark(node, self.request)
        )

    def may_be_out(self, hostnames: Collection[str]) -> bool:
        """Return True if no more nodes than allowed are out in a wave.

        Those that are out already are in any case.
        """
        more = self.out.union(hostnames)
        return more == self.out or len(more) <= self.request.parallel

    @property
    def unsettled(self) -> frozenset[str]:
        """Hostnames of nodes from which servers would have to move again."""
        return frozenset() if self.request.moves_back else self.undone

    @functools.cached_property
    def enabled(self) -> tuple[ComputeNode, ...]:
        """The nodes over which servers may spread, undone ones too."""
        return tuple(use.node for use in self._uses.values() if use.spread)

    @functools.cached_property
    def wakeable(self) -> tuple[ComputeNode, ...]:
        """The spares that may be woken, undone ones too."""
        return tuple(use.node for use in self._uses.values() if use.wake)

    @functools.cached_property
    def spares(self) -> tuple[ComputeNode, ...]:
        """The spares that may be woken, and that no later wave empties."""
        return tuple(
            node
            for node in self.wakeable
            if node.hostname not in self.unsettled
        )

    @functools.cached_property
    def settled(self) -> tuple[ComputeNode, ...]:
        """The enabled nodes that no later wave empties, emptiest first."""
        settled = (
            (use.fullness, hostname, use.node)
            for hostname, use in self._uses.items()
            if use.spread and hostname not in self.unsettled
        )
        return tuple(node for _fullness, _hostname, node in sorted(settled))

    @functools.cached_property
    def room(self) -> Amounts:
        """What is free on settled nodes and spares: by zone, and in all."""
        free: Amounts = collections.Counter()
        for node in (*self.settled, *self.spares):
            of_node = self._uses[node.hostname].free
            for resource_class, amount in of_node.items():
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
