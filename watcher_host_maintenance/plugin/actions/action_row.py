# SPDX-License-Identifier: Apache-2.0

"""What Watcher's database has of an action that runs.

An action is not given its UUID: its row is found by its parameters. Nothing
is ever written.
"""

from collections.abc import Mapping
from typing import Any

from oslo_db import exception as db_exception
from watcher import objects
from watcher.common import context

from watcher_host_maintenance.cloud import logs


LOG = logs.get_logger(__name__)


def plan_of(input_parameters: Mapping[str, Any]) -> Any:
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
