# SPDX-License-Identifier: Apache-2.0

"""Reads from Nova, in clean records."""

import dataclasses

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import TypeVar

from keystoneauth1.adapter import Adapter
from novaclient import exceptions as nova_exceptions

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud import records
from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import NoAnswer
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.cloud.errors import calling
from watcher_host_maintenance.cloud.sessions import connect_nova
from watcher_host_maintenance.cloud.sessions import limit_timeout
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings


Record = TypeVar('Record')

SERVICE = 'nova-compute'
"""The binary of the services that are read."""

LATEST_VERSION = '2.96'
"""The latest microversion whose answers are understood here."""

HYPERVISORS_VERSION = '2.87'
"""From 2.88 on Nova may ask every compute host for its uptime to list it."""

PAGE = 1000
"""Records asked for at once; Nova gives its max_limit at most."""

NO_SERVER = '00000000-0000-0000-0000-000000000000'
"""The UUID of no server."""

TRIES = 5
"""Attempts to read a list that changes while it is read."""

IN_PROGRESS = (
    'accepted',
    'queued',
    'preparing',
    'running',
    'running (post-copy)',
    'pre-migrating',
    'migrating',
    'post-migrating',
    'finished',
    'confirming',
    'reverting',
)
"""Statuses of a migration that has not ended, as one follows the other.

It is at both ends; a finished one waits to be confirmed.
"""


class Nova:
    """Reads from Nova.

    Every method raises :class:`.errors.NotPlanned`, which names the call, when
    Nova does not answer it.

    :ivar client: novaclient, for requests that change something
    """

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        limit_timeout(adapter, settings.timeout_s)
        connect = connect_nova(adapter)
        self.client = connect(LATEST_VERSION)
        self._hypervisor_client = connect(HYPERVISORS_VERSION)

    def hypervisor_servers(self, uuid: str) -> dict[str, str]:
        """Return UUID -> name of the servers in a hypervisor's record."""
        path = f'/os-hypervisors/{uuid}?with_servers=True'
        with calling(NOVA, f'GET {path}'):
            _response, body = self._hypervisor_client.client.get(path)
            listed = body['hypervisor'].get('servers') or []
            return {s['uuid']: s['name'] for s in listed}

    def services(self) -> dict[str, records.Service]:
        """Return service host -> nova-compute service."""
        with parallel.Reads() as reads:
            listed = reads.start(self._services)
            hypervisors: dict[str, dict[str, records.Hypervisor]] = {}
            for host, name, hypervisor in self._hypervisors():
                hypervisors.setdefault(host, {})[name] = hypervisor
            return {
                s.host: dataclasses.replace(
                    s,
                    hypervisors=dict(
                        sorted(hypervisors.get(s.host, {}).items())
                    ),
                )
                for s in listed()
            }

    def service(self, host: str) -> records.Service | None:
        """Return the nova-compute service of a host, without hypervisors.

        :returns: None when there is none
        """
        with calling(NOVA, f'GET /os-services?host={host}'):
            for listed in self.client.services.list(host=host, binary=SERVICE):
                service = records.to_service(listed.to_dict())
                if service.host == host:
                    if not service.answers:
                        raise NoAnswer(f'the cell of {host} does not answer')
                    return service
            return None

    def servers(self, host: str) -> list[records.Server]:
        """Return the servers on a host, of every project.

        Soft-deleted ones are among them: they hold their disk.
        """
        with calling(NOVA, f'GET /servers/detail?host={host}'):
            listed = self.client.servers.list(
                search_opts={
                    'all_tenants': True,
                    'host': host,
                    'soft_deleted': True,
                },
                limit=-1,
            )
            servers = _once(
                (records.to_server(s.to_dict()) for s in listed),
                lambda server: server.uuid,
            )
            elsewhere = [s for s in servers if s.host != host]
            if elsewhere:
                # Without the right to filter, Nova returns every server.
                raise Withheld(f'{len(elsewhere)} servers of other hosts')
            return servers

    def server(self, uuid: str) -> records.Server | None:
        """Return one server; None when it does not exist any more."""
        return self._server(uuid, records.to_server)

    def soft_deleted(self, project_id: str) -> list[str]:
        """Return the UUIDs of the soft-deleted servers of a project."""
        call = f'GET /servers?status=SOFT_DELETED&project_id={project_id}'
        with calling(NOVA, call):
            listed = self.client.servers.list(
                detailed=False,
                search_opts={
                    'all_tenants': True,
                    'project_id': project_id,
                    'soft_deleted': True,
                    'status': 'SOFT_DELETED',
                },
                limit=-1,
            )
            return sorted({s.to_dict()['id'] for s in listed})

    def group_of(self, uuid: str) -> str:
        """Return the UUID of a server's group; '' is none.

        Before microversion 2.71 Nova does not show it.
        """
        return self._server(uuid, records.to_group_uuid) or ''

    def groups(self) -> list[records.Group]:
        """Return the server groups of every project."""
        self._demand_administrator()
        for _try in range(TRIES):
            groups = self._all_groups()
            if groups is not None:
                return groups
        with calling(NOVA, 'GET /os-server-groups'):
            raise NoAnswer('the list changes while it is read')

    def fault(self, uuid: str) -> Mapping[str, Any]:
        """Return message and details of a server's fault; empty is none."""
        with calling(NOVA, f'GET /servers/{uuid}'):
            server: Mapping[str, Any] = self.client.servers.get(uuid).to_dict()
            return server.get('fault') or {}

    def instance_actions(self, uuid: str) -> list[Mapping[str, Any]]:
        """Return what was asked for a server, newest first."""
        with calling(NOVA, f'GET /servers/{uuid}/os-instance-actions'):
            return [
                a.to_dict() for a in self.client.instance_action.list(uuid)
            ]

    def instance_action(self, uuid: str, request_id: str) -> Mapping[str, Any]:
        """Return one thing that was asked for a server, with its events."""
        call = f'GET /servers/{uuid}/os-instance-actions/{request_id}'
        with calling(NOVA, call):
            action = self.client.instance_action.get(uuid, request_id)
            record: Mapping[str, Any] = action.to_dict()
            return record

    def _server(
        self, uuid: str, read: Callable[[Mapping[str, Any]], Record]
    ) -> Record | None:
        """Read one server; None when it does not exist any more."""
        with calling(NOVA, f'GET /servers/{uuid}'):
            try:
                server = self.client.servers.get(uuid)
            except nova_exceptions.NotFound:
                return None
            return read(server.to_dict())

    def _demand_administrator(self) -> None:
        """Ask something that Nova answers to administrators alone.

        To anybody else, whatever the policy allows, it gives the groups of
        the own project, and no error.
        """
        with calling(NOVA, 'GET /servers?status=DELETED'):
            self.client.servers.list(
                detailed=False,
                search_opts={
                    'all_tenants': True,
                    'status': 'DELETED',
                    'uuid': NO_SERVER,
                },
            )

    def _all_groups(self) -> list[records.Group] | None:
        """Read all pages, which are numbered.

        :returns: None when a group was deleted in between, so that others
            moved up unread: one record of overlap shows it
        """
        groups: list[records.Group] = []
        while True:
            last = groups[-1:]
            offset = len(groups) - len(last)
            page = self._groups(offset)
            # The order of its members differs between Nova's processes.
            if [g.uuid for g in page[: len(last)]] != [g.uuid for g in last]:
                return None
            groups[offset:] = page
            if len(page) <= 1:
                return groups

    def _groups(self, offset: int) -> list[records.Group]:
        with calling(NOVA, 'GET /os-server-groups'):
            page = self.client.server_groups.list(
                all_projects=True, limit=PAGE, offset=offset
            )
            return [records.to_group(g.to_dict()) for g in page]

    def aggregates(self) -> list[dict[str, Any]]:
        """Return host aggregates: id, name, hosts, metadata."""
        with calling(NOVA, 'GET /os-aggregates'):
            return [a.to_dict() for a in self.client.aggregates.list()]

    def migrations(self, host: str = '') -> list[records.Migration]:
        """Return the moves that have not ended.

        One status is read after the other, in the order in which a migration
        takes them: read at once, one that goes on meanwhile could be missed.
        So it can be read twice, and the later status counts.

        :param host: one end of each; '' is those of the whole cloud
        """
        where = {'host': host} if host else {}
        listed = (
            migration
            for status in IN_PROGRESS
            for migration in self._migrations(**where, status=status)
        )
        return _once(
            (migration for migration in listed if migration.is_move),
            lambda migration: (migration.id, migration.instance_uuid),
        )

    def server_migrations(self, uuid: str) -> list[records.Migration]:
        """Return the moves of a server, ended or not, newest first."""
        listed = self._migrations(instance_uuid=uuid)
        return sorted(
            (migration for migration in listed if migration.is_move),
            key=lambda migration: (migration.created_at, migration.id),
            reverse=True,
        )

    def departures(self, host: str) -> list[records.Migration]:
        """Return the migrations off a host, ended or not, newest first.

        Evacuations are among them.
        """
        listed = self._migrations(source_compute=host)
        return [m for m in listed if m.source == host]

    def transfers(self, uuid: str) -> list[records.Transfer]:
        """Return how far a server's live migrations under way are."""
        with calling(NOVA, f'GET /servers/{uuid}/migrations'):
            listed = self.client.server_migrations.list(uuid)
            return [records.to_transfer(m.to_dict()) for m in listed]

    def _migrations(self, **filters: str) -> list[records.Migration]:
        """Read the migrations that match all filters, on all pages."""

        def page(marker: str | None) -> list[Any]:
            # Before 2.59 there are no pages.
            paging = {'marker': marker} if marker else {}
            return list(self.client.migrations.list(**filters, **paging))

        query = '&'.join(f'{name}={value}' for name, value in filters.items())
        call = f'GET /os-migrations?{query}'
        return list(_pages(call, page, 'uuid', records.to_migration))

    def _services(self) -> list[records.Service]:
        with calling(NOVA, 'GET /os-services'):
            listed = self.client.services.list(binary=SERVICE)
            return [records.to_service(s.to_dict()) for s in listed]

    def _hypervisors(self) -> Iterator[tuple[str, str, records.Hypervisor]]:
        def page(marker: str | None) -> list[Any]:
            return list(
                self._hypervisor_client.hypervisors.list(
                    detailed=True, marker=marker
                )
            )

        return _pages(
            'GET /os-hypervisors/detail', page, 'id', records.to_hypervisor
        )


def _once(
    listed: Iterable[Record], key: Callable[[Record], Hashable]
) -> list[Record]:
    """Drop duplicates: a list may change while it is read."""
    return list({key(record): record for record in listed}.values())


def _pages(
    call: str,
    read: Callable[[str | None], list[Any]],
    key: str,
    clean: Callable[[Mapping[str, Any]], Record],
) -> Iterator[Record]:
    """Read all pages: Nova gives at most max_limit, 1000, at once.

    :param read: reads the page after a marker
    :param key: the field that makes a marker; a list without it is whole
    :param clean: makes a record of what was read
    """
    marker = None
    while True:
        with calling(NOVA, call):
            page = [record.to_dict() for record in read(marker)]
            records = [clean(record) for record in page]
        yield from records
        marker = page[-1].get(key) if page else None
        if marker is None:
            return
