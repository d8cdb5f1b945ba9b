# SPDX-License-Identifier: Apache-2.0

"""What is read from Nova before Placement is asked."""

import time

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING


POLL_S = 2
"""Seconds between two looks at servers that Nova is busy with."""


class Cloud(NamedTuple):
    """Nova's lists, the same for every request.

    :ivar services: service host -> nova-compute service
    :ivar aggregates: as :meth:`.nova.Nova.aggregates` has them
    :ivar groups: every server group
    """

    services: Mapping[str, Service]
    aggregates: Sequence[Mapping[str, Any]]
    groups: Sequence[Group]


class Held(NamedTuple):
    """What is on the nodes to empty.

    :ivar servers: hostname -> the servers that Nova has there
    :ivar passing: hostname -> servers on another host, perhaps on another of
        these, with a move that has not ended and one end there
    :ivar migrations: every move in the cloud that has not ended
    :ivar waited_s: seconds that have passed since whatever was read before
    """

    servers: Mapping[str, Sequence[Server]]
    passing: Mapping[str, Sequence[Server]]
    migrations: Sequence[Migration]
    waited_s: float = 0.0

    @property
    def leaving(self) -> Sequence[Server]:
        """The servers on the nodes."""
        return [s for on_host in self.servers.values() for s in on_host]

    @property
    def is_settled(self) -> bool:
        """Nova is busy with none of them."""
        return not any(
            server.task_state or server.vm_state == 'building'
            for on_host in (*self.servers.values(), *self.passing.values())
            for server in on_host
        )


def read_cloud(nova: Nova) -> Cloud:
    """Read the lists, at once."""
    with parallel.Reads() as at_once:
        aggregates = at_once.start(nova.aggregates)
        groups = at_once.start(nova.groups)
        services = nova.services()
        return Cloud(services, aggregates(), groups())


def read_held(
    nova: Nova,
    hosts: Sequence[str],
    wait_s: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Held:
    """Read what is on some hosts; wait for what Nova is about to end.

    :param wait_s: seconds to wait at most, while any server there has a
        task state; then it is returned with that
    """
    held = _held(nova, hosts)
    waited = 0.0
    while not held.is_settled and waited < wait_s:
        pause = min(POLL_S, wait_s - waited)
        sleep(pause)
        waited += pause
        held = _held(nova, hosts)
    return held._replace(waited_s=waited)


class Whereabouts(NamedTuple):
    """Where a member of a server group is.

    :ivar ends: the hosts on which Nova counts it: two when a move of it has
        not ended
    :ivar home: the host on which it is and stays; '' while it moves
    """

    ends: frozenset[str]
    home: str


def read_members(
    nova: Nova,
    groups: Iterable[Group],
    held: Held,
) -> dict[str, Whereabouts]:
    """Return where the members of groups are.

    :returns: server UUID -> where it is, without those that do not exist any
        more, or are on no host
    """
    wanted = sorted({m for group in groups for m in group.members})
    at_source = {s.uuid: s for s in held.leaving}
    others = [uuid for uuid in wanted if uuid not in at_source]
    read = parallel.each(nova.server, others)
    servers = at_source | {s.uuid: s for s in read if s is not None and s.host}
    ends: dict[str, set[str]] = {}
    for migration in held.migrations:
        # Nova's own check on a host also counts records that outlived their
        # migration.
        hosts = ends.setdefault(migration.instance_uuid, set())
        hosts.update(migration.ends)
    return {
        uuid: Whereabouts(
            frozenset({servers[uuid].host, *ends.get(uuid, ())}),
            '' if _leaves(servers[uuid], uuid in ends) else servers[uuid].host,
        )
        for uuid in wanted
        if uuid in servers
    }


def _leaves(server: Server, has_migration: bool) -> bool:
    """Return True if Nova is about to take a server to another host.

    Another task, such as a reboot, leaves it where it is. A migration has a
    record only after its server has got the task.
    """
    task = server.task_state
    return task.startswith(('migrating', 'resize_')) or (
        bool(task) and has_migration
    )


def _held(nova: Nova, hosts: Sequence[str]) -> Held:
    with parallel.Reads() as at_once:
        listed = at_once.start(nova.migrations)
        listed_servers = parallel.each(nova.servers, hosts)
        migrations = listed()
    servers = _once(dict(zip(hosts, listed_servers, strict=True)))
    return Held(servers, _passing(nova, servers, migrations), migrations)


def _once(
    servers: Mapping[str, Sequence[Server]],
) -> dict[str, list[Server]]:
    """Drop what holds nothing; a server on two nodes is on the first."""
    seen: set[str] = set()
    held: dict[str, list[Server]] = {}
    for host, on_host in servers.items():
        held[host] = [
            s
            for s in on_host
            if s.vm_state not in HOLDS_NOTHING and s.uuid not in seen
        ]
        seen.update(s.uuid for s in held[host])
    return held


def _passing(
    nova: Nova,
    servers: Mapping[str, Sequence[Server]],
    migrations: Iterable[Migration],
) -> dict[str, list[Server]]:
    """Find the servers that are on a host as one end of a move only.

    One server can have several records: one may outlive its migration.
    """
    by_uuid: dict[str, Server | None] = {
        s.uuid: s for on_host in servers.values() for s in on_host
    }
    ends = sorted(
        {
            (host, m.instance_uuid)
            for m in migrations
            for host in m.ends
            if host in servers
        }
    )
    away = sorted({uuid for _host, uuid in ends} - by_uuid.keys())
    by_uuid.update(zip(away, parallel.each(nova.server, away), strict=True))
    passing: dict[str, list[Server]] = {}
    for host, uuid in ends:
        server = by_uuid[uuid]
        if server is not None and _is_passing(server, host):
            passing.setdefault(host, []).append(server)
    return passing


def _is_passing(server: Server, host: str) -> bool:
    """Return True if a server has a migration and is on another host."""
    return server.is_moving and server.host not in ('', host)
