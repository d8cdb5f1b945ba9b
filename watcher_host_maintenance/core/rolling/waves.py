# SPDX-License-Identifier: Apache-2.0

"""One wave: a joint drain that moves few servers to nodes yet undone."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import dependencies
from watcher_host_maintenance.core.planning import making_room
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning import node_work
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.node_work import NodeWork
from watcher_host_maintenance.core.rolling.world import ANY_ZONE
from watcher_host_maintenance.core.rolling.world import World
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.hosting import Judge
from watcher_host_maintenance.core.rules.rule import Leaver


MOST_OF_A_ZONE = 12
"""How many of the emptiest nodes of a zone are tried before all are."""

Where = Mapping[str, str]
"""Instance UUID -> hostname."""


@dataclasses.dataclass(frozen=True)
class Draft:
    """A wave as it could be.

    :ivar hostnames: sorted
    :ivar repeats: how many servers go to nodes that are yet undone, so that
        they have to move again
    :ivar canaries: moves before it; see :class:`.rolling.Wave`
    """

    hostnames: tuple[str, ...]
    outcome: Outcome
    repeats: int = 0
    canaries: tuple[Move, ...] = ()

    @property
    def moves(self) -> int:
        """How many moves it makes, with its canaries."""
        return len(self.outcome.moves) + len(self.canaries)


def draft(
    world: World,
    hostnames: Sequence[str],
    limits: Limits,
    may_repeat: bool = False,
) -> Draft | None:
    """Empty nodes together, onto nodes that no later wave empties.

    :param may_repeat: other nodes may take what has no place there
    :returns: None if no way was found
    """
    hostnames = tuple(sorted(hostnames))
    request = world.request.drain_of(hostnames)
    works = _works(world, request)
    if works is None:
        return None
    moving = node_work.moving(works)
    if not moving:
        return Draft(hostnames, _outcome(world, request, works))
    destinations = _destinations(world, request, works)
    for method, where in _placements(
        world, moving, destinations, limits, may_repeat
    ):
        woken = set(where.values()) if method is Method.UNUSED_HOST else ()
        outcome = _outcome(world, request, works, method, where, tuple(woken))
        repeats = sum(host in world.unsettled for host in where.values())
        return Draft(hostnames, outcome, repeats)
    return None


def is_impossible(world: World, hostname: str, limits: Limits) -> bool:
    """Return True if it is proved that a node cannot be emptied now."""
    request = world.request.drain_of((hostname,))
    works = _works(world, request)
    if works is None:
        return True
    moving = node_work.moving(works)
    destinations = _destinations(world, request, works)
    return bool(moving) and _has_no_place(moving, destinations, limits)


def draft_making_room(
    world: World, hostnames: Sequence[str], limits: Limits
) -> Draft | None:
    """Empty nodes together, after few moves of servers of other nodes.

    :returns: None if no way was found, or none may be needed: it is not proved
        that there is no direct placement
    """
    hostnames = tuple(sorted(hostnames))
    request = world.request.drain_of(hostnames)
    works = _works(world, request)
    if works is None:
        return None
    moving = node_work.moving(works)
    enabled = {n.hostname for n in world.enabled}.difference(hostnames)
    destinations = _destinations(
        world,
        request,
        works,
        making_room.candidates(world.snapshot, request, enabled),
    )
    if not _has_no_place(moving, destinations, limits):
        return None
    made = making_room.empty(
        moving, destinations, request.max_secondary_moves, limits
    )
    if made is None or made.attempt is None:
        return None
    where = made.attempt.assignment.where
    secondary = made.destinations.secondary_moves
    outcome = dependencies.with_waiting(
        _outcome(
            world, request, works, Method.SPREAD, where, secondary=secondary
        ),
        world.snapshot,
        request,
    )
    goes = [*where.values(), *(move.destination for move in secondary)]
    return Draft(hostnames, outcome, sum(h in world.unsettled for h in goes))


def _has_no_place(
    moving: Sequence[Instance], destinations: Destinations, limits: Limits
) -> bool:
    """Return True if it is proved that not all have a place, as others are."""
    attempt = methods.place(moving, destinations, limits)
    return attempt.assignment.status is Status.IMPOSSIBLE


def _works(world: World, request: Request) -> list[NodeWork] | None:
    """Return what is to become of the servers of each node of a wave.

    :returns: None if one of them cannot leave, and may not be left
    """
    works = [
        node_work.judge(world.snapshot.by_hostname[h], world.snapshot, request)
        for h in request.maintenance_nodes
    ]
    if request.on_blocked is OnBlocked.FAIL and any(w.blocked for w in works):
        return None
    return works


def _destinations(
    world: World,
    request: Request,
    works: Sequence[NodeWork],
    others: Sequence[Leaver] = (),
) -> Destinations:
    """Return the nodes that may take what leaves the nodes of a wave.

    :param others: servers of other nodes that may move too
    """
    leavers = [x for work in works for x in work.departures.moving]
    emptied = {*request.maintenance_nodes}
    spares, enabled = (
        tuple(n.hostname for n in nodes if n.hostname not in emptied)
        for nodes in (world.wakeable, world.enabled)
    )
    return Destinations(
        world.snapshot,
        request,
        spares,
        enabled,
        Judge(world.snapshot, request, [*leavers, *others]),
        Groups(world.snapshot.groups),
    )


def _placements(
    world: World,
    moving: Sequence[Instance],
    destinations: Destinations,
    limits: Limits,
    may_repeat: bool,
) -> Iterator[tuple[Method, Where]]:
    """Yield where all may go, the best first."""
    settled = [h for h in destinations.enabled if h not in world.unsettled]
    zones = {i.pinned_zone or ANY_ZONE for i in moving} | {ANY_ZONE}
    emptiest = world.emptiest(sorted(zones), MOST_OF_A_ZONE)
    few = [h for h in emptiest if h in settled]
    choices = [(Method.SPREAD, few)]
    if len(few) < len(settled):
        choices.append((Method.SPREAD, settled))
    undone: list[tuple[Method, list[str]]] = []
    for spare in destinations.unused:
        spares = undone if spare in world.unsettled else choices
        spares.append((Method.UNUSED_HOST, [spare]))
    yield from _fitting(moving, destinations, choices, limits)
    if may_repeat:
        where = _partly_settled(moving, destinations, settled, limits)
        if where is not None:
            yield Method.SPREAD, where
        yield from _fitting(moving, destinations, undone, limits)


def _fitting(
    moving: Sequence[Instance],
    destinations: Destinations,
    choices: Iterable[tuple[Method, Sequence[str]]],
    limits: Limits,
) -> Iterator[tuple[Method, Where]]:
    """Yield each choice of nodes that takes all, with where they go."""
    for method, hosts in choices:
        where = _all(moving, destinations, hosts, limits)
        if where is not None:
            yield method, where


def _all(
    instances: Sequence[Instance],
    destinations: Destinations,
    hostnames: Sequence[str],
    limits: Limits,
) -> Where | None:
    """Place all of them on these nodes, or none."""
    if not instances:
        return {}
    if not hostnames:
        return None
    assignment = destinations.puzzle(instances, hostnames).place_all(limits)
    is_placed = assignment.status is Status.PLACED
    return assignment.where if is_placed else None


def _partly_settled(
    moving: Sequence[Instance],
    destinations: Destinations,
    settled: Sequence[str],
    limits: Limits,
) -> Where | None:
    """Place as many as possible on settled nodes, and the others anywhere."""
    first: Where = {}
    if settled:
        first = destinations.puzzle(moving, settled).place_most(limits).where
    undone = [h for h in destinations.enabled if h not in settled]
    rest = [i for i in moving if i.uuid not in first]
    beside = destinations.with_placed(moving, first)
    second = _all(rest, beside, undone, limits)
    if second is not None:
        return {**first, **second}
    # Those that are left are perhaps the largest: place all at once.
    where = _all(moving, destinations, destinations.enabled, limits)
    if where is None:
        return None
    return _settle(moving, destinations, settled, where, limits)


def _settle(
    moving: Sequence[Instance],
    destinations: Destinations,
    settled: Sequence[str],
    where: Where,
    limits: Limits,
) -> Where:
    """Move each that may have a place on a settled node there."""
    placed = dict(where)
    for instance in sorted(moving, key=lambda i: (i.memory_mb, i.uuid)):
        if placed[instance.uuid] in settled:
            continue
        others = {u: h for u, h in placed.items() if u != instance.uuid}
        beside = destinations.with_placed(moving, others)
        better = _all([instance], beside, settled, limits)
        placed |= better or {}
    return placed


def _outcome(
    world: World,
    request: Request,
    works: Sequence[NodeWork],
    method: Method = Method.NONE,
    where: Where | None = None,
    woken: tuple[str, ...] = (),
    secondary: tuple[Move, ...] = (),
) -> Outcome:
    """Return the joint drain that puts servers where they are to go."""
    nodes = tuple(work.planned(method, where or {}) for work in works)
    planned = [
        world.snapshot.by_hostname[node.hostname]
        for node in nodes
        if node.verdict is Verdict.PLANNED
    ]
    return Outcome(
        nodes=nodes,
        disables=tuple(n.hostname for n in planned if n.status == 'enabled'),
        marks=tuple(
            n.hostname for n in planned if roles.has_spare_reason(n, request)
        ),
        enables=woken,
        secondary_moves=secondary,
    )
