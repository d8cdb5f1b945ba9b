# SPDX-License-Identifier: Apache-2.0

"""What the finished actions of a rolling maintenance have done.

Its audit's plans are the journal; nothing else is written.
"""

import collections
import dataclasses
import math

from collections.abc import Iterable
from typing import Any

from watcher import objects
from watcher.common import context

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core.model.rolling import Answer
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import history
from watcher_host_maintenance.request.closings import MOVES


LEAST_MOVES = 'least_moves_count'
"""The indicator of the first plan that has the lower bound of moves."""

CLOSING = (names.CHANGE_NOVA_SERVICE_STATE, names.CHANGE_DISABLED_REASON)

PARTS = {
    names.VERIFY_HOST_EMPTY: (Part.DRAIN, 'emptied'),
    names.RETURN_HOST: (Part.RETURN, 'returned'),
}
"""Type of the action that proves a part of the work -> the part, its set."""

ANSWERS = {
    (Part.PREFLIGHT, Answer.DONE): 'checked',
    (Part.PREFLIGHT, Answer.NOTHING): 'unneeded',
    (Part.PREFLIGHT, Answer.LATER): 'postponed',
    (Part.HOOK, Answer.DONE): 'worked',
    (Part.HOOK, Answer.NOTHING): 'worked',
    (Part.HOOK, Answer.LATER): 'later',
}
"""What a hook has answered -> the set of the node."""

PREFIX = 'Action failed in '
"""What Watcher writes before the message of an action, with a colon."""


def recorded(
    audit_uuid: str, hook_timeout_s: float = math.inf, now_s: float = 0
) -> Journal:
    """Return what the plans of an audit have done so far.

    :param hook_timeout_s: how long a hook may be asked again and again
    """
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
        actions = objects.Action.list(
            request, filters={'action_plan_uuid': plan.uuid}
        )
        record.add(actions, history.seconds(plan.created_at))
        if plan.state not in objects.action_plan.State.CANCEL_STATES:
            record.add_failures(actions)
    record.end(hook_timeout_s, now_s)
    return record.journal


@dataclasses.dataclass
class _Record:
    """What is known after some plans, oldest first."""

    hosts: dict[str, set[str]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(set)
    )
    failures: dict[str, Failure] = dataclasses.field(default_factory=dict)
    asked_s: dict[str, int] = dataclasses.field(default_factory=dict)
    moves: int = 0
    moves_back: int = 0
    least_moves: int | None = None

    @property
    def journal(self) -> Journal:
        """All of it, as core wants it."""
        sets = {
            field.name: frozenset(self.hosts[field.name])
            for field in dataclasses.fields(Journal)
            if field.default == frozenset()
        }
        return Journal(
            **sets,
            failures=self.failures,
            asked_s=self.asked_s,
            moves=self.moves,
            moves_back=self.moves_back,
            least_moves=self.least_moves,
        )

    def end(self, hook_timeout_s: float, now_s: float) -> None:
        """Count in hooks that have been asked again for too long."""
        for host in self.hosts['later'] - self.hosts['worked']:
            if now_s - self.asked_s[host] >= hook_timeout_s:
                why = _('It was not done in %g seconds.') % hook_timeout_s
                self.failures[host] = Failure(Part.HOOK, 1, why)

    def add(self, actions: Iterable[Any], created_s: int) -> None:
        """Count in the actions of a plan."""
        actions = list(actions)
        succeeded = objects.action.State.SUCCEEDED
        done = [a for a in actions if a.state == succeeded]
        moves = sum(action.action_type in MOVES for action in done)
        closed = {_host(action) for action in done if _closes(action)}
        self.hosts['closed'] |= closed
        if any(a.action_type == names.RETURN_HOST for a in actions):
            self.moves_back += moves
        else:
            self.moves += moves
            if closed:
                self.hosts['latest'].clear()
            self.hosts['latest'] |= {
                _host(action)
                for action in actions
                if action.action_type == names.VERIFY_HOST_EMPTY
            }
        for action in actions:
            if action.action_type in PARTS:
                self._add(*PARTS[action.action_type], action)
            elif action.action_type == names.RUN_HOOK:
                given = action.input_parameters
                part = Part(given['part'])
                answer = Answer(given.get('answer', Answer.DONE.value))
                if part is Part.HOOK:
                    self.asked_s.setdefault(_host(action), created_s)
                self._add(part, ANSWERS[part, answer], action)

    def add_failures(self, actions: Iterable[Any]) -> None:
        """Count in what has failed in a plan that no one has cancelled."""
        for action in actions:
            part = _part(action)
            if part and action.state == objects.action.State.FAILED:
                host = _host(action)
                self.failures[host] = _failure(
                    part, action, self.failures.get(host)
                )

    def _add(self, part: Part, key: str, action: Any) -> None:
        """Count in an action that proves a part of the work.

        :param key: of the set that the node is in when it has succeeded
        """
        host = _host(action)
        if action.state == objects.action.State.SUCCEEDED:
            self.failures.pop(host, None)
            if part is Part.PREFLIGHT:
                self.hosts['postponed'].discard(host)
            self.hosts[key].add(host)


def _part(action: Any) -> Part | None:
    """Return the part of the work that an action proves, if any."""
    if action.action_type == names.RUN_HOOK:
        return Part(action.input_parameters['part'])
    return PARTS.get(action.action_type, (None, ''))[0]


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
