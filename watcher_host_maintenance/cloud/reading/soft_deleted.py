# SPDX-License-Identifier: Apache-2.0

"""Members of server groups that Nova counts but does not list.

Nova does not show a soft-deleted server as a member of its group. But until
it is reclaimed, scheduler and compute hosts keep others of a hard
anti-affinity group away from it. In an affinity group it attracts no other.
"""

import dataclasses

from collections.abc import Sequence

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.core.model.nova import ANTI_AFFINITY


def with_soft_deleted(nova: Nova, groups: Sequence[Group]) -> list[Group]:
    """Add the soft-deleted members of anti-affinity groups."""
    anti_affinity = [g for g in groups if g.policy == ANTI_AFFINITY]
    projects = sorted({g.project_id for g in anti_affinity})
    listed = parallel.each(nova.soft_deleted, projects)
    uuids = [uuid for uuids in listed for uuid in uuids]
    group_of = parallel.each(nova.group_of, uuids)
    members = {g.uuid: dict.fromkeys(g.members) for g in anti_affinity}
    for uuid, group_uuid in zip(uuids, group_of, strict=True):
        if group_uuid in members:
            # It may have been listed already, and deleted since.
            members[group_uuid][uuid] = None
    return [
        dataclasses.replace(g, members=tuple(members.get(g.uuid, g.members)))
        for g in groups
    ]
