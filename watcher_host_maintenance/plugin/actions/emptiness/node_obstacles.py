# SPDX-License-Identifier: Apache-2.0

"""What keeps a node from being ready for maintenance."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterator
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
from watcher_host_maintenance.core.rules.leaving import ALIVE
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

REMAINS_ALIVE = Of.LOOK.declare(
    'remains_alive',
    says=N_('{subject} remains (error, but its guest is {power_state})'),
    helps=N_(
        'Check its console, then: openstack server set --state active {uuid}'
    ),
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

NOT_CONFIRMED = Of.LOOK.declare(
    'not_confirmed',
    says=N_('the {kind} of {subject} to {destination} is not confirmed'),
    helps=N_('Confirm or revert it: openstack server resize confirm.'),
)

NOT_ENDED = Of.LOOK.declare(
    'not_ended',
    says=N_(
        'the {kind} of {subject} from {source} to {destination} has not '
        'ended ({status})'
    ),
    helps=N_('Wait until that has ended, then run the audit again.'),
)

ALLOCATION = Of.LOOK.declare(
    'allocation',
    says=N_('Placement has an allocation of {subject} there'),
    helps=N_('If that is of no server: nova-manage placement audit --delete.'),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a node from being ready.

    :ivar finding: what it is
    :ivar moving: Nova is at work on it, so that it may go by itself
    :ivar settling: it goes within a minute, or lasts
    :ivar server: UUID of a server on the node that was to leave; '' is none
    """

    finding: Finding
    moving: bool = False
    settling: bool = False
    server: str = ''

    @property
    def text(self) -> str:
        """What it is, for a person; not a whole sentence."""
        return words.say(self.finding, _)

    @property
    def helps(self) -> str:
        """What a person can do about it."""
        return words.help_for(self.finding, _)

    def lasts_after(self, polls: int, enough: int) -> bool:
        """Return True if it will not go by itself, as far as one can know.

        :param polls: how many polls before this one have found obstacles
        :param enough: polls after which what settles would have settled
        """
        if self.settling:
            return polls + 1 >= enough
        return not self.moving


def are_final(obstacles: Sequence[Obstacle], polls: int, enough: int) -> bool:
    """Return True if one lasts, and no other is about to go.

    Nova cleans up for a moment after a server has left: what it holds until
    then is not worth a word beside what stays.

    :param polls: see :meth:`Obstacle.lasts_after`, as for ``enough``
    """
    passing = [o for o in obstacles if not o.lasts_after(polls, enough)]
    return len(passing) < len(obstacles) and not any(
        o.settling for o in passing
    )


def unknown(error: NotPlanned) -> Obstacle:
    """Return an obstacle for a service that did not answer, which can pass.

    A missing right is not waited for as long: an operator has withdrawn it.
    """
    is_refused = error.finding.reason in REFUSED.values()
    return Obstacle(error.finding, moving=not is_refused, settling=is_refused)


def obstacles(
    contents: Contents, consumers: Collection[str], remaining: frozenset[str]
) -> Iterator[Obstacle]:
    """Yield all obstacles on a node, most important first.

    :param consumers: UUIDs of all that holds something of the node's resource
        provider, or of one below it
    :param remaining: UUIDs of the servers that are to remain there
    """
    if not contents.status:
        yield Obstacle(Finding(NO_SERVICE))
    elif contents.status != 'disabled':
        yield Obstacle(Finding(SERVICE_ENABLED))
    listed = {s.uuid for s in contents.servers} | remaining
    yield from _servers(contents, remaining)
    for uuid, name in sorted(contents.on_hypervisor.items()):
        if uuid not in listed:
            # Between two reads one can come, or go.
            yield Obstacle(Finding(ON_HYPERVISOR, name), settling=True)
    for move, server in contents.moves:
        if server.uuid not in listed:
            yield _move(move, server.name)
    # What of a server holds something, though the server is not there.
    known = listed.union(*((m.uuid, s.uuid) for m, s in contents.moves))
    for consumer in sorted(set(consumers) - known):
        yield Obstacle(Finding(ALLOCATION, consumer), settling=True)


def _servers(
    contents: Contents, remaining: frozenset[str]
) -> Iterator[Obstacle]:
    leaving = {
        server.uuid
        for move, server in contents.moves
        if move.source == contents.hostname and not move.is_unconfirmed
    }
    for server in contents.servers:
        if server.uuid not in remaining:
            yield _server(server, server.uuid in leaving)


def _server(server: Server, leaving: bool) -> Obstacle:
    if server.vm_state == VmState.SOFT_DELETED:
        return Obstacle(Finding(HOLDS_DISK, server.name))
    task = server.task_state or ('migrating' if leaving else '')
    if server.vm_state == VmState.ERROR and server.power_state in ALIVE:
        return Obstacle(
            Finding(
                REMAINS_ALIVE,
                server.name,
                {'power_state': server.power_state, 'uuid': server.uuid},
            ),
            moving=bool(task),
            server=server.uuid,
        )
    facts = {'states': tuple(filter(None, (server.vm_state, task)))}
    finding = Finding(REMAINS, server.name, facts)
    return Obstacle(finding, moving=bool(task), server=server.uuid)


def _move(move: Migration, name: str) -> Obstacle:
    facts = {
        'kind': move.kind,
        'status': move.status,
        'source': move.source,
        'destination': move.destination or None,
    }
    reason = NOT_CONFIRMED if move.is_unconfirmed else NOT_ENDED
    return Obstacle(
        Finding(reason, name, facts), moving=not move.is_unconfirmed
    )
