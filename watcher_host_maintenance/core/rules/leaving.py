# SPDX-License-Identifier: Apache-2.0

"""Whether an instance can leave its node, and how: by its state.

The tables hold every vm_state and every power state of Nova. An instance with
a task state, whichever it is, is busy; one of a state that is not there is
left alone.
"""

import dataclasses

from collections.abc import Iterator

from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Claim
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import alive
from watcher_host_maintenance.core.rules import cpus
from watcher_host_maintenance.core.rules import groups
from watcher_host_maintenance.core.rules import hints
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.rules import ports
from watcher_host_maintenance.core.rules import stuck
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules import unread
from watcher_host_maintenance.core.rules.alive import ALIVE
from watcher_host_maintenance.core.rules.groups import GROUP_NOWHERE_ELSE
from watcher_host_maintenance.core.rules.rule import Leaver
from watcher_host_maintenance.core.rules.unproved import UNPROVED


EXCLUDED_BY_SCOPE = Of.INSTANCE.declare(
    'excluded_by_scope',
    says=N_("{subject} is excluded by the audit's scope"),
    helps=N_('Take it out of the exclusion, or move it by hand.'),
)

PAUSED = Of.INSTANCE.declare(
    'paused',
    says=N_('{subject} is PAUSED'),
    helps=N_('Allow live migration, which keeps it paused, or unpause it.'),
)

SUSPENDED = Of.INSTANCE.declare(
    'suspended',
    says=N_('{subject} is SUSPENDED'),
    helps=N_('Its owner can resume it; an administrator can shelve it.'),
)

RESCUED = Of.INSTANCE.declare(
    'rescued',
    says=N_('{subject} is in RESCUE'),
    helps=N_('Its owner has to unrescue it.'),
)

OWNER_CONFIRMS = N_('Its owner has to confirm or revert the resize.')
CONFIRMS = N_('Confirm or revert it: openstack server resize confirm.')
"""What ends a resize, and what ends an administrator's cold migration."""

RESIZED = Of.INSTANCE.declare(
    'resized',
    says=N_('{subject} is in VERIFY_RESIZE'),
    helps=OWNER_CONFIRMS,
)

NOT_CONFIRMED_HERE = Of.INSTANCE.declare(
    'not_confirmed_here',
    says=N_(
        '{subject} is in VERIFY_RESIZE: an administrator migrated it here'
    ),
    helps=CONFIRMS,
)

BUILDING = Of.INSTANCE.declare(
    'building',
    says=N_('{subject} is being built'),
    helps=N_('Wait, then run the audit again.'),
    may_pass=True,
)

ERROR = Of.INSTANCE.declare(
    'error',
    says=N_('{subject} is in ERROR'),
    helps=N_(
        'See its fault: after a failed move its disk may be sound. Only then '
        'repair, rebuild or delete it.'
    ),
)

ERROR_ALIVE, ERROR_PAUSED = alive.declare(
    Of.INSTANCE,
    'error_alive',
    'error_paused',
    N_('{subject} is in ERROR, but its guest is {power_state}'),
)

ERROR_LAST_RUNNING, ERROR_LAST_PAUSED = alive.declare(
    Of.INSTANCE,
    'error_last_running',
    'error_last_paused',
    N_('{subject} is in ERROR; its guest was last seen {power_state}'),
    (alive.SETS_ACTIVE_IF_WHOLE, alive.SETS_PAUSED_IF_WHOLE),
)

SOFT_DELETED = Of.INSTANCE.declare(
    'soft_deleted',
    says=N_('{subject} is SOFT_DELETED and still holds its disk'),
    helps=N_('Restore or force-delete it.'),
)

UNKNOWN_STATE = Of.INSTANCE.declare(
    'unknown_state',
    says=N_('{subject} is in the state "{vm_state}"'),
    helps=N_('Wait or repair it, then run the audit again.'),
)

BUSY = Of.INSTANCE.declare(
    'busy',
    says=N_('{subject} is busy: its task state is "{task_state}"'),
    helps=N_('Wait until it has ended, then run the audit again.'),
    may_pass=True,
)

POWER_STATE = Of.INSTANCE.declare(
    'power_state',
    says=N_('{subject} is ACTIVE, but its power state is {power_state}'),
    helps=N_('Hard reboot it or stop it, or: -p disable_live_migration=true'),
)

RENAMED_HYPERVISOR = Of.INSTANCE.declare(
    'renamed_hypervisor',
    says=N_(
        '{subject}: its record names the hypervisor {hypervisor}, but {host} '
        'has {hypervisors}'
    ),
    helps=N_('If {host} was renamed, rename it back; Nova refuses otherwise.'),
)

HELD_AMOUNT = Of.INSTANCE.declare(
    'held_amount',
    says=N_(
        '{subject} holds {held} {resource_class}; {host} allows {min_unit} '
        'to {max_unit} per server, step {step_size}'
    ),
    helps=N_(
        'Correct min_unit, max_unit or step_size of {resource_class} on '
        '{host}.'
    ),
)

HELD_AMOUNT_BELOW = Of.INSTANCE.declare(
    'held_amount_below',
    says=N_(
        '{subject} holds {held} {resource_class} below {host}; allowed are '
        '{min_unit} to {max_unit}, step {step_size}'
    ),
    helps=N_(
        'Correct min_unit, max_unit or step_size on the provider {provider}.'
    ),
)

HELD_CLASS = Of.INSTANCE.declare(
    'held_class',
    says=N_(
        '{subject} holds {held} {resource_class}, of which {host} offers none'
    ),
    helps=N_('Let {host} offer {resource_class} again: see its nova.conf.'),
)

ARRIVING = Of.INSTANCE.declare(
    'arriving',
    says=N_('{subject} is moving from {elsewhere} to {host}'),
    helps=N_('Wait until it has ended, then run the audit again.'),
    may_pass=True,
)

UNCONFIRMED = Of.INSTANCE.declare(
    'unconfirmed',
    says=N_('{subject} is in VERIFY_RESIZE on {elsewhere} and may return'),
    helps=OWNER_CONFIRMS,
)

LEFT_ALLOCATION = Of.INSTANCE.declare(
    'left_allocation',
    says=N_('{subject} is on {elsewhere}, but has an allocation on {host}'),
    helps=N_(
        'nova-manage placement audit --delete --resource_provider {provider}'
    ),
)

ORPHAN_ALLOCATION = Of.INSTANCE.declare(
    'orphan_allocation',
    says=N_('{subject} is no server but has an allocation on {host}'),
    helps=N_(
        'If Nova made it: nova-manage placement audit --delete '
        '--resource_provider {provider}'
    ),
)

LIVE_AND_COLD_DISABLED = Of.ASKED.declare(
    'live_and_cold_disabled',
    says=N_('{subject} is not running, and both migrations are disabled'),
    helps=N_('Allow cold migration to move it.'),
)

COLD_DISABLED = Of.ASKED.declare(
    'cold_disabled',
    says=N_('{subject} is stopped, and cold migration is disabled'),
    helps=N_('Allow cold migration to move it.'),
)


STATES: dict[str, MoveKind | ReleaseKind | Reason | None] = {
    VmState.ACTIVE: MoveKind.LIVE,
    VmState.BUILDING: BUILDING,
    VmState.DELETED: None,
    VmState.ERROR: ERROR,
    VmState.PAUSED: MoveKind.LIVE,
    VmState.RESCUED: RESCUED,
    VmState.RESIZED: RESIZED,
    VmState.SHELVED: ReleaseKind.OFFLOAD,
    VmState.SHELVED_OFFLOADED: None,
    VmState.SOFT_DELETED: SOFT_DELETED,
    VmState.STOPPED: MoveKind.COLD,
    VmState.SUSPENDED: SUSPENDED,
}
"""vm_state -> what becomes of an instance: it moves and stays what it is,
leaves for no other node, or cannot leave; None is on no node, whatever a
late notification says."""

LIVE_MIGRATED = ALIVE | {''}
"""Power states in which Nova live migrates a server; '' is not known."""

MOVED_BY_STATE = {s: v for s, v in STATES.items() if isinstance(v, MoveKind)}
RELEASED_BY_STATE = {
    s: v for s, v in STATES.items() if isinstance(v, ReleaseKind)
}
HOLDS_NOTHING = frozenset(s for s, v in STATES.items() if v is None)

BY_ADMINISTRATOR = 'migration'
"""Nova's type of a cold migration; a resize, its owner's, is another."""


@dataclasses.dataclass(frozen=True)
class Departures:
    """What is to become of the instances of some nodes.

    :ivar moving: those to move, and how
    :ivar stopping: those to stop where they are
    :ivar releasing: those that leave for no other node, and how
    :ivar staying: those left, as asked or blocked
    :ivar stopped_first: UUIDs of those to stop before they move
    """

    moving: tuple[Leaver, ...]
    stopping: tuple[Instance, ...]
    releasing: tuple[tuple[Instance, ReleaseKind], ...]
    staying: tuple[Stay, ...]
    stopped_first: frozenset[str] = frozenset()

    @property
    def blocked(self) -> tuple[Stay, ...]:
        """Those that stay although no parameter asks for it."""
        return tuple(s for s in self.staying if not s.as_asked)


def departures(
    instances: tuple[Instance, ...], snapshot: Snapshot, request: Request
) -> Departures:
    """Judge each instance by itself, whatever room there is."""
    moving, stopping, releasing, staying = [], [], [], []
    for instance in instances:
        asked = _left_as_asked(instance, request)
        findings = asked or tuple(_blockers(instance, snapshot, request))
        if findings:
            staying.append(
                Stay(
                    instance_uuid=instance.uuid,
                    instance_name=instance.name,
                    host=instance.host,
                    as_asked=bool(asked),
                    findings=findings,
                )
            )
        elif instance.elsewhere:
            releasing.append((instance, ReleaseKind.CONFIRM))
        elif instance.vm_state in RELEASED_BY_STATE:
            release = RELEASED_BY_STATE[instance.vm_state]
            releasing.append((instance, release))
        elif request.stops_instead_of_moving or owners.stops(
            instance, request
        ):
            stopping.append(instance)
        else:
            moving.append(Leaver(instance, kind(instance, request)))
    return Departures(
        tuple(moving),
        tuple(stopping),
        tuple(releasing),
        tuple(staying),
        frozenset(
            x.instance.uuid
            for x in moving
            if owners.stops_first(x.instance, request)
        ),
    )


def _left_as_asked(
    instance: Instance, request: Request
) -> tuple[Finding, ...]:
    """Return which parameter, or owner, leaves an instance where it is.

    With both kinds of migration off nothing moves, so that what does not
    run is left, whatever its state; a running one is stopped.
    """
    if instance.is_leftover:
        return ()
    if instance.vm_state != VmState.ACTIVE and request.stops_instead_of_moving:
        return (LIVE_AND_COLD_DISABLED.about(instance.name),)
    if instance.vm_state == VmState.STOPPED and request.disable_cold_migration:
        return (COLD_DISABLED.about(instance.name),)
    return tuple(owners.leaves(instance, request))


def _blockers(
    instance: Instance, snapshot: Snapshot, request: Request
) -> Iterator[Finding]:
    if instance.is_leftover:
        yield left_allocation(
            instance.name,
            instance.elsewhere if instance.vm_state else None,
            instance.host,
            instance.left_below or snapshot.by_hostname[instance.host].uuid,
        )
        return
    if instance.elsewhere:
        yield from _unfinished(instance)
        return
    if instance.excluded:
        yield EXCLUDED_BY_SCOPE.about(instance.name)
    if stuck.is_stuck(instance):
        # What its state asks for is impossible until the task has ended.
        yield stuck.about(instance)
    else:
        yield from _state_blockers(instance, snapshot, request)
        if instance.task_state:
            yield BUSY.about(instance.name, task_state=instance.task_state)
    yield from owners.blockers(instance, request)
    stops = request.stops_instead_of_moving or owners.stops(instance, request)
    if instance.vm_state in MOVED_BY_STATE and not stops:
        yield from _move_blockers(instance, snapshot, request)


def left_allocation(
    name: str, home: str | None, host: str, provider: str
) -> Finding:
    """Return that an allocation is left of what is not on a node.

    It blocks: no move removes it, so that the node would not be empty, nor
    could Nova delete its resource provider.

    :param home: where the server is, '' if on no host; None if there is no
        such server
    :param provider: UUID of the resource provider that it is on
    """
    if home is None:
        return ORPHAN_ALLOCATION.about(name, host=host, provider=provider)
    return LEFT_ALLOCATION.about(
        name, elsewhere=home or None, host=host, provider=provider
    )


def _unfinished(instance: Instance) -> Iterator[Finding]:
    """Yield why one end of a move that has not ended cannot leave."""
    elsewhere = instance.elsewhere
    if stuck.is_stuck(instance):
        yield stuck.about(instance)
    elif instance.vm_state != VmState.RESIZED:
        yield ARRIVING.about(
            instance.name, host=instance.host, elsewhere=elsewhere
        )
    elif instance.migration != BY_ADMINISTRATOR:
        yield UNCONFIRMED.about(instance.name, elsewhere=elsewhere)
    elif instance.excluded:
        yield EXCLUDED_BY_SCOPE.about(instance.name)
    elif instance.task_state:
        yield BUSY.about(instance.name, task_state=instance.task_state)


def _state_blockers(
    instance: Instance, snapshot: Snapshot, request: Request
) -> Iterator[Finding]:
    state = instance.vm_state
    finding = of_state(instance)
    if state == VmState.PAUSED and request.disable_live_migration:
        # Nova does not cold migrate a paused server.
        finding = PAUSED.about(instance.name, vm_state=state)
    elif finding and finding.reason in {ERROR_ALIVE, ERROR_PAUSED}:
        finding = cpus.after_failure(instance, snapshot) or finding
    if finding:
        yield finding


def of_state(instance: Instance) -> Finding | None:
    """Return why its status alone keeps an instance; None if it does not."""
    state = instance.vm_state
    fate = STATES.get(state) or UNKNOWN_STATE
    if state == VmState.RESIZED and instance.migration == BY_ADMINISTRATOR:
        fate = NOT_CONFIRMED_HERE
    elif alive.is_in_error(state, instance.power_state):
        reasons = ERROR_LAST_RUNNING, ERROR_LAST_PAUSED
        if instance.live_move_failed:
            reasons = ERROR_ALIVE, ERROR_PAUSED
        return alive.about(
            *reasons, instance.name, instance.power_state, uuid=instance.uuid
        )
    if isinstance(fate, Reason):
        return fate.about(instance.name, vm_state=state)
    return None


def refused_again(instance: Instance) -> Finding | None:
    """Return what another audit would say of the state of an instance.

    :returns: the most important finding; None if it would let it leave
    """
    if stuck.is_stuck(instance):
        return stuck.about(instance)
    finding = of_state(instance)
    if finding is None and instance.task_state:
        return BUSY.about(instance.name, task_state=instance.task_state)
    is_live = MOVED_BY_STATE.get(instance.vm_state) is MoveKind.LIVE
    if finding is None and is_live:
        return next(_power_blockers(instance), None)
    return finding


def _power_blockers(instance: Instance) -> Iterator[Finding]:
    """Yield what keeps an instance from moving live."""
    if instance.power_state not in LIVE_MIGRATED:
        yield POWER_STATE.about(
            instance.name, power_state=instance.power_state
        )


def _move_blockers(
    instance: Instance, snapshot: Snapshot, request: Request
) -> Iterator[Finding]:
    """Yield what keeps an instance from moving to any host at all."""
    if kind(instance, request) is MoveKind.LIVE:
        yield from _power_blockers(instance)
    yield from _claims(instance, snapshot.by_hostname[instance.host])
    names = snapshot.by_hostname[instance.host].hypervisors
    if instance.hypervisor and names and instance.hypervisor not in names:
        yield RENAMED_HYPERVISOR.about(
            instance.name,
            hypervisor=instance.hypervisor,
            host=instance.host,
            hypervisors=names,
        )
    group = snapshot.group_by_uuid.get(instance.group)
    if group and groups.has_no_other_home(instance, group):
        yield GROUP_NOWHERE_ELSE.about(instance.name, group=group.name)
    yield from hints.blockers(instance, snapshot, request)
    yield from ports.blockers(instance, kind(instance, request))
    if request.allow_unproved_moves:
        return
    asks_for = unproved.asked_for(instance)
    if asks_for:
        yield UNPROVED.about(instance.name, asks_for=asks_for)
    yield from unread.blockers(instance)


def _claims(instance: Instance, source: ComputeNode) -> Iterator[Finding]:
    """Yield what Nova cannot claim once more on the source of a move.

    Its migration takes over what the instance holds there, of the node and of
    the providers below it. Placement then looks at the limits for one
    consumer, but lets an overcommitted provider be.
    """
    name, host = instance.name, source.hostname
    for resource_class, held in sorted(instance.on_source.items()):
        offer = source.inventory.get(resource_class)
        if offer is not None:
            claim = Claim(source.uuid, resource_class, held, offer)
            yield from _claimed(name, host, claim, HELD_AMOUNT)
    for claim in instance.claims:
        yield from _claimed(name, host, claim, HELD_AMOUNT_BELOW)


def _claimed(
    name: str, host: str, claim: Claim, of_amount: Reason
) -> Iterator[Finding]:
    offer = claim.offer
    facts: dict[str, Fact] = {
        'held': claim.amount,
        'resource_class': claim.resource_class,
        'host': host,
    }
    if not offer.total:
        yield HELD_CLASS.about(name, **facts)
    elif not offer.gives(claim.amount):
        if of_amount is HELD_AMOUNT_BELOW:
            facts['provider'] = claim.provider
        yield of_amount.about(
            name,
            **facts,
            min_unit=offer.min_unit,
            max_unit=offer.max_unit,
            step_size=offer.step_size,
        )


def kind(instance: Instance, request: Request) -> MoveKind:
    """Return how an instance would move."""
    is_active = instance.vm_state == VmState.ACTIVE
    if is_active and request.disable_live_migration:
        return MoveKind.COLD
    if owners.is_cold(instance, request):
        return MoveKind.COLD
    return MOVED_BY_STATE.get(instance.vm_state, MoveKind.COLD)
