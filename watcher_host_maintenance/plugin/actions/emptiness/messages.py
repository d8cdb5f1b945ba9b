# SPDX-License-Identifier: Apache-2.0

"""What keeps a node from being ready, in words."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core.telling.brevity import with_reason
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    Obstacle,
)


ASKED = 20
"""Servers of which Nova is asked why; the others are named without."""


def sentences(
    obstacles: Sequence[Obstacle], why: Callable[[str], str]
) -> Iterator[str]:
    """Write what blocks, a sentence each.

    Obstacles with one reason stand together, and it is told once.

    :param why: UUID of a server -> why it has not moved; '' is not known
    """
    groups: dict[tuple[str, int], list[Obstacle]] = {}
    for number, obstacle in enumerate(obstacles):
        is_asked = obstacle.server and number < ASKED
        reason = why(obstacle.server) if is_asked else ''
        key = (reason, 0 if reason else number)
        groups.setdefault(key, []).append(obstacle)
    for (reason, _number), (first, *others) in groups.items():
        yield with_reason(first.text, reason)
        again = _('likewise') if reason else ''
        yield from (with_reason(other.text, again) for other in others)
