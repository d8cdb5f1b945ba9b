# SPDX-License-Identifier: Apache-2.0

"""What the finished actions of a rolling maintenance have done.

Its audit's plans are the journal; nothing else is written.
"""

from typing import Any

from watcher import objects
from watcher.common import context

from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.request.closings import MOVES


LEAST_MOVES = 'least_moves_count'
"""The indicator of the first plan that has the lower bound of moves."""

CLOSING = (names.CHANGE_NOVA_SERVICE_STATE, names.CHANGE_DISABLED_REASON)


def recorded(audit_uuid: str) -> Journal:
    """Return what the plans of an audit have done so far."""
    request = context.make_context()
    plans = objects.ActionPlan.list(
        request,
        filters={'audit_uuid': audit_uuid},
        sort_key='id',
        sort_dir='asc',
    )
    closed, returned, moves = set(), set(), 0
    least: int | None = None
    for plan in plans:
        least = least if least is not None else _least_moves(request, plan)
        for action in objects.Action.list(
            request, filters={'action_plan_uuid': plan.uuid}
        ):
            if action.state != objects.action.State.SUCCEEDED:
                continue
            hostname = str(action.input_parameters.get('resource_name'))
            moves += action.action_type in MOVES
            if _closes(action):
                closed.add(hostname)
            elif action.action_type == names.RETURN_HOST:
                returned.add(hostname)
    return Journal(frozenset(closed), frozenset(returned), moves, least)


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
