# SPDX-License-Identifier: Apache-2.0

"""Return nodes to service, and home who left them."""

import dataclasses
import itertools

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.advice import unplaced
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import go_tags
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Start
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnAs
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import homecomings
from watcher_host_maintenance.core.planning import questions
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import MethodChoice
from watcher_host_maintenance.core.planning.questions import Questions
from watcher_host_maintenance.core.rules import returns
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.hosting import Judge
from watcher_host_maintenance.core.rules.returns import Homecoming


def decide(
    snapshot: Snapshot,
    request: Request,
    limits: Limits = solve.DEFAULT,
    read: Collection[str] = (),
) -> Questions:
    """Plan a return on nodes that have been read only.

    :param request: a :class:`ReturnRequest`
    :param read: hostnames of the nodes that have been read already
    """
    return questions.ask(_Planner(request, limits), snapshot, read)


def plan(
    snapshot: Snapshot, request: ReturnRequest, limits: Limits = solve.DEFAULT
) -> Outcome:
    """Decide how nodes return, and who comes home to each.

    Named nodes return all or none; of those that wait for it, each by itself.
    An instance has one home, so that each node is packed by itself, into the
    room that it has before anything moves.
    """
    resolved = returns.resolve(snapshot, request)
    if resolved.findings:
        return Outcome(findings=resolved.findings, purpose=Purpose.RETURN)
    homes = returns.homecomings(resolved.nodes, snapshot, request)
    judge = Judge(snapshot, request, [x for h in homes for x in h.coming])
    packed = [_packed(h, snapshot, request, judge, limits) for h in homes]
    refusals = [resolved.refused.get(node.hostname, ()) for node in packed]
    fails = request.on_blocked is OnBlocked.FAIL
    is_refused = [
        bool(findings) or (fails and bool(node.blocked))
        for node, findings in zip(packed, refusals, strict=True)
    ]
    if request.maintenance_nodes and any(is_refused):
        is_refused = [True] * len(packed)
    returning = [
        home for home, no in zip(homes, is_refused, strict=True) if not no
    ]
    nodes = tuple(
        _refused(node, findings) if no else node
        for node, findings, no in zip(
            packed, refusals, is_refused, strict=True
        )
    )
    return _outcome(nodes, returning, snapshot, request)


@dataclasses.dataclass(frozen=True)
class _Planner:
    """Plans returns, and knows which nodes they depend on."""

    request: Request
    limits: Limits

    def plan(
        self,
        snapshot: Snapshot,
        advises: bool = False,
        only: Collection[str] | None = None,
    ) -> Outcome:
        """See :func:`plan`; there is nothing to spread over."""
        if not isinstance(self.request, ReturnRequest):
            raise TypeError('a return needs a ReturnRequest')
        return plan(snapshot, self.request, self.limits)

    def relied_on(self, snapshot: Snapshot, outcome: Outcome) -> set[str]:
        """Return the homes to which something comes or has no room.

        Also the nodes that it comes from.
        """
        homes = {n.hostname for n in outcome.nodes if n.moves or n.blocked}
        return homes | {move.host for move in outcome.moves}

    def candidates(self, snapshot: Snapshot) -> frozenset[str]:
        """Return nothing: no other node will do for a home."""
        return frozenset()

    def makers(self, snapshot: Snapshot, outcome: Outcome) -> frozenset[str]:
        """Return nothing: no other server moves for one that comes home."""
        return frozenset()


def _packed(
    home: Homecoming,
    snapshot: Snapshot,
    request: Request,
    judge: Judge,
    limits: Limits,
) -> NodeOutcome:
    """Return the outcome of a node that returns."""
    coming = [x.instance for x in home.coming]
    where: dict[str, str] = {}
    stays: tuple[Stay, ...] = ()
    if coming:
        destinations = Destinations(
            snapshot,
            request,
            (),
            (home.hostname,),
            judge,
            Groups(snapshot.groups),
        )
        affinity_groups = returns.affinity_groups(snapshot)
        assignment = homecomings.place(
            coming, home.hostname, destinations, affinity_groups, limits
        )
        where = assignment.where
        choice = MethodChoice(Method.HOME, (home.hostname,))
        stays = tuple(
            unplaced.unplaced(coming, destinations, choice, assignment)
        )
        if assignment.status is not Status.UNDECIDED:
            stays = tuple(
                _told(stay, coming, affinity_groups, snapshot)
                for stay in stays
            )
    moves = tuple(
        Move(
            instance_uuid=instance.uuid,
            instance_name=instance.name,
            host=instance.host,
            kind=kind,
            destination=home.hostname,
            unproved=unproved.is_unproved(instance),
        )
        for instance, kind in home.coming
        if instance.uuid in where
    )
    starts = tuple(
        Start(instance_uuid=i.uuid, instance_name=i.name, host=home.hostname)
        for i in home.starting
    )
    does = home.is_closed or moves or starts
    return NodeOutcome(
        home.hostname,
        Verdict.PLANNED if does else Verdict.FINISHED,
        len(home.coming) + len(home.staying),
        Method.HOME if moves else Method.NONE,
        moves,
        stays=home.staying + stays,
        findings=home.notes,
        starts=starts,
    )


def _told(
    stay: Stay,
    coming: Sequence[Instance],
    affinity_groups: Collection[str],
    snapshot: Snapshot,
) -> Stay:
    """Return why an instance has no room, or that its group has none."""
    if len(stay.findings) > 1:
        return stay
    instance = snapshot.by_uuid[stay.instance_uuid]
    members = [i for i in coming if i.group == instance.group]
    if instance.group in affinity_groups and len(members) > 1:
        return returns.group_stays(instance, snapshot)
    return stay


def _refused(node: NodeOutcome, findings: tuple[Finding, ...]) -> NodeOutcome:
    """Return the outcome of a node that is left as it is."""
    return NodeOutcome(
        node.hostname,
        Verdict.REFUSED,
        node.instance_count,
        stays=node.blocked,
        findings=findings,
    )


def _outcome(
    nodes: tuple[NodeOutcome, ...],
    returning: Sequence[Homecoming],
    snapshot: Snapshot,
    request: ReturnRequest,
) -> Outcome:
    homes = {h.hostname: h for h in returning}
    nodes = tuple(_starting_at_home(nodes))
    empty = dict(_empty_spares(nodes, homes, snapshot, request))
    nodes = tuple(
        dataclasses.replace(n, verdict=Verdict.PLANNED)
        if n.hostname in homes
        and not empty.keys().isdisjoint(_woken(homes[n.hostname]))
        else n
        for n in _with_notes(nodes)
    )
    # One that returns itself needs no step of its own.
    reasons = {
        n.hostname: empty.pop(n.hostname, '')
        for n in nodes
        if n.verdict is Verdict.PLANNED
    }
    return Outcome(
        nodes=nodes,
        purpose=Purpose.RETURN,
        returns=tuple(
            Return(
                host,
                homes[host].disabled_reason or reason,
                tuple(_later_spares(homes[host], homes, snapshot, request)),
            )
            for host, reason in reasons.items()
        ),
        closes=tuple(itertools.starmap(Spare, empty.items())),
        notices=_clearings([homes[h] for h in reasons], snapshot, request),
    )


def _starting_at_home(nodes: Sequence[NodeOutcome]) -> Iterator[NodeOutcome]:
    """Yield nodes that start who leaves them for home only when it is there.

    It is down once, and no memory is copied.
    """
    homes = {m.instance_uuid: m.destination for n in nodes for m in n.moves}
    for node in nodes:
        starts = tuple(
            dataclasses.replace(s, home=homes.get(s.instance_uuid, ''))
            for s in node.starts
        )
        yield dataclasses.replace(node, starts=starts)


def _clearings(
    homes: Sequence[Homecoming], snapshot: Snapshot, request: ReturnRequest
) -> tuple[Notify, ...]:
    """Return what deletes the notices of the maintenance that is over.

    A server that has left several of the nodes has one notice. It is deleted
    once the node is back that the server is on, or else the last of them.
    """
    clearings: dict[str, Notify] = {}
    for home in homes:
        for instance in returns.announced(home, snapshot):
            other = clearings.get(instance.uuid)
            if other is None or other.host != instance.host:
                clearings[instance.uuid] = Notify(
                    instance_uuid=instance.uuid,
                    instance_name=instance.name,
                    host=home.hostname,
                    notice=Notice(),
                    clears=instance.notice.maintenance_id,
                    used_tags=go_tags(request.owner_tags),
                )
    return tuple(clearings.values())


def _later_spares(
    home: Homecoming,
    homes: Collection[str],
    snapshot: Snapshot,
    request: ReturnRequest,
) -> Iterator[Spare]:
    """Yield the spares that were woken, and that return another time."""
    for hostname, reason in sorted(_woken(home).items()):
        node = snapshot.by_hostname.get(hostname)
        if (
            node is not None
            and hostname not in homes
            and node.status == 'disabled'
            and not roles.has_spare_reason(node, request)
        ):
            yield Spare(hostname, reason)


def _with_notes(nodes: Sequence[NodeOutcome]) -> Iterator[NodeOutcome]:
    """Yield nodes that tell which of them have more room afterwards."""
    sources = {m.host for n in nodes for m in n.moves}
    for node in nodes:
        if node.hostname in sources and any(
            map(returns.lacks_room, node.blocked)
        ):
            note = returns.LEAVERS_COUNT.about(node.hostname)
            yield dataclasses.replace(node, findings=(*node.findings, note))
        else:
            yield node


def _empty_spares(
    nodes: Sequence[NodeOutcome],
    homes: Mapping[str, Homecoming],
    snapshot: Snapshot,
    request: ReturnRequest,
) -> Iterator[tuple[str, str]]:
    """Yield the spares that were woken and are empty after the moves.

    :param homes: hostname -> node that returns, perhaps one of the spares
    :returns: hostname, and its disabled reason before
    """
    reasons = {
        host: reason
        for home in homes.values()
        for host, reason in _woken(home).items()
    }
    moves = [m for n in nodes for m in n.moves]
    gone = {m.instance_uuid for m in moves}
    used = {m.destination for m in moves}
    if request.return_as is ReturnAs.ENABLED:
        used |= homes.keys()
    for hostname in sorted(reasons.keys() - used):
        node = snapshot.by_hostname.get(hostname)
        if node is None or not node.in_scope:
            continue
        opens = hostname in homes and not homes[hostname].disabled_reason
        if node.status != 'enabled' and not opens:
            continue
        listed = snapshot.instances_on(hostname)
        is_empty = all(i.uuid in gone for i in listed)
        if is_empty and len(listed) == node.instance_count:
            yield hostname, reasons[hostname]


def _woken(home: Homecoming) -> dict[str, str]:
    """Return hostname -> former reason of the spares that were enabled."""
    woken = dict(home.closing.woken) if home.closing is not None else {}
    if not home.is_closed:
        woken.pop(home.hostname, None)
    return woken
