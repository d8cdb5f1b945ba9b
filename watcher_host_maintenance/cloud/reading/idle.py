# SPDX-License-Identifier: Apache-2.0

"""For how long nothing has happened to what Nova is at work on."""

import datetime

from collections.abc import Collection
from collections.abc import Iterator

from watcher_host_maintenance.cloud.records import Migration
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.times import parse
from watcher_host_maintenance.core.model.nova import VmState


QUEUED = 'queued'
"""Nova's status of a live migration that waits for others of its source."""


def idle_s(server: Server, migrations: Collection[Migration]) -> int:
    """Return for how many seconds nothing has happened to a server.

    A record in progress is no proof of work: nothing ends that of a
    nova-compute which died. A live migration that is being copied changes
    its record every few seconds.

    :param migrations: those that have not ended, of other servers as well
    :returns: 0 if it is not known, or if Nova does nothing with the server
    """
    is_at_work = server.task_state or server.vm_state == VmState.BUILDING
    if not is_at_work or not server.updated_at:
        return 0
    changes = (m.changed_at for m in _awaited(server.uuid, migrations))
    last = max([parse(server.updated_at), *changes])
    now = datetime.datetime.now(datetime.UTC)
    return max(0, int((now - last).total_seconds()))


def _awaited(
    uuid: str, migrations: Collection[Migration]
) -> Iterator[Migration]:
    """Yield the migrations of a server, and those that it is queued behind."""
    own = [m for m in migrations if m.instance_uuid == uuid]
    yield from own
    sources = {m.source for m in own if m.status == QUEUED}
    yield from (m for m in migrations if m.source in sources)
