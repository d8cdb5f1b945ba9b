# SPDX-License-Identifier: Apache-2.0

"""Server groups: hard affinity and anti-affinity.

Soft policies only weigh: they are a preference of the solver, no rule.
"""

import collections

from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


GROUP_NOWHERE_ELSE = Of.INSTANCE.declare(
    'group_nowhere_else',
    says=N_(
        '{subject} is in affinity group {group}, which is on no other host'
    ),
    helps=N_(
        'Nova cannot move it: stop it and use -p on_blocked=leave, or have '
        'its owner create it again outside the group.'
    ),
)

AWAY_FROM_GROUP = Of.PAIR.declare(
    'away_from_group',
    says=N_('{subject} holds no member of affinity group {group}'),
    helps=N_('Only a node with another member of the group can take it.'),
)

GROUP_FULL = Of.PAIR.declare(
    'group_full',
    says=N_(
        '{subject} would hold {members} of anti-affinity group {group}, '
        '{most} allowed on a host'
    ),
    helps=N_('Add a node that holds fewer members of the group.'),
)


@rule(
    gives=(AWAY_FROM_GROUP,),
    looks_at=('affinity_group', 'destination.affinity_groups'),
)
def joins_its_group(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node without a member of the server's affinity group.

    Nova counts the server's own host as one of the group's, so that not even
    the only member of a group may move to a host without a member.
    """
    group, destination = move.affinity_group, move.destination
    if group and group.uuid not in destination.affinity_groups:
        yield AWAY_FROM_GROUP.about(
            destination.node.hostname, group=group.name
        )


def has_no_other_home(instance: Instance, group: ServerGroup) -> bool:
    """Return True if an affinity group has no member on another host."""
    return group.policy == AFFINITY and set(group.members) <= {instance.host}


def keeps_apart(
    instances: Iterable[Instance], destination: Destination
) -> Iterator[Finding]:
    """Refuse a destination where these would be too many of a group."""
    arriving = collections.Counter(i.group for i in instances)
    for uuid, count in sorted(arriving.items()):
        members = destination.bin.members.get(uuid, 0) + count
        group = destination.groups.apart.get(uuid)
        if group and members > group.max_server_per_host:
            yield GROUP_FULL.about(
                destination.hostname,
                group=group.name,
                members=members,
                most=group.max_server_per_host,
            )
