# SPDX-License-Identifier: Apache-2.0

"""Write a schedule into a Watcher solution, as actions."""

from collections.abc import Iterable
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Await
from watcher_host_maintenance.core.model.plan import Close
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Start
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.plan import VerifyReturn
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.request.action_types import IN_WINDOW


OfNode = Enable | Disable | Mark | Return | Close | Verify | VerifyReturn

RELEASES = {
    ReleaseKind.OFFLOAD: names.SHELVE_OFFLOAD,
    ReleaseKind.CONFIRM: names.CONFIRM_MIGRATION,
}


def emit(
    schedule: Schedule,
    snapshot: Snapshot,
    solution: Any,
    disabled_reason: str = MAINTAINING_REASON,
    look_s: int = 0,
    open_s: int = 0,
    begin_by: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Add one action for each step, in the schedule's order.

    Each also has the positions of the actions that it waits for.

    :param solution: Watcher's DefaultSolution
    :param disabled_reason: what nodes to empty are disabled with
    :param look_s: seconds that a node that returns has to become fit
    :param open_s: seconds that a spare has to open
    :param begin_by: step's key -> when it has to begin, in seconds since
        1970-01-01 00:00 UTC
    """
    positions = {step.key: n for n, step in enumerate(schedule)}
    for step in schedule:
        action_type, resource_id, parameters = _action(
            step.action, snapshot, disabled_reason, look_s, open_s
        )
        if isinstance(step.action, Verify):
            parameters |= _waiting(step.action, schedule, snapshot)
            parameters |= _late(step.action, schedule, begin_by)
        if isinstance(step.action, Start | Notify):
            parameters |= _returned(step.action, schedule)
        if step.key in begin_by:
            action_type = IN_WINDOW.get(action_type, action_type)
            parameters['begin_by'] = format_time(begin_by[step.key])
            if isinstance(step.action, Stop):
                parameters['resource_name'] = step.action.instance_name
        solution.add_action(
            action_type=action_type,
            input_parameters=parameters,
            resource_id=resource_id,
        )
        solution.actions[-1]['parents'] = [
            positions[key] for key in step.after
        ]


def emit_looks(solution: Any, snapshot: Snapshot, outcome: Outcome) -> None:
    """Add an action that looks at each node that is empty and out already.

    Without any action it would not be recorded that its turn has come.
    """
    for node in outcome.nodes:
        if node.verdict is Verdict.FINISHED:
            emit_alone(
                solution,
                names.VERIFY_HOST_EMPTY,
                snapshot.by_hostname[node.hostname].uuid,
                {'resource_name': node.hostname, 'remaining': []},
            )


def emit_hook(
    solution: Any, node: ComputeNode, hook: str, part: Part, timeout_s: int
) -> None:
    """Add an action that calls a hook for a node, and waits for no other.

    A hook works only while the node is disabled with the reason of now.

    :param timeout_s: seconds that the hook has left
    """
    parameters: dict[str, Any] = {
        'resource_name': node.hostname,
        'hook': hook,
        'part': part.value,
        'timeout_s': timeout_s,
    }
    if part is Part.HOOK:
        parameters['expected_reason'] = node.disabled_reason
    emit_alone(solution, names.RUN_HOOK, node.uuid, parameters)


def emit_alone(
    solution: Any,
    action_type: str,
    resource_id: str,
    parameters: dict[str, Any],
) -> None:
    """Add an action that waits for no other.

    :param solution: Watcher's
    """
    solution.add_action(
        action_type=action_type,
        input_parameters=parameters,
        resource_id=resource_id,
    )
    solution.actions[-1]['parents'] = []


def _action(
    action: Action,
    snapshot: Snapshot,
    disabled_reason: str,
    look_s: int,
    open_s: int,
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
        case Notify():
            return (
                names.NOTIFY_OWNER,
                action.instance_uuid,
                notice_parameters(action),
            )
        case Start():
            parameters = _server(action)
            if action.home:
                parameters['destination_node'] = action.home
            return names.START_SERVER, action.instance_uuid, parameters
    node = snapshot.by_hostname[action.hostname]
    if isinstance(action, Await):
        action_type, parameters = _await(action, open_s)
    else:
        action_type, parameters = _of_node(
            action, node, disabled_reason, look_s
        )
    parameters = {'resource_name': node.hostname} | parameters
    return action_type, node.uuid, parameters


def _of_node(
    action: OfNode, node: ComputeNode, disabled_reason: str, look_s: int
) -> tuple[str, dict[str, Any]]:
    """Return action type and parameters, beside the node's name."""
    disabled = {'disabled_reason': disabled_reason}
    # A reason that an operator writes until then is kept.
    expected = {'expected_reason': node.disabled_reason}
    match action:
        case Enable():
            return names.CHANGE_NOVA_SERVICE_STATE, {'state': 'enabled'}
        case Disable():
            state = {'state': 'disabled'}
            return names.CHANGE_NOVA_SERVICE_STATE, state | disabled
        case Mark():
            return names.CHANGE_DISABLED_REASON, expected | disabled
        case Return():
            reasons = expected | {'disabled_reason': action.disabled_reason}
            parameters = {'timeout_s': look_s, **reasons}
            if action.spares:
                parameters['woken'] = _spares(action.spares)
            return names.RETURN_HOST, parameters
        case Close():
            spare = {'disabled_reason': action.disabled_reason}
            return names.DISABLE_EMPTY_HOST, spare
        case VerifyReturn():
            return names.VERIFY_HOST_RETURNED, {
                'home': list(action.home),
                'disabled_reason': action.disabled_reason,
            }
        case Verify():
            verification = _verification(action, disabled_reason)
            return names.VERIFY_HOST_EMPTY, verification


def _await(action: Await, open_s: int) -> tuple[str, dict[str, Any]]:
    """Return action type and parameters, beside the node's name."""
    parameters: dict[str, Any] = {'timeout_s': open_s}
    if action.disabled_reason:
        parameters['disable_on_failure'] = action.disabled_reason
    return names.AWAIT_HOST, parameters


def _verification(verify: Verify, disabled_reason: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {'remaining': list(verify.remaining)}
    if verify.enables:
        parameters['enable_on_failure'] = True
        if disabled_reason != MAINTAINING_REASON:
            parameters['disabled_reason'] = disabled_reason
    if verify.spares:
        # A return finds there what the spares were.
        name = 'disable_on_failure' if verify.restores else 'woken'
        parameters[name] = _spares(verify.spares)
    return parameters


def _spares(spares: Iterable[Spare]) -> list[dict[str, str]]:
    """Return spares that were enabled, as the actions record them."""
    return [
        {
            'resource_name': spare.hostname,
            'disabled_reason': spare.disabled_reason,
        }
        for spare in spares
    ]


def _move(move: Move, snapshot: Snapshot) -> tuple[str, dict[str, Any]]:
    """Use Watcher's own action, unless it would refuse, or not look first.

    It refuses paused servers, and looks neither for room, nor whether one that
    was to be stopped is.
    """
    parameters = _server(move) | {'destination_node': move.destination}
    if move.after:
        node = snapshot.by_hostname[move.destination]
        parameters['destination_id'] = node.uuid
        parameters['room_of'] = _makers(move, snapshot)
    if snapshot.by_uuid[move.instance_uuid].vm_state == VmState.PAUSED:
        return names.LIVE_MIGRATE_PAUSED, parameters
    parameters['migration_type'] = move.kind.value
    if move.stops_first:
        parameters['stops_first'] = True
    if move.after:
        return names.MIGRATE_INTO_ROOM, parameters
    own = names.MIGRATE_IN_WINDOW if move.stops_first else names.MIGRATE
    return own, parameters


def _makers(move: Move, snapshot: Snapshot) -> list[dict[str, str]]:
    """Return the servers that make room for a move."""
    return [
        {'resource_id': uuid, 'resource_name': snapshot.by_uuid[uuid].name}
        for uuid in move.after
    ]


def _waiting(
    verify: Verify, schedule: Schedule, snapshot: Snapshot
) -> dict[str, Any]:
    """Return whose room the servers of a node need, if any need it.

    Those that make it may need room in turn.
    """
    moves = [
        step.action
        for step in schedule
        if isinstance(step.action, Move) and step.action.after
    ]
    if not any(move.host == verify.hostname for move in moves):
        return {}
    makers = {uuid for move in moves for uuid in move.after}
    return {
        'waiting': [
            {
                'resource_id': move.instance_uuid,
                'destination_node': move.destination,
                'room_of': _makers(move, snapshot),
            }
            for move in moves
            if move.host == verify.hostname or move.instance_uuid in makers
        ]
    }


def _late(
    verify: Verify, schedule: Schedule, begin_by: Mapping[str, int]
) -> dict[str, Any]:
    """Return when the servers of a node have to begin to leave it, if ever."""
    begin_s: dict[str, int] = {}
    for step in schedule:
        if step.key in begin_by and isinstance(
            step.action, Stop | Move | Release
        ):
            # A stop, if any, is before the move.
            uuid = step.action.instance_uuid
            begin_s.setdefault(uuid, begin_by[step.key])
    late = [
        {
            'resource_id': step.action.instance_uuid,
            'begin_by': format_time(begin_s[step.action.instance_uuid]),
        }
        for step in schedule
        if isinstance(step.action, Move | Release)
        and step.action.host == verify.hostname
        and step.key in begin_by
    ]
    return {'late': late} if late else {}


def _returned(action: Start | Notify, schedule: Schedule) -> dict[str, str]:
    """Return what a node is to be before; nothing if it does not return."""
    for step in schedule:
        back = step.action
        if isinstance(back, Return) and back.hostname == action.host:
            return {'disabled_reason': back.disabled_reason}
    return {}


def notice_parameters(action: Notify) -> dict[str, Any]:
    """Return the input parameters of the action that tells an owner.

    The host of a server that is only called off may be unknown.
    """
    parameters = _server(action)
    if not action.host:
        del parameters['source_node']
    parameters['notice'] = action.notice.to_metadata()
    parameters['used_tags'] = list(action.used_tags)
    if action.clears:
        parameters['clears'] = action.clears
    return parameters


def _server(action: Move | Notify | Release | Start) -> dict[str, Any]:
    return {
        'resource_name': action.instance_name,
        'source_node': action.host,
    }
