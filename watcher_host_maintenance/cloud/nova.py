# SPDX-License-Identifier: Apache-2.0

"""Reads from Nova, in clean records."""

import contextlib
import dataclasses
import datetime
import urllib.parse

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from typing import TypeVar

from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud import errors
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.answers import demand_time
from watcher_host_maintenance.cloud.answers import value
from watcher_host_maintenance.cloud.api import Api
from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import NoAnswer
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.cloud.records import Hypervisor
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import OwnServer
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.cloud.records import Transfer
from watcher_host_maintenance.cloud.sessions import connect_nova
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.document import InvalidDocument


Item = TypeVar('Item')

SERVICE = 'nova-compute'
"""The binary of the services that are read."""

LATEST_VERSION = '2.96'
"""The latest microversion that novaclient may use."""

SERVERS_VERSION = '2.100'
"""From 2.98 on Nova shows properties of images with a server, from 2.100 on
its scheduler hints. novaclient has no newer one than 2.96."""

HYPERVISORS_VERSION = '2.87'
"""From 2.88 on Nova may ask every compute host for its uptime to list it."""

EVERYWHERE = {'all_tenants': True, 'soft_deleted': True}
"""Parameters of a list of servers that leaves out none."""

PAGE = 1000
"""Items asked for at once; Nova gives its max_limit at most."""

NO_SERVER = '00000000-0000-0000-0000-000000000000'
"""The UUID of no server."""

MOST_PAGES = 1000
"""Pages that no list has more of."""

MOST_SOFT_DELETED = 500
"""Soft-deleted servers of a project whose groups are read, each by itself."""

UNAVAILABLE = 'HypervisorUnavailable'
"""The class of an error of nova-compute, which Nova's API names."""

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


class Nova(Api):
    """Reads from Nova.

    :ivar client: novaclient, for requests that change something
    """

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        super().__init__(NOVA, adapter, settings)
        with self.deadline.calling(NOVA, 'GET /'):
            connect = connect_nova(adapter)
        self.client = connect(LATEST_VERSION)
        self._server_client = connect(SERVERS_VERSION, is_raw=True)
        self._hypervisor_client = connect(HYPERVISORS_VERSION)

    def hypervisor_servers(self, uuid: str) -> dict[str, str]:
        """Return UUID -> name of the servers in a hypervisor's record."""

        def clean(body: Any) -> dict[str, str]:
            # Nova leaves the list out when it is empty.
            servers = body['hypervisor'].get('servers') or []
            return {
                value(s, 'uuid', str): value(s, 'name', str) for s in servers
            }

        path = f'/os-hypervisors/{uuid}?with_servers=True'
        return self._get(path, clean)

    def services(self) -> dict[str, Service]:
        """Return service host -> nova-compute service."""
        services, listed = parallel.together(
            lambda: self._services({}), self._hypervisors
        )
        hypervisors: dict[str, dict[str, Hypervisor]] = {}
        for host, name, hypervisor in sorted(listed, key=lambda row: row[:2]):
            hypervisors.setdefault(host, {})[name] = hypervisor
        return {
            s.host: dataclasses.replace(
                s, hypervisors=hypervisors.get(s.host, {})
            )
            for s in services
        }

    def cpu_features(self, host: str) -> tuple[str, ...] | None:
        """Return the features of the CPU of a host, sorted.

        :returns: None if Nova does not tell them, or if the name of the
            hypervisor does not contain that of the host
        """

        def clean(body: Any) -> tuple[str, ...] | None:
            listed = map(_hypervisor_row, body['hypervisors'])
            return next(
                (h.features for at, _, h in listed if at == host), None
            )

        pattern = urllib.parse.quote(host, safe='')
        return self._find(
            f'/os-hypervisors/detail?hypervisor_hostname_pattern={pattern}',
            clean,
        )

    def service(self, host: str) -> Service | None:
        """Return the nova-compute service of a host, without hypervisors.

        :returns: None when there is none
        """
        for service in self._services({'host': host}):
            if service.host == host:
                self.demand_answer(service)
                return service
        return None

    def demand_answer(self, service: Service) -> None:
        """Refuse a service of which Nova knows nothing but the host."""
        if not service.answers:
            with self.calling(f'GET /os-services?host={service.host}'):
                raise NoAnswer(f'the cell of {service.host} does not answer')

    def has_lost_hypervisor(self, uuid: str) -> bool:
        """Return True if nova-compute does not reach a server's hypervisor.

        To answer, it asks the hypervisor first, whatever the server does.

        :returns: False if anything else keeps it from an answer
        """
        path = f'/servers/{uuid}/diagnostics'
        with self.calling(f'GET {path}'):
            try:
                self._fetch(path)
            except Exception as exc:
                if not errors.status(exc):
                    raise
                return UNAVAILABLE in str(exc)
        return False

    def servers(self, host: str) -> list[Server]:
        """Return the servers on a host, of every project.

        Soft-deleted ones are among them: they hold their disk.
        """
        servers = _once(
            self._list(
                '/servers/detail',
                'servers',
                Server.read,
                {'host': host},
                'id',
                **EVERYWHERE,
            ),
            lambda server: server.uuid,
        )
        elsewhere = [s for s in servers if s.host != host]
        if elsewhere:
            # Without the right to filter, Nova returns every server.
            with self.calling(f'GET /servers/detail?host={host}'):
                raise Withheld(f'{len(elsewhere)} servers of other hosts')
        return servers

    def own_servers(self) -> list[OwnServer]:
        """Return the servers of the project that is signed in to."""
        return _once(
            self._list(
                '/servers/detail', 'servers', OwnServer.read, marker='id'
            ),
            lambda server: server.uuid,
        )

    def own_server(self, uuid: str) -> OwnServer | None:
        """Return a server of the project; None when it has none such."""
        return self._find(
            f'/servers/{uuid}', lambda body: OwnServer.read(body['server'])
        )

    def migrate(self, uuid: str, is_live: bool) -> None:
        """Ask for a migration of a server to a host that Nova chooses."""
        with self.calling(f'POST /servers/{uuid}/action'):
            if is_live:
                self.client.servers.live_migrate(uuid, None, 'auto')
            else:
                self.client.servers.migrate(uuid)

    def add_tag(self, uuid: str, tag: str) -> None:
        """Set a tag of a server, which may have it already."""
        with self.calling(f'PUT /servers/{uuid}/tags/{tag}'):
            self.client.servers.add_tag(uuid, tag)

    def delete_tag(self, uuid: str, tag: str) -> None:
        """Delete a tag of a server, which may have none such."""
        with self.calling(f'DELETE /servers/{uuid}/tags/{tag}'), _or_gone():
            self.client.servers.delete_tag(uuid, tag)

    def metadata(self, uuid: str) -> Mapping[str, str] | None:
        """Return the metadata of a server; None when it does not exist."""
        return self._find(
            f'/servers/{uuid}/metadata',
            lambda body: value(body, 'metadata', Mapping[str, str]),
        )

    def set_metadata(self, uuid: str, metadata: Mapping[str, str]) -> None:
        """Add metadata to a server, or change some; others stay."""
        with self.calling(f'POST /servers/{uuid}/metadata'):
            self.client.servers.set_meta(uuid, dict(metadata))

    def delete_metadata(self, uuid: str, key: str) -> None:
        """Delete metadata of a server, which may have none such."""
        call = f'DELETE /servers/{uuid}/metadata/{key}'
        with self.calling(call), _or_gone():
            self.client.servers.delete_meta(uuid, [key])

    def server(self, uuid: str) -> Server | None:
        """Return one server; None when it does not exist any more."""
        return self._find(
            f'/servers/{uuid}', lambda body: Server.read(body['server'])
        )

    def soft_deleted(self, project_id: str) -> list[str] | None:
        """Return the UUIDs of the soft-deleted servers of a project.

        :returns: None when there are more than :data:`MOST_SOFT_DELETED`: its
            owner can make any number of them
        """
        uuids = self._list(
            '/servers',
            'servers',
            lambda server: str(value(server, 'id', str)),
            {'status': 'SOFT_DELETED', 'project_id': project_id},
            'id',
            most=MOST_SOFT_DELETED,
            **EVERYWHERE,
        )
        unique = sorted(set(uuids))
        return unique if len(unique) <= MOST_SOFT_DELETED else None

    def group_of(self, uuid: str) -> str:
        """Return the UUID of a server's group; '' is none.

        Before microversion 2.71 Nova does not show it.
        """

        def clean(body: Any) -> str:
            groups = body['server'].get('server_groups') or ['']
            return str(groups[0])

        return self._find(f'/servers/{uuid}', clean) or ''

    def groups(self) -> list[Group]:
        """Return the server groups of every project."""
        # Nova answers this to administrators alone. To anybody else, whatever
        # the policy allows, it gives the groups of the own project, and no
        # error.
        self._get(
            '/servers?status=DELETED',
            lambda body: body['servers'],
            all_tenants=True,
            uuid=NO_SERVER,
        )
        with self.calling('GET /os-server-groups'):
            for _try in range(TRIES):
                groups = self._all_groups()
                if groups is not None:
                    return groups
            raise NoAnswer('the list changes while it is read')

    def _all_groups(self) -> list[Group] | None:
        """Read all pages, which are numbered.

        :returns: None when a group was deleted in between, so that others
            moved up unread: one record of overlap shows it
        """
        groups: list[Group] = []
        for _page in range(MOST_PAGES):
            offset = max(0, len(groups) - 1)
            # The order of its members differs between Nova's processes.
            last = groups[-1].uuid if groups else ''
            page = self._page(
                '/os-server-groups',
                'server_groups',
                all_projects=True,
                limit=PAGE,
                offset=offset,
            )
            groups[offset:] = map(Group.read, page)
            if last and last not in [g.uuid for g in groups[offset:][:1]]:
                return None
            if len(page) <= 1:
                return groups
        raise ValueError(f'the list has more than {MOST_PAGES} pages')

    def fault(self, uuid: str) -> Mapping[str, Any]:
        """Return message and details of a server's fault; empty is none."""
        return self._get(
            f'/servers/{uuid}',
            lambda body: dict(body['server'].get('fault') or {}),
        )

    def instance_actions(self, uuid: str) -> list[Mapping[str, Any]]:
        """Return what was asked for a server, newest first.

        :returns: action, request_id and start_time of each
        """

        def clean(body: Any) -> Mapping[str, Any]:
            demand_time(body, 'start_time')
            keys = ('action', 'request_id', 'start_time')
            return {key: value(body, key, str) for key in keys}

        path = f'/servers/{uuid}/os-instance-actions'
        return self._list(path, 'instanceActions', clean)

    def instance_action(self, uuid: str, request_id: str) -> Mapping[str, Any]:
        """Return one thing that was asked for a server, with its events."""

        def clean(body: Any) -> Mapping[str, Any]:
            action = dict(body['instanceAction'])
            events = [dict(event) for event in action.get('events') or ()]
            return {**action, 'events': events}

        path = f'/servers/{uuid}/os-instance-actions/{request_id}'
        return self._get(path, clean)

    def aggregates(self) -> list[Aggregate]:
        """Return the host aggregates."""
        return self._list('/os-aggregates', 'aggregates', Aggregate.read)

    def migrations(self, host: str = '') -> list[Migration]:
        """Return the moves that have not ended.

        One status is read after the other, in the order in which a migration
        takes them: read at once, one that goes on meanwhile could be missed.
        So it can be read twice, and the later status counts.

        :param host: one end of each; '' is those of the whole cloud
        """
        where = {'host': host} if host else {}
        moves = (
            migration
            for status in IN_PROGRESS
            for migration in self._migrations(**where, status=status)
            if migration.is_move
        )
        return _once(moves, lambda move: (move.id, move.instance_uuid))

    def server_migrations(self, uuid: str) -> list[Migration]:
        """Return the moves of a server, ended or not, newest first."""
        listed = self._migrations(instance_uuid=uuid)
        moves = [migration for migration in listed if migration.is_move]
        return sorted(moves, key=lambda m: (m.created_at, m.id), reverse=True)

    def departures(self, host: str) -> list[Migration]:
        """Return the migrations off a host, ended or not, newest first.

        Evacuations are among them.
        """
        listed = self._migrations(source_compute=host)
        return [m for m in listed if m.source == host]

    def changed_departures(self, host: str, hours: int) -> list[Migration]:
        """Return the moves off a host that changed in the last hours.

        :returns: newest first
        """
        since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(
            hours=hours
        )
        # Before microversion 2.59 Nova gives all.
        listed = self._migrations(
            since.isoformat(timespec='seconds'), source_compute=host
        )
        moves = [
            m
            for m in listed
            if m.source == host and m.is_move and m.changed_at >= since
        ]
        return sorted(moves, key=lambda m: (m.created_at, m.id), reverse=True)

    def migrations_of(self, host: str) -> list[Migration]:
        """Return the migrations off a host and to it, ended or not."""
        return self._migrations(host=host)

    def transfers(self, uuid: str) -> list[Transfer]:
        """Return how far a server's live migrations under way are."""
        path = f'/servers/{uuid}/migrations'
        return self._list(path, 'migrations', Transfer.read)

    def _migrations(
        self, changes_since: str = '', **filters: str
    ) -> list[Migration]:
        since: dict[str, Any] = {}
        if changes_since:
            since['changes-since'] = changes_since
        return self._list(
            '/os-migrations',
            'migrations',
            Migration.read,
            filters,
            # Before 2.59 there is none, and there are no pages.
            'uuid',
            **since,
        )

    def _services(self, filters: Mapping[str, str]) -> list[Service]:
        return self._list(
            '/os-services', 'services', Service.read, filters, binary=SERVICE
        )

    def _hypervisors(self) -> list[tuple[str, str, Hypervisor]]:
        """Return service host, hypervisor hostname and hypervisor of each."""
        return self._list(
            '/os-hypervisors/detail',
            'hypervisors',
            _hypervisor_row,
            marker='id',
        )

    def _list(
        self,
        path: str,
        key: str,
        clean: Callable[[Any], Item],
        filters: Mapping[str, str] = MappingProxyType({}),
        marker: str = '',
        most: int | None = None,
        **parameters: Any,
    ) -> list[Item]:
        """Read all pages: Nova gives at most max_limit, 1000, at once.

        :param key: the name of the list in an answer
        :param clean: makes a record of one of its objects
        :param filters: of the query, which an error repeats
        :param marker: the field that marks the end of a page; a list of
            objects without it is whole
        :param most: how many are enough to know that there are too many;
            None reads all
        :param parameters: of the query, which an error does not repeat
        """
        query = '&'.join(f'{name}={text}' for name, text in filters.items())
        call = f'GET {path}?{query}' if query else f'GET {path}'
        records: list[Item] = []
        markers: set[str] = set()
        with self.calling(call):
            for _page in range(MOST_PAGES):
                page = self._page(path, key, **filters, **parameters)
                records.extend(map(clean, page))
                end = page[-1].get(marker) if page else None
                if end is None or (most is not None and len(records) > most):
                    return records
                if end in markers:
                    raise ValueError(f'the list repeats itself after {end}')
                markers.add(end)
                parameters['marker'] = end
            raise ValueError(f'the list has more than {MOST_PAGES} pages')

    def _page(self, path: str, key: str, **parameters: Any) -> list[Any]:
        """Return the objects of one page of a list."""
        page: list[Any] = self._fetch(path, **parameters)[key]
        if not isinstance(page, list):
            raise InvalidDocument(key, 'is not a list')
        return page

    def _fetch(self, path: str, **parameters: Any) -> Any:
        """Return what Nova answers to GET, decoded from JSON."""
        client = self.client
        if path.startswith('/os-hypervisors'):
            client = self._hypervisor_client
        elif path.startswith('/servers'):
            client = self._server_client
        _response, body = client.client.get(path, params=parameters)
        return body


def _hypervisor_row(body: Any) -> tuple[str, str, Hypervisor]:
    """Return service host, hypervisor hostname and hypervisor."""
    host = value(body['service'], 'host', str)
    name = value(body, 'hypervisor_hostname', str)
    return host, name, Hypervisor.read(body)


@contextlib.contextmanager
def _or_gone() -> Iterator[None]:
    """Let what is to be deleted be gone."""
    try:
        yield
    except Exception as exc:
        if errors.status(exc) != errors.NOT_FOUND:
            raise


def _once(
    listed: Iterable[Item], key: Callable[[Item], Hashable]
) -> list[Item]:
    """Drop duplicates: a list may change while it is read."""
    return list({key(record): record for record in listed}.values())
