# SPDX-License-Identifier: Apache-2.0

"""Moves that failed lately: their destinations are a server's last choice."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import FailedMove
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import alive


FAILED_BEFORE = Of.WARNING.declare(
    'failed_before',
    says=N_(
        '{subject}: its {kind} to {destination} failed at {time}, so that it '
        'goes elsewhere if it can'
    ),
    helps=N_('See the log of nova-compute on {destination} for the cause.'),
)

MOVES_AGAIN = Of.WARNING.declare(
    'moves_again',
    says=N_(
        '{subject} moves to {destination} again, where its {kind} failed at '
        '{time}: no other destination was found'
    ),
    helps=N_('See the log of nova-compute on {destination} for the cause.'),
)


MAKER_IN_ERROR, MAKER_IN_ERROR_PAUSED = alive.declare(
    Of.WARNING,
    'maker_in_error',
    'maker_in_error_paused',
    N_(
        '{subject} on {host} makes no room: it is in ERROR, its guest '
        '{power_state}'
    ),
)


def lost_makers(
    snapshot: Snapshot, request: Request, outcome: Outcome
) -> tuple[Finding, ...]:
    """Return servers of other nodes that a failed move left in ERROR.

    :returns: by name; none if no server may make room, or none was looked for
    """
    if not request.max_secondary_moves:
        return ()
    emptied = {node.hostname for node in outcome.nodes}
    lost = (
        i
        for i in snapshot.by_uuid.values()
        if i.live_move_failed
        and i.host not in emptied
        and alive.is_in_error(i.vm_state, i.power_state)
    )
    return tuple(
        alive.about(
            MAKER_IN_ERROR,
            MAKER_IN_ERROR_PAUSED,
            instance.name,
            instance.power_state,
            host=instance.host,
            uuid=instance.uuid,
        )
        for instance in sorted(lost, key=lambda i: (i.name, i.uuid))
    )


def avoided(snapshot: Snapshot, outcome: Outcome) -> tuple[Finding, ...]:
    """Return the failed moves that a plan does not repeat.

    :returns: by name, then destination; only of servers that move
    """
    return tuple(
        _about(FAILED_BEFORE, instance, failed)
        for instance, failed, is_repeated in _of_moves(snapshot, outcome)
        if not is_repeated
    )


def repeated(snapshot: Snapshot, outcome: Outcome) -> tuple[Finding, ...]:
    """Return the failed moves that a plan repeats, by name."""
    return tuple(
        _about(MOVES_AGAIN, instance, failed)
        for instance, failed, is_repeated in _of_moves(snapshot, outcome)
        if is_repeated
    )


def _of_moves(
    snapshot: Snapshot, outcome: Outcome
) -> Iterator[tuple[Instance, FailedMove, bool]]:
    """Yield the failed moves of servers that move, and if each is repeated."""
    by_uuid = snapshot.by_uuid
    for move in sorted(
        outcome.moves, key=lambda m: (m.instance_name, m.instance_uuid)
    ):
        instance = by_uuid[move.instance_uuid]
        for failed in instance.failed_moves:
            yield instance, failed, failed.destination == move.destination


def _about(reason: Reason, instance: Instance, failed: FailedMove) -> Finding:
    return reason.about(
        instance.name,
        kind=failed.kind,
        destination=failed.destination,
        time=failed.failed_at,
    )
