# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: which node returns, who comes home, who stays away."""

from collections.abc import Callable
from collections.abc import Iterator

from watcher_host_maintenance.core.checking import owners
from watcher_host_maintenance.core.checking import servers
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import AUTO
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import ReturnAs
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Departure
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot


LACKS_ROOM = frozenset(
    {'no_destination', 'no_room_beside_others', 'no_place_found'}
)
"""Reasons of an instance that stays away for want of room, or by a rule."""

GONE = frozenset({'deleted', 'shelved_offloaded', 'soft-delete'})

Judgement = Callable[[Snapshot, ReturnRequest, NodeOutcome], Iterator[str]]


def violations(case: Case) -> Iterator[str]:
    """Yield what is wrong with a plan of a return."""
    request = case.request
    if not isinstance(request, ReturnRequest):
        yield 'a return that was not asked for'
        return
    yield from _only_returns(case)
    yield from _answers(case, request)
    yield from _returned(case, request)
    yield from _closed(case)
    yield from _cleared(case)
    yield from _starts_at_home(case)
    for node in case.outcome.nodes:
        if node.verdict is not Verdict.REFUSED:
            for judge in JUDGEMENTS:
                yield from judge(case.snapshot, request, node)


def _starts_at_home(case: Case) -> Iterator[str]:
    """What comes home is started there."""
    homes = {m.instance_uuid: m.destination for m in case.outcome.moves}
    for start in case.outcome.starts:
        home = homes.get(start.instance_uuid, '')
        if start.home != home:
            yield f'{start.instance_name}: started on {start.home}, not {home}'


def _cleared(case: Case) -> Iterator[str]:
    """The notices of the maintenance that is over are deleted, no others."""
    by_uuid = case.snapshot.by_uuid
    for notify in case.outcome.notices:
        instance = by_uuid.get(notify.instance_uuid)
        closing = case.snapshot.closing_by_hostname.get(notify.host)
        said = f'{notify.instance_name}: its notice'
        if notify.notice != Notice():
            yield f'{said} is written, though the maintenance is over'
        if closing is None or notify.host not in case.planned:
            yield f'{said} is of no node that returns'
        elif instance is None or (
            instance.notice.maintenance_id not in closing.announced_by
        ):
            yield f'{said} is of another maintenance'
        elif instance.host != notify.host and not (
            _has_ended(instance, closing.moved[instance.uuid])
            if instance.uuid in closing.moved
            else any(
                d.instance_uuid == instance.uuid
                for d in _all_departures(case.snapshot, closing)
            )
        ):
            yield f'{said} is not over'
    cleared = {notify.instance_uuid for notify in case.outcome.notices}
    for instance in by_uuid.values():
        closing = case.snapshot.closing_by_hostname.get(instance.host)
        if (
            closing is not None
            and instance.host in case.planned
            and instance.notice.maintenance_id in closing.announced_by
            and instance.uuid not in cleared
        ):
            yield f'{instance.name}: its notice stays'


def _has_ended(instance: Instance, destination: str) -> bool:
    """What has arrived may read ``moving``: its end was not written."""
    if instance.notice.state is State.MOVING:
        return (instance.host, instance.task_state) == (destination, '')
    return instance.notice.state is State.DONE


def _only_returns(case: Case) -> Iterator[str]:
    """Nothing is emptied, stopped or released."""
    outcome = case.outcome
    if outcome.purpose is not Purpose.RETURN:
        yield f'a return is called a {outcome.purpose.value}'
    for done in (
        *outcome.disables,
        *outcome.marks,
        *outcome.enables,
        *outcome.stops,
        *outcome.releases,
        *outcome.secondary_moves,
    ):
        yield f'no part of a return: {done}'


def _answers(case: Case, request: ReturnRequest) -> Iterator[str]:
    """Each node that was named, or waits, has one outcome; no other has."""
    if case.outcome.findings:
        return
    asked = set(request.maintenance_nodes) or {
        n.hostname
        for n in case.snapshot.nodes
        if n.in_scope and _starts(n, request.returning_reasons)
    }
    answered = [n.hostname for n in case.outcome.nodes]
    if answered != sorted(asked):
        yield f'asked for {sorted(asked)}, answered for {answered}'


def _starts(node: ComputeNode, reasons: tuple[str, ...]) -> bool:
    return node.status == 'disabled' and any(
        node.disabled_reason[: len(reason)] == reason for reason in reasons
    )


def _returned(case: Case, request: ReturnRequest) -> Iterator[str]:
    """Every planned node returns, once, as what it is to be."""
    returned = [r.hostname for r in case.outcome.returns]
    if returned != sorted(case.planned):
        yield f'{returned} return, {sorted(case.planned)} are planned'
    woken = _woken(case)
    for node in case.outcome.returns:
        host = case.snapshot.by_hostname.get(node.hostname)
        if host is None:
            yield f'{node.hostname}: returns, but is not a known node'
            continue
        for problem in _unfit(host, request):
            yield f'{host.hostname}: returns, but {problem}'
        for spare in node.spares:
            if (spare.hostname, spare.disabled_reason) not in woken:
                yield f'{spare.hostname}: recorded, but was not woken'
        wanted = _reasons(case, host, request)
        if node.disabled_reason not in wanted:
            yield (
                f'{host.hostname}: returns with the reason '
                f'{node.disabled_reason!r}, not {wanted}'
            )


def _unfit(node: ComputeNode, request: ReturnRequest) -> Iterator[str]:
    """Yield why a node must not return."""
    if not node.in_scope:
        yield "it is outside of the audit's scope"
    if node.hypervisor_type.casefold() == 'ironic':
        yield 'it is bare metal'
    if node.status == 'enabled':
        return
    if node.disabled_reason[:6] == AUTO:
        yield 'its hypervisor does not answer'
    elif not (
        _starts(node, request.returning_reasons + request.marking_reasons)
        or node.disabled_reason in request.unused_reasons
    ):
        yield f'it is disabled for another reason: {node.disabled_reason!r}'


def _reasons(
    case: Case, node: ComputeNode, request: ReturnRequest
) -> tuple[str, ...]:
    """Return the reasons with which a node may return; '' is enabled."""
    closing = case.snapshot.closing_by_hostname.get(node.hostname)
    reason = closing.spare_reason if closing is not None else ''
    if node.status == 'disabled' and (
        node.disabled_reason in request.unused_reasons
        and not _starts(node, request.marking_reasons)
    ):
        reason = node.disabled_reason
    if request.return_as is ReturnAs.ENABLED:
        return ('',)
    if request.return_as is ReturnAs.FORMER:
        if reason or not _ends_empty(case, node):
            return (reason,)
        woken = [r for host, r in _woken(case) if host == node.hostname]
        return tuple(woken) or ('',)
    return (reason,) if reason else request.unused_reasons


def _closed(case: Case) -> Iterator[str]:
    """Only a spare that the maintenance has woken is closed, when empty."""
    woken = _woken(case)
    for spare in case.outcome.closes:
        host = case.snapshot.by_hostname.get(spare.hostname)
        said = f'{spare.hostname}: closed, but'
        if (spare.hostname, spare.disabled_reason) not in woken:
            yield f'{said} the maintenance has not woken it'
        if spare.hostname in case.planned:
            yield f'{said} it returns'
        if host is None or host.status != 'enabled' or not host.in_scope:
            yield f'{said} it is not enabled, or not in scope'
            continue
        if not _ends_empty(case, host):
            yield f'{said} something is left on it, or comes to it'


def _woken(case: Case) -> set[tuple[str, str]]:
    """Return hostname and former reason of what the nodes have woken."""
    return {
        (host, reason)
        for c in case.snapshot.closings
        if c.hostname in case.planned
        for host, reason in c.woken.items()
        # What was enabled by hand stays so.
        if host != c.hostname
        or case.snapshot.by_hostname[host].status == 'disabled'
    }


def _ends_empty(case: Case, node: ComputeNode) -> bool:
    """Return True if nothing is on a node after the plan."""
    held = case.snapshot.instances_on(node.hostname)
    gone = {m.instance_uuid for m in case.outcome.moves}
    return (
        len(held) >= node.instance_count
        and all(i.uuid in gone for i in held)
        and all(m.destination != node.hostname for m in case.outcome.moves)
    )


def _away(snapshot: Snapshot, node: NodeOutcome) -> dict[str, Instance]:
    """Return UUID -> instance of all that left, by any record, and exist."""
    closing = snapshot.closing_by_hostname.get(node.hostname)
    if closing is None:
        return {}
    left = set(closing.moved) | {
        d.instance_uuid for d in _departures(snapshot, closing)
    }
    return {
        i.uuid: i
        for i in snapshot.instances
        if i.uuid in left
        and i.host != node.hostname
        and not i.elsewhere
        and i.vm_state not in GONE
    }


def _departures(snapshot: Snapshot, closing: Closing) -> list[Departure]:
    return [
        d
        for d in _all_departures(snapshot, closing)
        if d.kind in ('live-migration', 'migration')
    ]


def _all_departures(snapshot: Snapshot, closing: Closing) -> list[Departure]:
    """Return also those that no plan asks Nova for, such as resizes."""
    return [
        d
        for d in snapshot.departures
        if d.source == closing.hostname
        and d.ended_at_s >= closing.since_s - 60
    ]


def _all_are_answered(
    snapshot: Snapshot, request: ReturnRequest, node: NodeOutcome
) -> Iterator[str]:
    """Who left comes home or stays away, once; no other server is named."""
    fates = [r.instance_uuid for r in (*node.moves, *node.stays)]
    wanted = set(_away(snapshot, node))
    if request.move_back is MoveBack.NONE:
        wanted = set()
    if sorted(fates) != sorted(wanted):
        yield f'{node.hostname}: {sorted(wanted)} left, not {sorted(fates)}'
    if node.instance_count != len(fates):
        yield f'{node.hostname}: {node.instance_count} counted, {len(fates)}'
    for record in (*node.moves, *node.stays):
        instance = snapshot.by_uuid.get(record.instance_uuid)
        if instance is not None and (record.instance_name, record.host) != (
            instance.name,
            instance.host,
        ):
            yield f'{instance.name}: {record.instance_name} on {record.host}'
    for stay in node.stays:
        if not stay.findings:
            yield f'{stay.instance_name}: stays without a reason'


def _comes_home(
    snapshot: Snapshot, request: ReturnRequest, node: NodeOutcome
) -> Iterator[str]:
    """Who comes is where the plan put it, unchanged, and may move."""
    closing = snapshot.closing_by_hostname.get(node.hostname)
    away = _away(snapshot, node)
    for move in node.moves:
        instance = away.get(move.instance_uuid)
        if closing is None or instance is None:
            continue
        said = f'{instance.name}: comes home, but'
        if move.destination != node.hostname:
            yield f'{said} to {move.destination}'
        if closing.moved.get(instance.uuid) != instance.host:
            yield f'{said} no plan put it on {instance.host}'
        left = [
            d.ended_at_s
            for d in _departures(snapshot, closing)
            if d.instance_uuid == instance.uuid
        ]
        if not left:
            yield f'{said} Nova does not know that it left'
        for departure in snapshot.departures:
            if (departure.instance_uuid, departure.kind) == (
                instance.uuid,
                'resize',
            ) and departure.ended_at_s >= max(left, default=0):
                yield f'{said} it was resized'
        if 'stay' in instance.owner_words:
            yield f'{said} its owner wants it to stay'
        yield from servers.must_be_left(instance, said)
        yield from servers.moves_in_its_way(instance, move.kind, request, said)


def _groups_are_whole(
    snapshot: Snapshot, request: ReturnRequest, node: NodeOutcome
) -> Iterator[str]:
    """Of an affinity group all that left come home, or none."""
    coming = {m.instance_uuid for m in node.moves}
    away = _away(snapshot, node)
    for group in snapshot.groups:
        if group.policy not in ('affinity', 'soft-affinity'):
            continue
        members = {
            uuid
            for uuid, instance in away.items()
            if instance.group == group.uuid
        }
        if members & coming and members - coming:
            yield f'{node.hostname}: affinity group {group.name} is split'


def _no_more_fit(
    snapshot: Snapshot, request: ReturnRequest, node: NodeOutcome
) -> Iterator[str]:
    """Who stays for want of room alone does not fit beside those who come."""
    host = snapshot.by_hostname[node.hostname]
    coming = [snapshot.by_uuid[m.instance_uuid] for m in node.moves]
    share = (100 - request.headroom_percent) / 100
    for stay in node.stays:
        reasons = [f.reason.value for f in stay.findings]
        lacks_room = not LACKS_ROOM.isdisjoint(reasons[:1])
        if not lacks_room or set(reasons[1:]) != {'no_room'}:
            continue
        wanted = snapshot.by_uuid[stay.instance_uuid].resources
        for resource_class, amount in wanted.items():
            offer = host.inventory.get(resource_class)
            load = host.used.get(resource_class, 0) + amount
            load += sum(i.resources.get(resource_class, 0) for i in coming)
            if offer is None or load > offer.capacity * share:
                break
        else:
            yield f'{stay.instance_name}: stays away, but there is room'


def _starts_what_was_stopped(
    snapshot: Snapshot, request: ReturnRequest, node: NodeOutcome
) -> Iterator[str]:
    """What the maintenance stopped there is started, and nothing else."""
    closing = snapshot.closing_by_hostname.get(node.hostname)
    stopped = set(closing.stopped) if closing is not None else set()
    wanted = {
        i.uuid
        for i in snapshot.instances
        if i.host == node.hostname
        and i.uuid in stopped
        and i.vm_state == 'stopped'
        and not (
            closing is not None
            and closing.announced_by
            and owners.said(i, request) == 'stop'
        )
        and not any(servers.must_be_left(i, ''))
    }
    started = [s.instance_uuid for s in node.starts]
    if sorted(started) != sorted(wanted):
        yield f'{node.hostname}: starts {sorted(started)}, not {wanted}'


JUDGEMENTS: tuple[Judgement, ...] = (
    _all_are_answered,
    _comes_home,
    _groups_are_whole,
    _no_more_fit,
    _starts_what_was_stopped,
)
