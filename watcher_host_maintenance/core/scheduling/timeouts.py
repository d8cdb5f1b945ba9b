# SPDX-License-Identifier: Apache-2.0

"""Which moves may take longer than Watcher waits for them."""

from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Slow
from watcher_host_maintenance.core.model.snapshot import Snapshot


def too_slow(
    snapshot: Snapshot,
    outcome: Outcome,
    pace: Pace,
    limit_s: float,
) -> tuple[Slow, ...]:
    """Return the live moves that copy for longer than a limit.

    :param limit_s: seconds after which an action gives up
    :returns: the slowest first, then by name
    """
    memory_mb = {u: i.memory_mb for u, i in snapshot.by_uuid.items()}
    moves = [
        Slow(m.instance_name, memory_mb[m.instance_uuid] / pace.mib_per_s)
        for m in outcome.moves
        if m.kind is MoveKind.LIVE
    ]
    slow = (move for move in moves if move.copy_s > limit_s)
    return tuple(sorted(slow, key=lambda s: (-s.copy_s, s.instance_name)))
