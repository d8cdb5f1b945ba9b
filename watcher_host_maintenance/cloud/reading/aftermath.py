# SPDX-License-Identifier: Apache-2.0

"""Why servers are in ERROR whose guests may be there all the same."""

import datetime

from collections.abc import Collection

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.times import parse
from watcher_host_maintenance.core.rules import alive
from watcher_host_maintenance.core.rules.cpus import LIVE_MIGRATION


FAILED = frozenset({'cancelled', 'error', 'failed'})
"""Nova's statuses of a migration that came to nothing; one that is aborted
ends as one that fails."""

AT_ONCE = datetime.timedelta(minutes=1)
"""How much later than the end of a migration Nova writes its fault, at most.

It writes none of one that failed on a compute host.
"""


def after_live(nova: Nova, servers: Collection[Server]) -> frozenset[str]:
    """Return the UUIDs of servers in ERROR since a live migration failed.

    One or two requests for each server in ERROR whose guest was last seen.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    suspects = {
        s.uuid: s.host
        for s in servers
        if alive.is_in_error(s.vm_state, s.power_state)
    }

    def has_failed_live(uuid: str) -> bool:
        return any(
            _is_live_that_failed(move, suspects[uuid])
            and not _failed_since(nova, move)
            for move in nova.server_migrations(uuid)[:1]
        )

    found = parallel.by_item(has_failed_live, sorted(suspects))
    return frozenset(uuid for uuid, has_failed in found.items() if has_failed)


def _is_live_that_failed(move: Migration, host: str) -> bool:
    is_off_host = move.source == host and move.kind == LIVE_MIGRATION
    return is_off_host and move.status in FAILED


def _failed_since(nova: Nova, move: Migration) -> bool:
    """Return True if something else has failed after a migration."""
    created = str(nova.fault(move.instance_uuid).get('created') or '')
    return bool(created) and parse(created) > move.changed_at + AT_ONCE
