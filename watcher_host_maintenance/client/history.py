# SPDX-License-Identifier: Apache-2.0

"""What happened to a node: audits, action plans and migrations, merged."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.client.journal import Attempt
from watcher_host_maintenance.client.parameters import chosen
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.times import to_second
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.request import states


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    :ivar time: when it began, ISO 8601 in UTC, to the second
    :ivar kind: 'audit', 'action plan', or Nova's type of the migration
    :ivar uuid: of the audit, plan or migration
    :ivar ended: when it last changed; '' if it never did
    """

    time: str
    kind: str
    uuid: str
    state: str
    what: str
    ended: str = ''


def merge(
    host: str, attempts: Iterable[Attempt], moves: Iterable[Migration]
) -> list[Event]:
    """Return what happened to a node, oldest first, each thing once.

    :param moves: migrations off the node, and to it
    """
    recorded = {e.uuid: e for e in _events(attempts)}.values()
    migrations = [_migration(m, host) for m in sorted(moves, key=_number)]
    # Within a second: an audit, its plan, migrations.
    return sorted((*recorded, *migrations), key=lambda e: e.time)


def _events(attempts: Iterable[Attempt]) -> Iterator[Event]:
    for attempt in attempts:
        yield _audit(attempt.audit)
        if attempt.plan is not None:
            yield _plan(attempt, attempt.plan)


def _audit(audit: Audit) -> Event:
    given = chosen(audit.parameters, audit.is_return)
    parameters = ', '.join(f'{name}={value}' for name, value in given.items())
    return Event(
        to_second(audit.created_at),
        'audit',
        audit.uuid,
        audit.state,
        audit.message or parameters,
        to_second(audit.updated_at),
    )


def _plan(attempt: Attempt, plan: ActionPlan) -> Event:
    done = sum(a.state == states.SUCCEEDED for a in attempt.actions)
    text = f'{done} of {len(attempt.actions)} actions succeeded'
    failures = '; '.join(
        f'{a.subject}: {a.message or a.state}' for a in attempt.failures
    )
    return Event(
        to_second(plan.created_at),
        'action plan',
        plan.uuid,
        plan.state,
        ': '.join(filter(None, (text, failures))),
        to_second(plan.updated_at),
    )


def _number(migration: Migration) -> int:
    return migration.id


def _migration(migration: Migration, host: str) -> Event:
    where = f'from {migration.source or "?"}'
    if migration.source == host:
        where = f'to {migration.destination or "?"}'
    return Event(
        to_second(migration.created_at),
        migration.kind,
        migration.uuid or str(migration.id),
        migration.status,
        f'{migration.instance_uuid} {where}',
        to_second(migration.updated_at),
    )
