# SPDX-License-Identifier: Apache-2.0

"""Who left some nodes in their maintenance, and where they are now."""

import dataclasses

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.times import seconds
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.core.model.snapshot import Departure


History = Callable[[Collection[str]], Sequence[Closing]]
"""Returns what Watcher has recorded of the maintenance of some nodes."""


ENDED = frozenset({'completed', 'confirmed'})
"""Nova's statuses of a move that has ended well."""


def no_history(hosts: Collection[str]) -> Sequence[Closing]:
    """Return that nothing is recorded of any node."""
    return ()


class Past(NamedTuple):
    """What has become of those that left.

    :ivar departures: their moves, ended well, off any node
    :ivar servers: those that exist and are on some node
    """

    departures: tuple[Departure, ...] = ()
    servers: tuple[Server, ...] = ()


def read_past(nova: Nova, closings: Sequence[Closing]) -> Past:
    """Ask Nova who left, by its own records or by those of Watcher."""
    if not closings:
        return Past()
    uuids = {uuid for c in closings for uuid in c.moved}
    for left in parallel.each(nova.departures, [c.hostname for c in closings]):
        uuids.update(m.instance_uuid for m in left if _has_moved(m))
    wanted = sorted(uuids)
    servers = [
        s
        for s in parallel.each(nova.server, wanted)
        if s is not None and s.host
    ]
    moves = parallel.each(nova.server_migrations, [s.uuid for s in servers])
    return Past(
        tuple(_departure(m) for of in moves for m in of if _has_moved(m)),
        tuple(servers),
    )


def without_started(
    nova: Nova, closings: Iterable[Closing]
) -> Iterator[Closing]:
    """Yield closings without the servers that were started since.

    Its owner may have stopped such a server again.
    """
    for closing in closings:
        since = [(uuid, closing.since_s) for uuid in closing.stopped]
        started = parallel.each(lambda x: _was_started(nova, *x), since)
        stopped = zip(closing.stopped, started, strict=True)
        yield dataclasses.replace(
            closing, stopped=tuple(uuid for uuid, was in stopped if not was)
        )


def _was_started(nova: Nova, uuid: str, since_s: int) -> bool:
    if nova.server(uuid) is None:
        return False
    return any(
        action['action'] == 'start'
        and seconds(action['start_time']) >= since_s
        for action in nova.instance_actions(uuid)
    )


def _has_moved(migration: Migration) -> bool:
    return migration.is_move and migration.status in ENDED


def _departure(migration: Migration) -> Departure:
    return Departure(
        migration.instance_uuid,
        migration.source,
        migration.destination,
        migration.kind,
        int(migration.changed_at.timestamp()),
    )
