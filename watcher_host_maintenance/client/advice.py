# SPDX-License-Identifier: Apache-2.0

"""What keeps a node from being ready, and what to do next."""

from watcher_host_maintenance.client.journal import Attempt
from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.client.records import Step
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Transfer
from watcher_host_maintenance.request import states


UNKNOWN = 'failed; the log of watcher-applier says why.'


def problems(node: Node) -> list[str]:
    """Return what failed for a node, foremost first; [] when nothing did."""
    attempt = node.attempt
    if attempt is None or not (
        node.is_of_interest or attempt.is_refused or node.has_returned
    ):
        return []
    if attempt.is_refused:
        return [attempt.audit.message or 'The audit failed without a message.']
    return [f'{a.subject}: {a.message or UNKNOWN}' for a in attempt.failures]


def next_step(node: Node) -> str:
    """Return what to do next, with the command for it."""
    host, attempt = node.host, node.attempt
    if attempt is not None:
        advice = _of_attempt(node, attempt)
        if advice:
            return advice
    return {
        Phase.IN_SERVICE: f'To empty it: openstack maintenance start {host}',
        Phase.ANNOUNCED: f'To empty it: openstack maintenance start {host}',
        Phase.DRAINING: f'To empty it: openstack maintenance start {host}',
        Phase.BLOCKED: f'To see why: openstack maintenance check {host}',
        Phase.READY: 'It can be maintained. To return it to service: '
        f'openstack maintenance end {host}',
        Phase.MAINTAINED: 'To return it to service: '
        f'openstack maintenance end {host}',
        Phase.RETURNING: f'To wait: openstack maintenance wait {host}',
        Phase.SPARE: 'It waits to take the servers of another node.',
        Phase.FOREIGN: 'It was disabled for another reason, which is kept. '
        f'To empty it: openstack maintenance start {host}',
    }[node.phase]


def _of_attempt(node: Node, attempt: Attempt) -> str:
    if attempt.is_running:
        return f'To wait: openstack maintenance wait {node.host}'
    if attempt.plan is not None and attempt.plan.state == states.RECOMMENDED:
        return (
            'To start its plan: openstack optimize actionplan start '
            f'{attempt.plan.uuid}'
        )
    is_return = attempt.audit.is_return
    if node.phase is Phase.BLOCKED or (is_return and attempt.is_refused):
        return 'To see why: openstack maintenance why ' + attempt.audit.uuid
    if is_return and attempt.failures and node.has_returned:
        return (
            'Fix what failed, then return it again: openstack maintenance '
            f'end {node.host}'
        )
    if node.phase is Phase.DRAINING and attempt.failures:
        return (
            'Fix what failed, then start again: openstack maintenance start '
            f'{node.host}'
        )
    return ''


def doing(
    server: Server, attempt: Attempt | None, transfer: Transfer | None
) -> str:
    """Return what is happening to a server that is still on a node."""
    if transfer is not None:
        return _transferring(transfer)
    if server.task_state:
        return server.task_state
    return done_to(server.uuid, attempt)


def done_to(server_uuid: str, attempt: Attempt | None) -> str:
    """Return what became of a server by a plan; '' is nothing.

    That its owner is told is nothing.
    """
    actions = (
        a
        for a in (attempt.actions if attempt else ())
        if a.resource_id == server_uuid and a.step is not Step.NOTIFY
    )
    action = next(actions, None)
    if action is None:
        return ''
    if action.state == states.FAILED:
        return f'failed: {action.message}' if action.message else 'failed'
    if action.state == states.PENDING and attempt and attempt.is_running:
        return 'waits for its turn'
    return action.state.lower()


def _transferring(transfer: Transfer) -> str:
    text = f'{transfer.status} to {transfer.destination or "?"}'
    if not transfer.total_mib:
        return text
    copied = max(0, transfer.total_mib - transfer.remaining_mib)
    return (
        f'{text}: {transfer.share:.0%}, {copied} of {transfer.total_mib} MiB'
    )
