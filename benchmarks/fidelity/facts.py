# SPDX-License-Identifier: Apache-2.0

"""What Nova and Placement say, read from them and from nobody else."""

import dataclasses
import math

from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import ports
from minicloud import cloud
from minicloud import migrations


@dataclasses.dataclass(frozen=True)
class Host:
    """A compute host and its provider in Placement.

    :ivar capacity: resource class -> (total - reserved) * allocation_ratio
    :ivar metadata: key -> values, of all its aggregates
    :ivar zones: those of whose aggregates Placement has it in one
    :ivar address: of the host
    :ivar consumers: whoever holds something there, servers or not
    :ivar networks: those of which Neutron binds ports there
    """

    name: str
    status: str
    state: str
    reason: str
    zone: str
    hypervisor: tuple[str, int]
    capacity: Mapping[str, float]
    used: Mapping[str, int]
    max_unit: Mapping[str, int]
    traits: frozenset[str]
    metadata: Mapping[str, frozenset[str]]
    consumers: frozenset[str]
    zones: frozenset[str] = frozenset()
    address: str = ''
    networks: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Server:
    """A server, wherever it is.

    :ivar wants: resource class -> amount that Nova asks Placement for
    :ivar extra_specs: of its flavor, with traits of its image
    :ivar hints: scheduler hint -> names of servers, or its text
    :ivar flavor: the name of its flavor
    :ivar networks: those that it has ports on
    """

    id: str
    name: str
    host: str | None
    status: str
    busy: bool
    project: str
    pinned_zone: str | None
    wants: Mapping[str, int]
    extra_specs: Mapping[str, str]
    hints: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    flavor: str = ''
    networks: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Group:
    """A server group; the members are UUIDs."""

    policy: str
    limit: int
    members: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Move:
    """A migration that has not ended, or was not confirmed.

    :ivar hosts: both ends
    :ivar left: the host that an administrator has moved it off, if nothing
        but a confirmation is missing; a resize is its owner's to confirm
    """

    server: str
    hosts: frozenset[str]
    left: str = ''


@dataclasses.dataclass(frozen=True)
class Facts:
    """All of it, at one time.

    :ivar failed: server and host, of each failed move off where it still is
    """

    hosts: Mapping[str, Host]
    servers: tuple[Server, ...]
    groups: tuple[Group, ...]
    moves: tuple[Move, ...]
    failed: frozenset[tuple[str, str]] = frozenset()


def read(lab: cloud.Cloud) -> Facts:
    """Read everything there is."""
    nova = lab.nova
    services = {
        one.host: one for one in nova.services.list(binary='nova-compute')
    }
    aggregates = nova.aggregates.list()
    reached = ports.reached(lab)
    hosts = [
        _host(
            lab,
            hypervisor,
            services[hypervisor.service['host']],
            aggregates,
            reached[hypervisor.service['host']],
        )
        for hypervisor in nova.hypervisors.list()
    ]
    everyone = {'all_tenants': True}
    servers = nova.servers.list(search_opts=everyone, limit=-1)
    servers += [
        one
        for one in nova.servers.list(
            search_opts={**everyone, 'deleted': True}, limit=-1
        )
        if one.status == 'SOFT_DELETED'
    ]
    moves = nova.migrations.list()
    wanted = ports.wanted(lab)
    homes = {one.id: getattr(one, 'OS-EXT-SRV-ATTR:host') for one in servers}
    return Facts(
        hosts={host.name: host for host in hosts},
        servers=tuple(
            _server(lab, one, wanted[one.id])
            for one in sorted(servers, key=lambda s: s.name)
        ),
        groups=tuple(map(_group, nova.server_groups.list(all_projects=True))),
        moves=tuple(
            _move(one) for one in moves if one.status not in migrations.ENDED
        ),
        failed=frozenset(
            (one.instance_uuid, one.dest_compute)
            for one in moves
            if one.status in ('error', 'failed')
            and homes.get(one.instance_uuid) == one.source_compute
        ),
    )


def _host(
    lab: cloud.Cloud,
    hypervisor: Any,
    service: Any,
    aggregates: list[Any],
    networks: frozenset[str],
) -> Host:
    def provider(what: str) -> Any:
        return lab.placement.get(
            f'/resource_providers/{hypervisor.id}/{what}'
        ).json()[what]

    inventories = provider('inventories')
    of_placement = provider('aggregates')
    return Host(
        name=service.host,
        status=service.status,
        state=service.state,
        reason=service.disabled_reason or '',
        zone=service.zone,
        hypervisor=(hypervisor.hypervisor_type, hypervisor.hypervisor_version),
        capacity={
            name: (one['total'] - one['reserved']) * one['allocation_ratio']
            for name, one in inventories.items()
        },
        used=provider('usages'),
        max_unit={name: one['max_unit'] for name, one in inventories.items()},
        traits=frozenset(provider('traits')),
        metadata=_metadata(service.host, aggregates),
        consumers=frozenset(provider('allocations')),
        zones=frozenset(
            one.availability_zone
            for one in aggregates
            if one.uuid in of_placement and one.availability_zone
        ),
        address=hypervisor.host_ip,
        networks=networks,
    )


def _metadata(host: str, aggregates: list[Any]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for aggregate in aggregates:
        if host in aggregate.hosts:
            for key, text in aggregate.metadata.items():
                values = frozenset(one.strip() for one in text.split(','))
                found[key] = found.get(key, frozenset()) | values
    return found


def _server(lab: cloud.Cloud, server: Any, networks: frozenset[str]) -> Server:
    flavor = server.flavor
    wanted = lab.description.servers.get(server.name, {})
    disk = flavor['ephemeral'] + math.ceil(flavor['swap'] / 1024)
    # A server that boots from a volume has no image, and no root disk.
    if server.image:
        disk += flavor['disk']
    wants = {
        'VCPU': flavor['vcpus'],
        'MEMORY_MB': flavor['ram'],
        'DISK_GB': disk,
    }
    return Server(
        id=server.id,
        name=server.name,
        status=server.status,
        host=getattr(server, 'OS-EXT-SRV-ATTR:host'),
        busy=bool(getattr(server, 'OS-EXT-STS:task_state')),
        project=server.tenant_id,
        pinned_zone=server.pinned_availability_zone,
        wants={name: amount for name, amount in wants.items() if amount},
        extra_specs={**flavor['extra_specs'], **_of_image(wanted, lab)},
        hints=wanted.get('hints', {}),
        flavor=flavor['original_name'],
        networks=networks,
    )


def _of_image(wanted: Mapping[str, Any], lab: cloud.Cloud) -> dict[str, str]:
    """What the image of a server asks for, as extra specs do."""
    if 'image' not in wanted:
        return {}
    properties = lab.description.images[wanted['image']]['properties']
    if properties.get('os_secure_boot') == 'required':
        return {'trait:COMPUTE_SECURITY_UEFI_SECURE_BOOT': 'required'}
    if 'disk_format' in properties:
        # Nova does not ask for that of a server that boots from a volume.
        kind = properties['disk_format'].upper()
        if wanted.get('boot_from_volume'):
            return {}
        return {f'trait:COMPUTE_IMAGE_TYPE_{kind}': 'required'}
    return dict(properties)


def _move(migration: Any) -> Move:
    waits = (migration.migration_type, migration.status) == (
        'migration',
        'finished',
    )
    return Move(
        server=migration.instance_uuid,
        hosts=frozenset((migration.source_compute, migration.dest_compute)),
        left=migration.source_compute if waits else '',
    )


def _group(group: Any) -> Group:
    return Group(
        policy=group.policy,
        members=frozenset(group.members),
        limit=(group.rules or {}).get('max_server_per_host', 1),
    )
