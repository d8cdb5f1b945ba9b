# SPDX-License-Identifier: Apache-2.0

"""Of which servers it is over, though no plan of the audit has ended it.

They left before the audit has moved them, as owners may have moved them; the
end that it told was not written; or the audit does not begin any more with
the node that they are on.
"""

import dataclasses

from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.cloud import notices
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import UNFINISHED
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.notice import called_off
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.rules.owners import TELLABLE
from watcher_host_maintenance.plugin.watcher.told import Told


class Ending(NamedTuple):
    """What the owner of a server is to be told.

    :ivar source: the host that the server was to leave
    """

    server: Server
    source: str
    notice: Notice


def find(
    told: Mapping[str, Told],
    audit_uuid: str,
    instances: Iterable[Instance],
    connect: Callable[[], Nova],
    expected: Container[str],
    notified: Container[str] = (),
) -> Iterator[Ending]:
    """Yield the servers whose owners await what does not come any more.

    What was read to plan may be older than the last word of an owner, so that
    each of them is read again.

    :param told: see :func:`.told.last`
    :param instances: those that have been read
    :param connect: returns what servers are read with, where that is needed
    :param expected: hostnames of the nodes with which the audit may still
        begin: plans for these tell owners what is to come
    :param notified: UUIDs of the servers whose owners are told now anyway
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova does not
        answer
    """
    hosts: dict[str, str] = {}
    sources: dict[str, str] = {}
    for instance in instances:
        hosts[instance.uuid] = instance.host
        if _awaits(instance.notice, audit_uuid):
            sources[instance.uuid] = instance.host
    sources |= {
        uuid: last.source
        for uuid, last in told.items()
        if last.may_be_awaited and last.source
    }
    doubtful = [
        uuid
        for uuid in sources
        if uuid not in notified and hosts.get(uuid) not in expected
    ]
    for server in (
        parallel.each(connect().server, doubtful) if doubtful else ()
    ):
        if server is None or server.host in expected:
            continue
        source, last = sources[server.uuid], told.get(server.uuid)
        notice = _end(server, source, audit_uuid, last)
        if notice is not None:
            yield Ending(server, source, notice)


def _end(
    server: Server, source: str, audit_uuid: str, last: Told | None
) -> Notice | None:
    """Return what the owner of a server is to be told; None is nothing.

    :param last: what its owner was told last, if that is recorded
    """
    awaits = _awaits(server.notice, audit_uuid)
    if server.host not in ('', source):
        if not awaits or notices.is_under_way(server):
            return None
        return _done(server.notice, last)
    if not server.host or server.vm_state not in TELLABLE:
        return None
    if awaits:
        return called_off(server.notice)
    was_awaiting = last is not None and last.notice.state in UNFINISHED
    if last is not None and was_awaiting and server.notice == Notice():
        # Its owner has deleted the notice, and may await it all the same.
        return called_off(last.notice)
    return None


def _done(notice: Notice, last: Told | None) -> Notice:
    """Return what the owner of a server that has left is to be told.

    :param notice: what its owner reads
    """
    if last is not None and last.notice.state is State.DONE:
        return last.notice
    return dataclasses.replace(notice, state=State.DONE, effect=Effect.NONE)


def _awaits(notice: Notice, audit_uuid: str) -> bool:
    """Return True if a notice says that the audit still does something."""
    is_ours = notice.maintenance_id == audit_uuid
    return is_ours and notice.state in UNFINISHED
