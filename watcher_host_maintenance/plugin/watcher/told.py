# SPDX-License-Identifier: Apache-2.0

"""What owners of servers were told last, and of whom it is over by itself."""

import dataclasses

from collections.abc import Callable
from collections.abc import Container
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from watcher import objects
from watcher.common import context

from watcher_host_maintenance.cloud import notices
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import ENDED
from watcher_host_maintenance.core.model.notice import UNFINISHED
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import emit
from watcher_host_maintenance.request import states


class Told(NamedTuple):
    """What the owner of a server was told last.

    :ivar source: the host that the server was to leave; '' is unknown
    :ivar has_message: the action that told it had something to say: perhaps
        that it could not
    """

    notice: Notice
    source: str
    has_message: bool = False

    @property
    def may_be_awaited(self) -> bool:
        """Return True if the owner may read that something is to come."""
        is_over = self.notice.state in ENDED
        return self.notice.state in UNFINISHED or (
            is_over and self.has_message
        )


def last(audit_uuid: str) -> dict[str, Told]:
    """Return server -> what the plans of an audit have told its owner last."""
    told: dict[str, Told] = {}
    for action in objects.Action.list(
        context.make_context(),
        filters={'audit_uuid': audit_uuid},
        sort_key='id',
        sort_dir='asc',
    ):
        if action.action_type != names.NOTIFY_OWNER:
            continue
        if action.state in (states.SUCCEEDED, states.ONGOING):
            given = action.input_parameters
            told[given['resource_id']] = Told(
                Notice.from_metadata(given['notice']),
                given.get('source_node', ''),
                bool(action.status_message),
            )
    return told


def nodes(told: Mapping[str, Told]) -> set[str]:
    """Return the nodes that the owners of servers on them were told of.

    A server that makes room leaves a node that is not maintained.

    :param told: see :func:`last`
    """
    return {t.source for t in told.values() if t.notice.host is not None}


def gone(
    told: Mapping[str, Told],
    audit_uuid: str,
    connect: Callable[[], Nova],
    hosts: Mapping[str, str],
    nodes: Container[str],
) -> Iterator[tuple[Server, str, Notice]]:
    """Yield the servers that have left, and whose owners read otherwise.

    They left before the audit has moved them, as owners may have moved them,
    or what it told them of the end was not written.

    :param told: see :func:`last`
    :param connect: returns what servers are read with, where that is needed
    :param hosts: UUID -> host of servers, as far as it has been read
    :param nodes: hostnames of the nodes of the audit: plans for these tell
        owners what is to come
    :returns: a server, the host that it has left, and what its owner is to
        be told
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova does not
        answer
    """
    awaited = {
        uuid: one
        for uuid, one in told.items()
        if one.may_be_awaited
        and one.source
        and hosts.get(uuid) != one.source
        and hosts.get(uuid) not in nodes
    }
    for server in parallel.each(connect().server, awaited) if awaited else ():
        if (
            server is not None
            and server.host not in ('', awaited[server.uuid].source)
            and server.notice.maintenance_id == audit_uuid
            and server.notice.state in UNFINISHED
            and not notices.is_under_way(server)
        ):
            one = awaited[server.uuid]
            yield server, one.source, _end(server.notice, one.notice)


def _end(notice: Notice, told: Notice) -> Notice:
    """Return what the owner of a server that has left is to be told.

    :param notice: what its owner reads
    :param told: what its owner was to be told last
    """
    if told.state is State.DONE:
        return told
    return dataclasses.replace(notice, state=State.DONE, effect=Effect.NONE)


def notify(
    solution: Any,
    server: Server,
    source: str,
    notice: Notice,
    used_tags: tuple[str, ...],
) -> None:
    """Add the action that tells the owner of a server, which waits for none.

    :param solution: Watcher's
    :param source: the host that the server was to leave; '' is unknown
    """
    add(
        solution,
        Notify(
            instance_uuid=server.uuid,
            instance_name=server.name,
            host=source,
            notice=notice,
            used_tags=used_tags,
        ),
    )


def add(solution: Any, notify: Notify) -> None:
    """Add the action that tells an owner, which waits for no other.

    :param solution: Watcher's
    """
    solution.add_action(
        action_type=names.NOTIFY_OWNER,
        resource_id=notify.instance_uuid,
        input_parameters=emit.notice_parameters(notify),
    )
    solution.actions[-1]['parents'] = []
