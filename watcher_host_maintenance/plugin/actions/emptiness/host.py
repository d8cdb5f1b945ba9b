# SPDX-License-Identifier: Apache-2.0

"""What Nova and Placement have of one compute node, now."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from keystoneauth1 import adapter as adapters

from watcher_host_maintenance import exceptions
from watcher_host_maintenance.cloud import sessions
from watcher_host_maintenance.cloud.nova import HYPERVISORS_VERSION
from watcher_host_maintenance.cloud.nova import IN_PROGRESS
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import MIGRATION_TYPES
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.actions import session


UNCONFIRMED = 'finished'
"""Status of a cold migration or resize that waits to be confirmed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Migration:
    """A move that has not ended, of which the node is one end.

    :ivar uuid: the consumer in Placement that holds what it left; '' before
        microversion 2.59
    :ivar name: of the server
    :ivar kind: 'live-migration', 'migration' or 'resize'
    :ivar destination: the service host; '' is not chosen yet
    """

    uuid: str
    instance_uuid: str
    name: str
    kind: str
    status: str
    source: str
    destination: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """All there is of a node.

    :ivar status: 'enabled' or 'disabled', of the nova-compute service; ''
        when there is no such service
    :ivar servers: on the node, soft-deleted ones among them, by name
    :ivar on_hypervisor: UUID -> name of the servers that the hypervisor's
        record lists
    :ivar migrations: by the UUID of the instance
    :ivar consumers: UUIDs of all that hold something of the node's resource
        provider, or of one below it
    :ivar unseen: why the consumers are not known; None when they are
    """

    hostname: str
    status: str
    servers: tuple[Server, ...] = ()
    on_hypervisor: Mapping[str, str] = dataclasses.field(default_factory=dict)
    migrations: tuple[Migration, ...] = ()
    consumers: frozenset[str] = frozenset()
    unseen: exceptions.NotPlanned | None = None


def look(hostname: str, provider: str, asked: session.Cloud) -> Sight:
    """Read all that can be on a node.

    :param hostname: the service host
    :param provider: UUID of its hypervisor and resource provider
    :param asked: Nova and Placement
    :raises watcher_host_maintenance.exceptions.NotPlanned: Nova did not
        answer; that Placement did not is told in what is returned
    """
    client = asked.client()
    # Allocations first: what moves away meanwhile is then seen in them.
    consumers, unseen = _held(provider, asked)
    with asked.anew():
        servers = asked.reads.servers(hostname)
        return Sight(
            hostname=hostname,
            status=_status(client, hostname),
            servers=tuple(sorted(servers, key=lambda s: (s.name, s.uuid))),
            on_hypervisor=_on_hypervisor(
                asked.client(HYPERVISORS_VERSION), provider
            ),
            migrations=tuple(
                sorted(
                    _migrations(client, asked.reads, hostname),
                    key=lambda m: (m.instance_uuid, m.uuid),
                )
            ),
            consumers=consumers,
            unseen=unseen,
        )


def _held(
    provider: str, asked: session.Cloud
) -> tuple[frozenset[str], exceptions.NotPlanned | None]:
    """Return who holds something, or why nobody knows."""
    try:
        with asked.anew():
            found = _consumers(asked.placement(), provider)
            return frozenset(found), None
    except exceptions.NotPlanned as exc:
        return frozenset(), exc


def _status(client: Any, hostname: str) -> str:
    with sessions.calling(sessions.NOVA, f'GET /os-services?host={hostname}'):
        found = client.services.list(
            host=hostname, binary=names.COMPUTE_SERVICE
        )
        return next((s.status for s in found if s.host == hostname), '')


def _on_hypervisor(client: Any, uuid: str) -> dict[str, str]:
    path = f'/os-hypervisors/{uuid}?with_servers=True'
    with sessions.calling(sessions.NOVA, f'GET {path}'):
        _answer, body = client.client.get(path)
        listed = body['hypervisor'].get('servers') or []
        return {s['uuid']: s['name'] for s in listed}


def _migrations(
    client: Any, reads: Nova, hostname: str
) -> Iterator[Migration]:
    """List those that have not ended; evacuations are no moves.

    A record can outlive its migration: then Nova is not at the server. What
    it still holds is seen in Placement.
    """
    for status in IN_PROGRESS:
        call = f'GET /os-migrations?host={hostname}&status={status}'
        with sessions.calling(sessions.NOVA, call):
            found = client.migrations.list(host=hostname, status=status)
        for one in found:
            if one.migration_type in MIGRATION_TYPES:
                server = reads.server(one.instance_uuid)
                if server is not None and server.is_moving:
                    yield _migration(one, server)


def _migration(found: Any, server: Server) -> Migration:
    return Migration(
        uuid=getattr(found, 'uuid', ''),
        instance_uuid=server.uuid,
        name=server.name,
        kind=found.migration_type,
        status=found.status,
        source=found.source_compute or '',
        destination=found.dest_compute or '',
    )


def _consumers(adapter: adapters.Adapter, provider: str) -> Iterator[str]:
    tree = _get(adapter, f'/resource_providers?in_tree={provider}')
    for one in tree['resource_providers']:
        path = f'/resource_providers/{one["uuid"]}/allocations'
        yield from _get(adapter, path)['allocations']


def _get(adapter: adapters.Adapter, path: str) -> Any:
    with sessions.calling(sessions.PLACEMENT, f'GET {path}'):
        return adapter.get(path).json()
