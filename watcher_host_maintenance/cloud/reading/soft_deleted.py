# SPDX-License-Identifier: Apache-2.0

"""Members of server groups that Nova counts, and lists nowhere.

A soft-deleted server is no member to those who ask for the group. But until
it is reclaimed, Nova's scheduler and compute hosts keep others of a hard
anti-affinity group away from it. To an affinity group it is no company.
"""

import dataclasses

from collections.abc import Sequence

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Group
from watcher_host_maintenance.core.model.snapshot import ANTI_AFFINITY


def with_soft_deleted(nova: Nova, groups: Sequence[Group]) -> list[Group]:
    """Add the soft-deleted members of anti-affinity groups."""
    apart = [g for g in groups if g.policy == ANTI_AFFINITY]
    projects = sorted({g.project_id for g in apart})
    listed = parallel.each(nova.soft_deleted, projects)
    found = [uuid for uuids in listed for uuid in uuids]
    group_of = parallel.each(nova.group_of, found)
    gone: dict[str, list[str]] = {}
    for uuid, group in zip(found, group_of, strict=True):
        gone.setdefault(group, []).append(uuid)
    return [
        dataclasses.replace(
            group, members=_joined(group.members, gone.get(group.uuid, ()))
        )
        if group.policy == ANTI_AFFINITY
        else group
        for group in groups
    ]


def _joined(members: Sequence[str], gone: Sequence[str]) -> tuple[str, ...]:
    """Join both; a member may go while it is read."""
    return tuple(dict.fromkeys((*members, *gone)))
