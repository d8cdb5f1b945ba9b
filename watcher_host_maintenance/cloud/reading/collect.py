# SPDX-License-Identifier: Apache-2.0

"""From Nova, Placement and estimates to a snapshot."""

import dataclasses

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud.errors import NOVA_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading import nodes as computes
from watcher_host_maintenance.cloud.reading import nova_state
from watcher_host_maintenance.cloud.reading import servers
from watcher_host_maintenance.cloud.reading import soft_deleted
from watcher_host_maintenance.cloud.reading import traits
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.cloud.reading.scope import Scope
from watcher_host_maintenance.cloud.reading.zones import Zones
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import targets


def collect(
    nova: Nova,
    placement: Placement,
    request: Request,
    estimates: Mapping[str, Estimate],
    scope: Scope,
    settings: Settings = DEFAULT,
) -> Snapshot:
    """Read what a plan needs.

    Services, groups, aggregates, migrations, and the servers on the nodes
    to empty, are as Nova has them now. Capacities, and what is used of other
    nodes, are estimates, until :mod:`.refresh` asks Placement about those
    that a plan chooses.

    :param estimates: hostname -> estimate; may lack nodes
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """

    def read() -> _Reading:
        cloud = nova_state.read_cloud(nova)
        return _reading(cloud, request, estimates, scope)

    reading, held = _settled(nova, read, settings.transient_wait_s)
    cloud, nodes = reading.cloud, reading.nodes
    groups = soft_deleted.with_soft_deleted(
        nova, servers.groups_of(held, cloud.groups)
    )
    uuids = {n.hostname: n.uuid for n in nodes}
    holdings = servers.read_holdings(placement, held, uuids)
    excluded = scope.excluded(held.leaving)
    instances = servers.instances(
        held, holdings, uuids, groups, excluded, reading.zones
    )
    members = nova_state.read_members(nova, groups, held)
    return Snapshot(
        tuple(_completed(nodes, reading.sources, instances, placement)),
        tuple(instances),
        tuple(servers.server_groups(groups, members)),
        tuple(_aggregates(cloud.aggregates, instances, request)),
    )


class _Reading(NamedTuple):
    """One reading of Nova's lists.

    :ivar nodes: every compute node, with its estimate
    :ivar sources: hostnames of the nodes to empty that exist
    """

    cloud: nova_state.Cloud
    zones: Zones
    nodes: Sequence[ComputeNode]
    sources: Sequence[str]


def _reading(
    cloud: nova_state.Cloud,
    request: Request,
    estimates: Mapping[str, Estimate],
    scope: Scope,
) -> _Reading:
    zones = Zones(cloud.aggregates)
    in_scope = scope.nodes(cloud.services.values(), cloud.aggregates)
    nodes = computes.nodes(cloud.services, estimates, in_scope, zones)
    # Which nodes a plan empties is judged there, and nowhere else.
    resolved = targets.resolve(Snapshot(tuple(nodes)), request)
    sources = [node.hostname for node in resolved.nodes]
    for host in sources:
        if not cloud.services[host].answers:
            # Nova lists no server of a cell that is down: the node would
            # seem empty.
            error = f'the cell of {host} does not answer'
            facts = {'call': 'GET /os-services', 'error': error}
            raise NotPlanned(Finding(NOVA_FAILED, facts=facts))
    return _Reading(cloud, zones, nodes, sources)


def _settled(
    nova: Nova, read: Callable[[], _Reading], wait_s: float
) -> tuple[_Reading, nova_state.Held]:
    """Read the lists, then the servers; all of it again after a wait.

    An operator may have marked another node meanwhile, or Nova filled one.

    :param wait_s: seconds to wait at most, in all
    """
    while True:
        reading = read()
        held = nova_state.read_held(nova, reading.sources, wait_s)
        if not held.waited_s:
            return reading, held
        wait_s -= held.waited_s


def _completed(
    nodes: Iterable[ComputeNode],
    sources: Sequence[str],
    instances: Sequence[Instance],
    placement: Placement,
) -> Iterator[ComputeNode]:
    """Add what the instances make interesting: counts and traits."""
    held = Counter(i.host for i in instances)
    counts = {hostname: held[hostname] for hostname in sources}
    having = traits.having(instances, placement)
    bearers = set().union(*having.values())
    for node in nodes:
        changes: dict[str, Any] = {}
        if node.hostname in counts:
            changes['instance_count'] = counts[node.hostname]
        if node.uuid in bearers:
            changes['traits'] = tuple(
                t for t in sorted(having) if node.uuid in having[t]
            )
        # Most stay as they are, and a copy of every node takes its time.
        yield dataclasses.replace(node, **changes) if changes else node


def _aggregates(
    listed: Iterable[Mapping[str, Any]],
    instances: Iterable[Instance],
    request: Request,
) -> list[Aggregate]:
    """Return the aggregates with the metadata that some rule looks at."""
    keys = {
        key
        for i in instances
        for key in aggregates.wanted_metadata(i.extra_specs, request)
    }
    keys.update(request.migration_domain_keys)
    kept = []
    for aggregate in listed:
        metadata = {
            key: value
            for key, value in aggregate['metadata'].items()
            if key in keys or key.startswith(aggregates.TENANT_KEY)
        }
        if metadata:
            hosts = tuple(sorted(aggregate['hosts']))
            kept.append(Aggregate(aggregate['name'], hosts, metadata))
    return kept
