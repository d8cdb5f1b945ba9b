# SPDX-License-Identifier: Apache-2.0

"""Why instances have no place: records for the report, foremost first."""

import dataclasses
import itertools

from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.destinations import arrivals
from watcher_host_maintenance.core.planning.methods import MethodChoice
from watcher_host_maintenance.core.planning.placing import Assignment
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import groups
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import room
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.roles import Use


NO_CANDIDATE = Of.TOGETHER.declare(
    'no_candidate',
    says=N_('no other compute node in scope is enabled and up'),
    helps=N_('Enable a compute node, or add an unused one.'),
    named=N_(
        '{subject} has no destination: no other compute node in scope is '
        'enabled and up'
    ),
    is_shared=True,
)

NO_DESTINATION = Of.UNPLACED.declare(
    'no_destination',
    says=N_('{subject} fits on no destination'),
    helps=N_('Free the room named, or: -p on_blocked=leave'),
)

NO_ROOM_BESIDE_OTHERS = Of.UNPLACED.declare(
    'no_room_beside_others',
    says=N_('{subject} has no room beside the others'),
    helps=N_('Free the room named, or: -p on_blocked=leave'),
    is_shared=True,
)

NO_PLACE_FOUND = Of.UNPLACED.declare(
    'no_place_found',
    says=N_(
        'no place was found for {subject} beside the others; at most {more} '
        'more could go'
    ),
    helps=N_('Free room, or raise search_steps and exact_nodes.'),
    is_shared=True,
    is_undecided=True,
)

NO_PLACE_IN_TIME = Of.UNPLACED.declare(
    'no_place_in_time',
    says=N_(
        'no place was found for {subject} before the exact solver was '
        'stopped; at most {more} more could go'
    ),
    helps=N_('Free room, or raise exact_guard_s.'),
    is_shared=True,
    is_undecided=True,
)

SUM_TOO_LARGE = Of.TOGETHER.declare(
    'sum_too_large',
    says=N_(
        '{instances} instances need {wanted} {resource_class}, {free} free '
        'on {hosts}'
    ),
    helps=N_('Free that room, add a larger node, or: -p on_blocked=leave'),
)

NO_FIT_TOGETHER = Of.TOGETHER.declare(
    'no_fit_together',
    says=N_(
        '{instances} instances do not all fit on {destinations} '
        'destinations, though the sums would do (proof: {proof})'
    ),
    helps=N_('Free room on one node, add a node, or: -p on_blocked=leave'),
)

NO_FIT_FOUND = Of.TOGETHER.declare(
    'no_fit_found',
    says=N_(
        'no way was found to fit {instances} instances on {destinations} '
        'destinations; there may be one'
    ),
    helps=N_('Free room, or raise search_steps and exact_nodes.'),
    is_undecided=True,
)

NO_FIT_IN_TIME = Of.TOGETHER.declare(
    'no_fit_in_time',
    says=N_(
        'the exact solver was stopped before it knew whether {instances} '
        'instances fit on {destinations} destinations'
    ),
    helps=N_('Free room, or raise exact_guard_s.'),
    is_undecided=True,
)

AT_MOST_MORE = Of.TOGETHER.declare(
    'at_most_more',
    says=N_(
        'of the {left} of {instances} instances without a place, at most '
        '{more} more could go'
    ),
    helps=N_('Free room, or raise search_steps and exact_nodes.'),
    is_undecided=True,
)


NEAREST = 20
"""The most destinations named for one instance: those that lack least."""


def unplaced(
    instances: Sequence[Instance],
    destinations: Destinations,
    choice: MethodChoice,
    assignment: Assignment,
) -> tuple[Stay, ...]:
    """Return, for each instance without a place, what each node lacks.

    One that fits on no node at all is told apart from one that only has no
    room beside the others.

    :param destinations: every destination, that of other methods too
    :param assignment: where the others go; they are counted in
    """
    left_over = [i for i in instances if i.uuid not in assignment.where]
    if not left_over:
        return ()
    alone = [destinations.destination(h) for h in destinations.hostnames]
    arriving = arrivals(instances, assignment.where)
    beside = [
        destinations.destination(h, arriving.get(h, ()))
        for h in choice.destinations
    ]
    facts = {'destinations': len(beside), 'others': len(assignment.where)}
    otherwise = NO_ROOM_BESIDE_OTHERS.about(**facts)
    if assignment.status is Status.UNDECIDED:
        late = assignment.timed_out
        lacking = NO_PLACE_IN_TIME if late else NO_PLACE_FOUND
        otherwise = lacking.about(**facts, more=assignment.more)
    judge = destinations.judge
    findings: dict[Hashable, tuple[Finding, ...]] = {}
    stays = []
    for instance in left_over:
        kind = judge.kind(instance)
        if kind not in findings:
            findings[kind] = _findings(
                instance, judge, alone, beside, otherwise
            )
        first, *nearest = findings[kind]
        stays.append(
            Stay(
                instance_uuid=instance.uuid,
                instance_name=instance.name,
                host=instance.host,
                as_asked=False,
                findings=(
                    dataclasses.replace(first, subject=instance.name),
                    *nearest,
                ),
            )
        )
    return tuple(stays)


def together(
    instances: Sequence[Instance],
    destinations: Destinations,
    choice: MethodChoice,
    stays: Sequence[Stay],
    whole: Assignment,
) -> tuple[Finding, ...]:
    """Return why these instances do not all fit on some destinations.

    :param stays: those without a place: if one fits on no node at all, only
        the missing amounts are returned
    :param whole: what is known of placing them all
    """
    if not choice.destinations:
        return (NO_CANDIDATE.about(),)
    if len(instances) == 1:
        return ()
    hosts = [destinations.destination(h) for h in choice.destinations]
    facts = {'instances': len(instances), 'destinations': len(hosts)}
    only = choice.destinations if len(hosts) == 1 else ()
    sums = tuple(
        SUM_TOO_LARGE.about(**facts, hosts=tuple(only), **sums)
        for sums in shortages(instances, hosts)
    )
    if sums or only or any(_fits_nowhere(s) for s in stays):
        return sums
    if whole.timed_out:
        return (NO_FIT_IN_TIME.about(**facts),)
    if whole.status is Status.UNDECIDED or whole.proof is None:
        return (NO_FIT_FOUND.about(**facts),)
    return (NO_FIT_TOGETHER.about(**facts, proof=whole.proof.kind.value),)


def _fits_nowhere(stay: Stay) -> bool:
    return stay.findings[0].reason is NO_DESTINATION


def not_destinations(
    snapshot: Snapshot,
    request: Request,
    maintained: frozenset[str],
    spares: Mapping[str, Destination],
    unplaced: Sequence[Sequence[Instance]],
    judge: hosting.Judge,
) -> tuple[Finding, ...]:
    """Return why each node that takes nothing does so, spares included.

    :param spares: hostname -> unused node, of those that stay so
    :param unplaced: instances that Method 1 could not put on one of these
    """
    findings: list[Finding] = []
    for node in snapshot.nodes:
        if node.hostname in spares:
            for instances in unplaced:
                spare = spares[node.hostname]
                findings.extend(_too_much(instances, spare, judge))
        elif node.hostname not in maintained and not roles.is_usable(
            node, Use.WAKE, request
        ):
            findings.extend(roles.objections(node, Use.SPREAD, request))
    return tuple(findings)


def _too_much(
    instances: Sequence[Instance], spare: Destination, judge: hosting.Judge
) -> Iterator[Finding]:
    """Yield why one spare cannot take all of these instances."""
    wanted = destination.total(i.resources for i in instances)
    findings = [
        *room.has_room(wanted, spare),
        *room.keeps_headroom(spare),
        *groups.keeps_apart(instances, spare),
    ]
    for instance in instances:
        findings.extend(room.within_units(instance.resources, spare))
        findings.extend(judge.fixed_objections(instance, spare))
    for number, finding in enumerate(findings):
        if finding not in findings[:number]:
            yield finding


def _findings(
    instance: Instance,
    judge: hosting.Judge,
    alone: Sequence[Destination],
    beside: Sequence[Destination],
    otherwise: Finding,
) -> tuple[Finding, ...]:
    """Return why an instance has no place, and what the nearest nodes lack.

    :param alone: every destination, as it is without the others
    :param beside: those of the method that came nearest, with the others
    :param otherwise: what is told of one that fits somewhere by itself
    """
    objections = [
        *itertools.takewhile(
            bool, (judge.objections(instance, d) for d in alone)
        )
    ]
    if not alone:
        first = NO_CANDIDATE.about(instance.name)
    elif len(objections) == len(alone):
        first = NO_DESTINATION.about(instance.name, destinations=len(alone))
    else:
        first = otherwise
        objections = [judge.objections(instance, d) for d in beside]
    nearest = sorted(filter(None, objections), key=_shortage)[:NEAREST]
    return (first, *itertools.chain.from_iterable(nearest))


def _shortage(
    objections: tuple[Finding, ...],
) -> tuple[int, int, float, str]:
    """Order destinations by how little they lack, rules before room."""
    missing = max(
        (f.number('wanted') - f.number('free')) / f.number('wanted')
        if f.number('wanted')
        else 0.0
        for f in objections
    )
    by_rule = sum(f.reason.of is not Of.ROOM for f in objections)
    return by_rule, len(objections), missing, objections[0].subject


def shortages(
    instances: Sequence[Instance], hosts: Sequence[Destination]
) -> Iterator[dict[str, Fact]]:
    """Yield the resource classes that are short in sum, scarcest first.

    :returns: facts about each: what is wanted of it, and what is free
    """
    wanted = destination.total(i.resources for i in instances)
    takers = [host for host in hosts if not host.beyond]
    free = {c: sum(max(h.free(c), 0) for h in takers) for c in wanted}
    for c in sorted(wanted, key=lambda c: (free[c] / wanted[c], c)):
        if wanted[c] > free[c]:
            yield {'resource_class': c, 'wanted': wanted[c], 'free': free[c]}
