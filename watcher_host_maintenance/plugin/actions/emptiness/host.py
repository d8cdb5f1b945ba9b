# SPDX-License-Identifier: Apache-2.0

"""What Nova and Placement have of one compute node, now."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import calling
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
    unseen: NotPlanned | None = None


def look(hostname: str, provider: str, asked: session.Cloud) -> Sight:
    """Read all that can be on a node.

    :param hostname: the service host
    :param provider: UUID of its hypervisor and resource provider
    :param asked: Nova and Placement
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova did not
        answer; that Placement did not is told in what is returned
    """
    # Allocations first: what moves away meanwhile is then seen in them.
    consumers, unseen = _held(provider, asked)
    with asked.anew():
        nova = asked.nova
        servers = nova.servers(hostname)
        return Sight(
            hostname=hostname,
            status=_status(nova.client, hostname),
            servers=tuple(sorted(servers, key=lambda s: (s.name, s.uuid))),
            on_hypervisor=nova.hypervisor_servers(provider),
            migrations=tuple(
                sorted(
                    _migrations(nova, hostname),
                    key=lambda m: (m.instance_uuid, m.uuid),
                )
            ),
            consumers=consumers,
            unseen=unseen,
        )


def _held(
    provider: str, asked: session.Cloud
) -> tuple[frozenset[str], NotPlanned | None]:
    """Return who holds something, or why nobody knows."""
    try:
        with asked.anew():
            return asked.placement.consumers(provider), None
    except NotPlanned as exc:
        return frozenset(), exc


def _status(client: Any, hostname: str) -> str:
    with calling(NOVA, f'GET /os-services?host={hostname}'):
        found = client.services.list(
            host=hostname, binary=names.COMPUTE_SERVICE
        )
        return next((s.status for s in found if s.host == hostname), '')


def _migrations(nova: Nova, hostname: str) -> Iterator[Migration]:
    """List those that have not ended; evacuations are no moves.

    A record can outlive its migration: then Nova is not at the server. What
    it still holds is seen in Placement.
    """
    for status in IN_PROGRESS:
        call = f'GET /os-migrations?host={hostname}&status={status}'
        with calling(NOVA, call):
            found = nova.client.migrations.list(host=hostname, status=status)
        for one in found:
            if one.migration_type in MIGRATION_TYPES:
                server = nova.server(one.instance_uuid)
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
