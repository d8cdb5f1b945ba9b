# SPDX-License-Identifier: Apache-2.0

"""What Nova records about migrations: how far one is, and who has left."""

import dataclasses

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import calling
from watcher_host_maintenance.cloud.nova import Nova


MIB = 2**20


@dataclasses.dataclass(frozen=True, slots=True)
class Transfer:
    """How far the copy of a live migration has come.

    :ivar total_mib: memory to copy
    :ivar remaining_mib: memory that is not copied yet; it may grow
    """

    destination: str
    status: str
    total_mib: int = 0
    remaining_mib: int = 0

    @property
    def share(self) -> float:
        """How much is copied, 0 to 1; 0 when Nova does not know."""
        if self.total_mib <= 0:
            return 0.0
        return min(1.0, max(0.0, 1 - self.remaining_mib / self.total_mib))


@dataclasses.dataclass(frozen=True, slots=True)
class Departure:
    """One migration of a server off a compute host, at whatever stage.

    :ivar kind: 'live-migration', 'migration', 'resize' or 'evacuation'
    :ivar destination: '' when none was chosen
    :ivar created_at: ISO 8601 in UTC
    """

    uuid: str
    instance_uuid: str
    source: str
    destination: str
    kind: str
    status: str
    created_at: str
    updated_at: str


def transfer(nova: Nova, instance_uuid: str) -> Transfer | None:
    """Return how far the live migration of a server is; None without one.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova does not
        answer
    """
    with calling(NOVA, f'GET /servers/{instance_uuid}/migrations'):
        listed = nova.client.server_migrations.list(instance_uuid)
        records = [m.to_dict() for m in listed]
        return _transfer(records[-1]) if records else None


def departures(nova: Nova, host: str) -> list[Departure]:
    """Return the migrations off a host, newest first.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova does not
        answer
    """
    with calling(NOVA, f'GET /os-migrations?source_compute={host}'):
        records: list[Mapping[str, Any]] = []
        page = nova.client.migrations.list(source_compute=host)
        while page:
            records.extend(m.to_dict() for m in page)
            marker = records[-1].get('uuid')
            # Before microversion 2.59 there are no pages.
            page = marker and nova.client.migrations.list(
                source_compute=host, marker=marker
            )
        return [_departure(r) for r in records if r['source_compute'] == host]


def _transfer(record: Mapping[str, Any]) -> Transfer:
    return Transfer(
        destination=record.get('dest_compute') or '',
        status=record['status'],
        total_mib=(record.get('memory_total_bytes') or 0) // MIB,
        remaining_mib=(record.get('memory_remaining_bytes') or 0) // MIB,
    )


def _departure(record: Mapping[str, Any]) -> Departure:
    return Departure(
        uuid=record.get('uuid') or str(record['id']),
        instance_uuid=record['instance_uuid'],
        source=record['source_compute'],
        destination=record['dest_compute'] or '',
        kind=record.get('migration_type') or '',
        status=record['status'],
        created_at=record['created_at'],
        updated_at=record.get('updated_at') or '',
    )
