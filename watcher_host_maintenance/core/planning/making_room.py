# SPDX-License-Identifier: Apache-2.0

"""Make room: move few servers of other nodes, then spread over the nodes."""

import dataclasses
import math

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import relocation
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.relocation import Settled
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import Attempt
from watcher_host_maintenance.core.planning.methods import Emptied
from watcher_host_maintenance.core.planning.methods import MethodChoice
from watcher_host_maintenance.core.planning.placing import Assignment
from watcher_host_maintenance.core.rules import hints
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.rule import Leaver


MOST_NODES = 40
"""The most nodes whose servers may move to make room."""

MOST_ADVISED = 10
"""The most nodes whose servers are read for advice alone."""


def candidates(
    snapshot: Snapshot, request: Request, hostnames: Collection[str]
) -> tuple[Leaver, ...]:
    """Return the servers of these nodes that may move to make room.

    Each is certain to be let go, live, and to run elsewhere. A server of an
    affinity group stays, since others may need its company; so does one that
    the hint of another server names.
    """
    named = hints.named(snapshot.instances)
    instances = tuple(i for i in snapshot.instances if i.host in hostnames)
    departures = leaving.departures(instances, snapshot, request)
    return tuple(
        leaver
        for leaver in departures.moving
        if leaver.kind is MoveKind.LIVE
        and not unproved.is_unproved(leaver.instance)
        and owners.may_make_room(leaver.instance, request)
        and not _is_kept_by_group(leaver.instance, snapshot)
        and leaver.instance.uuid not in named
    )


def _is_kept_by_group(instance: Instance, snapshot: Snapshot) -> bool:
    group = snapshot.group_by_uuid.get(instance.group)
    return group is not None and group.policy == AFFINITY


def is_futile(
    instances: Sequence[Instance], destinations: Destinations
) -> bool:
    """Return True if the enabled nodes together have too little room."""
    puzzle = destinations.puzzle(instances, destinations.enabled)
    return relocation.lacks_in_all(puzzle.problem)


def nearest(
    destinations: Destinations,
    unplaced: Sequence[Instance],
    most: int = MOST_NODES,
) -> tuple[str, ...]:
    """Return the nodes on which moves would help instances most, sorted.

    Those are the nodes that lack least for one of them, then those with the
    most memory free, which may take what makes room.
    """
    hostnames = destinations.enabled
    if len(hostnames) <= most:
        return hostnames
    return tuple(sorted(ranked(destinations, unplaced)[:most]))


def ranked(
    destinations: Destinations, unplaced: Sequence[Instance]
) -> list[str]:
    """Return the enabled nodes, the nearest first; see :func:`nearest`."""
    kinds = {destinations.judge.kind(i): i for i in unplaced}.values()
    lacks = {}
    for hostname in destinations.enabled:
        host = destinations.destination(hostname)
        lacks[hostname] = [_lacking(i, host, destinations) for i in kinds]
    # What fits on a node as it is needs no room made there.
    homeless = [
        n for n in range(len(kinds)) if all(x[n] > 0 for x in lacks.values())
    ] or range(len(kinds))

    def rank(hostname: str) -> tuple[float, float, str]:
        host = destinations.destination(hostname)
        lacking = min((lacks[hostname][n] for n in homeless), default=math.inf)
        return lacking, -host.free('MEMORY_MB'), hostname

    return sorted(destinations.enabled, key=rank)


def _lacking(
    instance: Instance, host: Destination, destinations: Destinations
) -> float:
    """Return the largest share of a class that a node lacks; inf is never."""
    refused = destinations.place(host.hostname).refused
    if instance.uuid in refused or not host.bin.is_open:
        return math.inf
    return max(
        (
            (wanted - host.free(c)) / wanted
            if wanted <= host.bin.limit.get(c, 0)
            else math.inf
        )
        for c, wanted in instance.resources.items()
    )


def empty(
    moving: Sequence[Instance],
    destinations: Destinations,
    most: int,
    limits: Limits,
) -> Emptied | None:
    """Find places for all that leaves some nodes, after secondary moves.

    :param most: how many moves off other nodes are allowed
    :returns: the fewest moves, then the least memory; None when the search
        found none
    """
    moves = _moves(moving, destinations, most, limits)
    if moves is None:
        return None
    secondary, placement = moves
    hosts = destinations.enabled
    moved = destinations.with_moved(secondary)
    puzzle = moved.puzzle(moving, hosts)
    assignment = puzzle.place_all(limits)
    cost = puzzle.problem.cost_of(placement)
    if assignment.status is not Status.PLACED or cost < assignment.cost:
        # Less even, but one that exists.
        where = puzzle.where(Result(placement, complete=True))
        assignment = Assignment(where, Status.PLACED)
    attempt = Attempt(MethodChoice(Method.SPREAD, hosts), assignment)
    return Emptied(attempt, moved.with_placed(moving, assignment.where))


def _moves(
    moving: Sequence[Instance],
    destinations: Destinations,
    most: int,
    limits: Limits,
) -> tuple[list[Move], Mapping[str, Mapping[str, int]]] | None:
    snapshot, request = destinations.snapshot, destinations.request
    if destinations.backup is not None or most <= 0:
        return None
    order = ranked(destinations, moving)
    near = tuple(sorted(order[:MOST_NODES]))
    moved = {m.instance_uuid for m in destinations.secondary_moves}
    by_host: dict[str, list[Instance]] = {}
    for leaver in candidates(snapshot, request, near):
        if leaver.instance.uuid not in moved:
            by_host.setdefault(leaver.instance.host, []).append(
                leaver.instance
            )
    if not by_host:
        return None
    settled: list[Settled] = []
    alike: dict[str, Iterator[Instance]] = {}
    for hostname in order:
        instances = by_host.get(hostname)
        if instances is None:
            continue
        puzzle = destinations.puzzle(instances, near)
        alike |= {key: iter(same) for key, same in puzzle.alike.items()}
        settled += [
            Settled(_kept_to(item, near), hostname)
            for item in puzzle.problem.items
        ]
    problem = destinations.puzzle(moving, destinations.enabled).problem
    found = relocation.cheapest(problem, settled, most, limits)
    if found is None:
        return None
    moves = [
        _move(next(alike[key]), hostname) for key, hostname in found.moves
    ]
    return moves, found.placement


def _kept_to(item: Item, hostnames: Collection[str]) -> Item:
    """Return an item that may go to these only."""
    allowed = frozenset(hostnames)
    if item.allowed is not None:
        allowed &= item.allowed
    return dataclasses.replace(item, allowed=allowed)


def _move(instance: Instance, destination: str) -> Move:
    return Move(
        instance_uuid=instance.uuid,
        instance_name=instance.name,
        host=instance.host,
        kind=MoveKind.LIVE,
        destination=destination,
    )
