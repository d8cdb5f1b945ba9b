# SPDX-License-Identifier: Apache-2.0

"""Why a server has not moved, in Nova's own words."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from oslo_log import log

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import NOVA
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import calling
from watcher_host_maintenance.plugin.actions import session


LOG = log.getLogger(__name__)

INSTANCE_ACTIONS = frozenset({'live-migration', 'migrate', 'confirmResize'})
"""Nova's names of the actions that a plan asks for."""

ENDED_BADLY = frozenset({'cancelled', 'error', 'failed'})
"""Nova's statuses of a migration that did not happen."""


def why(asked: session.Cloud, uuid: str, since: str = '') -> str:
    """Return what Nova says of a server's last move.

    :param asked: Nova
    :param since: a time as Nova writes it; what failed before tells nothing
    :returns: the fault of the server, the details of the event that failed,
        or how the migration ended; '' when nothing failed, or nobody says
    """
    try:
        with asked.anew():
            return _why(asked.nova.client, uuid, since)
    except NotPlanned as exc:
        LOG.warning('No reason for server %s: %s', uuid, exc.finding)
        return ''


def _why(client: Any, uuid: str, since: str) -> str:
    with calling(NOVA, f'GET /servers/{uuid}'):
        server = client.servers.get(uuid).to_dict()
    return (
        fault(server.get('fault') or {})
        or _event(client, uuid, since)
        or _migration(client, uuid, since)
    )


def _event(client: Any, uuid: str, since: str) -> str:
    path = f'/servers/{uuid}/os-instance-actions'
    with calling(NOVA, f'GET {path}'):
        actions = client.instance_action.list(uuid)
        moves = [a for a in actions if a.action in INSTANCE_ACTIONS]
        if not moves or moves[0].start_time < since:
            return ''
        last = client.instance_action.get(uuid, moves[0].request_id)
        return failure(last.to_dict())


def _migration(client: Any, uuid: str, since: str) -> str:
    """Say how the newest one ended: of some Nova keeps no other reason."""
    call = f'GET /os-migrations?instance_uuid={uuid}'
    with calling(NOVA, call):
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
