# SPDX-License-Identifier: Apache-2.0

"""Which moves may take longer than Watcher waits for them."""

from typing import NamedTuple

from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.telling.words import Translate


class Slow(NamedTuple):
    """A live migration that is thought to take too long.

    :ivar copy_s: seconds that its memory alone takes
    """

    instance_name: str
    copy_s: float


def too_slow(
    known: Snapshot,
    outcome: Outcome,
    pace: Pace,
    limit_s: float,
) -> tuple[Slow, ...]:
    """Find the live moves that copy for longer than a limit.

    :param limit_s: seconds after which an action gives up
    :returns: the slowest first, then by name
    """
    memory_mb = {u: i.memory_mb for u, i in known.by_uuid.items()}
    found = [
        Slow(m.instance_name, memory_mb[m.instance_uuid] / pace.mib_per_s)
        for m in outcome.moves
        if m.kind is MoveKind.LIVE
    ]
    slow = (one for one in found if one.copy_s > limit_s)
    return tuple(sorted(slow, key=lambda s: (-s.copy_s, s.instance_name)))


def sentences(
    found: tuple[Slow, ...], limit_s: float, translate: Translate = str
) -> list[str]:
    """Warn of them, and say which option helps; nothing when there is none."""
    if not found:
        return []
    text = translate(
        N_(
            '{name} may take {copy} s to migrate, but {limit} s are allowed: '
            'raise [nova] migration_max_retries.'
        )
    )
    first = text.format(
        name=found[0].instance_name,
        copy=round(found[0].copy_s),
        limit=round(limit_s),
    )
    if len(found) == 1:
        return [first]
    more = translate(N_('And {count} more.')).format(count=len(found) - 1)
    return [first, more]
