#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Why a node is not ready for maintenance, from what is seen of it."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance import exceptions
from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core import words
from watcher_host_maintenance.plugin import clients
from watcher_host_maintenance.plugin import records
from watcher_host_maintenance.plugin.actions import host


SOFT_DELETED = 'soft-delete'


@dataclasses.dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that is in the way.

    :ivar text: what it is, for a person; not a whole sentence
    :ivar moving: somebody is at work on it, so that it may go by itself
    :ivar settling: it goes within a minute, or lasts
    :ivar server: UUID of a server on the node that was to leave; '' is none
    :ivar brief: the text where there is little room; '' is the text
    """

    text: str
    moving: bool = False
    settling: bool = False
    server: str = ''
    brief: str = ''

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


def unknown(error: exceptions.NotPlanned) -> Obstacle:
    """Say that Nova or Placement did not answer, which can pass.

    A right that is missing is not waited for as long: somebody took it.
    """
    refused = error.finding.reason in clients.REFUSED.values()
    return Obstacle(
        words.say(error.finding), moving=not refused, settling=refused
    )


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
        yield Obstacle(_('it has no nova-compute service'))
    elif seen.status != 'disabled':
        yield Obstacle(_('its nova-compute service is enabled'))


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
            text = _('%s is on its hypervisor') % name
            yield Obstacle(text, settling=True)


def _server(server: records.Server, leaving: bool) -> Obstacle:
    if server.vm_state == SOFT_DELETED:
        text = _('%s is soft-deleted and still holds its disk') % server.name
        return Obstacle(text)
    doing = server.task_state or ('migrating' if leaving else '')
    state = f'{server.vm_state}, {doing}' if doing else server.vm_state
    text = _('%(name)s remains (%(state)s)') % {
        'name': server.name,
        'state': state,
    }
    return Obstacle(text, moving=bool(doing), server=server.uuid)


def _migrations(
    seen: host.Sight, remaining: frozenset[str]
) -> Iterator[Obstacle]:
    here = {s.uuid for s in seen.servers} | remaining
    for one in seen.migrations:
        if one.instance_uuid in here:
            continue
        facts = {
            'kind': one.kind,
            'server': one.name,
            'status': one.status,
            'source': one.source,
            'destination': one.destination,
        }
        if one.status == host.UNCONFIRMED:
            text = _(
                'the %(kind)s of %(server)s to %(destination)s is not '
                'confirmed'
            )
            yield Obstacle(text % facts)
        else:
            text = _(
                'the %(kind)s of %(server)s from %(source)s to '
                '%(destination)s has not ended (%(status)s)'
            )
            yield Obstacle(text % facts, moving=True)


def _allocations(
    seen: host.Sight, remaining: frozenset[str]
) -> Iterator[Obstacle]:
    """Say who holds something on the node though nothing of it is there."""
    known = {s.uuid for s in seen.servers} | remaining
    known |= {m.uuid for m in seen.migrations}
    known |= {m.instance_uuid for m in seen.migrations}
    for consumer in sorted(seen.consumers - known):
        text = _('Placement has an allocation of %s there') % consumer
        yield Obstacle(text, settling=True)
