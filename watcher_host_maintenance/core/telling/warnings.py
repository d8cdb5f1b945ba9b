# SPDX-License-Identifier: Apache-2.0

"""What an operator is warned of, though the plan is possible."""

from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Slow
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.telling.brevity import Translate


def of_slow_moves(
    slow: Sequence[Slow], limit_s: float, translate: Translate = str
) -> list[str]:
    """Name the slowest move, and the option that helps; [] if none is slow.

    :param slow: the slowest first
    :param limit_s: seconds after which an action gives up
    """
    if not slow:
        return []
    text = translate(
        N_(
            '{name} may take {copy} s to migrate, but {limit} s are allowed: '
            'raise [nova] migration_max_retries.'
        )
    )
    first = text.format(
        name=slow[0].instance_name,
        copy=round(slow[0].copy_s),
        limit=round(limit_s),
    )
    if len(slow) == 1:
        return [first]
    more = translate(N_('And {count} more.')).format(count=len(slow) - 1)
    return [first, more]
