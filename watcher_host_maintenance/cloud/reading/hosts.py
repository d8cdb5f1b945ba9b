# SPDX-License-Identifier: Apache-2.0

"""All that Nova has on one compute node, now."""

import dataclasses

from collections.abc import Mapping

from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.reading.aftermath import after_live
from watcher_host_maintenance.cloud.reading.idle import idle_s
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.text import distinct


@dataclasses.dataclass(frozen=True, slots=True)
class Contents:
    """What is on a compute node, and whether it is closed.

    :ivar status: 'enabled' or 'disabled', of the nova-compute service; ''
        when there is no such service
    :ivar servers: on the node, soft-deleted ones among them, by name
    :ivar on_hypervisor: UUID -> name of the servers that the hypervisor's
        record lists
    :ivar moves: each move that has not ended, of which the node is one end,
        with its server
    :ivar idle_s: UUID of a server -> seconds for which nothing has happened
        to it, of those that Nova is at work on
    :ivar after_live: UUIDs of servers in ERROR since a live migration failed
    """

    hostname: str
    status: str
    servers: tuple[Server, ...] = ()
    on_hypervisor: Mapping[str, str] = dataclasses.field(default_factory=dict)
    moves: tuple[tuple[Migration, Server], ...] = ()
    idle_s: Mapping[str, int] = dataclasses.field(default_factory=dict)
    after_live: frozenset[str] = frozenset()


def read_contents(nova: Nova, hostname: str, uuid: str) -> Contents:
    """Read all that can be on a node.

    Servers of one name are told apart by their UUIDs.

    :param hostname: the service host
    :param uuid: of its hypervisor
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    servers = nova.servers(hostname)
    names = distinct({s.uuid: s.name for s in servers})
    servers = [dataclasses.replace(s, name=names[s.uuid]) for s in servers]
    service = nova.service(hostname)
    moves = _moves(nova, hostname)
    present = {s.uuid: s for s in (*(s for _move, s in moves), *servers)}
    return Contents(
        hostname=hostname,
        status=service.status if service is not None else '',
        servers=tuple(sorted(servers, key=lambda s: (s.name, s.uuid))),
        on_hypervisor=nova.hypervisor_servers(uuid),
        moves=moves,
        idle_s={
            uuid: idle
            for uuid, server in present.items()
            if (idle := idle_s(server, [move for move, _server in moves]))
        },
        after_live=after_live(nova, servers),
    )


def _moves(nova: Nova, hostname: str) -> tuple[tuple[Migration, Server], ...]:
    """Return the moves at one end of which Nova is at work.

    A record can outlive its migration. What that still holds is seen in
    Placement.
    """
    migrations = sorted(
        nova.migrations(hostname), key=lambda m: (m.instance_uuid, m.uuid)
    )
    pairs = ((move, nova.server(move.instance_uuid)) for move in migrations)
    return tuple(
        (move, server)
        for move, server in pairs
        if server is not None and server.is_moving
    )
