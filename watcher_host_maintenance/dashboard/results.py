# SPDX-License-Identifier: Apache-2.0

"""What becomes of each server of an audit, in rows."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.client.advice import UNKNOWN
from watcher_host_maintenance.client.progress import Progress
from watcher_host_maintenance.client.records import ABOUT_SERVERS
from watcher_host_maintenance.client.records import MOVES
from watcher_host_maintenance.client.records import OF_SERVERS
from watcher_host_maintenance.client.records import Action
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.client.records import cancelled
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.text import distinct
from watcher_host_maintenance.request import states


STAYS = 'STAYS'
"""The result of a server for which the plan has no action."""

_ORDER = (
    states.FAILED,
    states.ONGOING,
    states.CANCELLED,
    states.PENDING,
    states.SUCCEEDED,
)
"""States of a server's actions; the first of them is its result."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """What becomes of a server.

    :ivar name: unique among the rows
    :ivar status: Nova's vm_state now; '' is unknown
    :ivar steps: what is done with it, in order; () is nothing
    :ivar source: the node that it leaves
    :ivar destination: '' where it goes nowhere
    :ivar result: Watcher's state of its actions, or :data:`STAYS`
    :ivar percent: how much of it is copied; None when nothing is
    :ivar reason: why it failed or stays; '' is none
    """

    uuid: str
    name: str
    status: str
    steps: tuple[str, ...]
    source: str
    destination: str
    result: str
    percent: int | None = None
    reason: str = ''


def actions_of(progress: Progress) -> list[Action]:
    """Return the actions of a plan; what was cancelled unbegun says so."""
    actions = list(progress.actions)
    return cancelled(actions) if progress.plan.has_ended else actions


def rows(
    progress: Progress,
    servers: Mapping[str, Server],
    remaining: Iterable[str],
    stays: Mapping[str, str],
) -> list[Row]:
    """Return what becomes of each server, in the order of the plan.

    :param servers: UUID -> server as it is now; one that is missing does not
        exist any more, or could not be read
    :param remaining: UUIDs of the servers that the plan leaves
    :param stays: server UUID -> why it cannot leave
    """
    grouped: dict[str, list[Action]] = {}
    for action in actions_of(progress):
        if action.step in OF_SERVERS:
            grouped.setdefault(action.resource_id, []).append(action)
    left = [uuid for uuid in remaining if uuid not in grouped]
    names = distinct(
        {uuid: actions[0].subject for uuid, actions in grouped.items()}
        | {u: servers[u].name if u in servers else u for u in left}
    )
    shares = {
        r.action.resource_id: round(100 * r.share)
        for r in progress.running
        if r.transfer is not None and r.transfer.total_bytes
    }
    moved = [
        _row(names[uuid], actions, servers.get(uuid), shares.get(uuid))
        for uuid, actions in grouped.items()
    ]
    left.sort(key=lambda uuid: (names[uuid], uuid))
    return [*moved, *(_left(u, names[u], servers.get(u), stays) for u in left)]


def steps_on_nodes(progress: Progress) -> list[Action]:
    """Return the actions that are about nodes, in the order of the plan."""
    return [a for a in actions_of(progress) if a.step not in ABOUT_SERVERS]


def notices(progress: Progress) -> list[Action]:
    """Return the actions that tell owners, in the order of the plan."""
    return [a for a in actions_of(progress) if a.step is Step.NOTIFY]


def _row(
    name: str,
    actions: Sequence[Action],
    server: Server | None,
    percent: int | None,
) -> Row:
    state = _result(actions)
    moves = [a for a in actions if a.step in MOVES]
    failures = [
        a.message or UNKNOWN for a in actions if a.state == states.FAILED
    ]
    return Row(
        uuid=actions[0].resource_id,
        name=name,
        status=server.vm_state if server else '',
        steps=tuple(a.step.value for a in actions if a.step),
        source=next((a.source for a in actions if a.source), ''),
        destination=next((a.destination for a in moves), ''),
        result=state,
        percent=percent if state == states.ONGOING else None,
        reason=' '.join(failures),
    )


def _result(actions: Sequence[Action]) -> str:
    reached = {a.state for a in actions}
    return next((s for s in _ORDER if s in reached), actions[-1].state)


def _left(
    uuid: str, name: str, server: Server | None, stays: Mapping[str, str]
) -> Row:
    return Row(
        uuid=uuid,
        name=name,
        status=server.vm_state if server else '',
        steps=(),
        source=server.host if server else '',
        destination='',
        result=STAYS,
        reason=stays.get(uuid, ''),
    )
