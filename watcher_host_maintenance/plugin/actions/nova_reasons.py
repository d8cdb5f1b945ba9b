# SPDX-License-Identifier: Apache-2.0

"""Why a server has not moved, in Nova's own words."""

import re

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.core.rules import cpus
from watcher_host_maintenance.core.telling.brevity import and_more


LOG = logs.get_logger(__name__)


INSTANCE_ACTIONS = frozenset({'live-migration', 'migrate', 'confirmResize'})
"""Nova's names of the actions that a plan asks for."""

CANCELLED = 'cancelled'

FAILED = frozenset({CANCELLED, 'error', 'failed'})
"""Nova's statuses of a migration that did not happen."""

COMPUTE = 'compute_'
"""How the names of Nova's events begin that are of nova-compute."""

HOST = re.compile(r'(?<!valid )\b(host|hypervisor|node)\b', re.IGNORECASE)
"""A message of Nova with it may be about one that it does not name."""

NAMED = 3
"""CPU features that are named before they are only counted."""


def why(nova: Nova, uuid: str, since: str = '') -> str:
    """Return what Nova says of a server's last move.

    :param since: a time as Nova writes it; earlier failures do not count
    :returns: the fault of the server, the details of the event that failed,
        or how the migration ended; '' when nothing failed, or Nova gives no
        reason
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    record = nova.fault(uuid)
    message = fault(record, since)
    action = _action(nova, uuid, since)
    if message and (host := _host_of(action, record)):
        message = f'{host}: {message}'
    text = message or failure(action)
    if not text:
        return _migration(nova, uuid, since)
    return _between(nova, uuid, since, text) if HOST.search(text) else text


def _action(nova: Nova, uuid: str, since: str) -> Mapping[str, Any]:
    """Return the last thing that was asked of a plan; empty is none."""
    for action in nova.instance_actions(uuid):
        if action['action'] in INSTANCE_ACTIONS:
            if action['start_time'] < since:
                break
            return nova.instance_action(uuid, action['request_id'])
    return {}


def _host_of(action: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Return the compute host whose failure is a server's fault; '' is none.

    Nova says "the host" in many messages, and does not say which.
    """
    message = record.get('message')
    failed = [e for e in _failed(action) if e.get('details') == message]
    return next(filter(None, map(_compute_host, failed)), '')


def _between(nova: Nova, uuid: str, since: str, message: str) -> str:
    """Add the ends of a move to a message about a host that has no name."""
    for move in nova.server_migrations(uuid)[:1]:
        ends = (move.source, move.destination)
        if move.created_at >= since and not any(
            end and end in message for end in ends
        ):
            return _('%(message)s (%(kind)s from %(source)s to %(to)s)') % {
                'message': message.rstrip('.'),
                'kind': move.kind,
                'source': move.source,
                'to': move.destination or _('no host'),
            }
    return message


def _migration(nova: Nova, uuid: str, since: str) -> str:
    """Return how the newest ended: of some Nova keeps no other reason."""
    for migration in nova.server_migrations(uuid)[:1]:
        if migration.created_at >= since:
            return outcome(migration, _lacking(nova, migration))
    return ''


def _lacking(nova: Nova, migration: Migration) -> tuple[str, ...]:
    """Return the CPU features that a live migration may have failed for.

    libvirt writes them to the log only.
    """
    is_live = migration.kind == cpus.LIVE_MIGRATION
    if not is_live or migration.status not in FAILED - {CANCELLED}:
        return ()
    try:
        here, there = map(
            nova.cpu_features, (migration.source, migration.destination)
        )
    except NotPlanned as exc:
        LOG.warning('No features of CPUs: %s', exc.finding)
        return ()
    return () if there is None else cpus.missing(here, there)


def outcome(migration: Migration, lacking: Sequence[str] = ()) -> str:
    """Return how a migration ended, if it did not do what it was to.

    :param lacking: CPU features of its source that its destination lacks
    """
    if migration.status not in FAILED:
        return ''
    facts = {
        'kind': migration.kind,
        'status': migration.status,
        'source': migration.source,
        'destination': migration.destination,
    }
    if lacking:
        more = and_more(len(lacking) - NAMED, _)
        features = ' '.join([', '.join(lacking[:NAMED]), *more])
        return _(
            '%(kind)s ended with status %(status)s, %(destination)s lacks CPU '
            'features (%(features)s), see the log of nova-compute on '
            '%(source)s'
        ) % {**facts, 'features': features}
    return (
        _(
            '%(kind)s ended with status %(status)s, see the log of '
            'nova-compute on %(source)s'
        )
        % facts
    )


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
    failed = _failed(action)
    # Details are there from microversion 2.84 on.
    event = next((e for e in failed if e.get('details')), {})
    facts = {'action': action.get('action'), 'host': _compute_host(event)}
    if event:
        facts['details'] = str(event['details']).strip().splitlines()[0]
        if facts['host']:
            return _('%(action)s failed on %(host)s: %(details)s') % facts
        return _('%(action)s failed: %(details)s') % facts
    if failed or action.get('message') == 'Error':
        return _('%s failed') % facts['action']
    return ''


def _failed(action: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the events that failed, the one that ended first before others.

    One that failed in another is the reason of that. Nova has the newest
    first, and times in seconds.
    """
    events = action.get('events') or ()
    failed = [e for e in events if e.get('result') == 'Error']
    return sorted(failed, key=lambda e: str(e.get('finish_time') or ''))


def _compute_host(event: Mapping[str, Any]) -> str:
    """Return the host of an event of nova-compute, not of the conductor.

    Before microversion 2.62, or without the right to see it, there is none.
    """
    is_compute = str(event.get('event')).startswith(COMPUTE)
    return str(event.get('host') or '') if is_compute else ''
