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
from typing import NamedTuple

from oslo_log import log

from watcher_host_maintenance import exceptions
from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin import clients
from watcher_host_maintenance.plugin import columns
from watcher_host_maintenance.plugin import nova
from watcher_host_maintenance.plugin.actions import obstacles


LOG = log.getLogger(__name__)

MOVES = frozenset({'live-migration', 'migrate', 'confirmResize'})
"""Nova's names of the actions that a plan asks for."""

ASKED = 20
"""Servers of which Nova is asked why; the others are told without."""

CUT = 90
CUTS = (1000, CUT, 60, 40)
"""Characters of a reason, fewer and fewer where there is not room for all."""

ENDED_BADLY = frozenset({'cancelled', 'error', 'failed'})
"""Nova's statuses of a migration that did not happen."""


def versions(
    found: Sequence[obstacles.Obstacle], since: str = ''
) -> Iterator[list[str]]:
    """Write what is in the way, a sentence each, with Nova's reasons.

    :param since: see :func:`why`
    :returns: all, then with reasons that are cut, then with fewer reasons,
        then with fewer names and a count of the others
    """
    told = list(_told(_groups(found, since)))
    for cut in CUTS:
        yield [one.said(cut) for one in told]
    for kept in range(len(told) - 1, 0, -1):
        yield [
            one.said(CUT) if one.leader < kept else one.brief for one in told
        ]
    for kept in range(len(told) - 1, 0, -1):
        names = [one.brief for one in told[1:kept]]
        more = _('And %d more.') % (len(told) - kept)
        yield [told[0].said(CUT), *names, more]


class _Told(NamedTuple):
    """A sentence about one obstacle.

    :ivar leader: position of the sentence with the reason that it shares
    """

    text: str
    reason: str
    brief: str
    leader: int

    def said(self, cut: int) -> str:
        """Write it with so many characters of its reason."""
        return _sentence(self.text, columns.fit([self.reason], cut))


def _groups(
    found: Sequence[obstacles.Obstacle], since: str
) -> dict[str | int, list[obstacles.Obstacle]]:
    """Put those with one reason together; a number stands for none."""
    groups: dict[str | int, list[obstacles.Obstacle]] = {}
    for number, one in enumerate(found):
        asked = one.server and number < ASKED
        reason = why(one.server, since) if asked else ''
        groups.setdefault(reason or number, []).append(one)
    return groups


def _told(
    groups: Mapping[str | int, Sequence[obstacles.Obstacle]],
) -> Iterator[_Told]:
    """Tell each reason once."""
    leader = 0
    for reason, group in groups.items():
        said = reason if isinstance(reason, str) else ''
        for one in group:
            brief = _sentence(one.brief or one.text, '')
            yield _Told(one.text, said, brief, leader)
            said = _('likewise')
        leader += len(group)


def why(uuid: str, since: str = '') -> str:
    """Return what Nova says of a server's last move.

    :param since: a time as Nova writes it; what failed before tells nothing
    :returns: the fault of the server, the details of the event that failed,
        or how the migration ended; '' when nothing failed, or nobody says
    """
    try:
        return _why(clients.connect_nova()(nova.LATEST_VERSION), uuid, since)
    except exceptions.NotPlanned as exc:
        LOG.warning('No reason for server %s: %s', uuid, exc.finding)
        return ''


def _why(client: Any, uuid: str, since: str) -> str:
    with clients.calling(clients.NOVA, f'GET /servers/{uuid}'):
        server = client.servers.get(uuid).to_dict()
    return (
        fault(server.get('fault') or {})
        or _event(client, uuid, since)
        or _migration(client, uuid, since)
    )


def _event(client: Any, uuid: str, since: str) -> str:
    path = f'/servers/{uuid}/os-instance-actions'
    with clients.calling(clients.NOVA, f'GET {path}'):
        actions = client.instance_action.list(uuid)
        moves = [a for a in actions if a.action in MOVES]
        if not moves or moves[0].start_time < since:
            return ''
        last = client.instance_action.get(uuid, moves[0].request_id)
        return failure(last.to_dict())


def _migration(client: Any, uuid: str, since: str) -> str:
    """Say how the newest one ended: of some Nova keeps no other reason."""
    call = f'GET /os-migrations?instance_uuid={uuid}'
    with clients.calling(clients.NOVA, call):
        found = client.migrations.list(instance_uuid=uuid)
    if not found:
        return ''
    last = max(found, key=lambda m: (m.created_at, m.id))
    return '' if last.created_at < since else outcome(last.to_dict())


def outcome(migration: Mapping[str, Any]) -> str:
    """Return how a migration ended, if it did not do what it was to."""
    if migration['status'] not in ENDED_BADLY:
        return ''
    return _(
        '%(migration_type)s ended with status %(status)s, see the log of '
        'nova-compute on %(source_compute)s'
    ) % dict(migration)


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
    if told.endswith(columns.ELLIPSIS):
        return told
    return f'{told.rstrip(".")}.'
