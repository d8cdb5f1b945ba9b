# SPDX-License-Identifier: Apache-2.0

"""Which instances are in each other's way, and what would make room."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing import conflict as conflicts
from watcher_host_maintenance.core.packing import remedies as packed
from watcher_host_maintenance.core.packing.conflict import Conflict
from watcher_host_maintenance.core.packing.remedies import Help
from watcher_host_maintenance.core.packing.remedies import Remedy
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import MethodChoice
from watcher_host_maintenance.core.rules import destination


CONFLICT_SUM = declare(
    'conflict_sum',
    of=Of.CONFLICT,
    says=N_(
        'these {count} need {wanted} {resource_class}, {room} left on '
        '{destinations} destinations: {names}'
    ),
    helps=N_('Free that room, add a larger node, or: -p on_blocked=leave'),
    named=N_(
        'these {count} need {wanted} {resource_class}, {room} left on '
        '{subject}: {names}'
    ),
)

CONFLICT_COUNT = declare(
    'conflict_count',
    of=Of.CONFLICT,
    says=N_(
        'at most {room} of these {count} fit on {destinations} '
        'destinations: {names}'
    ),
    helps=N_('Free room on one node, add a node, or: -p on_blocked=leave'),
    named=N_('at most {room} of these {count} fit on {subject}: {names}'),
)

CONFLICT_GROUP = declare(
    'conflict_group',
    of=Of.CONFLICT,
    says=N_(
        'at most {room} of these {count} of anti-affinity group {group} '
        'may go to {destinations} destinations: {names}'
    ),
    helps=N_('Add a node that holds fewer members of the group.'),
    named=N_(
        'at most {room} of these {count} of anti-affinity group {group} '
        'may go to {subject}: {names}'
    ),
)

CONFLICT = declare(
    'conflict',
    of=Of.CONFLICT,
    says=N_(
        'these {count} do not fit together on {destinations} destinations '
        '(proof: {proof}): {names}'
    ),
    helps=N_('Free room on one node, add a node, or: -p on_blocked=leave'),
    named=N_(
        'these {count} do not fit together on {subject} (proof: {proof}): '
        '{names}'
    ),
)

CONFLICT_ALONE = declare(
    'conflict_alone',
    of=Of.CONFLICT,
    says=N_('{subject} fits on none of {destinations} enabled destinations'),
    helps=N_('Free room on one of them, or: -p on_blocked=leave'),
)

WAKE_SPARE = declare(
    'wake_spare',
    of=Of.REMEDY,
    says=N_('enable {subject}'),
    helps=N_(
        'Let the instances spread onto it: openstack compute service set '
        '--enable {subject} nova-compute'
    ),
)

LOWER_HEADROOM = declare(
    'lower_headroom',
    of=Of.REMEDY,
    says=N_('keep less free: -p headroom_percent={percent}'),
    helps=N_('Keep a smaller share of each destination free.'),
)

LEAVE_SOME = declare(
    'leave_some',
    of=Of.REMEDY,
    says=N_('leave {names}: -p on_blocked=leave'),
    helps=N_('Leave these where they are: -p on_blocked=leave'),
)

ADD_ROOM = declare(
    'add_room',
    of=Of.REMEDY,
    says=N_('free or add {amount} {resource_class} on {subject}'),
    helps=N_('Move or delete something there, or enlarge the node.'),
)


FEW = 3
"""The most destinations of a conflict that are named, not counted."""

OF_KIND = {
    Kind.SUM: CONFLICT_SUM,
    Kind.ROUNDED_SUM: CONFLICT_SUM,
    Kind.NO_BIN: CONFLICT_COUNT,
    Kind.COUNT: CONFLICT_COUNT,
    Kind.GROUP: CONFLICT_COUNT,
}
"""How a proof is told; those that are no sum of a few are not explained."""


def conflict(
    instances: Sequence[Instance],
    offered: Destinations,
    choice: MethodChoice,
    limits: Limits,
) -> tuple[Finding, ...]:
    """Name few of these instances that have no place together.

    Only what is proved is told, and only when the others of it have places
    without any one of them.

    :returns: one finding or, when none is known, nothing; of an instance that
        fits on no node at all there is no more to say than what each lacks
    """
    puzzle = offered.puzzle(instances, choice.destinations)
    found = conflicts.conflict(puzzle.problem, limits)
    if found is None or not found.irreducible:
        return ()
    named = puzzle.instances(found.counts)
    if len(named) == 1:
        return tuple(_alone(named[0], offered, choice))
    reason, measured = _measured(found, named, offered)
    facts: dict[str, Fact] = {
        'count': len(named),
        'names': _names(named),
        'destinations': len(found.hosts),
        'proof': found.proof.kind.value,
        **measured,
    }
    hosts = ', '.join(found.hosts) if len(found.hosts) <= FEW else ''
    return (Finding(reason, hosts, facts),)


def _alone(
    instance: Instance, offered: Destinations, choice: MethodChoice
) -> Iterator[Finding]:
    """Tell of one that only nodes of another method could take."""
    others = set(offered.hostnames).difference(choice.destinations)
    objections = offered.judge.objections
    if any(
        not objections(instance, offered.destination(h))
        for h in sorted(others)
    ):
        facts: dict[str, Fact] = {'destinations': len(choice.destinations)}
        yield Finding(CONFLICT_ALONE, instance.name, facts)


def repeats(
    conflict: tuple[Finding, ...], sums: Sequence[Finding], count: int
) -> bool:
    """Tell whether a conflict is of all, for whom the sums say as much.

    :param sums: what is said of all on the same destinations
    :param count: how many all are
    """
    return (
        bool(conflict)
        and conflict[0].facts.get('count') == count
        and conflict[0].reason is not CONFLICT_GROUP
        and any(f.reason is SUM_TOO_LARGE for f in sums)
    )


def remedies(
    instances: Sequence[Instance],
    offered: Destinations,
    stays: Sequence[Stay],
    headroom_percent: float,
    limits: Limits,
) -> tuple[Finding, ...]:
    """Find what makes room for all of these, each by itself.

    Everything told has been tried: with it, all are placed.

    :param stays: those that have no place when as many as can be are placed
    """
    hostnames = offered.hostnames
    puzzle = offered.puzzle(instances, hostnames)
    unused = () if offered.backup else offered.unused
    in_use = [h for h in hostnames if h not in unused]
    problem = dataclasses.replace(
        puzzle.problem, bins=tuple(offered.bins(in_use))
    )
    found = packed.remedies(
        problem, offered.bins(unused), headroom_percent, limits
    )
    told = [*map(_told, found), *_leave(instances, stays)]
    return tuple(sorted(told, key=lambda f: CHEAPEST.index(f.reason)))


CHEAPEST = (
    WAKE_SPARE,
    LOWER_HEADROOM,
    LEAVE_SOME,
    ADD_ROOM,
)
"""What is told first."""


def _measured(
    found: Conflict,
    named: Sequence[Instance],
    offered: Destinations,
) -> tuple[Reason, Mapping[str, Fact]]:
    """Return what a conflict is about, and what that is measured in."""
    reason = OF_KIND.get(found.proof.kind, CONFLICT)
    group, room = _full_group(found, named, offered)
    if group:
        return CONFLICT_GROUP, {'group': group, 'room': room}
    if reason is CONFLICT_SUM:
        sums = _scarcest(found, named, offered)
        if sums:
            return reason, sums
        # What there is of it cannot be filled by whole instances.
        reason = CONFLICT_COUNT
    if reason is CONFLICT_COUNT:
        # All but any one of them have places.
        return reason, {'room': len(named) - 1}
    return reason, {}


def _scarcest(
    found: Conflict,
    named: Sequence[Instance],
    offered: Destinations,
) -> Mapping[str, Fact]:
    """Say of which class there is the least for these, if it is too little.

    Of the proof is known only that it is a sum, of as many instances as the
    other classes let in.
    """
    wanted = destination.total(i.resources for i in named)
    bins = offered.bins(found.hosts)
    room = {c: sum(max(0, b.free(c)) for b in bins) for c in wanted}
    scarcest = min(wanted, key=lambda c: (room[c] / wanted[c], c))
    if wanted[scarcest] <= room[scarcest]:
        return {}
    return {
        'resource_class': scarcest,
        'wanted': wanted[scarcest],
        'room': room[scarcest],
    }


def _full_group(
    found: Conflict,
    named: Sequence[Instance],
    offered: Destinations,
) -> tuple[str, int]:
    """Name the group that keeps these apart, and how many may come.

    A group says more than the count that proves the same.

    :returns: '' when it is not for a group alone
    """
    first, *others = sorted({i.group for i in named})
    if others or first not in offered.groups.apart:
        return '', 0
    group = offered.groups.apart[first]
    room = sum(
        max(0, group.max_server_per_host - there.members.get(first, 0))
        for there in offered.bins(found.hosts)
    )
    return (group.name, room) if room < len(named) else ('', 0)


def _told(remedy: Remedy) -> Finding:
    if remedy.help is Help.WAKE:
        return Finding(WAKE_SPARE, remedy.hostname)
    if remedy.help is Help.HEADROOM:
        facts: Mapping[str, Fact] = {'percent': remedy.percent}
        return Finding(LOWER_HEADROOM, facts=facts)
    return Finding(
        ADD_ROOM,
        remedy.hostname,
        {'resource_class': remedy.resource_class, 'amount': remedy.amount},
    )


def _leave(
    instances: Sequence[Instance], stays: Sequence[Stay]
) -> Iterator[Finding]:
    """Tell which have to be left, if that leaves any to move."""
    if 0 < len(stays) < len(instances):
        left = {s.instance_uuid for s in stays}
        facts: Mapping[str, Fact] = {
            'count': len(stays),
            'names': _names(i for i in instances if i.uuid in left),
        }
        yield Finding(LEAVE_SOME, facts=facts)


def _names(instances: Iterable[Instance]) -> str:
    return ', '.join(sorted(i.name for i in instances))
