# SPDX-License-Identifier: Apache-2.0

"""The moves of servers that failed lately."""

from collections.abc import Collection
from collections.abc import Mapping

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import FailedMove


FAILED = frozenset({'error', 'failed'})
"""Nova's statuses of a move that failed."""

CANCELLED = 'cancelled'
"""Nova's status of a move that somebody ended: it says nothing of a node."""

Failures = Mapping[str, tuple[FailedMove, ...]]
"""UUID of a server -> the moves off its node that failed, by destination."""


def read_failures(
    nova: Nova, servers: Collection[Server], request: Request
) -> Failures:
    """Read which moves off the nodes of servers failed in the last hours.

    Of several moves to one node the last one counts. Where a server was
    before says nothing of the node that it is on now.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read of Nova
        failed
    """
    hours = request.failed_migrations_hours
    if not hours:
        return {}
    host_of = {server.uuid: server.host for server in servers}
    hosts = sorted({*host_of.values()})
    newest: dict[tuple[str, str], Migration] = {}
    for moves in parallel.each(
        lambda host: nova.changed_departures(host, hours), hosts
    ):
        for move in moves:
            uuid = move.instance_uuid
            # Without a destination the scheduler found none.
            if (
                host_of.get(uuid) == move.source
                and move.destination
                and move.status != CANCELLED
            ):
                key = uuid, move.destination
                newest.setdefault(key, move)
    failures: dict[str, tuple[FailedMove, ...]] = {}
    for (uuid, destination), move in sorted(newest.items()):
        if move.status in FAILED:
            failed_at = f'{move.changed_at:%Y-%m-%dT%H:%M:%SZ}'
            failed = FailedMove(destination, move.kind, failed_at)
            failures[uuid] = (*failures.get(uuid, ()), failed)
    return failures
