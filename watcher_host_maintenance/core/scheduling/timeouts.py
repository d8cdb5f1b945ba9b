# SPDX-License-Identifier: Apache-2.0

"""Which moves may take longer than Watcher waits for them."""

from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import Snapshot


MAY_TIME_OUT = Of.WARNING.declare(
    'may_time_out',
    says=N_(
        '{subject} may take {copy_s} s to migrate, but {limit_s} s are allowed'
    ),
    helps=N_('Raise [nova] migration_max_retries.'),
)


def too_slow(
    snapshot: Snapshot,
    outcome: Outcome,
    pace: Pace,
    limit_s: float,
) -> tuple[Finding, ...]:
    """Return the live moves whose memory takes longer than a limit to copy.

    :param limit_s: seconds after which an action gives up
    :returns: the slowest first, then by name
    """
    copies_s = [
        (
            snapshot.by_uuid[m.instance_uuid].memory_mb / pace.mib_per_s,
            m.instance_name,
        )
        for m in outcome.moves
        if m.kind is MoveKind.LIVE
    ]
    return tuple(
        MAY_TIME_OUT.about(name, copy_s=round(copy_s), limit_s=round(limit_s))
        for copy_s, name in sorted(copies_s, key=lambda c: (-c[0], c[1]))
        if copy_s > limit_s
    )
