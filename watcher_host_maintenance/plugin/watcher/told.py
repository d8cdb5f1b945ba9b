# SPDX-License-Identifier: Apache-2.0

"""What owners of servers were told last, and how they are told more."""

import itertools

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from watcher import objects
from watcher.common import context

from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.notice import ENDED
from watcher_host_maintenance.core.model.notice import UNFINISHED
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import emit
from watcher_host_maintenance.request import states


class Told(NamedTuple):
    """What the owner of a server was told last.

    :ivar source: the host that the server was to leave; '' is unknown
    :ivar has_message: the action that told it had something to say: perhaps
        that it could not
    :ivar used_tags: that action was to remove tags that say go
    """

    notice: Notice
    source: str
    has_message: bool = False
    used_tags: bool = False

    @property
    def may_be_awaited(self) -> bool:
        """Return True if the owner may read that something is to come."""
        is_over = self.notice.state in {*ENDED, State.CANCELLED}
        return self.notice.state in UNFINISHED or (
            is_over and self.has_message
        )


def last(audit_uuid: str) -> dict[str, Told]:
    """Return server -> what the plans of an audit have told its owner last.

    In the order in which they were told. Without those of a node that was
    found empty: if it is maintained again, that is another maintenance.
    """
    told: dict[str, Told] = {}
    actions = objects.Action.list(
        context.make_context(),
        filters={'audit_uuid': audit_uuid},
        sort_key='id',
        sort_dir='asc',
    )
    for _plan, of_plan in itertools.groupby(
        actions, lambda action: action.action_plan_id
    ):
        emptied: set[str] = set()
        for action in of_plan:
            given = action.input_parameters
            if action.state not in (states.SUCCEEDED, states.ONGOING):
                continue
            if action.action_type == names.NOTIFY_OWNER:
                # Whoever is told again is told last.
                told.pop(given['resource_id'], None)
                told[given['resource_id']] = _told(action)
            elif (
                action.action_type == names.VERIFY_HOST_EMPTY
                and action.state == states.SUCCEEDED
                and not given.get('remaining')
            ):
                emptied.add(given['resource_name'])
        told = {
            uuid: last
            for uuid, last in told.items()
            if last.source not in emptied or last.may_be_awaited
        }
    return told


def _told(action: Any) -> Told:
    given = action.input_parameters
    return Told(
        Notice.from_metadata(given['notice']),
        given.get('source_node', ''),
        bool(action.status_message),
        bool(given.get('used_tags')),
    )


def nodes(told: Mapping[str, Told]) -> set[str]:
    """Return the nodes that the owners of servers on them were told of.

    A server that makes room leaves a node that is not maintained. What was
    called off is not to come.

    :param told: see :func:`last`
    """
    nodes: set[str] = set()
    for last in told.values():
        if last.notice.state is State.CANCELLED:
            nodes.discard(last.source)
        elif last.notice.host is not None:
            nodes.add(last.source)
    return nodes


def asked(
    told: Mapping[str, Told], instances: Iterable[Instance]
) -> frozenset[str]:
    """Return the UUIDs of the instances whose owners may have said go.

    That is after they were told of this maintenance, which goes on, and if
    no go of before may be left. A move that has failed leaves the notice as
    it was.

    :param told: see :func:`last`
    """
    return frozenset(
        instance.uuid
        for instance in instances
        if (last := told.get(instance.uuid)) is not None
        and not (last.has_message and last.used_tags)
        and (
            last.notice.state in UNFINISHED
            or (
                last.notice.state in ENDED
                and instance.notice.state in UNFINISHED
            )
        )
    )


def notified(solution: Any) -> frozenset[str]:
    """Return the UUIDs of the servers whose owners a solution tells.

    :param solution: Watcher's
    """
    return frozenset(
        action['input_parameters']['resource_id']
        for action in solution.actions
        if action['action_type'] == names.NOTIFY_OWNER
    )


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
    emit.emit_alone(
        solution,
        names.NOTIFY_OWNER,
        notify.instance_uuid,
        emit.notice_parameters(notify),
    )
