# SPDX-License-Identifier: Apache-2.0

"""What Watcher's database has of an action that runs.

An action is not given its UUID: its row is found by its parameters.
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
    action = _newest(input_parameters)
    return None if action is None else action.action_plan


def add_parameters(input_parameters: Mapping[str, Any], **more: str) -> bool:
    """Write more parameters into the row of an action, for a person to read.

    :returns: False if that was not possible
    """
    action = _newest(input_parameters)
    if action is None:
        return False
    action.input_parameters = {**input_parameters, **more}
    try:
        action.save()
    except db_exception.DBError as exc:
        LOG.warning('Cannot write the parameters of an action: %s', exc)
        return False
    return True


def set_message(input_parameters: Mapping[str, Any], text: str) -> bool:
    """Write what an action says that succeeds.

    :returns: False if that was not possible
    """
    action = _newest(input_parameters)
    if action is None:
        return False
    action.status_message = text
    try:
        action.save()
    except db_exception.DBError as exc:
        LOG.warning('Cannot write the message of an action: %s', exc)
        return False
    return True


def _newest(input_parameters: Mapping[str, Any]) -> Any:
    """Return the row of the newest action that runs with these parameters."""
    ongoing = {'state': objects.action.State.ONGOING}
    try:
        running = objects.Action.list(
            context.make_context(), filters=ongoing, eager=True
        )
    except db_exception.DBError as exc:
        LOG.warning('Cannot find the row of an action: %s', exc)
        return None
    return max(
        (a for a in running if a.input_parameters == input_parameters),
        key=lambda a: (a.action_plan.created_at, a.action_plan.id),
        default=None,
    )
