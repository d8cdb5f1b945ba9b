# SPDX-License-Identifier: Apache-2.0

"""Why instances have no place: records for the report, foremost first."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import N_
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
    says=N_('no place was found for {subject} beside the others'),
    helps=N_('Free room, or raise search_steps and exact_nodes.'),
    is_shared=True,
    is_undecided=True,
)

SUM_TOO_LARGE = Of.TOGETHER.declare(
    'sum_too_large',
    says=N_(
        '{instances} instances need {wanted} {resource_class}, {free} free '
        'on {destinations} destinations'
    ),
    helps=N_('Free that room, add a larger node, or: -p on_blocked=leave'),
    named=N_(
        '{instances} instances need {wanted} {resource_class}, {free} free '
        'on {subject}'
    ),
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
    lacking = (
        NO_PLACE_FOUND
        if assignment.status is Status.UNDECIDED
        else NO_ROOM_BESIDE_OTHERS
    )
    return tuple(
        _stay(
            instance,
            destinations.judge,
            alone,
            beside,
            Finding(lacking, instance.name, facts),
        )
        for instance in left_over
    )


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
        return (Finding(NO_CANDIDATE),)
    if len(instances) == 1:
        return ()
    there = [destinations.destination(h) for h in choice.destinations]
    sums = tuple(_sums(instances, there))
    alone = len(there) == 1
    if sums or alone or any(_fits_nowhere(s) for s in stays):
        return sums
    facts = {'instances': len(instances), 'destinations': len(there)}
    if whole.status is Status.UNDECIDED or whole.proof is None:
        return (Finding(NO_FIT_FOUND, facts=facts),)
    proof = {'proof': whole.proof.kind.value}
    return (Finding(NO_FIT_TOGETHER, facts={**facts, **proof}),)


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


def _fits_nowhere(stay: Stay) -> bool:
    return stay.findings[0].reason is NO_DESTINATION


def _stay(
    instance: Instance,
    judge: hosting.Judge,
    alone: Iterable[Destination],
    beside: Sequence[Destination],
    lacking: Finding,
) -> Stay:
    """Return why an instance has no place.

    :param alone: every destination, as it is without the others
    :param beside: those of the method that came nearest, with the others
    :param lacking: the finding about one that fits somewhere by itself
    """
    objections = [judge.objections(instance, d) for d in alone]
    if not objections:
        first = Finding(NO_CANDIDATE, instance.name)
    elif all(objections):
        facts = {'destinations': len(objections)}
        first = Finding(NO_DESTINATION, instance.name, facts)
    else:
        first = lacking
        objections = [judge.objections(instance, d) for d in beside]
    nearest = sorted(filter(None, objections), key=_shortage)[:NEAREST]
    findings = (first, *(f for host in nearest for f in host))
    return Stay(
        instance_uuid=instance.uuid,
        instance_name=instance.name,
        host=instance.host,
        as_asked=False,
        findings=findings,
    )


def _shortage(found: tuple[Finding, ...]) -> tuple[int, int, float, str]:
    """Order destinations by how little they lack, rules before room."""
    missing = 0.0
    for finding in found:
        wanted = finding.number('wanted')
        if wanted:
            missing = max(missing, (wanted - finding.number('free')) / wanted)
    by_rule = sum(f.reason.of is not Of.ROOM for f in found)
    return by_rule, len(found), missing, found[0].subject


def _sums(
    instances: Sequence[Instance], destinations: Sequence[Destination]
) -> Iterator[Finding]:
    """Yield the resource classes that are short in sum, scarcest first."""
    wanted = destination.total(i.resources for i in instances)
    open_ones = [d for d in destinations if not d.beyond]
    free = {c: sum(max(d.free(c), 0) for d in open_ones) for c in wanted}
    only = destinations[0].hostname if len(destinations) == 1 else ''
    for c in sorted(wanted, key=lambda c: (free[c] / wanted[c], c)):
        if wanted[c] > free[c]:
            yield Finding(
                SUM_TOO_LARGE,
                only,
                {
                    'instances': len(instances),
                    'resource_class': c,
                    'wanted': wanted[c],
                    'free': free[c],
                    'destinations': len(destinations),
                },
            )
