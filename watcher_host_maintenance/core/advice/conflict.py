# SPDX-License-Identifier: Apache-2.0

"""Which few instances do not fit together."""

from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.advice.unplaced import shortages
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing import conflict as conflicts
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import MethodChoice
from watcher_host_maintenance.core.rules.destination import Destination


CONFLICT_SUM = Of.CONFLICT.declare(
    'conflict_sum',
    says=N_(
        'these {count} need {wanted} {resource_class}, {free} free on '
        '{hosts}: {names}'
    ),
    helps=N_('Free that room, add a larger node, or: -p on_blocked=leave'),
)

CONFLICT_COUNT = Of.CONFLICT.declare(
    'conflict_count',
    says=N_('at most {most} of these {count} fit on {hosts}: {names}'),
    helps=N_('Free room on one node, add a node, or: -p on_blocked=leave'),
)

CONFLICT_GROUP = Of.CONFLICT.declare(
    'conflict_group',
    says=N_(
        'at most {most} of these {count} of anti-affinity group {group} '
        'may go to {hosts}: {names}'
    ),
    helps=N_('Add a node that holds fewer members of the group.'),
)

CONFLICT = Of.CONFLICT.declare(
    'conflict',
    says=N_(
        'these {count} do not fit together on {hosts} (proof: {proof}): '
        '{names}'
    ),
    helps=N_('Free room on one node, add a node, or: -p on_blocked=leave'),
)

CONFLICT_ALONE = Of.CONFLICT.declare(
    'conflict_alone',
    says=N_('{subject} fits on none of {destinations} enabled destinations'),
    helps=N_('Free room on one of them, or: -p on_blocked=leave'),
)


FEW = 3
"""The most destinations of a conflict that are named, not counted."""

SUMS = frozenset({Kind.SUM, Kind.ROUNDED_SUM})
"""Proofs by a resource class that there is too little of."""

COUNTS = SUMS | {Kind.NO_BIN, Kind.COUNT, Kind.GROUP}
"""Proofs by how many instances fit; others are not explained."""


def conflict(
    instances: Sequence[Instance],
    destinations: Destinations,
    choice: MethodChoice,
    limits: Limits,
) -> Finding | None:
    """Return a few of these instances that do not fit together.

    They are returned only if that is proved, and if they do fit without any
    one of them. An instance that fits on no node at all is explained by what
    each node lacks.
    """
    puzzle = destinations.puzzle(instances, choice.destinations)
    conflict = conflicts.conflict(puzzle.problem, limits)
    if conflict is None or not conflict.irreducible:
        return None
    named = puzzle.instances(conflict.counts)
    if len(named) == 1:
        return _alone(named[0], destinations, choice)
    hosts = [destinations.destination(h) for h in conflict.hosts]
    reason, measured = _measured(conflict.proof.kind, named, hosts)
    return reason.about(
        count=len(named),
        names=tuple(sorted(i.name for i in named)),
        destinations=len(hosts),
        hosts=conflict.hosts if len(hosts) <= FEW else (),
        proof=conflict.proof.kind.value,
        **measured,
    )


def _alone(
    instance: Instance, destinations: Destinations, choice: MethodChoice
) -> Finding | None:
    """Return that only nodes of another method could take an instance."""
    objections = destinations.judge.objections
    for hostname in destinations.hostnames:
        if hostname not in choice.destinations and not objections(
            instance, destinations.destination(hostname)
        ):
            count = len(choice.destinations)
            return CONFLICT_ALONE.about(instance.name, destinations=count)
    return None


def _measured(
    kind: Kind, named: Sequence[Instance], hosts: Sequence[Destination]
) -> tuple[Reason, Mapping[str, Fact]]:
    """Return what a conflict is about, and what that is measured in.

    A group says more than the count that proves the same. A sum is proved of
    as many instances as the other classes let in, so that it may not show in
    any class by itself.
    """
    group = _full_group(named, hosts)
    if group:
        return CONFLICT_GROUP, group
    sums = next(shortages(named, hosts), None)
    if sums and kind in SUMS:
        return CONFLICT_SUM, sums
    if kind in COUNTS:
        # All but any one of them have places.
        return CONFLICT_COUNT, {'most': len(named) - 1}
    return CONFLICT, {}


def _full_group(
    named: Sequence[Instance], hosts: Sequence[Destination]
) -> Mapping[str, Fact]:
    """Return the group alone that keeps these apart, and its room."""
    uuid, *others = {i.group for i in named}
    group = hosts[0].groups.apart.get(uuid)
    if others or group is None:
        return {}
    most = group.max_server_per_host
    room = sum(max(0, most - h.bin.members.get(uuid, 0)) for h in hosts)
    return {'group': group.name, 'most': room} if room < len(named) else {}
