# SPDX-License-Identifier: Apache-2.0

"""The state of the cloud that a plan is made from, in clean values.

Bug reports, scenarios, benchmarks and the demo all use snapshots. ``cloud``
creates them from Watcher's model, Nova and Placement.
"""

import collections
import dataclasses
import enum
import functools
import math
import operator

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.document import short
from watcher_host_maintenance.core.model.document import short_mapping
from watcher_host_maintenance.core.model.notice import OWNER_WORDS
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import IMAGE_SPEC_PREFIXES
from watcher_host_maintenance.core.model.nova import IMAGE_SPECS
from watcher_host_maintenance.core.model.nova import POLICIES
from watcher_host_maintenance.core.model.nova import TRAIT_PREFIX


STATUSES = ('enabled', 'disabled')
STATES = ('up', 'down')


MIGRATION_TYPES = ('evacuation', 'live-migration', 'migration', 'resize')
"""Nova's types of a move from one node to another."""


OFF, ABSENT = 'off', 'absent'
"""Why something was not read: by an option, or there is no such service."""


class Unread(enum.StrEnum):
    """What could not be read of a server, though it may matter."""

    PROPERTIES = 'properties'
    HINTS = 'hints'
    PORTS = 'ports'
    GROUP = 'group'


MOST_RATIO = 3.40282e38
"""The largest allocation ratio that Placement takes: a float of 32 bits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Inventory:
    """Inventory of one resource class of a compute node in Placement.

    :ivar total: total amount, in the unit of the resource class
    :ivar reserved: amount that instances cannot use
    :ivar allocation_ratio: overcommit ratio; 0, which Nova and Placement
        accept, means that no instance gets any
    :ivar max_unit: largest amount for one instance; None is unlimited
    :ivar min_unit: smallest amount for one instance
    :ivar step_size: the amount of an instance is a multiple of this
    """

    total: int
    reserved: int = 0
    allocation_ratio: float = 1.0
    max_unit: int | None = None
    min_unit: int = 1
    step_size: int = 1

    def __post_init__(self) -> None:
        _at_least(0, 'total', self.total)
        if not 0 <= self.reserved <= self.total:
            raise InvalidDocument(
                'reserved', f'must be 0 to total, which is {self.total}'
            )
        if not 0 <= self.allocation_ratio <= MOST_RATIO:
            raise InvalidDocument(
                'allocation_ratio', f'must be 0 to {MOST_RATIO:g}'
            )
        if self.max_unit is not None:
            _at_least(1, 'max_unit', self.max_unit)
        _at_least(1, 'min_unit', self.min_unit)
        _at_least(1, 'step_size', self.step_size)

    @property
    def capacity(self) -> float:
        """Placement's own formula: (total - reserved) * allocation_ratio."""
        return (self.total - self.reserved) * self.allocation_ratio

    @property
    def most(self) -> float:
        """The most that one instance may hold; infinite without a limit."""
        return math.inf if self.max_unit is None else self.max_unit

    def gives(self, amount: int) -> bool:
        """Return True if one instance may hold an amount, room aside."""
        return amount <= self.most and not self.is_odd(amount)

    def is_odd(self, amount: int) -> bool:
        """Tell whether one instance may not hold so little, or between."""
        return amount < self.min_unit or bool(amount % self.step_size)


@dataclasses.dataclass(frozen=True, slots=True)
class ComputeNode:
    """A compute node and its nova-compute service.

    :ivar hostname: service host, the name that an operator disables
    :ivar uuid: UUID of the node; '' if only its service is known
    :ivar status: 'enabled' or 'disabled', of the nova-compute service
    :ivar state: 'up' or 'down', of the nova-compute service
    :ivar disabled_reason: reason given when it was disabled; '' is none
    :ivar forced_down: its state is 'down' because an administrator said so,
        whatever nova-compute reports
    :ivar hypervisor_lost: nova-compute does not reach the hypervisor; looked
        at only of nodes to empty that are disabled and up and have servers,
        since Nova disables others
    :ivar in_scope: True if the node is in the scope of the audit
    :ivar hypervisor_type: type reported by Nova, such as 'QEMU'; '' is
        unknown
    :ivar hypervisor_version: version number reported by Nova; 0 is unknown
    :ivar hypervisors: Nova's names of the hypervisors of the service, often
        FQDNs; only bare metal has more than one
    :ivar zone: availability zone; '' is unknown
    :ivar traits: traits of the node that an instance requires or forbids
    :ivar covers: hostnames of the nodes to empty of which it has every trait;
        only of nodes with a server whose image could not be read
    :ivar architecture: of its CPU, as Nova names it; '' is unknown
    :ivar host_ip: its address, if a server has a hint about one; '' is
        unknown
    :ivar cpu_features: features of its CPU that some other node lacks; None
        is unknown, or looked at by no rule
    :ivar reaches: what its network agents that are alive reach: names of
        physical networks, and types of tunnels; None if it has no agent, or
        agents were not read
    :ivar dead_agents: binaries of its network agents that do not report
    :ivar instance_count: number of servers on the node, in any state
    :ivar inventory: resource class -> inventory; empty if unknown. A total of
        0, which Placement does not take, is of a class that instances hold
        though the node does not offer it
    :ivar used: resource class -> amount that all consumers hold on the node
    """

    hostname: str
    uuid: str = ''
    status: str = 'enabled'
    state: str = 'up'
    disabled_reason: str = ''
    in_scope: bool = True
    hypervisor_type: str = ''
    hypervisor_version: int = 0
    hypervisors: tuple[str, ...] = ()
    zone: str = ''
    traits: tuple[str, ...] = ()
    instance_count: int = 0
    inventory: Mapping[str, Inventory] = dataclasses.field(
        default_factory=dict
    )
    used: Mapping[str, int] = dataclasses.field(default_factory=dict)
    covers: tuple[str, ...] = short(())
    architecture: str = short('')
    host_ip: str = short('')
    cpu_features: tuple[str, ...] | None = short(None)
    reaches: tuple[str, ...] | None = short(None)
    dead_agents: tuple[str, ...] = short(())
    forced_down: bool = short(False)
    hypervisor_lost: bool = short(False)

    def __post_init__(self) -> None:
        _one_of('status', self.status, STATUSES)
        _one_of('state', self.state, STATES)
        _at_least(0, 'instance_count', self.instance_count)
        _all_at_least(0, 'used', self.used)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class PortRequest:
    """What a port asks of one provider below the node, such as bandwidth.

    :ivar resources: ``CLASS:AMOUNT``, sorted
    :ivar required: traits that the provider has, sorted
    """

    resources: tuple[str, ...]
    required: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Port:
    """A port of a server.

    :ivar network: name of its network, or its UUID if it has none
    :ivar vnic_type: Neutron's type of the port: 'normal', 'direct', ...
    :ivar segments: what a node has to reach one of: names of physical
        networks, or types of tunnels such as 'vxlan'; empty is unknown
    :ivar routed: UUIDs of segments of a routed network, in an aggregate of
        one of which Nova wants the node; empty if it does not ask for that
    :ivar requests: what its quality of service asks of providers below the
        node; of several, these are of one subtree
    """

    network: str
    vnic_type: str = 'normal'
    segments: tuple[str, ...] = ()
    routed: tuple[str, ...] = short(())
    requests: tuple[PortRequest, ...] = short(())


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class FailedMove:
    """The last move of a server to some node, which failed.

    :ivar destination: hostname that it was to go to; may be gone by now
    :ivar kind: Nova's type of the migration
    :ivar failed_at: when, as 'YYYY-MM-DDTHH:MM:SSZ'
    """

    destination: str
    kind: str
    failed_at: str

    def __post_init__(self) -> None:
        _one_of('kind', self.kind, MIGRATION_TYPES)


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """What a server holds on a provider below its node, such as a device.

    :ivar provider: UUID of the provider
    :ivar amount: how much of the resource class it holds there
    :ivar offer: what the provider offers of it; a total of 0 is nothing
    """

    provider: str
    resource_class: str
    amount: int
    offer: Inventory

    def __post_init__(self) -> None:
        _at_least(1, 'amount', self.amount)


@dataclasses.dataclass(frozen=True, slots=True)
class Instance:
    """A server on a node that was read.

    :ivar uuid: UUID of the server
    :ivar name: name of the server
    :ivar host: hostname of its compute node
    :ivar vm_state: Nova's vm_state: 'active', 'stopped', 'paused', ...
    :ivar resources: resource class -> amount that it needs on its
        destination; no zeros
    :ivar excluded: True if the scope of the audit excludes it
    :ivar task_state: Nova's task state; '' is none
    :ivar power_state: 'running', 'shutdown', ...; '' is unknown
    :ivar project_id: ID of its project
    :ivar pinned_zone: availability zone that it must stay in; None if it
        was created without a zone
    :ivar group: UUID of its server group; '' is none
    :ivar extra_specs: extra specs of its flavor
    :ivar flavor: the name of its flavor; '' is unknown
    :ivar nested: resource classes that it holds on providers below its node,
        such as a device
    :ivar elsewhere: hostname on which Nova reports it, if ``host`` is only
        the source or destination of its unfinished move; otherwise ''
    :ivar is_leftover: True if nothing of it is on ``host`` but an allocation
        in Placement, which Nova has forgotten; ``elsewhere`` is then where it
        is, or '' if it is on no host or no server at all
    :ivar left_below: UUID of the provider of that allocation, if it is not
        the node's own but one below it; otherwise ''
    :ivar migration: Nova's type of that move, or of the one that brought the
        server here and waits to be confirmed: 'resize' if its owner started
        it, 'migration' if an administrator did; '' is unknown, or none
    :ivar hypervisor: the name of its hypervisor in Nova's record of it; '' is
        unknown
    :ivar task_age_s: seconds for which nothing has happened to its task, its
        build or its unfinished move; 0 is unknown, or none
    :ivar held: resource class -> amount that it holds on the provider of its
        node, if that differs from ``resources``
    :ivar owner_words: what its owner wants in a maintenance, sorted, each of
        ``OWNER_WORDS``; anything else that an owner wrote is left out
    :ivar notice: what its metadata tell its owner of a maintenance
    :ivar image_properties: properties of its image that a rule looks at
    :ivar hints: scheduler hint that a rule looks at -> its values
    :ivar ports: its ports
    :ivar needs_traits_of: hostname of a node whose every trait it needs,
        because the traits that its image needs could not be read; '' is none
    :ivar unread: what else could not be read of it, sorted
    :ivar failed_moves: its moves off this node that failed lately, by
        destination
    :ivar claims: what it holds below its node, by provider, then class
    :ivar live_move_failed: True if it is in ERROR since a live migration off
        this node failed or was aborted
    """

    uuid: str
    name: str
    host: str
    vm_state: str
    resources: Mapping[str, int]
    excluded: bool = False
    task_state: str = ''
    power_state: str = ''
    project_id: str = ''
    pinned_zone: str | None = None
    group: str = ''
    extra_specs: Mapping[str, str] = dataclasses.field(default_factory=dict)
    nested: tuple[str, ...] = ()
    elsewhere: str = ''
    migration: str = ''
    hypervisor: str = short('')
    owner_words: tuple[str, ...] = short(())
    notice: Notice = short(Notice())
    task_age_s: int = short(0)
    held: Mapping[str, int] = short_mapping()
    image_properties: Mapping[str, str] = short_mapping()
    hints: Mapping[str, tuple[str, ...]] = short_mapping()
    ports: tuple[Port, ...] = short(())
    needs_traits_of: str = short('')
    unread: tuple[Unread, ...] = short(())
    failed_moves: tuple[FailedMove, ...] = short(())
    is_leftover: bool = short(False)
    left_below: str = short('')
    flavor: str = short('')
    live_move_failed: bool = short(False)
    claims: tuple[Claim, ...] = short(())

    def __post_init__(self) -> None:
        _all_at_least(1, 'resources', self.resources)
        _all_at_least(1, 'held', self.held)
        for word in self.owner_words:
            _one_of('owner_words', word, OWNER_WORDS)
        words = tuple(sorted(set(self.owner_words)))
        object.__setattr__(self, 'owner_words', words)

    @property
    def specs(self) -> dict[str, str]:
        """What flavor and image ask for: extra spec -> value.

        Where both say something, the flavor counts: Nova creates no server
        for which they contradict each other.
        """
        of_image = {
            name
            if name.startswith(TRAIT_PREFIX)
            else name.replace('_', ':', 1): text
            for name, text in self.image_properties.items()
            if name in IMAGE_SPECS
            or name.startswith((*IMAGE_SPEC_PREFIXES, TRAIT_PREFIX))
        }
        return of_image | dict(self.extra_specs)

    @property
    def is_here(self) -> bool:
        """It is on its host, not at an end of a move nor a leftover."""
        return not (self.elsewhere or self.is_leftover)

    @property
    def on_source(self) -> Mapping[str, int]:
        """Resource class -> amount that it holds on its node's provider."""
        return self.held or self.resources

    @property
    def memory_mb(self) -> int:
        """MEMORY_MB held, in MiB; 0 when it holds none."""
        return self.resources.get('MEMORY_MB', 0)


@dataclasses.dataclass(frozen=True, slots=True)
class ServerGroup:
    """A server group with a member on a node to drain.

    :ivar uuid: UUID of the group
    :ivar name: name of the group
    :ivar policy: 'affinity', 'anti-affinity', 'soft-affinity' or
        'soft-anti-affinity'
    :ivar max_server_per_host: largest number of members on one host, for
        anti-affinity
    :ivar members: hostname -> number of members there. A moving member of an
        anti-affinity group counts on both hosts, one of an affinity group on
        none
    """

    uuid: str
    name: str
    policy: str
    max_server_per_host: int = 1
    members: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        _one_of('policy', self.policy, POLICIES)
        _at_least(1, 'max_server_per_host', self.max_server_per_host)
        _all_at_least(1, 'members', self.members)


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregate:
    """A host aggregate with metadata that a rule needs.

    :ivar name: name of the aggregate
    :ivar hosts: hostnames
    :ivar metadata: key -> value; commas separate several values
    :ivar uuid: its UUID, which Placement knows it by; '' is unknown
    """

    name: str
    hosts: tuple[str, ...]
    metadata: Mapping[str, str] = dataclasses.field(default_factory=dict)
    uuid: str = short('')


@dataclasses.dataclass(frozen=True, slots=True)
class Departure:
    """A move that has ended, as Nova remembers it.

    :ivar instance_uuid: UUID of the server
    :ivar source: hostname that the server left; may be gone by now
    :ivar destination: hostname that it went to; may be gone by now
    :ivar kind: Nova's type of the migration
    :ivar ended_at_s: time of its end, in seconds since 1970-01-01 00:00 UTC
    """

    instance_uuid: str
    source: str
    destination: str
    kind: str
    ended_at_s: int

    def __post_init__(self) -> None:
        _one_of('kind', self.kind, MIGRATION_TYPES)
        _at_least(0, 'ended_at_s', self.ended_at_s)


@dataclasses.dataclass(frozen=True, slots=True)
class Closing:
    """What Watcher's plans have done to close and empty a node.

    Only what has succeeded counts, since the node was last in service, or
    since the audit that closed it began to tell owners.

    :ivar hostname: the node; may be gone by now
    :ivar since_s: time of the oldest of these plans, in seconds since
        1970-01-01 00:00 UTC
    :ivar spare_reason: disabled reason that the node had as a spare; '' is
        none: it was enabled
    :ivar moved: instance UUID -> hostname that it was moved to
    :ivar stopped: UUIDs of the instances that were stopped, and that were not
        started since; perhaps on another of the nodes
    :ivar woken: hostname of a spare that was enabled -> its disabled reason
        before; of such a spare itself, once what it was enabled for is over
    :ivar is_whole: False if nothing is recorded of how the maintenance began:
        it was not by a plan, or older plans are gone
    :ivar announced_by: UUIDs of the audits that told owners of it; empty if
        owners were ignored
    """

    hostname: str
    since_s: int
    spare_reason: str = ''
    moved: Mapping[str, str] = dataclasses.field(default_factory=dict)
    stopped: tuple[str, ...] = ()
    woken: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_whole: bool = short(True)
    announced_by: tuple[str, ...] = short(())

    def __post_init__(self) -> None:
        _at_least(0, 'since_s', self.since_s)


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The compute nodes, and the instances on the nodes that were read.

    :ivar nodes: all compute nodes, by hostname
    :ivar instances: servers on the nodes that were read, at least on every
        node that the request may name, by name, then UUID; all others are
        part of ``ComputeNode.used``. A moving server appears again for each
        such node that is only the source or destination of its move
    :ivar groups: server groups of the instances, by UUID
    :ivar aggregates: host aggregates, by name
    :ivar departures: servers that left a node, by time
    :ivar closings: what Watcher remembers of nodes in maintenance, by
        hostname
    :ivar hinted: UUID of a server that a scheduler hint names -> its
        hostname; only of servers that are on a host
    :ivar not_read: 'images', 'ports' or 'volumes', if servers have any and
        they were not read -> why: ``OFF``, ``ABSENT``, or words of an error
    :ivar refusals: what Placement has refused when it was asked as
        nova-scheduler will, by hostname
    """

    nodes: tuple[ComputeNode, ...]
    instances: tuple[Instance, ...] = ()
    groups: tuple[ServerGroup, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    departures: tuple[Departure, ...] = short(())
    closings: tuple[Closing, ...] = short(())
    hinted: Mapping[str, str] = short_mapping()
    not_read: Mapping[str, str] = short_mapping()
    refusals: tuple[Refusal, ...] = short(())

    def __post_init__(self) -> None:
        # The order of what was read must never reach a plan.
        for field, key in _ORDER.items():
            records = sorted(getattr(self, field), key=key)
            object.__setattr__(self, field, tuple(records))
        _unique('closings', 'hostname', [c.hostname for c in self.closings])
        _unique('groups', 'uuid', [g.uuid for g in self.groups])
        _unique('aggregates', 'name', [a.name for a in self.aggregates])
        _unique('nodes', 'hostname', [n.hostname for n in self.nodes])
        uuids = [i.uuid for i in self.instances]
        if len({*uuids}) < len(uuids):
            homes = [i.uuid for i in self.instances if i.is_here]
            _unique('instances', 'uuid', homes)
            places = [f'{i.uuid} on {i.host}' for i in self.instances]
            _unique('instances', 'uuid', places)
        self._check_references()

    def _check_references(self) -> None:
        """Raise InvalidDocument if a node or group of an instance is missing.

        All at once first: there are thousands of instances.
        """
        hosts = {i.host for i in self.instances}
        groups = {i.group for i in self.instances} - {''}
        if hosts <= self.by_hostname.keys() and (
            groups <= self.group_by_uuid.keys()
        ):
            return
        for instance in self.instances:
            problem = ''
            if instance.host not in self.by_hostname:
                problem = f'on {instance.host}, which is not among the nodes'
            elif instance.group and instance.group not in self.group_by_uuid:
                problem = f'in {instance.group}, which is not among the groups'
            if problem:
                raise InvalidDocument(
                    'instances', f'{instance.name} is {problem}'
                )

    @functools.cached_property
    def by_hostname(self) -> Mapping[str, ComputeNode]:
        """Hostname -> compute node."""
        return {n.hostname: n for n in self.nodes}

    @functools.cached_property
    def by_uuid(self) -> Mapping[str, Instance]:
        """UUID -> instance where it is, not where a part of it is."""
        return {i.uuid: i for i in self.instances if i.is_here}

    @functools.cached_property
    def group_by_uuid(self) -> Mapping[str, ServerGroup]:
        """UUID -> server group."""
        return {g.uuid: g for g in self.groups}

    @functools.cached_property
    def closing_by_hostname(self) -> Mapping[str, Closing]:
        """Hostname -> what Watcher remembers of its maintenance."""
        return {c.hostname: c for c in self.closings}

    @functools.cached_property
    def refusals_by_hostname(self) -> Mapping[str, tuple[Refusal, ...]]:
        """Hostname -> what Placement has refused there."""
        refusals: dict[str, tuple[Refusal, ...]] = {}
        for refusal in self.refusals:
            host = refusal.hostname
            refusals[host] = (*refusals.get(host, ()), refusal)
        return refusals

    @functools.cached_property
    def aggregate_metadata(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """Hostname -> key -> values, of all aggregates of that host."""
        metadata: dict[str, dict[str, frozenset[str]]] = {}
        for aggregate in self.aggregates:
            for hostname in aggregate.hosts:
                of_host = metadata.setdefault(hostname, {})
                for key, value in aggregate.metadata.items():
                    values = {v.strip() for v in value.split(',')}
                    of_host[key] = of_host.get(key, frozenset()) | values
        return metadata

    @functools.cached_property
    def hinted_on(self) -> Mapping[str, frozenset[str]]:
        """Hostname -> UUIDs of servers on it that hints name."""
        uuids: dict[str, frozenset[str]] = {}
        for uuid, host in self.hinted.items():
            uuids[host] = uuids.get(host, frozenset()) | {uuid}
        return uuids

    @functools.cached_property
    def affinity_groups(self) -> Mapping[str, frozenset[str]]:
        """Hostname -> UUIDs of the hard affinity groups with members on it."""
        uuids: dict[str, frozenset[str]] = {}
        for group in self.groups:
            if group.policy == AFFINITY:
                for host in group.members:
                    uuids[host] = uuids.get(host, frozenset()) | {group.uuid}
        return uuids

    def instances_on(self, hostname: str) -> tuple[Instance, ...]:
        """Return the instances of one node, by name, then UUID."""
        return self._by_host.get(hostname, ())

    @functools.cached_property
    def _by_host(self) -> Mapping[str, tuple[Instance, ...]]:
        listed = collections.defaultdict(list)
        for instance in self.instances:
            listed[instance.host].append(instance)
        return {host: tuple(many) for host, many in listed.items()}


_ORDER: Mapping[str, Callable[[Any], Any]] = {
    'nodes': operator.attrgetter('hostname'),
    'instances': operator.attrgetter('name', 'uuid', 'host'),
    'groups': operator.attrgetter('uuid'),
    'aggregates': operator.attrgetter('name'),
    'departures': operator.attrgetter('ended_at_s', 'instance_uuid'),
    'closings': operator.attrgetter('hostname'),
    'refusals': operator.attrgetter('hostname', 'part'),
}
"""Field of a snapshot -> what its records are sorted by."""


def load(text: str) -> Snapshot:
    """Read a snapshot from JSON.

    :raises InvalidDocument: it has not the shape of a snapshot; the message
        names the field
    """
    return document.loads(Snapshot, text)


def dump(snapshot: Snapshot, indent: int | None = 2) -> str:
    """Write a snapshot as JSON; equal snapshots give equal bytes."""
    return document.dumps(snapshot, indent)


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        wanted = ' or '.join(allowed)
        raise InvalidDocument(field, f'{value!r} is not {wanted}')


def _at_least(least: int, field: str, amount: int) -> None:
    if amount < least:
        raise InvalidDocument(field, f'must be at least {least}, not {amount}')


def _all_at_least(least: int, field: str, amounts: Mapping[str, int]) -> None:
    for key, amount in amounts.items():
        if amount < least:
            _at_least(least, f'{field}.{key}', amount)


def _unique(where: str, field: str, keys: list[str]) -> None:
    if len({*keys}) < len(keys):
        counts = collections.Counter(keys)
        twice = [key for key, n in counts.items() if n > 1]
        raise InvalidDocument(
            where, f'{field} {min(twice)!r} appears more than once'
        )
