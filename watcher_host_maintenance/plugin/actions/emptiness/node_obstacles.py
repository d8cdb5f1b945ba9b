# SPDX-License-Identifier: Apache-2.0

"""What keeps a node from being ready for maintenance."""

import dataclasses
import math

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading.hosts import Contents
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.rules import alive
from watcher_host_maintenance.core.rules import stuck
from watcher_host_maintenance.core.rules.leaving import BY_ADMINISTRATOR
from watcher_host_maintenance.core.rules.leaving import CONFIRMS
from watcher_host_maintenance.core.rules.leaving import OWNER_CONFIRMS
from watcher_host_maintenance.core.rules.leaving import left_allocation
from watcher_host_maintenance.core.rules.leaving import refused_again
from watcher_host_maintenance.core.telling import words


NO_SERVICE = Of.LOOK.declare(
    'no_service',
    says=N_('it has no nova-compute service'),
    helps=N_('Look for it in "openstack compute service list".'),
    named=N_('{subject} has no nova-compute service'),
)

SERVICE_ENABLED = Of.LOOK.declare(
    'service_enabled',
    says=N_('its nova-compute service is enabled'),
    helps=N_('Run the audit again for what is left.'),
)

REMAINS = Of.LOOK.declare(
    'remains',
    says=N_('{subject} remains ({states})'),
    helps=N_('Run the audit again for what is left.'),
)
"""What helps is said of its state, where that would stop another audit."""

REMAINS_ALIVE, REMAINS_PAUSED = alive.declare(
    Of.LOOK,
    'remains_alive',
    'remains_paused',
    N_('{subject} remains (error, but its guest is {power_state})'),
)

HOLDS_DISK = Of.LOOK.declare(
    'holds_disk',
    says=N_('{subject} is soft-deleted and still holds its disk'),
    helps=N_('Restore or force-delete it.'),
)

ON_HYPERVISOR = Of.LOOK.declare(
    'on_hypervisor',
    says=N_('{subject} is on its hypervisor'),
    helps=N_('Run the audit again for what is left.'),
)

IS_NOT_CONFIRMED = N_(
    'the {kind} of {subject} to {destination} is not confirmed'
)

NOT_CONFIRMED = Of.LOOK.declare(
    'not_confirmed',
    says=IS_NOT_CONFIRMED,
    helps=CONFIRMS,
)

RESIZE_NOT_CONFIRMED = Of.LOOK.declare(
    'resize_not_confirmed',
    says=IS_NOT_CONFIRMED,
    helps=OWNER_CONFIRMS,
)

NOT_ENDED = Of.LOOK.declare(
    'not_ended',
    says=N_(
        'the {kind} of {subject} from {source} to {destination} has not '
        'ended ({status})'
    ),
    helps=N_('Wait until that has ended, then run the audit again.'),
)


AT_ONCE = 1
SETTLING = 12
FOR_EVER = math.inf
"""Polls that have to find an obstacle until it counts as lasting.

What Nova is not at work on any more may settle within a minute, at Watcher's
interval of 5 seconds: Nova's compute services tidy their allocations up once a
minute. What Nova is at work on may go at any time.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a node from being ready.

    :ivar finding: what it is
    :ivar patience: :data:`AT_ONCE`, :data:`SETTLING` or :data:`FOR_EVER`
    :ivar server: UUID of a server on the node that was to leave; '' is none
    :ivar cure: what another audit would say, if it would refuse the server;
        what helps is of that then
    """

    finding: Finding
    patience: float = AT_ONCE
    server: str = ''
    cure: Finding | None = None

    @property
    def text(self) -> str:
        """What it is, for a person; not a whole sentence."""
        return words.say(self.finding, _)

    @property
    def helps(self) -> str:
        """What a person can do about it."""
        return words.help_for(self.cure or self.finding, _)


def are_final(obstacles: Sequence[Obstacle], polls: int) -> bool:
    """Return True if one lasts, and no other is about to go.

    Nova cleans up for a moment after a server has left: what it holds until
    then is not worth a word beside what stays.

    :param polls: how many polls, this one among them, have found obstacles
    """
    passing = [o.patience for o in obstacles if polls < o.patience]
    return len(passing) < len(obstacles) and SETTLING not in passing


def unknown(error: NotPlanned) -> Obstacle:
    """Return an obstacle for a service that did not answer, which can pass.

    A missing right is not waited for as long: an operator has withdrawn it.
    """
    is_refused = error.finding.reason in REFUSED.values()
    patience = SETTLING if is_refused else FOR_EVER
    return Obstacle(error.finding, patience)


def strangers(
    contents: Contents, consumers: Iterable[str], remaining: frozenset[str]
) -> list[str]:
    """Return the consumers that are neither servers nor moves of a node.

    :param consumers: UUIDs of all that holds something of the node's resource
        provider, or of one below it
    :param remaining: UUIDs of the servers that are to remain there
    """
    known = {s.uuid for s in contents.servers}.union(
        remaining, *((m.uuid, s.uuid) for m, s in contents.moves)
    )
    return sorted({*consumers} - known)


def obstacles(
    contents: Contents,
    remaining: frozenset[str],
    left: Mapping[str, Server | None],
    consumers: Mapping[str, str],
) -> Iterator[Obstacle]:
    """Yield all obstacles on a node, most important first.

    :param remaining: UUIDs of the servers that are to remain there
    :param left: each of the :func:`strangers` -> the server of that UUID;
        None if there is none
    :param consumers: each of these -> UUID of a resource provider that it
        holds something of
    """
    if not contents.status:
        yield Obstacle(NO_SERVICE.about())
    elif contents.status != 'disabled':
        yield Obstacle(SERVICE_ENABLED.about())
    listed = {s.uuid for s in contents.servers} | remaining
    leaving = {
        server.uuid
        for move, server in contents.moves
        if move.source == contents.hostname and not move.is_unconfirmed
    }
    for server in contents.servers:
        if server.uuid not in remaining:
            yield _server(server, contents, server.uuid in leaving)
    for uuid, name in sorted(contents.on_hypervisor.items()):
        if uuid not in listed:
            # Between two reads one can come, or go.
            yield Obstacle(ON_HYPERVISOR.about(name), SETTLING)
    for move, server in contents.moves:
        if server.uuid not in listed:
            yield _move(move, server, contents)
    for uuid, stranger in left.items():
        name = stranger.name if stranger is not None else uuid
        home = stranger.host if stranger is not None else None
        finding = left_allocation(
            name, home, contents.hostname, consumers[uuid]
        )
        yield Obstacle(finding, SETTLING)


def _server(server: Server, contents: Contents, leaving: bool) -> Obstacle:
    if server.vm_state == VmState.SOFT_DELETED:
        return Obstacle(HOLDS_DISK.about(server.name))
    task = server.task_state or ('migrating' if leaving else '')
    cure = refused_again(_instance(server, contents))
    is_passing = bool(task) or server.vm_state == VmState.BUILDING
    patience = FOR_EVER if is_passing else AT_ONCE
    if server.uuid in contents.after_live:
        finding = alive.about(
            REMAINS_ALIVE,
            REMAINS_PAUSED,
            server.name,
            server.power_state,
            uuid=server.uuid,
        )
        return Obstacle(finding, patience, server.uuid)
    is_seen = alive.is_in_error(server.vm_state, server.power_state)
    guest = server.power_state if is_seen else ''
    states = tuple(filter(None, (server.vm_state, task, guest)))
    finding = REMAINS.about(server.name, states=states)
    return Obstacle(finding, patience, server.uuid, cure)


def _move(move: Migration, server: Server, contents: Contents) -> Obstacle:
    instance = _instance(server, contents)
    patience = AT_ONCE if move.is_unconfirmed else FOR_EVER
    if stuck.is_stuck(instance):
        return Obstacle(stuck.about(instance), patience)
    reason = NOT_ENDED
    if move.is_unconfirmed:
        is_ours = move.kind == BY_ADMINISTRATOR
        reason = NOT_CONFIRMED if is_ours else RESIZE_NOT_CONFIRMED
    finding = reason.about(
        server.name,
        kind=move.kind,
        status=move.status,
        source=move.source,
        destination=move.destination or None,
    )
    return Obstacle(finding, patience)


def _instance(server: Server, contents: Contents) -> Instance:
    """Return a server as another audit would judge its state."""
    kinds = {
        m.kind for m, moving in contents.moves if moving.uuid == server.uuid
    }
    return Instance(
        uuid=server.uuid,
        name=server.name,
        host=server.host,
        vm_state=server.vm_state,
        resources={},
        task_state=server.task_state,
        power_state=server.power_state,
        migration=kinds.pop() if len(kinds) == 1 else '',
        task_age_s=contents.idle_s.get(server.uuid, 0),
        live_move_failed=server.uuid in contents.after_live,
    )
