# SPDX-License-Identifier: Apache-2.0

"""The server groups of the servers on the nodes to empty."""

import collections
import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.reading.servers import Held
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import ANTI_AFFINITY
from watcher_host_maintenance.core.model.snapshot import ServerGroup


def with_soft_deleted(nova: Nova, groups: Sequence[Group]) -> list[Group]:
    """Add the soft-deleted members of anti-affinity groups.

    Nova does not show a soft-deleted server as a member of its group. But
    until it is reclaimed, scheduler and compute hosts keep others of a hard
    anti-affinity group away from it. In an affinity group it attracts no
    other. If a project has too many of them, its groups are not whole.
    """
    members = {
        g.uuid: list(g.members) for g in groups if g.policy == ANTI_AFFINITY
    }
    projects = sorted({g.project_id for g in groups if g.uuid in members})
    listed = parallel.by_item(nova.soft_deleted, projects)
    uuids = [uuid for uuids in listed.values() for uuid in uuids or ()]
    for uuid, group in parallel.by_item(nova.group_of, uuids).items():
        # It may have been listed already, and deleted since.
        if uuid not in members.get(group, (uuid,)):
            members[group].append(uuid)
    return [
        dataclasses.replace(
            g,
            members=tuple(members.get(g.uuid, g.members)),
            is_whole=g.uuid not in members or listed[g.project_id] is not None,
        )
        for g in groups
    ]


def server_groups(
    nova: Nova, groups: Iterable[Group], held: Held
) -> list[ServerGroup]:
    """Count the members of groups on each host.

    Members that do not exist any more, or are on no host, do not count.
    """
    servers: dict[str, Server | None] = {s.uuid: s for s in held.servers}
    members = sorted({m for g in groups for m in g.members} - servers.keys())
    servers |= parallel.by_item(nova.server, members)
    ends: dict[str, set[str]] = collections.defaultdict(set)
    for migration in held.migrations:
        # Nova's own check on a host also counts records that outlived their
        # migration.
        ends[migration.instance_uuid].update(migration.ends)
    return [
        ServerGroup(
            group.uuid,
            group.name,
            group.policy,
            group.max_server_per_host,
            collections.Counter(
                host
                for uuid in group.members
                if (server := servers[uuid]) is not None and server.host
                for host in _counted_on(server, group, ends[uuid])
            ),
        )
        for group in groups
    ]


def _counted_on(
    server: Server, group: Group, ends: Collection[str]
) -> Collection[str]:
    """Return the hosts on which a member counts.

    A member that moves keeps others away from both ends, but attracts them to
    neither: it leaves one soon, and is not at the other yet.

    :param ends: the hosts of its moves that have not ended
    """
    if group.policy != AFFINITY:
        return {server.host, *ends}
    # Another task, such as a reboot, leaves it where it is. A migration has a
    # record only after its server has got the task.
    task = server.task_state
    leaves = task.startswith(('migrating', 'resize_')) or (task and ends)
    return () if leaves else (server.host,)
