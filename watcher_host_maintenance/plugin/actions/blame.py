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

"""Why a server has not moved, in Nova's own words."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from oslo_log import log

from watcher_host_maintenance import exceptions
from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin import clients
from watcher_host_maintenance.plugin import nova
from watcher_host_maintenance.plugin.actions import obstacles


LOG = log.getLogger(__name__)

MOVES = frozenset({'live-migration', 'migrate', 'confirmResize'})
"""Nova's names of the actions that a plan asks for."""

ASKED = 20
"""Servers of which Nova is asked why; the others are told without."""


def sentences(found: Sequence[obstacles.Obstacle]) -> list[str]:
    """Write what is in the way, a sentence each, with Nova's reasons."""
    asked = [o.server for o in found if o.server][:ASKED]
    whys = {uuid: why(uuid) for uuid in asked}
    return [_sentence(o.text, whys.get(o.server, '')) for o in found]


def briefly(found: Sequence[obstacles.Obstacle]) -> Iterator[list[str]]:
    """Write the same without reasons, each time with one name less."""
    told = [_sentence(o.brief or o.text, '') for o in found]
    yield told
    for kept in range(len(told) - 1, -1, -1):
        more = _('And %d more.') % (len(told) - kept)
        yield [*told[:kept], more]


def why(uuid: str) -> str:
    """Return what Nova says of a server's last move.

    :returns: the fault of the server, or the details of the event that
        failed; '' when nothing failed, or nobody says
    """
    try:
        return _why(clients.connect_nova()(nova.LATEST_VERSION), uuid)
    except exceptions.NotPlanned as exc:
        LOG.warning('No reason for server %s: %s', uuid, exc.finding)
        return ''


def _why(client: Any, uuid: str) -> str:
    with clients.calling(clients.NOVA, f'GET /servers/{uuid}'):
        server = client.servers.get(uuid).to_dict()
    told = fault(server.get('fault') or {})
    if told:
        return told
    path = f'/servers/{uuid}/os-instance-actions'
    with clients.calling(clients.NOVA, f'GET {path}'):
        actions = client.instance_action.list(uuid)
        moves = [a for a in actions if a.action in MOVES]
        if not moves:
            return ''
        last = client.instance_action.get(uuid, moves[0].request_id)
        return failure(last.to_dict())


def fault(found: Mapping[str, Any]) -> str:
    """Return what Nova says of a server in ERROR; '' when it says nothing.

    Of an error that is not Nova's own the message is the name of its class;
    the end of the traceback, which administrators see, has more.
    """
    message = str(found.get('message') or '')
    lines = str(found.get('details') or '').strip().splitlines()
    if lines and message and ' ' not in message:
        return lines[-1].strip()
    return message


def failure(action: Mapping[str, Any]) -> str:
    """Return what went wrong in an instance action; '' when nothing did."""
    events: Iterable[Mapping[str, Any]] = action.get('events') or ()
    failed = [e for e in events if e.get('result') == 'Error']
    # Newest first. Details are there from microversion 2.84 on.
    told = [str(e['details']) for e in failed if e.get('details')]
    if told:
        return _said(action, told[0])
    if failed or action.get('message') == 'Error':
        return _('%s failed') % action.get('action')
    return ''


def _said(action: Mapping[str, Any], details: str) -> str:
    first = details.strip().splitlines()[0]
    return _('%(action)s failed: %(details)s') % {
        'action': action.get('action'),
        'details': first,
    }


def _sentence(text: str, reason: str) -> str:
    told = f'{text}: {reason}' if reason else text
    return f'{told.rstrip(".")}.'
