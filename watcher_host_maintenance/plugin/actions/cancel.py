#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.


"""Whether the plan of an action that runs is being cancelled.

Watcher calls ``abort()`` of actions that run when a plan is cancelled, but
waits for their end first, so that there is nothing left to abort: an action
that is to hear of it has to look for itself.
"""

from collections.abc import Mapping
from typing import Any

from oslo_db import exception as db_exception
from oslo_log import log
from watcher import objects
from watcher.common import context


LOG = log.getLogger(__name__)


def is_asked(input_parameters: Mapping[str, Any]) -> bool:
    """Tell whether an operator has cancelled the plan of an action.

    An action is given no UUID: it is found by what it is to do. Watcher's
    database is read, never written; when it does not answer, nobody has.
    """
    ongoing = {'state': objects.action.State.ONGOING}
    try:
        running = objects.Action.list(
            context.make_context(), filters=ongoing, eager=True
        )
    except db_exception.DBError as exc:
        LOG.warning('Not known whether the plan is cancelled: %s', exc)
        return False
    states = objects.action_plan.State.CANCEL_STATES
    return any(
        one.action_plan.state in states
        for one in running
        if one.input_parameters == input_parameters
    )
