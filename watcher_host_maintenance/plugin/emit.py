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

"""Write a schedule into a Watcher solution, as actions."""

from typing import Any

from watcher_host_maintenance.core import request
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core.outcome import Action
from watcher_host_maintenance.core.outcome import Disable
from watcher_host_maintenance.core.outcome import Move
from watcher_host_maintenance.core.outcome import Schedule
from watcher_host_maintenance.core.outcome import Stop
from watcher_host_maintenance.core.outcome import Verify
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin import solution as solutions


def emit(
    schedule: Schedule,
    known: snapshot.Snapshot,
    solution: solutions.OrderedSolution,
) -> None:
    """Add one action for each step, in the schedule's order."""
    positions = {step.key: n for n, step in enumerate(schedule)}
    for step in schedule:
        action_type, resource_id, parameters = _action(step.action, known)
        solution.add_step(
            action_type=action_type,
            input_parameters=parameters,
            resource_id=resource_id,
            parents=[positions[key] for key in step.after],
        )


def _action(
    action: Action, known: snapshot.Snapshot
) -> tuple[str, str, dict[str, Any]]:
    """Return action type, resource ID and parameters."""
    if isinstance(action, Move):
        return names.MIGRATE, action.instance_uuid, _migrate(action)
    if isinstance(action, Stop):
        # Its schema takes nothing but the resource ID.
        return names.STOP, action.instance_uuid, {}
    node = known.by_hostname[action.hostname]
    parameters: dict[str, Any] = {'resource_name': node.hostname}
    if isinstance(action, Verify):
        parameters['remaining'] = list(action.remaining)
        return names.VERIFY_HOST_EMPTY, node.uuid, parameters
    parameters['state'] = 'enabled'
    if isinstance(action, Disable):
        parameters['state'] = 'disabled'
        parameters['disabled_reason'] = request.MAINTAINING_REASON
    return names.CHANGE_NOVA_SERVICE_STATE, node.uuid, parameters


def _migrate(move: Move) -> dict[str, Any]:
    return {
        'migration_type': move.kind.value,
        'source_node': move.source,
        'destination_node': move.destination,
        'resource_name': move.instance_name,
    }
