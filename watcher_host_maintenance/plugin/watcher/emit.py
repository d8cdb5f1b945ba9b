# SPDX-License-Identifier: Apache-2.0

"""Write a schedule into a Watcher solution, as actions."""

from typing import Any

from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.plugin import names


RELEASES = {
    ReleaseKind.OFFLOAD: names.SHELVE_OFFLOAD,
    ReleaseKind.CONFIRM: names.CONFIRM_MIGRATION,
}


def emit(
    schedule: Schedule,
    snapshot: Snapshot,
    solution: Any,
    disabled_reason: str = MAINTAINING_REASON,
) -> None:
    """Add one action for each step, in the schedule's order.

    Each also has the positions of the actions that it waits for.

    :param solution: Watcher's DefaultSolution
    :param disabled_reason: what nodes to empty are disabled with
    """
    positions = {step.key: n for n, step in enumerate(schedule)}
    for step in schedule:
        action_type, resource_id, parameters = _action(
            step.action, snapshot, disabled_reason
        )
        solution.add_action(
            action_type=action_type,
            input_parameters=parameters,
            resource_id=resource_id,
        )
        solution.actions[-1]['parents'] = [
            positions[key] for key in step.after
        ]


def _action(
    action: Action, snapshot: Snapshot, disabled_reason: str
) -> tuple[str, str, dict[str, Any]]:
    """Return action type, resource ID and parameters.

    The parameters are a dict of their own: Watcher writes into it.
    """
    match action:
        case Move():
            action_type, parameters = _move(action, snapshot)
            return action_type, action.instance_uuid, parameters
        case Release():
            action_type = RELEASES[action.kind]
            return action_type, action.instance_uuid, _server(action)
        case Stop():
            # Its schema takes nothing but the resource ID.
            return names.STOP, action.instance_uuid, {}
    node = snapshot.by_hostname[action.hostname]
    parameters = {'resource_name': node.hostname}
    action_type = names.CHANGE_NOVA_SERVICE_STATE
    match action:
        case Enable():
            parameters['state'] = 'enabled'
        case Disable():
            parameters['state'] = 'disabled'
            parameters['disabled_reason'] = disabled_reason
        case Mark():
            action_type = names.CHANGE_DISABLED_REASON
            # A reason that an operator writes until then is kept.
            parameters['expected_reason'] = node.disabled_reason
            parameters['disabled_reason'] = disabled_reason
        case Verify():
            action_type = names.VERIFY_HOST_EMPTY
            parameters |= _verification(action, disabled_reason)
    return action_type, node.uuid, parameters


def _verification(verify: Verify, disabled_reason: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {'remaining': list(verify.remaining)}
    if verify.enables:
        parameters['enable_on_failure'] = True
        if disabled_reason != MAINTAINING_REASON:
            parameters['disabled_reason'] = disabled_reason
    if verify.spares:
        parameters['disable_on_failure'] = [
            {
                'resource_name': spare.hostname,
                'disabled_reason': spare.disabled_reason,
            }
            for spare in verify.spares
        ]
    return parameters


def _move(move: Move, snapshot: Snapshot) -> tuple[str, dict[str, Any]]:
    """Use Watcher's own action, unless the server is paused: it refuses."""
    parameters = _server(move) | {'destination_node': move.destination}
    if snapshot.by_uuid[move.instance_uuid].vm_state == VmState.PAUSED:
        return names.LIVE_MIGRATE_PAUSED, parameters
    return names.MIGRATE, parameters | {'migration_type': move.kind.value}


def _server(action: Move | Release) -> dict[str, Any]:
    return {
        'resource_name': action.instance_name,
        'source_node': action.host,
    }
