# SPDX-License-Identifier: Apache-2.0

"""Why a server has not moved, in Nova's own words."""

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Migration


INSTANCE_ACTIONS = frozenset({'live-migration', 'migrate', 'confirmResize'})
"""Nova's names of the actions that a plan asks for."""

FAILED = frozenset({'cancelled', 'error', 'failed'})
"""Nova's statuses of a migration that did not happen."""


def why(nova: Nova, uuid: str, since: str = '') -> str:
    """Return what Nova says of a server's last move.

    :param since: a time as Nova writes it; earlier failures do not count
    :returns: the fault of the server, the details of the event that failed,
        or how the migration ended; '' when nothing failed, or Nova gives no
        reason
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    return (
        fault(nova.fault(uuid), since)
        or _event(nova, uuid, since)
        or _migration(nova, uuid, since)
    )


def _event(nova: Nova, uuid: str, since: str) -> str:
    for action in nova.instance_actions(uuid):
        if action['action'] in INSTANCE_ACTIONS:
            if action['start_time'] < since:
                break
            return failure(nova.instance_action(uuid, action['request_id']))
    return ''


def _migration(nova: Nova, uuid: str, since: str) -> str:
    """Return how the newest ended: of some Nova keeps no other reason."""
    for migration in nova.server_migrations(uuid):
        return '' if migration.created_at < since else outcome(migration)
    return ''


def outcome(migration: Migration) -> str:
    """Return how a migration ended, if it did not do what it was to."""
    if migration.status not in FAILED:
        return ''
    return _(
        '%(kind)s ended with status %(status)s, see the log of nova-compute '
        'on %(source)s'
    ) % {
        'kind': migration.kind,
        'status': migration.status,
        'source': migration.source,
    }


def fault(record: Mapping[str, Any], since: str = '') -> str:
    """Return what Nova says of a server in ERROR; '' when it says nothing.

    A server keeps the fault of an earlier day, even that of asking for the
    console of a stopped one, and Nova writes none of a live migration that
    libvirt refuses: an old one is the reason of nothing that happens now.

    Of an error that is not Nova's own the message is the name of its class;
    the end of the traceback, which administrators see, has more.
    """
    if str(record.get('created') or '') < since:
        return ''
    message = str(record.get('message') or '')
    lines = str(record.get('details') or '').strip().splitlines()
    if lines and message and ' ' not in message:
        return lines[-1].strip()
    return message


def failure(action: Mapping[str, Any]) -> str:
    """Return what went wrong in an instance action; '' when nothing did."""
    events = action.get('events') or ()
    failed = [e for e in events if e.get('result') == 'Error']
    # Newest first. Details are there from microversion 2.84 on.
    details = next((e['details'] for e in failed if e.get('details')), '')
    if details:
        return _('%(action)s failed: %(details)s') % {
            'action': action.get('action'),
            'details': str(details).strip().splitlines()[0],
        }
    if failed or action.get('message') == 'Error':
        return _('%s failed') % action.get('action')
    return ''
