# SPDX-License-Identifier: Apache-2.0

"""What the finished actions of a rolling maintenance have done.

Its audit's plans are the journal; nothing else is written.
"""

import collections
import dataclasses

from collections.abc import Iterable
from typing import Any

from watcher import objects
from watcher.common import context

from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.request.closings import MOVES


LEAST_MOVES = 'least_moves_count'
"""The indicator of the first plan that has the lower bound of moves."""

CLOSING = (names.CHANGE_NOVA_SERVICE_STATE, names.CHANGE_DISABLED_REASON)

PARTS = {
    names.VERIFY_HOST_EMPTY: Part.DRAIN,
    names.RETURN_HOST: Part.RETURN,
}
"""Type of the action that proves a part of the work -> the part."""

PREFIX = 'Action failed in '
"""What Watcher writes before the message of an action, with a colon."""


def recorded(audit_uuid: str) -> Journal:
    """Return what the plans of an audit have done so far."""
    request = context.make_context()
    plans = objects.ActionPlan.list(
        request,
        filters={'audit_uuid': audit_uuid},
        sort_key='id',
        sort_dir='asc',
    )
    record = _Record()
    for plan in plans:
        if record.least_moves is None:
            record.least_moves = _least_moves(request, plan)
        record.add(
            objects.Action.list(
                request, filters={'action_plan_uuid': plan.uuid}
            )
        )
    return record.journal


@dataclasses.dataclass
class _Record:
    """What is known after some plans, oldest first."""

    hosts: dict[str, set[str]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(set)
    )
    failures: dict[str, Failure] = dataclasses.field(default_factory=dict)
    moves: int = 0
    moves_back: int = 0
    least_moves: int | None = None

    @property
    def journal(self) -> Journal:
        """All of it, as core wants it."""
        return Journal(
            frozenset(self.hosts['closed']),
            frozenset(self.hosts['emptied']),
            frozenset(self.hosts['returned']),
            self.failures,
            self.moves,
            self.moves_back,
            self.least_moves,
        )

    def add(self, actions: Iterable[Any]) -> None:
        """Count in the actions of a plan."""
        actions = list(actions)
        succeeded = objects.action.State.SUCCEEDED
        done = [a for a in actions if a.state == succeeded]
        moves = sum(action.action_type in MOVES for action in done)
        if any(a.action_type == names.RETURN_HOST for a in actions):
            self.moves_back += moves
        else:
            self.moves += moves
        for action in done:
            if _closes(action):
                self.hosts['closed'].add(_host(action))
        for action in actions:
            part = PARTS.get(action.action_type)
            if part is not None:
                self._add(part, action)

    def _add(self, part: Part, action: Any) -> None:
        """Count in an action that proves a part of the work."""
        host = _host(action)
        if action.state == objects.action.State.FAILED:
            self.failures[host] = _failure(
                part, action, self.failures.get(host)
            )
        elif action.state == objects.action.State.SUCCEEDED:
            self.failures.pop(host, None)
            key = 'returned' if part is Part.RETURN else 'emptied'
            self.hosts[key].add(host)


def _failure(part: Part, action: Any, before: Failure | None) -> Failure:
    """Return the failure of a part, which may have failed before."""
    is_again = before is not None and before.part is part
    times = before.times + 1 if before is not None and is_again else 1
    # Before Watcher 17 actions have no messages.
    text = str(getattr(action, 'status_message', None) or '')
    if text.startswith(PREFIX):
        text = text.partition(': ')[2]
    return Failure(part, times, text)


def _host(action: Any) -> str:
    return str(action.input_parameters.get('resource_name'))


def _closes(action: Any) -> bool:
    """Return True if an action has taken a node out of service."""
    state = action.input_parameters.get('state', 'disabled')
    return action.action_type in CLOSING and state == 'disabled'


def _least_moves(request: Any, plan: Any) -> int | None:
    """Return the lower bound that was recorded with a plan, if any was."""
    for indicator in objects.EfficacyIndicator.list(
        request, filters={'action_plan_id': plan.id}
    ):
        if indicator.name == LEAST_MOVES and indicator.value:
            return int(indicator.value)
    return None
