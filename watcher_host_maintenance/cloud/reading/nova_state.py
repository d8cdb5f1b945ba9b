# SPDX-License-Identifier: Apache-2.0

"""All that one audit reads from Nova, before Placement is asked."""

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
    """What Nova tells in lists, whichever nodes are asked for.

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
    :ivar passing: hostname -> servers that are elsewhere, perhaps on another
        of these, but of which a move that has not ended has one end there
    :ivar migrations: every move in the cloud that has not ended
    :ivar waited_s: seconds that have passed since whatever was read before
    """

    servers: Mapping[str, Sequence[Server]]
    passing: Mapping[str, Sequence[Server]]
    migrations: Sequence[Migration]
    waited_s: float = 0.0

    @property
    def is_settled(self) -> bool:
        """Nova is busy with none of them."""
        return not any(
            server.task_state or server.vm_state == 'building'
            for found in (*self.servers.values(), *self.passing.values())
            for server in found
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
    """Find where the members of groups are.

    :returns: server UUID -> where it is, without those that exist no more,
        or are on no host
    """
    wanted = sorted({m for group in groups for m in group.members})
    here = {s.uuid: s for found in held.servers.values() for s in found}
    others = [uuid for uuid in wanted if uuid not in here]
    read = parallel.each(nova.server, others)
    known = {**here, **{s.uuid: s for s in read if s is not None and s.host}}
    ends: dict[str, set[str]] = {}
    for migration in held.migrations:
        # Nova's own check on a host counts records that outlived their
        # migration as well.
        there = ends.setdefault(migration.instance_uuid, set())
        there.update(migration.ends)
    return {
        uuid: Whereabouts(
            frozenset({known[uuid].host, *ends.get(uuid, ())}),
            '' if _leaves(known[uuid], uuid in ends) else known[uuid].host,
        )
        for uuid in wanted
        if uuid in known
    }


def _leaves(server: Server, has_migration: bool) -> bool:
    """Tell whether Nova is about to take a server to another host.

    What else Nova may be at, such as a reboot, leaves it where it is. A
    migration has a record only after its server has got the task.
    """
    task = server.task_state
    return task.startswith(('migrating', 'resize_')) or (
        bool(task) and has_migration
    )


def _held(nova: Nova, hosts: Sequence[str]) -> Held:
    with parallel.Reads() as at_once:
        listed = at_once.start(nova.migrations)
        found = parallel.each(nova.servers, hosts)
        migrations = listed()
    servers = _once(dict(zip(hosts, found, strict=True)))
    return Held(servers, _passing(nova, servers, migrations), migrations)


def _once(
    servers: Mapping[str, Sequence[Server]],
) -> dict[str, list[Server]]:
    """Drop what holds nothing; one seen on two nodes is on the first."""
    seen: set[str] = set()
    held: dict[str, list[Server]] = {}
    for host, found in servers.items():
        held[host] = [
            s
            for s in found
            if s.vm_state not in HOLDS_NOTHING and s.uuid not in seen
        ]
        seen.update(s.uuid for s in held[host])
    return held


def _passing(
    nova: Nova,
    servers: Mapping[str, Sequence[Server]],
    migrations: Iterable[Migration],
) -> dict[str, list[Server]]:
    """Find what is at one end of a move, whatever else tells of the move.

    Of one server there can be several: a record may outlive its migration.
    """
    found: dict[str, Server | None] = {
        s.uuid: s for there in servers.values() for s in there
    }
    ends = sorted(
        {
            (host, m.instance_uuid)
            for m in migrations
            for host in m.ends
            if host in servers
        }
    )
    away = sorted({uuid for _host, uuid in ends} - found.keys())
    found.update(zip(away, parallel.each(nova.server, away), strict=True))
    passing: dict[str, list[Server]] = {}
    for host, uuid in ends:
        server = found[uuid]
        if server is not None and _is_passing(server, host):
            passing.setdefault(host, []).append(server)
    return passing


def _is_passing(server: Server, host: str) -> bool:
    """Tell whether a server that has a migration is not there for good."""
    return server.is_moving and server.host not in ('', host)
