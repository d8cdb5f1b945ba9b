# SPDX-License-Identifier: Apache-2.0

"""What Watcher's database has of an action that runs.

An action is not given its UUID: its row is found by its parameters. Nothing
is ever written.
"""

import datetime

from collections.abc import Mapping
from typing import Any

from oslo_db import exception as db_exception
from oslo_log import log
from watcher import objects
from watcher.common import context


LOG = log.getLogger(__name__)

SKEW = datetime.timedelta(minutes=1)
"""How far the clocks of Watcher and Nova may differ."""


def is_cancelled(input_parameters: Mapping[str, Any]) -> bool:
    """Return True if an operator has cancelled the plan of an action.

    Watcher calls ``abort()`` when a plan is cancelled, but only after all that
    runs has ended, when nothing is left to abort. So an action has to look
    for itself.
    """
    states = objects.action_plan.State.CANCEL_STATES
    plan = _plan(input_parameters)
    return plan is not None and plan.state in states


def since(input_parameters: Mapping[str, Any]) -> str:
    """Return when the plan of an action was made, as Nova writes times.

    :returns: '' when that is not known; a moment before, so that clocks may
        differ
    """
    plan = _plan(input_parameters)
    if plan is None:
        return ''
    return str((plan.created_at - SKEW).strftime('%Y-%m-%dT%H:%M:%S'))


def _plan(input_parameters: Mapping[str, Any]) -> Any:
    """Return the newest plan with such an action; None is unknown.

    An applier that is lost leaves actions ONGOING, and two plans for one node
    end with the same verification.
    """
    ongoing = {'state': objects.action.State.ONGOING}
    try:
        running = objects.Action.list(
            context.make_context(), filters=ongoing, eager=True
        )
    except db_exception.DBError as exc:
        LOG.warning('Cannot find the plan of an action: %s', exc)
        return None
    plans = (
        action.action_plan
        for action in running
        if action.input_parameters == input_parameters
    )
    return max(plans, key=lambda p: (p.created_at, p.id), default=None)
