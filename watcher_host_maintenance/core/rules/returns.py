# SPDX-License-Identifier: Apache-2.0

"""Which nodes return from maintenance, and who comes home to them.

Who left is recorded twice, by Watcher's plans and by Nova's migrations. Only
those come home of whom both records agree.
"""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import SOFT_AFFINITY
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnAs
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Departure
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules.groups import GROUP_NOWHERE_ELSE
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import HYPERVISOR_LOST
from watcher_host_maintenance.core.rules.roles import OUT_OF_SCOPE
from watcher_host_maintenance.core.rules.rule import Leaver
from watcher_host_maintenance.core.rules.targets import Targets


NOT_IN_MAINTENANCE = Of.NODE.declare(
    'not_in_maintenance',
    says=N_('{subject} is disabled for another reason: {disabled_reason}'),
    helps=N_('If it is fit for service: openstack maintenance done {subject}'),
)

NOT_BACK = Of.NODE.declare(
    'not_back',
    says=N_('{subject}: nova-compute is down'),
    helps=N_('Start nova-compute there.'),
)

HELD_DOWN = Of.NODE.declare(
    'held_down',
    says=N_('{subject} is forced down'),
    helps=roles.LIFTS,
)

NO_RECORD = Of.HOME.declare(
    'no_record',
    says=N_(
        'nothing is recorded of a maintenance of {subject}: no server is '
        'moved back or started'
    ),
    helps=N_('Move servers by hand, if any are to come back.'),
)

PARTIAL_RECORD = Of.HOME.declare(
    'partial_record',
    says=N_(
        'nothing is recorded of how {subject} was disabled: what it was, and '
        'who left or was stopped then, is unknown'
    ),
    helps=N_('If it was a spare: -p return_as=spare. Move others by hand.'),
)

LEAVERS_COUNT = Of.HOME.declare(
    'leavers_count',
    says=N_('what leaves {subject} in this return still counts as on it'),
    helps=N_('Run the return again: more servers may have room then.'),
)

NO_MIGRATION = Of.HOME.declare(
    'no_migration',
    says=N_('{subject} left {home} by a plan, but Nova has no such migration'),
    helps=N_('Move it by hand, if it is to come back.'),
)

NOT_BY_PLAN = Of.HOME.declare(
    'not_by_plan',
    says=N_('{subject} left {home}, but by no plan of this maintenance'),
    helps=N_('Move it by hand, if it is to come back.'),
)

RESIZED_SINCE = Of.HOME.declare(
    'resized_since',
    says=N_('{subject} was resized since it left {home}'),
    helps=N_('Move it by hand, if it is to come back.'),
)

MOVED_SINCE = Of.HOME.declare(
    'moved_since',
    says=N_('{subject} left {home} for {destination} and is on {host} now'),
    helps=N_('Move it by hand, if it is to come back.'),
)

LAST_HOME = Of.HOME.declare(
    'last_home',
    says=N_('{subject} belongs to {home}, which it left last'),
    helps=N_('Move it by hand, if it is to come back.'),
)

OWNER_SAYS_STAY = Of.HOME.declare(
    'owner_says_stay',
    says=N_('{subject} has the tag maintenance:stay'),
    helps=N_('Its owner can remove the tag.'),
)

SHELVED_SINCE = Of.HOME.declare(
    'shelved_since',
    says=N_('{subject} is shelved'),
    helps=N_('Nova chooses a host when it is unshelved.'),
)

HOME_IS_SPARE = Of.HOME.declare(
    'home_is_spare',
    says=N_('{subject} stays away: {home} becomes a spare'),
    helps=N_('Return the node with -p return_as=enabled'),
)

GROUP_STAYS = Of.HOME.declare(
    'group_stays',
    says=N_('{subject} stays with the others of affinity group {group}'),
    helps=N_('The members come home together, or not at all.'),
)

GROUP_IS_AWAY = Of.HOME.declare(
    'group_is_away',
    says=N_(
        '{subject} stays with its affinity group {group}: none of it has '
        'remained on {home}'
    ),
    helps=N_('Nova moves a member only to a host on which another is.'),
)


CLOCK_SKEW_S = 60
"""How far the clocks of Watcher and Nova may differ, in seconds."""

DELETED = HOLDS_NOTHING | {VmState.SOFT_DELETED}
"""States of an instance that is not missed; its owner may restore it."""

MOVES = frozenset({'live-migration', 'migration'})
"""Nova's types of the migrations that a plan asks for."""


@dataclasses.dataclass(frozen=True)
class Homecoming:
    """One node that returns, with who is to come home to it.

    :ivar disabled_reason: with which it becomes a spare again; '' is enabled
    :ivar coming: those that come home if there is room
    :ivar staying: those that are left where they are
    :ivar starting: those on the node that were stopped for the maintenance
    :ivar closing: what Watcher remembers of the maintenance; None is nothing
    """

    node: ComputeNode
    disabled_reason: str
    coming: tuple[Leaver, ...] = ()
    staying: tuple[Stay, ...] = ()
    starting: tuple[Instance, ...] = ()
    closing: Closing | None = None

    @property
    def hostname(self) -> str:
        """The node's."""
        return self.node.hostname

    @property
    def is_closed(self) -> bool:
        """Return True unless the node is what it is to be already."""
        if self.disabled_reason:
            return self.node.disabled_reason != self.disabled_reason
        return self.node.status != 'enabled'

    @property
    def blocked(self) -> tuple[Stay, ...]:
        """Those that cannot come, whatever room there is."""
        return tuple(s for s in self.staying if not s.as_asked)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What an operator should know, though the node returns."""
        if not self.is_closed or (self.closing and self.closing.is_whole):
            return ()
        reason = PARTIAL_RECORD if self.closing else NO_RECORD
        return (reason.about(self.hostname),)


def resolve(snapshot: Snapshot, request: ReturnRequest) -> Targets:
    """Find the nodes to return: those named, or each that waits for it.

    A node that is down may be named: it is waited for.
    """
    if request.maintenance_nodes:
        return _named(snapshot, request)
    nodes = tuple(
        n for n in snapshot.nodes if n.in_scope and is_maintained(n, request)
    )
    refused = {n.hostname: tuple(_unfit(n, request)) for n in nodes}
    return Targets(nodes, {host: f for host, f in refused.items() if f})


def _named(snapshot: Snapshot, request: ReturnRequest) -> Targets:
    nodes: list[ComputeNode] = []
    findings: list[Finding] = []
    for hostname in sorted(set(request.maintenance_nodes)):
        node = snapshot.by_hostname.get(hostname)
        if node is None:
            findings.append(targets.unknown(snapshot, hostname))
        else:
            nodes.append(node)
            findings.extend(_objections(node, request))
    return Targets(tuple(nodes), findings=tuple(findings))


def is_maintained(node: ComputeNode, request: ReturnRequest) -> bool:
    """Return True if the reason of a node says that its work is done."""
    return node.status == 'disabled' and node.disabled_reason.startswith(
        request.returning_reasons
    )


def _objections(
    node: ComputeNode, request: ReturnRequest
) -> Iterator[Finding]:
    """Yield why a node that was named does not return."""
    reason = node.disabled_reason
    if roles.is_bare_metal(node):
        yield BARE_METAL.about(node.hostname)
    if not node.in_scope:
        yield OUT_OF_SCOPE.about(node.hostname)
    if roles.is_disabled_by_nova(node):
        yield HYPERVISOR_LOST.about(node.hostname, disabled_reason=reason)
    elif node.status == 'disabled' and not (
        is_maintained(node, request)
        or roles.has_mark(node, request)
        # Such a node has been returned already.
        or roles.has_spare_reason(node, request)
    ):
        facts = {'disabled_reason': reason or None}
        yield NOT_IN_MAINTENANCE.about(node.hostname, **facts)


def _unfit(node: ComputeNode, request: ReturnRequest) -> Iterator[Finding]:
    """Yield why a node that waits for its return does not return yet."""
    yield from _objections(node, request)
    if node.state != 'up':
        yield roles.down(node.hostname, node.forced_down, NOT_BACK, HELD_DOWN)


def homecomings(
    nodes: Sequence[ComputeNode], snapshot: Snapshot, request: ReturnRequest
) -> list[Homecoming]:
    """Judge who comes home to each node, whatever room there is.

    Who has left several of them comes home to the one that it left last.
    """
    closings = snapshot.closing_by_hostname
    left_at_s = {
        node.hostname: _left_at_s(closings[node.hostname], snapshot)
        for node in nodes
        if node.hostname in closings
    }
    left_last: dict[str, tuple[int, str]] = {}
    for home, times in left_at_s.items():
        for uuid, at_s in times.items():
            instance = snapshot.by_uuid.get(uuid)
            if instance and closings[home].moved.get(uuid) == instance.host:
                left = (at_s, home)
                left_last[uuid] = max(left, left_last.get(uuid, left))
    last_homes = {uuid: home for uuid, (_at_s, home) in left_last.items()}
    resized_at_s = _resized_at_s(snapshot)
    return [
        _homecoming(
            node,
            snapshot,
            request,
            left_at_s.get(node.hostname, {}),
            resized_at_s,
            last_homes,
        )
        for node in nodes
    ]


def _homecoming(
    node: ComputeNode,
    snapshot: Snapshot,
    request: ReturnRequest,
    left_at_s: Mapping[str, int],
    resized_at_s: Mapping[str, int],
    last_homes: Mapping[str, str],
) -> Homecoming:
    """Judge who comes home to a node, whatever room there is.

    :param left_at_s: see :func:`_left_at_s`
    :param resized_at_s: see :func:`_resized_at_s`
    :param last_homes: instance UUID -> which of the nodes that return it left
        last
    """
    closing = snapshot.closing_by_hostname.get(node.hostname)
    reason = _disabled_reason(node, closing, request)
    if closing is None:
        return Homecoming(node, reason)
    starting = tuple(
        i
        for i in snapshot.instances_on(node.hostname)
        if i.uuid in closing.stopped
        and i.vm_state == VmState.STOPPED
        and not (i.task_state or i.elsewhere or i.excluded)
        and not _stays_stopped(i, closing, request)
    )
    if request.move_back is MoveBack.NONE:
        return Homecoming(node, reason, (), (), starting, closing)
    left = _away(closing, left_at_s, snapshot)
    stays = {
        i.uuid: _left_alone(
            i, reason, closing, left_at_s.get(i.uuid), resized_at_s
        )
        or _of_another(i, node.hostname, last_homes)
        for i in left
    }
    judged = leaving.departures(
        tuple(i for i in left if stays[i.uuid] is None), snapshot, request
    )
    shelved = (
        _stay(i, SHELVED_SINCE.about(i.name)) for i, _ in judged.releasing
    )
    kept = (_reworded(s, node.hostname) for s in judged.staying)
    staying = (*filter(None, stays.values()), *kept, *shelved)
    coming = judged.moving
    split = _split_groups(coming, staying, snapshot)
    return Homecoming(
        node,
        reason,
        tuple(x for x in coming if x.instance.group not in split),
        (
            *staying,
            *(
                group_stays(x.instance, snapshot)
                for x in coming
                if x.instance.group in split
            ),
        ),
        starting,
        closing,
    )


def _stays_stopped(
    instance: Instance, closing: Closing, request: Request
) -> bool:
    """Return True if an owner whose word counted wants it to stay stopped."""
    wanted = owners.said(instance, request).word
    return wanted == 'stop' and bool(closing.announced_by)


def announced(home: Homecoming, snapshot: Snapshot) -> Iterator[Instance]:
    """Yield the instances with a notice of the maintenance that is over.

    Those on the node, and those that have left it; one that is announced
    another node's maintenance by the same audit is not over.
    """
    closing = home.closing
    if closing is None:
        return
    # Moved by an owner or an operator.
    left = {
        d.instance_uuid for d in snapshot.departures if _is_since(d, closing)
    } - closing.moved.keys()
    for instance in snapshot.by_uuid.values():
        is_own = instance.notice.maintenance_id in closing.announced_by
        is_here = instance.host == home.hostname
        if is_own and (
            is_here or _is_done(instance, closing) or instance.uuid in left
        ):
            yield instance


def _is_done(instance: Instance, closing: Closing) -> bool:
    """Return True if a notice is of a move off a node that has ended.

    Its end may not have been written. What is announced may be another node's.
    """
    state, host = instance.notice.state, closing.moved.get(instance.uuid)
    arrived = instance.host == host and not instance.task_state
    return host is not None and (
        state is State.DONE or (state is State.MOVING and arrived)
    )


def lacks_room(stay: Stay) -> bool:
    """Return True if an instance may have room once others have left."""
    reason = stay.findings[0].reason
    return reason.is_for_room or reason is GROUP_STAYS


def _reworded(stay: Stay, home: str) -> Stay:
    """Return a stay with what its reason means to who is to come home."""
    first, *others = stay.findings
    if first.reason is not GROUP_NOWHERE_ELSE:
        return stay
    finding = GROUP_IS_AWAY.about(first.subject, home=home, **first.facts)
    return dataclasses.replace(stay, findings=(finding, *others))


def group_stays(instance: Instance, snapshot: Snapshot) -> Stay:
    """Return that an instance stays because others of its group do."""
    group = snapshot.group_by_uuid[instance.group].name
    finding = GROUP_STAYS.about(instance.name, group=group)
    return _stay(instance, finding, as_asked=False)


def affinity_groups(snapshot: Snapshot) -> frozenset[str]:
    """Return the UUIDs of the groups that come home whole or not at all."""
    policies = (AFFINITY, SOFT_AFFINITY)
    return frozenset(g.uuid for g in snapshot.groups if g.policy in policies)


def _disabled_reason(
    node: ComputeNode, closing: Closing | None, request: ReturnRequest
) -> str:
    """Return the reason of the spare that a node becomes; '' is enabled."""
    former = closing.spare_reason if closing is not None else ''
    if roles.has_spare_reason(node, request):
        former = node.disabled_reason
    match request.return_as:
        case ReturnAs.FORMER:
            return former
        case ReturnAs.SPARE:
            return former or request.unused_reasons[0]
        case ReturnAs.ENABLED:
            return ''


def _away(
    closing: Closing, left_at_s: Mapping[str, int], snapshot: Snapshot
) -> list[Instance]:
    """Return who left a node, by either record, and is on another now."""
    uuids = closing.moved.keys() | left_at_s.keys()
    return [
        i
        for i in snapshot.instances
        if i.uuid in uuids
        and not i.elsewhere
        and i.host != closing.hostname
        and i.vm_state not in DELETED
    ]


def _left_at_s(closing: Closing, snapshot: Snapshot) -> dict[str, int]:
    """Return instance UUID -> end of its move off the node, as Nova has it.

    Where there are several it is that of the last one listed.
    """
    return {
        d.instance_uuid: d.ended_at_s
        for d in snapshot.departures
        if d.kind in MOVES and _is_since(d, closing)
    }


def _is_since(departure: Departure, closing: Closing) -> bool:
    """Return True if a server left a node in its maintenance."""
    return (
        departure.source == closing.hostname
        and departure.ended_at_s >= closing.since_s - CLOCK_SKEW_S
    )


def _resized_at_s(snapshot: Snapshot) -> dict[str, int]:
    """Return instance UUID -> end of its last resize, on any node."""
    resized: dict[str, int] = {}
    for departure in snapshot.departures:
        if departure.kind == 'resize':
            uuid, at_s = departure.instance_uuid, departure.ended_at_s
            resized[uuid] = max(at_s, resized.get(uuid, at_s))
    return resized


def _left_alone(
    instance: Instance,
    disabled_reason: str,
    closing: Closing,
    left_at_s: int | None,
    resized_at_s: Mapping[str, int],
) -> Stay | None:
    """Return why an instance is not even wanted back; None if it is.

    :param left_at_s: when it left, as Nova has it; None is not recorded
    """
    home, name = closing.hostname, instance.name
    destination = closing.moved.get(instance.uuid)
    if destination is None:
        return _stay(instance, NOT_BY_PLAN.about(name, home=home))
    if left_at_s is None:
        return _stay(instance, NO_MIGRATION.about(name, home=home))
    if resized_at_s.get(instance.uuid, -1) >= left_at_s:
        return _stay(instance, RESIZED_SINCE.about(name, home=home))
    if instance.host != destination:
        finding = MOVED_SINCE.about(
            name, home=home, destination=destination, host=instance.host
        )
        return _stay(instance, finding)
    if 'stay' in instance.owner_words:
        return _stay(instance, OWNER_SAYS_STAY.about(name))
    if disabled_reason:
        return _stay(instance, HOME_IS_SPARE.about(name, home=home))
    return None


def _of_another(
    instance: Instance, home: str, last_homes: Mapping[str, str]
) -> Stay | None:
    """Return that an instance comes home to another node; None if not."""
    last = last_homes.get(instance.uuid, home)
    if last == home:
        return None
    return _stay(instance, LAST_HOME.about(instance.name, home=last))


def _split_groups(
    coming: tuple[Leaver, ...], staying: tuple[Stay, ...], snapshot: Snapshot
) -> frozenset[str]:
    """Return the affinity groups of which a member stays away."""
    uuids = {stay.instance_uuid for stay in staying}
    groups = {i.group for i in snapshot.instances if i.uuid in uuids}
    return affinity_groups(snapshot) & groups


def _stay(instance: Instance, finding: Finding, as_asked: bool = True) -> Stay:
    return Stay(
        instance_uuid=instance.uuid,
        instance_name=instance.name,
        host=instance.host,
        as_asked=as_asked,
        findings=(finding,),
    )
