# SPDX-License-Identifier: Apache-2.0

"""The servers on the nodes to empty, with all that a rule may look at."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Allocation
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading.idle import idle_s
from watcher_host_maintenance.cloud.reading.zones import Zones
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import words_of_tags
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.snapshot import Claim
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Unread
from watcher_host_maintenance.core.model.text import distinct
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING


SHARED = {f.name for f in dataclasses.fields(Server)}.intersection(
    f.name for f in dataclasses.fields(Instance)
)
"""Fields that an instance of a snapshot has from Nova's record."""


class Leftover(NamedTuple):
    """An allocation on a node of what is not there.

    :ivar uuid: the consumer in Placement
    :ivar provider: UUID of the provider that it is on: the node's own, or
        one below that
    :ivar server: the server with that UUID; None if there is none
    """

    host: str
    uuid: str
    provider: str
    server: Server | None


class Held(NamedTuple):
    """What is on the nodes to empty.

    :ivar servers: the servers that Nova has there
    :ivar passing: node and server, for each server that is on another host,
        perhaps on another of these, with a move that has not ended and one
        end on the node
    :ivar migrations: every move in the cloud that has not ended
    :ivar leftovers: allocations on the nodes of nothing that is there
    :ivar below: hostname -> UUIDs of the providers below that of the node,
        as far as they were read
    """

    servers: Sequence[Server]
    passing: Sequence[tuple[str, Server]]
    migrations: Sequence[Migration]
    leftovers: Sequence[Leftover] = ()
    below: Mapping[str, frozenset[str]] = MappingProxyType({})

    @property
    def is_settled(self) -> bool:
        """Nova is busy with none of them."""
        servers = (*self.servers, *(server for _host, server in self.passing))
        return not any(
            s.task_state or s.vm_state == VmState.BUILDING for s in servers
        )

    @property
    def present(self) -> tuple[Server, ...]:
        """All servers: those on the nodes, and those that pass."""
        return (*self.servers, *(server for _host, server in self.passing))

    def consumers(self, host: str) -> frozenset[str]:
        """Return the UUIDs of what may hold something of a node.

        Of a move that is the server or the migration.
        """
        moving = {s.uuid for s in self.present if s.is_moving}
        moves = (
            (m.uuid, m.instance_uuid)
            for m in self.migrations
            if host in m.ends and m.instance_uuid in moving
        )
        here = {s.uuid for s in self.servers if s.host == host}
        return frozenset(here.union(*moves))


def read_held(nova: Nova, hosts: Sequence[str]) -> Held:
    """Read what is on some hosts."""
    listed, migrations = parallel.together(
        lambda: parallel.each(nova.servers, hosts), nova.migrations
    )
    servers: dict[str, Server] = {}
    for server in (s for on_host in listed for s in on_host):
        # One that moves meanwhile is listed twice.
        if server.vm_state not in HOLDS_NOTHING:
            servers.setdefault(server.uuid, server)
    # One server can have several records: one may outlive its migration.
    ends = {
        (host, m.instance_uuid)
        for m in migrations
        for host in m.ends
        if host in hosts
    }
    away = sorted({uuid for _host, uuid in ends} - servers.keys())
    by_uuid = servers | parallel.by_item(nova.server, away)
    passing = [
        (host, server)
        for host, uuid in sorted(ends)
        if (server := by_uuid[uuid]) is not None
        and server.is_moving
        and server.host not in ('', host)
    ]
    return Held(list(servers.values()), passing, migrations)


def with_leftovers(
    held: Held,
    nova: Nova,
    placement: Placement,
    node_uuids: Mapping[str, str],
) -> Held:
    """Add what holds something of nodes without being there.

    Two requests for each node, one for each provider below it, and two for
    what is not there.

    :param node_uuids: hostname -> UUID, of the nodes that are looked at
    """
    nodes = {host: uuid for host, uuid in node_uuids.items() if uuid}
    below = parallel.by_item(
        lambda host: placement.below(nodes[host]), sorted(nodes)
    )
    consumers = parallel.by_item(
        lambda host: placement.consumers(nodes[host], below[host]),
        sorted(nodes),
    )
    strangers = [
        (host, uuid)
        for host in sorted(nodes)
        for uuid in sorted(consumers[host].keys() - held.consumers(host))
    ]
    server_of = parallel.by_item(
        nova.server, sorted({uuid for _host, uuid in strangers})
    )
    candidates = [
        Leftover(host, uuid, consumers[host][uuid], server_of[uuid])
        for host, uuid in strangers
        if _is_away(server_of[uuid], host)
    ]
    # Meanwhile Nova may have ended what it was about to.
    now = placement.allocations({c.uuid for c in candidates})
    leftovers = [c for c in candidates if c.provider in now[c.uuid]]
    return held._replace(leftovers=leftovers, below=below)


def _is_away(server: Server | None, host: str) -> bool:
    """Return True if a server is not on a host, nor on its way there."""
    if server is None or server.vm_state in HOLDS_NOTHING:
        return True
    return server.host not in ('', host) and not server.is_moving


def instances(
    placement: Placement,
    held: Held,
    node_uuids: Mapping[str, str],
    groups: Iterable[Group],
    excluded: Collection[str],
    zones: Zones,
    foreign_tags: Mapping[str, str] = MappingProxyType({}),
) -> list[Instance]:
    """Make a record of each server on the nodes to empty.

    A server that passes has one for each end of its move at which it is not,
    and what has left an allocation has one.
    Servers of one name are told apart by their UUIDs.

    :param node_uuids: hostname -> UUID of the compute node
    :param excluded: UUIDs of servers that the audit's scope excludes
    :param foreign_tags: tag of another product -> word of an owner
    """
    allocations = placement.allocations(s.uuid for s in held.servers)
    below = _below(placement, held, allocations, node_uuids)
    offers = _offers(placement, allocations, below)
    group_of = {uuid: g for g in groups for uuid in g.members}
    kinds = _kinds(held.migrations)
    left = {lo.uuid: lo.server for lo in held.leftovers if lo.server}
    names = distinct({s.uuid: s.name for s in (*held.present, *left.values())})
    leaving = []
    for server in held.servers:
        resources, nested = needs(
            server,
            allocations[server.uuid],
            node_uuids[server.host],
            below.get(server.host, frozenset()),
        )
        own = allocations[server.uuid].get(node_uuids[server.host], {})
        is_resized = server.vm_state == VmState.RESIZED
        leaving.append(
            _instance(
                server,
                foreign_tags,
                name=names[server.uuid],
                resources=resources,
                nested=nested,
                excluded=server.uuid in excluded,
                pinned_zone=zones.binding(server),
                **_grouped(group_of.get(server.uuid)),
                migration=kinds.get(server.uuid, '') if is_resized else '',
                held=own if own != resources else {},
                claims=_claims(
                    allocations[server.uuid],
                    below.get(server.host, frozenset()),
                    offers,
                ),
                task_age_s=idle_s(server, held.migrations),
            )
        )
    passing = [
        _instance(
            server,
            foreign_tags,
            name=names[server.uuid],
            host=host,
            resources={},
            excluded=server.uuid in excluded,
            pinned_zone=None,
            elsewhere=server.host,
            migration=kinds[server.uuid],
            task_age_s=idle_s(server, held.migrations),
        )
        for host, server in held.passing
    ]
    leftovers = [
        Instance(
            uuid=leftover.uuid,
            name=names.get(leftover.uuid, leftover.uuid),
            host=leftover.host,
            vm_state=leftover.server.vm_state if leftover.server else '',
            resources={},
            elsewhere=leftover.server.host if leftover.server else '',
            is_leftover=True,
            left_below=leftover.provider
            if leftover.provider != node_uuids[leftover.host]
            else '',
        )
        for leftover in held.leftovers
    ]
    return leaving + passing + leftovers


def _grouped(group: Group | None) -> dict[str, Any]:
    """Return what an instance has of its group."""
    if group is None:
        return {}
    unread = () if group.is_whole else (Unread.GROUP,)
    return {'group': group.uuid, 'unread': unread}


def needs(
    server: Server,
    allocation: Allocation,
    node_uuid: str,
    below: Collection[str],
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return what a server will ask of its next node, and what it nests here.

    Nova asks for what the flavor says. What the image adds to it shows in
    what the server holds; so does how many CPUs are dedicated. What it holds
    below the node is not the node's. What it holds on shared storage will be:
    a move to a named host gets nothing from elsewhere.

    :param allocation: what it holds
    :param below: UUIDs of the providers below the node's own
    :returns: resource class -> amount; the classes held below the node
    """
    held = allocation.get(node_uuid, {})
    nested = {c for uuid in below for c in allocation.get(uuid, ())}
    amounts = {
        c: amount
        for c, amount in server.resources.items()
        if c in held or c not in nested
    }
    if 'PCPU' in held:
        amounts.pop('VCPU', None)
        amounts.pop('PCPU', None)
    return {**held, **amounts}, tuple(sorted(nested))


def _below(
    placement: Placement,
    held: Held,
    allocations: Mapping[str, Allocation],
    node_uuids: Mapping[str, str],
) -> dict[str, frozenset[str]]:
    """Return hostname -> UUIDs of the providers below that of the node.

    A node is missing when nothing is held but on its own provider. An
    evacuation, or a move that failed, may leave an allocation on another
    compute node than the server's own.
    """
    computes = frozenset(node_uuids.values())
    hosts = {
        s.host for s in held.servers if allocations[s.uuid].keys() - computes
    }
    return {
        host: held.below[host]
        if host in held.below
        else placement.below(node_uuids[host])
        for host in sorted(hosts)
        if node_uuids[host]
    }


def _offers(
    placement: Placement,
    allocations: Mapping[str, Allocation],
    below: Mapping[str, Collection[str]],
) -> dict[str, Mapping[str, Inventory]]:
    """Read what the providers below nodes offer that servers hold some of."""
    held = {uuid for of in allocations.values() for uuid in of}
    return placement.inventories(held & {*chain(*below.values())})


def _claims(
    allocation: Allocation,
    below: Collection[str],
    offers: Mapping[str, Mapping[str, Inventory]],
) -> tuple[Claim, ...]:
    """Return what a server holds on the providers below its node."""
    return tuple(
        Claim(uuid, c, amount, offers.get(uuid, {}).get(c, Inventory(0)))
        for uuid in sorted(allocation.keys() & {*below})
        for c, amount in sorted(allocation[uuid].items())
    )


def _kinds(migrations: Iterable[Migration]) -> dict[str, str]:
    """Return the kind of move of each server that has a move.

    Nova does not tell which of several records is the move that goes on, so
    its kind is unknown, '', when they differ.
    """
    moves: dict[str, tuple[str, str, str]] = {}
    kinds: dict[str, str] = {}
    for m in migrations:
        move = (m.source, m.destination, m.kind)
        is_same = moves.setdefault(m.instance_uuid, move) == move
        kinds[m.instance_uuid] = m.kind if is_same else ''
    return kinds


def _instance(
    server: Server, foreign_tags: Mapping[str, str], **others: Any
) -> Instance:
    """Make a record of a server from Nova's record and other facts."""
    shared = {name: getattr(server, name) for name in SHARED}
    shared['owner_words'] = words_of_tags(server.tags, foreign_tags)
    shared['notice'] = server.notice
    return Instance(**shared | others)
