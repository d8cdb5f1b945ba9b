# SPDX-License-Identifier: Apache-2.0

"""The servers on the nodes to empty, with all that a rule may look at."""

import collections
import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.cloud.placement import Allocation
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading import nova_state
from watcher_host_maintenance.cloud.reading.zones import Zones
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup


@dataclasses.dataclass(frozen=True)
class Holdings:
    """What servers hold in Placement.

    :ivar allocations: server UUID -> provider UUID -> class -> amount
    :ivar trees: compute node UUID -> UUIDs of its provider and those below;
        a node is missing when nothing is held but on its own provider
    """

    allocations: Mapping[str, Allocation]
    trees: Mapping[str, Collection[str]]

    def resources(self, server: Server, node_uuid: str) -> dict[str, int]:
        """Return what a server will ask of its next node.

        Nova asks for what the flavor says. What the image adds to it shows in
        what the server holds; so does how many CPUs are dedicated. What it
        holds below the node is not the node's. What it holds on shared
        storage will be: a move to a named host gets nothing from elsewhere.
        """
        amounts = dict(server.resources)
        held = self.allocations.get(server.uuid, {}).get(node_uuid, {})
        for resource_class in self.nested(server, node_uuid):
            if resource_class not in held:
                amounts.pop(resource_class, None)
        if 'PCPU' in held:
            amounts.pop('VCPU', None)
            amounts.pop('PCPU', None)
        for resource_class, amount in held.items():
            amounts.setdefault(resource_class, amount)
        return amounts

    def nested(self, server: Server, node_uuid: str) -> tuple[str, ...]:
        """Return the resource classes held below the node's provider."""
        below = set(self.trees.get(node_uuid, ())) - {node_uuid}
        allocation = self.allocations.get(server.uuid, {})
        classes = {c for uuid in below for c in allocation.get(uuid, ())}
        return tuple(sorted(classes))


def read_holdings(
    placement: Placement,
    held: nova_state.Held,
    node_uuids: Mapping[str, str],
) -> Holdings:
    """Ask Placement what the servers hold.

    :param node_uuids: hostname -> UUID of the compute node
    """
    allocations = placement.allocations(s.uuid for s in held.leaving)
    # An evacuation, or a move that failed, may leave an allocation on another
    # compute node than the server's own.
    computes = frozenset(node_uuids.values())
    elsewhere = {
        host: {u for s in on_host for u in allocations[s.uuid]} - computes
        for host, on_host in held.servers.items()
    }
    trees = {
        node_uuids[host]: placement.tree(node_uuids[host])
        for host in sorted(elsewhere)
        if elsewhere[host] and node_uuids[host]
    }
    return Holdings(allocations, trees)


def instances(
    held: nova_state.Held,
    holdings: Holdings,
    node_uuids: Mapping[str, str],
    groups: Iterable[Group],
    excluded: Collection[str],
    zones: Zones,
) -> list[Instance]:
    """Make a record of each server on the nodes to empty.

    :param excluded: UUIDs of servers that the audit's scope excludes
    """
    group_of = {uuid: g.uuid for g in groups for uuid in g.members}
    kinds = _kinds(held)
    leaving = [
        _instance(
            server,
            host,
            resources=holdings.resources(server, node_uuids[host]),
            nested=holdings.nested(server, node_uuids[host]),
            excluded=server.uuid in excluded,
            pinned_zone=zones.binding(server),
            group=group_of.get(server.uuid, ''),
            migration=(
                kinds.get(server.uuid, '')
                if server.vm_state == VmState.RESIZED
                else ''
            ),
        )
        for host, on_host in held.servers.items()
        for server in on_host
    ]
    return leaving + _passing(held)


def _passing(held: nova_state.Held) -> list[Instance]:
    """Make a record for each end of a move at which a server is not."""
    kinds = _kinds(held)
    return [
        _instance(
            server,
            host,
            resources={},
            elsewhere=server.host,
            migration=kinds[server.uuid],
        )
        for host, on_host in held.passing.items()
        for server in on_host
    ]


def _kinds(held: nova_state.Held) -> dict[str, str]:
    """Return the kind of move of each server that has a move.

    Nova does not tell which of several records is the move that goes on, so
    its kind is unknown, '', when they differ.
    """
    moves: dict[str, set[tuple[str, str, str]]] = {}
    for move in held.migrations:
        moves.setdefault(move.instance_uuid, set()).add(
            (move.source, move.destination, move.kind)
        )
    return {
        uuid: next(iter(of_server))[2] if len(of_server) == 1 else ''
        for uuid, of_server in moves.items()
    }


def groups_of(held: nova_state.Held, groups: Iterable[Group]) -> list[Group]:
    """Return the groups that a server on the nodes is a member of."""
    uuids = {s.uuid for s in held.leaving}
    return [g for g in groups if not uuids.isdisjoint(g.members)]


def server_groups(
    groups: Iterable[Group], where: Mapping[str, nova_state.Whereabouts]
) -> list[ServerGroup]:
    """Count the members of groups on each host.

    :param where: server UUID -> where it is
    """
    return [
        ServerGroup(
            group.uuid,
            group.name,
            group.policy,
            group.max_server_per_host,
            collections.Counter(
                host
                for uuid in group.members
                if uuid in where
                for host in _counted_on(where[uuid], group.policy)
            ),
        )
        for group in groups
    ]


def _counted_on(where: nova_state.Whereabouts, policy: str) -> Collection[str]:
    """Return the hosts on which a member counts, for a policy.

    A member that moves keeps others away from both ends, but attracts them to
    neither: it leaves one soon, and is not at the other yet.
    """
    if policy == AFFINITY:
        return (where.home,) if where.home else ()
    return where.ends


def _instance(
    server: Server,
    host: str,
    *,
    resources: Mapping[str, int],
    nested: tuple[str, ...] = (),
    excluded: bool = False,
    pinned_zone: str | None = None,
    group: str = '',
    elsewhere: str = '',
    migration: str = '',
) -> Instance:
    return Instance(
        uuid=server.uuid,
        name=server.name,
        host=host,
        vm_state=server.vm_state,
        resources=resources,
        excluded=excluded,
        task_state=server.task_state,
        power_state=server.power_state,
        project_id=server.project_id,
        pinned_zone=pinned_zone,
        group=group,
        extra_specs=server.extra_specs,
        nested=nested,
        elsewhere=elsewhere,
        migration=migration,
        hypervisor=server.hypervisor,
    )
