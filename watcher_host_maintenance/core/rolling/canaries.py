# SPDX-License-Identifier: Apache-2.0

"""The server that moves first to a node that came back.

It is a server of a node that is yet to be maintained, so that its move is one
that some wave would make anyway.
"""

from collections.abc import Collection
from collections.abc import Sequence

from watcher_host_maintenance.core.model import nova
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import making_room
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.rolling.world import World
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.hosting import Judge


MOST_TRIES = 2
"""How many servers are moved to a node of which none runs there."""

MOST_SOURCES = 24
"""The servers of how many nodes are considered."""


def awaited(
    snapshot: Snapshot,
    request: RollRequest,
    journal: Journal,
    undone: Collection[str],
) -> tuple[str, ...]:
    """Return the nodes of the wave before on which nothing new runs, sorted.

    :param undone: hostnames of the nodes that are to be maintained
    :returns: hostnames of enabled nodes; none if no canary is wanted
    """
    if not request.canary:
        return ()
    came_back = journal.latest.difference(undone)
    return without_runner(snapshot, came_back, journal.stayed)


def without_runner(
    snapshot: Snapshot, hostnames: Collection[str], stayed: Collection[str]
) -> tuple[str, ...]:
    """Return the enabled ones of these nodes on which nothing new runs.

    :param stayed: UUIDs of servers that were there all the time
    """
    running = {
        instance.host
        for instance in snapshot.instances
        if instance.uuid not in stayed and _runs(instance)
    }
    return tuple(
        hostname
        for hostname in sorted(hostnames)
        if hostname not in running
        and (node := snapshot.by_hostname.get(hostname)) is not None
        and node.status == 'enabled'
    )


def _runs(instance: Instance) -> bool:
    return (
        instance.vm_state == nova.VmState.ACTIVE
        and instance.power_state == nova.RUNNING
        and instance.is_here
    )


def choose(
    world: World,
    hostnames: Sequence[str],
    sources: Sequence[str],
    limits: Limits,
) -> tuple[Move, ...]:
    """Choose a small server for each of these nodes, if there is one.

    :param hostnames: the nodes that are to take one each
    :param sources: the nodes to be maintained, those to look at first first
    """
    moves: list[Move] = []
    for hostname in hostnames:
        move = _canary(world.moved(moves), hostname, sources, limits)
        if move is not None:
            moves.append(move)
    return tuple(moves)


def _canary(
    world: World, hostname: str, sources: Sequence[str], limits: Limits
) -> Move | None:
    """Return the move of the first server that may go to a node."""
    if hostname not in {node.hostname for node in world.enabled}:
        return None
    for source in sources[:MOST_SOURCES]:
        leavers = [
            leaver
            for leaver in making_room.candidates(
                world.snapshot, world.request, {source}
            )
            if _runs(leaver.instance)
        ]
        destinations = Destinations(
            world.snapshot,
            world.request,
            (),
            (hostname,),
            Judge(world.snapshot, world.request, leavers),
            Groups(world.snapshot.groups),
        )
        # The last are those that have failed to move there.
        disliked = destinations.place(hostname).disliked
        for instance in sorted(
            (leaver.instance for leaver in leavers),
            key=lambda i: (
                disliked.get(i.uuid, 0),
                i.memory_mb,
                i.name,
                i.uuid,
            ),
        ):
            puzzle = destinations.puzzle([instance], [hostname])
            if puzzle.place_all(limits).status is Status.PLACED:
                return Move(
                    instance_uuid=instance.uuid,
                    instance_name=instance.name,
                    host=source,
                    kind=MoveKind.LIVE,
                    destination=hostname,
                )
    return None
