# SPDX-License-Identifier: Apache-2.0

"""Why a node is not ready for maintenance, from what is seen of it."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.plugin.actions.emptiness import host
from watcher_host_maintenance.plugin.actions.outcomes import NO_SERVICE


SERVICE_ENABLED = declare(
    'service_enabled',
    of=Of.LOOK,
    says=N_('its nova-compute service is enabled'),
    helps=N_('Run the audit again for what is left.'),
)

REMAINS = declare(
    'remains',
    of=Of.LOOK,
    says=N_('{subject} remains ({state})'),
    helps=N_('Run the audit again for what is left.'),
)

HOLDS_DISK = declare(
    'holds_disk',
    of=Of.LOOK,
    says=N_('{subject} is soft-deleted and still holds its disk'),
    helps=N_('Restore or force-delete it.'),
)

ON_HYPERVISOR = declare(
    'on_hypervisor',
    of=Of.LOOK,
    says=N_('{subject} is on its hypervisor'),
    helps=N_('Run the audit again for what is left.'),
)

NOT_CONFIRMED = declare(
    'not_confirmed',
    of=Of.LOOK,
    says=N_('the {kind} of {subject} to {destination} is not confirmed'),
    helps=N_('Confirm or revert it: openstack server resize confirm.'),
)

NOT_ENDED = declare(
    'not_ended',
    of=Of.LOOK,
    says=N_(
        'the {kind} of {subject} from {source} to {destination} has not '
        'ended ({status})'
    ),
    helps=N_('Wait until that has ended, then run the audit again.'),
)

ALLOCATION = declare(
    'allocation',
    of=Of.LOOK,
    says=N_('Placement has an allocation of {subject} there'),
    helps=N_('If that is of no server: nova-manage placement audit --delete.'),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that is in the way.

    :ivar found: what it is
    :ivar moving: somebody is at work on it, so that it may go by itself
    :ivar settling: it goes within a minute, or lasts
    :ivar server: UUID of a server on the node that was to leave; '' is none
    :ivar brief: the text where there is little room; '' is the text
    """

    found: Finding
    moving: bool = False
    settling: bool = False
    server: str = ''
    brief: str = ''

    @property
    def text(self) -> str:
        """What it is, for a person; not a whole sentence."""
        return words.say(self.found, _)

    @property
    def helps(self) -> str:
        """What a person can do about it."""
        return words.help_for(self.found, _)

    def lasts_after(self, looks: int, enough: int) -> bool:
        """Tell whether it will not go by itself, as far as one can tell.

        :param looks: how many looks before this one have seen something
        :param enough: looks after which what settles would have settled
        """
        if self.settling:
            return looks + 1 >= enough
        return not self.moving


def are_final(found: Sequence[Obstacle], looks: int, enough: int) -> bool:
    """Tell whether something will not go, and the rest is not about to.

    Nova tidies up for a moment behind a server that has left: what it holds
    until then is not worth a word beside what stays.

    :param looks: see :meth:`Obstacle.lasts_after`; likewise enough
    """
    passing = [one for one in found if not one.lasts_after(looks, enough)]
    return len(passing) < len(found) and not any(
        one.settling for one in passing
    )


def unknown(error: NotPlanned) -> Obstacle:
    """Say that Nova or Placement did not answer, which can pass.

    A right that is missing is not waited for as long: somebody took it.
    """
    refused = error.finding.reason in REFUSED.values()
    return Obstacle(error.finding, moving=not refused, settling=refused)


def found(seen: host.Sight, remaining: frozenset[str]) -> Iterator[Obstacle]:
    """Yield all that is in the way, foremost first.

    :param remaining: UUIDs of the servers that are to be there
    """
    yield from _service(seen)
    yield from _servers(seen, remaining)
    yield from _migrations(seen, remaining)
    yield from _allocations(seen, remaining)
    if seen.unseen is not None:
        yield dataclasses.replace(
            unknown(seen.unseen), brief=_('Placement did not answer')
        )


def _service(seen: host.Sight) -> Iterator[Obstacle]:
    if not seen.status:
        yield Obstacle(Finding(NO_SERVICE))
    elif seen.status != 'disabled':
        yield Obstacle(Finding(SERVICE_ENABLED))


def _servers(
    seen: host.Sight, remaining: frozenset[str]
) -> Iterator[Obstacle]:
    leaving = {
        m.instance_uuid
        for m in seen.migrations
        if m.source == seen.hostname and m.status != host.UNCONFIRMED
    }
    for server in seen.servers:
        if server.uuid not in remaining:
            yield _server(server, server.uuid in leaving)
    listed = {s.uuid for s in seen.servers} | remaining
    for uuid, name in sorted(seen.on_hypervisor.items()):
        if uuid not in listed:
            # Between two reads one can come, or go.
            found = Finding(ON_HYPERVISOR, name)
            yield Obstacle(found, settling=True)


def _server(server: Server, leaving: bool) -> Obstacle:
    if server.vm_state == VmState.SOFT_DELETED:
        return Obstacle(Finding(HOLDS_DISK, server.name))
    doing = server.task_state or ('migrating' if leaving else '')
    state = f'{server.vm_state}, {doing}' if doing else server.vm_state
    found = Finding(REMAINS, server.name, {'state': state})
    return Obstacle(found, moving=bool(doing), server=server.uuid)


def _migrations(
    seen: host.Sight, remaining: frozenset[str]
) -> Iterator[Obstacle]:
    here = {s.uuid for s in seen.servers} | remaining
    for one in seen.migrations:
        if one.instance_uuid in here:
            continue
        facts = {
            'kind': one.kind,
            'status': one.status,
            'source': one.source,
            'destination': one.destination,
        }
        waits = one.status == host.UNCONFIRMED
        reason = NOT_CONFIRMED if waits else NOT_ENDED
        yield Obstacle(Finding(reason, one.name, facts), moving=not waits)


def _allocations(
    seen: host.Sight, remaining: frozenset[str]
) -> Iterator[Obstacle]:
    """Say who holds something on the node though nothing of it is there."""
    known = {s.uuid for s in seen.servers} | remaining
    known |= {m.uuid for m in seen.migrations}
    known |= {m.instance_uuid for m in seen.migrations}
    for consumer in sorted(seen.consumers - known):
        found = Finding(ALLOCATION, consumer)
        yield Obstacle(found, settling=True)
