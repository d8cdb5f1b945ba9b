# SPDX-License-Identifier: Apache-2.0

"""Which instances are in each other's way, and what would make room."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing import conflict as conflicts
from watcher_host_maintenance.core.packing import remedies as packed
from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.conflict import Conflict
from watcher_host_maintenance.core.packing.remedies import Help
from watcher_host_maintenance.core.packing.remedies import Remedy
from watcher_host_maintenance.core.planning.methods import Candidates
from watcher_host_maintenance.core.planning.methods import Choice
from watcher_host_maintenance.core.rules import destination


FEW = 3
"""The most destinations of a conflict that are named, not counted."""

OF_KIND = {
    Kind.SUM: Reason.CONFLICT_SUM,
    Kind.ROUNDED_SUM: Reason.CONFLICT_SUM,
    Kind.NO_BIN: Reason.CONFLICT_COUNT,
    Kind.COUNT: Reason.CONFLICT_COUNT,
    Kind.GROUP: Reason.CONFLICT_COUNT,
}
"""How a proof is told; those that are no sum of a few are not explained."""


def conflict(
    instances: Sequence[Instance],
    offered: Candidates,
    choice: Choice,
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
    instance: Instance, offered: Candidates, choice: Choice
) -> Iterator[Finding]:
    """Tell of one that only nodes of another method could take."""
    others = set(offered.hostnames).difference(choice.destinations)
    objections = offered.judge.objections
    if any(
        not objections(instance, offered.destination(h))
        for h in sorted(others)
    ):
        facts: dict[str, Fact] = {'destinations': len(choice.destinations)}
        yield Finding(Reason.CONFLICT_ALONE, instance.name, facts)


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
        and conflict[0].reason is not Reason.CONFLICT_GROUP
        and any(f.reason is Reason.SUM_TOO_LARGE for f in sums)
    )


def remedies(
    instances: Sequence[Instance],
    offered: Candidates,
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
    Reason.WAKE_SPARE,
    Reason.LOWER_HEADROOM,
    Reason.LEAVE_SOME,
    Reason.ADD_ROOM,
)
"""What is told first."""


def _measured(
    found: Conflict,
    named: Sequence[Instance],
    offered: Candidates,
) -> tuple[Reason, Mapping[str, Fact]]:
    """Return what a conflict is about, and what that is measured in."""
    reason = OF_KIND.get(found.proof.kind, Reason.CONFLICT)
    group, room = _full_group(found, named, offered)
    if group:
        return Reason.CONFLICT_GROUP, {'group': group, 'room': room}
    if reason is Reason.CONFLICT_SUM:
        sums = _scarcest(found, named, offered)
        if sums:
            return reason, sums
        # What there is of it cannot be filled by whole instances.
        reason = Reason.CONFLICT_COUNT
    if reason is Reason.CONFLICT_COUNT:
        # All but any one of them have places.
        return reason, {'room': len(named) - 1}
    return reason, {}


def _scarcest(
    found: Conflict,
    named: Sequence[Instance],
    offered: Candidates,
) -> Mapping[str, Fact]:
    """Say of which class there is the least for these, if it is too little.

    Of the proof is known only that it is a sum, of as many instances as the
    other classes let in.
    """
    wanted = destination.total(i.resources for i in named)
    bins = offered.bins(found.hosts)
    room = {c: sum(max(0, b.left(c)) for b in bins) for c in wanted}
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
    offered: Candidates,
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
        return Finding(Reason.WAKE_SPARE, remedy.hostname)
    if remedy.help is Help.HEADROOM:
        facts: Mapping[str, Fact] = {'percent': remedy.percent}
        return Finding(Reason.LOWER_HEADROOM, facts=facts)
    return Finding(
        Reason.ADD_ROOM,
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
        yield Finding(Reason.LEAVE_SOME, facts=facts)


def _names(instances: Iterable[Instance]) -> str:
    return ', '.join(sorted(i.name for i in instances))
