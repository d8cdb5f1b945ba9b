# SPDX-License-Identifier: Apache-2.0

"""Which instances do not fit together, and what would make room."""

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
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing import conflict as conflicts
from watcher_host_maintenance.core.packing import remedies as packed
from watcher_host_maintenance.core.packing.conflict import Conflict
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import MethodChoice
from watcher_host_maintenance.core.rules import destination


CONFLICT_SUM = Of.CONFLICT.declare(
    'conflict_sum',
    says=N_(
        'these {count} need {wanted} {resource_class}, {free} free on '
        '{destinations} destinations: {names}'
    ),
    helps=N_('Free that room, add a larger node, or: -p on_blocked=leave'),
    named=N_(
        'these {count} need {wanted} {resource_class}, {free} free on '
        '{hosts}: {names}'
    ),
)

CONFLICT_COUNT = Of.CONFLICT.declare(
    'conflict_count',
    says=N_(
        'at most {most} of these {count} fit on {destinations} '
        'destinations: {names}'
    ),
    helps=N_('Free room on one node, add a node, or: -p on_blocked=leave'),
    named=N_('at most {most} of these {count} fit on {hosts}: {names}'),
)

CONFLICT_GROUP = Of.CONFLICT.declare(
    'conflict_group',
    says=N_(
        'at most {most} of these {count} of anti-affinity group {group} '
        'may go to {destinations} destinations: {names}'
    ),
    helps=N_('Add a node that holds fewer members of the group.'),
    named=N_(
        'at most {most} of these {count} of anti-affinity group {group} '
        'may go to {hosts}: {names}'
    ),
)

CONFLICT = Of.CONFLICT.declare(
    'conflict',
    says=N_(
        'these {count} do not fit together on {destinations} destinations '
        '(proof: {proof}): {names}'
    ),
    helps=N_('Free room on one node, add a node, or: -p on_blocked=leave'),
    named=N_(
        'these {count} do not fit together on {hosts} (proof: {proof}): '
        '{names}'
    ),
)

CONFLICT_ALONE = Of.CONFLICT.declare(
    'conflict_alone',
    says=N_('{subject} fits on none of {destinations} enabled destinations'),
    helps=N_('Free room on one of them, or: -p on_blocked=leave'),
)

WAKE_SPARE = Of.REMEDY.declare(
    'wake_spare',
    says=N_('enable {subject}'),
    helps=N_(
        'Let the instances spread onto it: openstack compute service set '
        '--enable {subject} nova-compute'
    ),
)

LOWER_HEADROOM = Of.REMEDY.declare(
    'lower_headroom',
    says=N_('keep less free: -p headroom_percent={percent}'),
    helps=N_('Keep a smaller share of each destination free.'),
)

LEAVE_SOME = Of.REMEDY.declare(
    'leave_some',
    says=N_('leave {names}: -p on_blocked=leave'),
    helps=N_('Leave these where they are: -p on_blocked=leave'),
)

ADD_ROOM = Of.REMEDY.declare(
    'add_room',
    says=N_('free or add {amount} {resource_class} on {subject}'),
    helps=N_('Move or delete something there, or enlarge the node.'),
)


MOST_SPARES = 20
"""How many unused nodes are tried."""

FEW = 3
"""The most destinations of a conflict that are named, not counted."""

OF_KIND = {
    Kind.SUM: CONFLICT_SUM,
    Kind.ROUNDED_SUM: CONFLICT_SUM,
    Kind.NO_BIN: CONFLICT_COUNT,
    Kind.COUNT: CONFLICT_COUNT,
    Kind.GROUP: CONFLICT_COUNT,
}
"""The reason for each kind of proof; others are not explained."""


def conflict(
    instances: Sequence[Instance],
    destinations: Destinations,
    choice: MethodChoice,
    limits: Limits,
) -> tuple[Finding, ...]:
    """Return a few of these instances that do not fit together.

    They are returned only if that is proved, and if they do fit without any
    one of them.

    :returns: at most one finding; none for an instance that fits on no node
        at all, which is explained by what each node lacks
    """
    puzzle = destinations.puzzle(instances, choice.destinations)
    conflict = conflicts.conflict(puzzle.problem, limits)
    if conflict is None or not conflict.irreducible:
        return ()
    named = puzzle.instances(conflict.counts)
    if len(named) == 1:
        return tuple(_alone(named[0], destinations, choice))
    reason, measured = _measured(conflict, named, destinations)
    facts: dict[str, Fact] = {
        'count': len(named),
        'names': _names(named),
        'destinations': len(conflict.hosts),
        'hosts': conflict.hosts if len(conflict.hosts) <= FEW else (),
        'proof': conflict.proof.kind.value,
        **measured,
    }
    return (Finding(reason, facts=facts),)


def _alone(
    instance: Instance, destinations: Destinations, choice: MethodChoice
) -> Iterator[Finding]:
    """Yield that only nodes of another method could take an instance."""
    others = set(destinations.hostnames).difference(choice.destinations)
    objections = destinations.judge.objections
    if any(
        not objections(instance, destinations.destination(h))
        for h in sorted(others)
    ):
        facts: dict[str, Fact] = {'destinations': len(choice.destinations)}
        yield Finding(CONFLICT_ALONE, instance.name, facts)


def repeats(
    conflict: tuple[Finding, ...], sums: Sequence[Finding], count: int
) -> bool:
    """Return True if a conflict is of all, and the sums say as much.

    :param sums: the findings about all, on the same destinations
    :param count: how many instances all are
    """
    return (
        bool(conflict)
        and conflict[0].number('count') == count
        and conflict[0].reason is not CONFLICT_GROUP
        and any(f.reason is SUM_TOO_LARGE for f in sums)
    )


def remedies(
    instances: Sequence[Instance],
    destinations: Destinations,
    stays: Sequence[Stay],
    headroom_percent: float,
    limits: Limits,
) -> tuple[Finding, ...]:
    """Return what makes room for all of these, each by itself.

    Each remedy has been tried: with it, all are placed.

    :param stays: those without a place when as many as possible have one
    """
    unused = () if destinations.backup else destinations.unused
    in_use = tuple(h for h in destinations.hostnames if h not in unused)
    puzzle = destinations.puzzle(instances, in_use)
    if puzzle.everything(limits).status is Status.PLACED:
        return ()
    problem = puzzle.problem
    percent = packed.sufficient_headroom(problem, headroom_percent, limits)
    return (
        *_wake(instances, destinations, in_use, unused, limits),
        *(
            Finding(LOWER_HEADROOM, facts={'percent': number})
            for number in [percent]
            if number is not None
        ),
        *_leave(instances, stays),
        *(
            Finding(
                ADD_ROOM,
                room.hostname,
                {
                    'resource_class': room.resource_class,
                    'amount': room.amount,
                },
            )
            for room in packed.sufficient_rooms(
                problem, puzzle.most(limits), limits
            )
        ),
    )


def _wake(
    instances: Sequence[Instance],
    destinations: Destinations,
    in_use: tuple[str, ...],
    unused: tuple[str, ...],
    limits: Limits,
) -> Iterator[Finding]:
    """Yield the unused nodes each of which suffices beside those in use."""
    for hostname in unused[:MOST_SPARES]:
        puzzle = destinations.puzzle(instances, (*in_use, hostname))
        if puzzle.everything(limits.quick()).status is Status.PLACED:
            yield Finding(WAKE_SPARE, hostname)


def _measured(
    conflict: Conflict,
    named: Sequence[Instance],
    destinations: Destinations,
) -> tuple[Reason, Mapping[str, Fact]]:
    """Return what a conflict is about, and what that is measured in."""
    reason = OF_KIND.get(conflict.proof.kind, CONFLICT)
    group, room = _full_group(conflict, named, destinations)
    if group:
        return CONFLICT_GROUP, {'group': group, 'most': room}
    if reason is CONFLICT_SUM:
        sums = _scarcest(conflict, named, destinations)
        if sums:
            return reason, sums
        # What there is of it cannot be filled by whole instances.
        reason = CONFLICT_COUNT
    if reason is CONFLICT_COUNT:
        # All but any one of them have places.
        return reason, {'most': len(named) - 1}
    return reason, {}


def _scarcest(
    conflict: Conflict,
    named: Sequence[Instance],
    destinations: Destinations,
) -> Mapping[str, Fact]:
    """Return the scarcest resource class, if there is too little of it.

    The proof is a sum of as many instances as the other classes let in, so
    that it may not show in any class by itself.
    """
    wanted = destination.total(i.resources for i in named)
    bins = destinations.bins(conflict.hosts)
    free = {c: sum(max(0, b.free(c)) for b in bins) for c in wanted}
    scarcest = min(wanted, key=lambda c: (free[c] / wanted[c], c))
    if wanted[scarcest] <= free[scarcest]:
        return {}
    return {
        'resource_class': scarcest,
        'wanted': wanted[scarcest],
        'free': free[scarcest],
    }


def _full_group(
    conflict: Conflict,
    named: Sequence[Instance],
    destinations: Destinations,
) -> tuple[str, int]:
    """Return the group that keeps these apart, and how many may come.

    A group says more than the count that proves the same.

    :returns: '' when it is not for a group alone
    """
    first, *others = sorted({i.group for i in named})
    if others or first not in destinations.groups.apart:
        return '', 0
    group = destinations.groups.apart[first]
    room = sum(
        max(0, group.max_server_per_host - there.members.get(first, 0))
        for there in destinations.bins(conflict.hosts)
    )
    return (group.name, room) if room < len(named) else ('', 0)


def _leave(
    instances: Sequence[Instance], stays: Sequence[Stay]
) -> Iterator[Finding]:
    """Yield the instances to leave, if that leaves any to move."""
    if 0 < len(stays) < len(instances):
        left = {s.instance_uuid for s in stays}
        facts: Mapping[str, Fact] = {
            'count': len(stays),
            'names': _names(i for i in instances if i.uuid in left),
        }
        yield Finding(LEAVE_SOME, facts=facts)


def _names(instances: Iterable[Instance]) -> tuple[str, ...]:
    return tuple(sorted(i.name for i in instances))
