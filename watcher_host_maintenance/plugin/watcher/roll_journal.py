# SPDX-License-Identifier: Apache-2.0

"""The plans of a rolling maintenance in Watcher's database."""

import collections
import itertools
import math
import time

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher import objects
from watcher.common import context
from watcher.common import exception

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import history
from watcher_host_maintenance.request import recurring
from watcher_host_maintenance.request import roll_journal
from watcher_host_maintenance.request import roll_parameters
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows
from watcher_host_maintenance.request.roll_journal import LEAST_MOVES
from watcher_host_maintenance.request.roll_journal import Action
from watcher_host_maintenance.request.roll_journal import Plan


UNKNOWN_ROLL = Of.REQUEST.declare(
    'unknown_roll',
    says=N_('there is no rolling maintenance {subject} to continue'),
    helps=N_('Give the UUID of one that Watcher still has.'),
    is_bad_request=True,
)

ROLL_LIVES = Of.REQUEST.declare(
    'roll_lives',
    says=N_('the rolling maintenance {subject} is {state}: it has not ended'),
    helps=N_('Stop it before another one continues it.'),
)


def recorded(
    audit_uuids: Sequence[str], hook_timeout_s: float = math.inf
) -> Journal:
    """Return what the plans of audits have done so far.

    :param audit_uuids: of a rolling maintenance and those that it continues,
        oldest first
    :param hook_timeout_s: how long a hook may be asked again and again
    """
    plans = itertools.chain.from_iterable(map(_plans, audit_uuids))
    now_s = int(time.time())
    return roll_journal.journal(plans, hook_timeout_s, _ended, now_s)


def _ended() -> Mapping[str, int]:
    """Return when operators last asked for the return of nodes."""
    audits = objects.Audit.list(
        context.make_context(), filters={'goal_name': names.RETURN_GOAL}
    )
    return roll_journal.ended(
        (
            history.seconds(audit.created_at),
            windows.named_hosts(audit.parameters or {}),
        )
        for audit in audits
    )


class Continued(NamedTuple):
    """The audits that a rolling maintenance continues.

    :ivar uuids: those that Watcher still has, oldest first
    :ivar gone: UUID of the one before them that it has not any more; '' is
        none
    """

    uuids: list[str]
    gone: str = ''


def continued(audit_uuid: str | None, has_begun: bool = False) -> Continued:
    """Return the audits that a new one continues.

    :param audit_uuid: the newest of them; None is none
    :param has_begun: that one was there when the new one began
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: it is no rolling
        maintenance, or has not ended
    """
    request = context.make_context()
    audits: list[str] = []
    while audit_uuid and audit_uuid not in audits:
        try:
            audit = objects.Audit.get_by_uuid(request, audit_uuid, eager=True)
        except exception.AuditNotFound as exc:
            if not (audits or has_begun):
                raise NotPlanned(UNKNOWN_ROLL.about(audit_uuid)) from exc
            return Continued(audits[::-1], audit_uuid)
        if audit.goal.name != names.ROLL_GOAL:
            raise NotPlanned(UNKNOWN_ROLL.about(audit_uuid))
        if audit.state in states.LIVING:
            raise NotPlanned(ROLL_LIVES.about(audit_uuid, state=audit.state))
        audits.append(audit_uuid)
        audit_uuid = (audit.parameters or {}).get(roll_parameters.CONTINUES)
    return Continued(audits[::-1])


def _plans(audit_uuid: str) -> Iterator[Plan]:
    """Yield the plans of an audit, oldest first, by few queries."""
    request = context.make_context()
    filters = {'audit_uuid': audit_uuid}
    # The plans first: an action is of one of them, or is newer.
    plans = objects.ActionPlan.list(
        request, filters=dict(filters), sort_key='id', sort_dir='asc'
    )
    actions = collections.defaultdict(list)
    for action in objects.Action.list(
        request, filters=dict(filters), sort_key='id', sort_dir='asc'
    ):
        actions[action.action_plan_id].append(_action(action))
    least_moves = _least_moves(request, plans)
    interval_s = _interval_s(request, audit_uuid, plans)
    for plan in plans:
        yield Plan(
            plan.state,
            history.seconds(plan.created_at),
            tuple(actions[plan.id]),
            least_moves.get(plan.id),
            interval_s,
        )


def _action(action: Any) -> Action:
    # Before Watcher 17 actions have no messages.
    message = getattr(action, 'status_message', None) or ''
    ended_at = action.updated_at or action.created_at
    return Action(
        action.action_type,
        action.input_parameters,
        action.state,
        message,
        history.seconds(ended_at),
    )


def _interval_s(request: Any, audit_uuid: str, plans: Sequence[Any]) -> int:
    """Return the seconds between two runs of an audit; 0 is unknown."""
    if not plans:
        return 0
    audit = objects.Audit.get_by_uuid(request, audit_uuid)
    newest_s = history.seconds(plans[-1].created_at)
    return recurring.interval_s(str(audit.interval or ''), newest_s)


def _least_moves(request: Any, plans: Sequence[Any]) -> dict[int, int]:
    """Return the lower bounds that were recorded, by the IDs of plans.

    :param plans: oldest first
    """
    if not plans:
        return {}
    indicators = objects.EfficacyIndicator.list(
        request,
        filters={
            'name': LEAST_MOVES,
            'action_plan_id__gte': plans[0].id,
            'action_plan_id__lte': plans[-1].id,
        },
    )
    return {i.action_plan_id: int(i.value) for i in indicators if i.value}
