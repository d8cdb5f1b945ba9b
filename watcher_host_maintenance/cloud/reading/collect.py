# SPDX-License-Identifier: Apache-2.0

"""From Nova, Placement and estimates to a snapshot."""

import dataclasses
import time

from collections import Counter
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud import records
from watcher_host_maintenance.cloud.deadlines import TOO_LATE
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.neutron import Agent
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import NOTHING
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading import departures
from watcher_host_maintenance.cloud.reading import details
from watcher_host_maintenance.cloud.reading import groups
from watcher_host_maintenance.cloud.reading import nodes
from watcher_host_maintenance.cloud.reading import servers
from watcher_host_maintenance.cloud.reading import traits
from watcher_host_maintenance.cloud.reading.departures import History
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.cloud.reading.lost import without_hypervisor
from watcher_host_maintenance.cloud.reading.scope import Scope
from watcher_host_maintenance.cloud.reading.servers import Held
from watcher_host_maintenance.cloud.reading.zones import KEY
from watcher_host_maintenance.cloud.reading.zones import Zones
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.nova import ARCHITECTURE
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import hints
from watcher_host_maintenance.core.rules import returns
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules.hints import NEAR
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING


POLL_S = 2
"""Seconds between two looks at servers that Nova is busy with."""


def collect(
    nova: Nova,
    placement: Placement,
    request: Request,
    estimates: Mapping[str, Estimate],
    scope: Scope,
    settings: Settings = DEFAULT,
    history: History = departures.no_history,
    services: OptionalServices = NOTHING,
) -> Snapshot:
    """Read what a plan needs.

    Services, groups, aggregates, migrations, and the servers on the nodes
    to empty, are as Nova has them now. Capacities, and what is used of other
    nodes, are estimates, until :mod:`.refresh` asks Placement about those
    that a plan chooses.

    For a return the servers are those on its nodes, on the spares that were
    enabled for them, and those that left, wherever they are now.

    :param estimates: hostname -> estimate; may lack nodes
    :param services: what else is read; by default nothing
    :param history: asked about the nodes of a return
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """

    def read() -> Lists:
        return _read_lists(nova, request, estimates, scope, history)

    lists, held = _settled(nova, read, settings.transient_wait_s)
    past = departures.read_past(nova, lists.closings)
    held = _with_servers(held, past.servers, lists)
    uuid_of = {n.hostname: n.uuid for n in lists.nodes}
    lost: frozenset[str] = frozenset()
    if not isinstance(request, ReturnRequest):
        emptied = {host: uuid_of[host] for host in lists.sources}
        held = servers.with_leftovers(held, nova, placement, emptied)
        sources = [n for n in lists.nodes if n.hostname in emptied]
        lost = without_hypervisor(nova, sources, held.servers)
    uuids = {s.uuid for s in held.servers}
    of_servers = groups.with_soft_deleted(
        nova, [g for g in lists.groups if not uuids.isdisjoint(g.members)]
    )
    instances = servers.instances(
        placement,
        held,
        uuid_of,
        of_servers,
        scope.excluded(held.present),
        lists.zones,
        request.owner_tags,
    )
    read_details = details.read_details(nova, held.servers, request, services)
    instances = list(read_details.added_to(instances))
    return Snapshot(
        tuple(
            _completed(
                lists,
                instances,
                placement,
                request,
                read_details.agents,
                lost,
            )
        ),
        tuple(instances),
        tuple(groups.server_groups(nova, of_servers, held)),
        tuple(_aggregates(lists.aggregates, instances, request)),
        past.departures,
        tuple(departures.without_started(nova, lists.closings)),
        read_details.hinted,
        read_details.not_read,
    )


def add_servers(
    snapshot: Snapshot,
    hostnames: Iterable[str],
    nova: Nova,
    placement: Placement,
    request: Request,
    scope: Scope,
    optional: OptionalServices = NOTHING,
) -> Snapshot:
    """Read the servers of more nodes, with all that a rule may look at.

    Capacities stay as they are. Nodes whose cell does not answer are left
    out: nothing moves off them. So are servers that hints of the others name:
    they stay where they are.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    services, listed, all_groups = parallel.together(
        nova.services, nova.aggregates, nova.groups
    )
    hosts = [
        h for h in sorted(hostnames) if h in services and services[h].answers
    ]
    all_held = servers.read_held(nova, hosts)
    held = _new_on(hosts, all_held, snapshot)
    uuids = {s.uuid for s in held.servers}
    of_servers = groups.with_soft_deleted(
        nova, [g for g in all_groups if not uuids.isdisjoint(g.members)]
    )
    new = servers.instances(
        placement,
        held,
        {n.hostname: n.uuid for n in snapshot.nodes},
        of_servers,
        scope.excluded(held.present),
        Zones(listed),
        request.owner_tags,
    )
    read_details = details.read_details(nova, held.servers, request, optional)
    new = list(read_details.added_to(new))
    instances = [*snapshot.instances, *new]
    new_groups = [
        g for g in of_servers if g.uuid not in snapshot.group_by_uuid
    ]
    counts = Counter(s.host for s in all_held.servers)
    counts.update(host for host, _server in all_held.passing)
    having = traits.having(new, placement, request)
    of_details = _OfDetails.of(
        new,
        snapshot.nodes,
        _hypervisors(services),
        placement,
        read_details.agents,
        {},
    )
    shown = traits.of_sources(snapshot.nodes, {i.host for i in new}, placement)
    return dataclasses.replace(
        snapshot,
        nodes=tuple(
            dataclasses.replace(
                node,
                instance_count=counts[node.hostname]
                if node.hostname in hosts
                else node.instance_count,
                traits=tuple(
                    sorted(
                        {*node.traits}.union(
                            (t for t in having if node.uuid in having[t]),
                            shown.get(node.hostname, ()),
                        )
                    )
                ),
                **of_details.changes(node),
            )
            for node in snapshot.nodes
        ),
        instances=tuple(instances),
        groups=(
            *snapshot.groups,
            *groups.server_groups(nova, new_groups, held),
        ),
        aggregates=tuple(_aggregates(listed, instances, request)),
        hinted={**snapshot.hinted, **read_details.hinted},
        not_read={**snapshot.not_read, **read_details.not_read},
    )


def _new_on(hosts: Sequence[str], held: Held, snapshot: Snapshot) -> Held:
    """Leave out what a snapshot has, or names, and what has moved on."""
    known = {i.uuid for i in snapshot.instances}
    known |= hints.named(snapshot.instances)
    return held._replace(
        servers=[
            s for s in held.servers if s.host in hosts and s.uuid not in known
        ],
        passing=[
            (host, server)
            for host, server in held.passing
            if server.uuid not in known
        ],
    )


class Lists(NamedTuple):
    """One reading of Nova's lists.

    :ivar nodes: every compute node, with its estimate
    :ivar sources: hostnames of the nodes whose servers are read, of those
        that exist
    :ivar hypervisors: hostname -> hypervisor, of which only bare metal has
        more than this one
    :ivar closings: what Watcher has recorded of the nodes that return
    """

    aggregates: Sequence[records.Aggregate]
    groups: Sequence[records.Group]
    zones: Zones
    nodes: Sequence[ComputeNode]
    sources: Sequence[str]
    hypervisors: Mapping[str, records.Hypervisor]
    closings: Sequence[Closing] = ()


def _read_lists(
    nova: Nova,
    request: Request,
    estimates: Mapping[str, Estimate],
    scope: Scope,
    history: History,
) -> Lists:
    services, listed, server_groups = parallel.together(
        nova.services, nova.aggregates, nova.groups
    )
    zones = Zones(listed)
    in_scope = scope.nodes(services.values(), listed)
    computes = nodes.nodes(services, estimates, in_scope, zones)
    # Which nodes a plan empties is judged there, and nowhere else.
    known = Snapshot(tuple(computes))
    closings: Sequence[Closing] = ()
    if isinstance(request, ReturnRequest):
        sources = [n.hostname for n in returns.resolve(known, request).nodes]
        closings = history(sources)
        woken = {host for c in closings for host in c.woken}
        sources += sorted(woken.intersection(services) - {*sources})
    else:
        sources = [n.hostname for n in targets.resolve(known, request).nodes]
    for host in sources:
        # Nova lists no server of a cell that is down: the node would seem
        # empty.
        nova.demand_answer(services[host])
    return Lists(
        listed,
        server_groups,
        zones,
        computes,
        sources,
        _hypervisors(services),
        closings,
    )


def _hypervisors(
    services: Mapping[str, records.Service],
) -> dict[str, records.Hypervisor]:
    """Return hostname -> the first hypervisor of each that has one."""
    return {
        host: next(iter(service.hypervisors.values()))
        for host, service in services.items()
        if service.hypervisors
    }


def _settled(
    nova: Nova, read: Callable[[], Lists], wait_s: float
) -> tuple[Lists, Held]:
    """Read the lists, then the servers; all of it again after a wait.

    An operator may have marked another node meanwhile, or Nova filled one.

    :param wait_s: seconds to wait at most, in all, for what Nova is about to
        end; then all is read once more and returned as it is
    """
    wait = Deadline(wait_s)
    while True:
        lists = read()
        held = servers.read_held(nova, lists.sources)
        if held.is_settled or not wait.left_s:
            return lists, held
        while not held.is_settled and wait.left_s:
            time.sleep(min(POLL_S, wait.left_s))
            held = _read_in_time(nova, lists.sources, wait.left_s) or held


def _read_in_time(
    nova: Nova, hosts: Sequence[str], limit_s: float
) -> Held | None:
    """Read what is on some hosts; None if that takes longer than it may."""
    try:
        with nova.deadline.within(limit_s):
            return servers.read_held(nova, hosts)
    except NotPlanned as exc:
        if exc.finding.reason in TOO_LATE and nova.deadline.left_s:
            return None
        raise


def _with_servers(
    held: Held, servers: Iterable[records.Server], lists: Lists
) -> Held:
    """Add servers on other nodes, of which no other server is read."""
    known = {s.uuid for s in held.servers}
    hosts = {n.hostname for n in lists.nodes}
    others = (
        s
        for s in servers
        if s.uuid not in known
        and s.host in hosts
        and s.vm_state not in HOLDS_NOTHING
    )
    return held._replace(servers=[*held.servers, *others])


def _completed(
    lists: Lists,
    instances: Sequence[Instance],
    placement: Placement,
    request: Request,
    agents: Mapping[str, Collection[Agent]],
    lost: Collection[str],
) -> Iterator[ComputeNode]:
    """Add what the instances make interesting, such as counts and traits.

    :param lost: hostnames of nodes whose hypervisors do not answer
    """
    held = Counter(i.host for i in instances if not i.is_leftover)
    having = traits.having(instances, placement, request)
    of_details = _OfDetails.of(
        instances,
        lists.nodes,
        lists.hypervisors,
        placement,
        agents,
        _features(lists.hypervisors, request),
    )
    shown = traits.of_sources(lists.nodes, held, placement)
    for node in lists.nodes:
        changes = of_details.changes(node)
        if node.hostname in lists.sources:
            changes['instance_count'] = held[node.hostname]
        if node.hostname in lost:
            changes['hypervisor_lost'] = True
        of_node = {t for t in having if node.uuid in having[t]}
        of_node |= shown.get(node.hostname, frozenset())
        if of_node:
            changes['traits'] = tuple(sorted(of_node))
        # Most stay as they are, and a copy of every node takes its time.
        yield dataclasses.replace(node, **changes) if changes else node


class _OfDetails(NamedTuple):
    """What rules about images and hints look at of nodes.

    :ivar hypervisors: hostname -> hypervisor
    :ivar fields: fields of hypervisors that are looked at
    :ivar covering: hostname of a node -> UUIDs of those with all its traits
    :ivar agents: hostname -> network agents; empty if they are not looked at
    :ivar features: hostname -> features of its CPU that some node lacks
    """

    hypervisors: Mapping[str, records.Hypervisor]
    fields: Sequence[str]
    covering: Mapping[str, frozenset[str]]
    agents: Mapping[str, Collection[Agent]]
    features: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls,
        instances: Sequence[Instance],
        nodes: Iterable[ComputeNode],
        hypervisors: Mapping[str, records.Hypervisor],
        placement: Placement,
        agents: Mapping[str, Collection[Agent]],
        features: Mapping[str, tuple[str, ...]],
    ) -> '_OfDetails':
        """Read which nodes have all traits of another, if that matters."""
        uuid_of = {n.hostname: n.uuid for n in nodes}
        hosts = sorted({i.needs_traits_of for i in instances} - {''})
        covering = {h: placement.with_traits_of(uuid_of[h]) for h in hosts}
        fields = _wanted_of_hypervisors(instances)
        return cls(hypervisors, fields, covering, agents, features)

    def changes(self, node: ComputeNode) -> dict[str, Any]:
        """Return the fields of a node that this adds to."""
        covering = self.covering
        covers = [h for h in covering if node.uuid in covering[h]]
        changes: dict[str, Any] = {}
        if covers:
            changes['covers'] = tuple(sorted({*node.covers, *covers}))
        hypervisor = self.hypervisors.get(node.hostname)
        for field in self.fields:
            changes[field] = getattr(hypervisor, field, '')
        if node.hostname in self.features:
            changes['cpu_features'] = self.features[node.hostname]
        agents = self.agents.get(node.hostname, ())
        alive = [agent.reaches for agent in agents if agent.alive]
        if alive:
            changes['reaches'] = tuple(sorted(frozenset().union(*alive)))
        dead = sorted({agent.binary for agent in agents if not agent.alive})
        if dead:
            changes['dead_agents'] = tuple(dead)
        return changes


def _features(
    hypervisors: Mapping[str, records.Hypervisor], request: Request
) -> dict[str, tuple[str, ...]]:
    """Return hostname -> features of its CPU that some other node lacks.

    :returns: empty if nobody asks, or if all CPUs have the same
    """
    known = {
        host: frozenset(hypervisor.features)
        for host, hypervisor in hypervisors.items()
        if hypervisor.features is not None
    }
    # No server moves to a hypervisor of another type.
    types = {hypervisors[host].kind for host in known}
    alike = [h for h in hypervisors.values() if h.kind in types]
    is_same = len(set(known.values())) < 2 and len(known) == len(alike)
    if request.cpu_check is CpuCheck.OFF or not known or is_same:
        return {}
    common = frozenset.intersection(*known.values())
    if len(known) < len(alike):
        # Of a node that tells none, none is known to be common.
        common = frozenset()
    return {host: tuple(sorted(f - common)) for host, f in known.items()}


def _wanted_of_hypervisors(instances: Iterable[Instance]) -> list[str]:
    """Return the fields of hypervisors that some rule looks at."""
    hints = {hint for i in instances for hint in i.hints}
    properties = {name for i in instances for name in i.image_properties}
    wanted = {
        'host_ip': NEAR in hints,
        'architecture': ARCHITECTURE in properties,
    }
    return [field for field, is_wanted in wanted.items() if is_wanted]


def _aggregates(
    listed: Iterable[records.Aggregate],
    instances: Sequence[Instance],
    request: Request,
) -> Iterator[Aggregate]:
    """Yield the aggregates with the metadata that some rule looks at."""
    keys = {
        key
        for i in instances
        for key in aggregates.wanted_metadata(i.extra_specs, request)
    }
    keys.update(request.migration_domain_keys)
    if request.type_affinity:
        keys.add(aggregates.FLAVOR_KEY)
    if any(i.pinned_zone for i in instances):
        keys.add(KEY)
    isolates = aggregates.ISOLATION in request.scheduler_prefilters
    for aggregate in listed:
        metadata = {
            key: value
            for key, value in aggregate.metadata.items()
            if key in keys
            or key.startswith(aggregates.TENANT_KEY)
            or (isolates and aggregates.is_isolating(key))
        }
        if metadata:
            hosts = tuple(sorted(aggregate.hosts))
            yield Aggregate(aggregate.name, hosts, metadata, aggregate.uuid)
