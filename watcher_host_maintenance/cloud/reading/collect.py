# SPDX-License-Identifier: Apache-2.0

"""From Watcher's compute model, Nova and Placement to a snapshot."""

import dataclasses

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher.common import exception

from watcher_host_maintenance import exceptions
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading import nodes as computes
from watcher_host_maintenance.cloud.reading import nova_state
from watcher_host_maintenance.cloud.reading import servers
from watcher_host_maintenance.cloud.reading import soft_deleted
from watcher_host_maintenance.cloud.reading import traits
from watcher_host_maintenance.cloud.reading import zones
from watcher_host_maintenance.cloud.sessions import NOVA_FAILED
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.plugin.watcher import scope


MODEL_EMPTY = declare(
    'model_empty',
    of=Of.MODEL,
    says=N_("Watcher's compute model holds no compute node"),
    helps=N_("Check the audit's scope and Nova's hypervisors."),
)


def collect(
    model: Any,
    reads: Nova,
    rooms: Placement,
    request: Request,
    audit_scope: Sequence[Mapping[str, Any]] | None,
    wait_s: float,
) -> Snapshot:
    """Read what a plan needs, each object of the model once.

    Services, groups, aggregates, migrations, and the servers on the nodes
    asked for, are as Nova has them now: the model can be an hour old, and
    holds a node without its servers when one read failed as it was built.
    Capacities, and what is used of other nodes, are the model's, until
    :mod:`.refresh` asks Placement about those that a plan chooses.

    :param model: Watcher's ModelRoot, with the audit's scope applied
    :param audit_scope: the scope that the audit has
    :param wait_s: seconds to wait at most for servers that Nova is busy with
    :raises watcher_host_maintenance.exceptions.NotPlanned: the model holds
        no compute node, or a read failed
    """
    modelled = computes.modelled(model)
    if not modelled:
        raise exceptions.NotPlanned(Finding(MODEL_EMPTY))

    def look() -> _Seen:
        return _seen(
            nova_state.read_cloud(reads), modelled, request, audit_scope
        )

    seen, held = _settled(reads, look, wait_s)
    cloud, nodes = seen.cloud, seen.nodes
    groups = soft_deleted.with_soft_deleted(
        reads, servers.groups_of(held, cloud.groups)
    )
    uuids = {n.hostname: n.uuid for n in nodes}
    holdings = servers.read_holdings(rooms, held, uuids)
    excluded = _excluded(model, held, seen.inside)
    instances = servers.instances(
        held, holdings, uuids, groups, excluded, seen.located
    )
    members = nova_state.read_members(reads, groups, held)
    return Snapshot(
        tuple(_completed(nodes, seen.asked, instances, rooms)),
        tuple(instances),
        tuple(servers.server_groups(groups, members)),
        tuple(_aggregates(cloud.aggregates, instances, request)),
    )


class _Seen(NamedTuple):
    """What one reading of Nova's lists tells.

    :ivar nodes: every compute node, with what the model has of it
    :ivar asked: hostnames of the nodes to empty, as far as they exist
    """

    cloud: nova_state.Cloud
    inside: scope.Scope
    located: zones.Zones
    nodes: Sequence[ComputeNode]
    asked: Sequence[str]


def _seen(
    cloud: nova_state.Cloud,
    modelled: Mapping[str, computes.Modelled],
    request: Request,
    audit_scope: Sequence[Mapping[str, Any]] | None,
) -> _Seen:
    inside = scope.Scope(audit_scope, cloud.aggregates)
    located = zones.Zones(cloud.aggregates)
    nodes = computes.nodes(cloud.services, modelled, inside, located)
    # Whom a plan empties is judged there, and nowhere else.
    found = targets.resolve(Snapshot(tuple(nodes)), request).nodes
    asked = [node.hostname for node in found]
    for host in asked:
        if not cloud.services[host].answers:
            # Of a cell that is down no server is told: it would seem empty.
            error = f'the cell of {host} does not answer'
            told = {'call': 'GET /os-services', 'error': error}
            raise exceptions.NotPlanned(Finding(NOVA_FAILED, facts=told))
    return _Seen(cloud, inside, located, nodes, asked)


def _settled(
    reads: Nova, look: Callable[[], _Seen], wait_s: float
) -> tuple[_Seen, nova_state.Held]:
    """Read the lists, then the servers; all of it again after a wait.

    Somebody may have marked another node meanwhile, or filled one.

    :param wait_s: seconds to wait at most, in all
    """
    while True:
        seen = look()
        held = nova_state.read_held(reads, seen.asked, wait_s)
        if not held.waited_s:
            return seen, held
        wait_s -= held.waited_s


def _excluded(
    model: Any, held: nova_state.Held, inside: scope.Scope
) -> frozenset[str]:
    """Return the UUIDs of servers that the scope excludes.

    The model's word counts, and that of the scope itself, for servers that
    the model has not met.
    """
    found = set()
    for server in (s for there in held.servers.values() for s in there):
        try:
            known = model.get_instance_by_uuid(server.uuid).watcher_exclude
        except exception.InstanceNotFound:
            known = False
        if known or inside.excludes(server):
            found.add(server.uuid)
    return frozenset(found)


def _completed(
    nodes: Iterable[ComputeNode],
    asked: Sequence[str],
    instances: Sequence[Instance],
    rooms: Placement,
) -> Iterator[ComputeNode]:
    """Add what the instances make interesting: counts and traits."""
    held = Counter(i.host for i in instances)
    counts = {hostname: held[hostname] for hostname in asked}
    having = traits.having(instances, rooms)
    found = set().union(*having.values())
    for node in nodes:
        changes: dict[str, Any] = {}
        if node.hostname in counts:
            changes['instance_count'] = counts[node.hostname]
        if node.uuid in found:
            changes['traits'] = tuple(
                t for t in sorted(having) if node.uuid in having[t]
            )
        # Most stay as they are, and a copy of every node takes its time.
        yield dataclasses.replace(node, **changes) if changes else node


def _aggregates(
    found: Iterable[Mapping[str, Any]],
    instances: Iterable[Instance],
    request: Request,
) -> list[Aggregate]:
    """Keep the metadata that some rule looks at."""
    asked = {
        key
        for i in instances
        for key in aggregates.wanted_metadata(i.extra_specs, request)
    }
    asked.update(request.migration_domain_keys)
    kept = []
    for aggregate in found:
        metadata = {
            key: value
            for key, value in aggregate['metadata'].items()
            if key in asked or key.startswith(aggregates.TENANT_KEY)
        }
        if metadata:
            hosts = tuple(sorted(aggregate['hosts']))
            kept.append(Aggregate(aggregate['name'], hosts, metadata))
    return kept
