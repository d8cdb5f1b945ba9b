# SPDX-License-Identifier: Apache-2.0

"""What keeps a node from being ready, in as many words as there is room."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    Obstacle,
)
from watcher_host_maintenance.plugin.watcher.status_message import cut
from watcher_host_maintenance.plugin.watcher.status_message import sentence


ASKED = 20
"""Servers of which Nova is asked why; the others are named without."""

CUT = 90
"""Characters of a reason where there is not room for all."""


def versions(
    obstacles: Sequence[Obstacle], why: Callable[[str], str]
) -> Iterator[list[str]]:
    """Write what blocks, a sentence each, in fewer and fewer words.

    :param why: UUID of a server -> why it has not moved; '' is not known
    :returns: all, then with reasons that are cut, then with fewer reasons,
        then with fewer names and a count of the others
    """
    lines = list(_lines(_groups(obstacles, why)))
    brief = [sentence(line.brief) for line in lines]
    whole = [sentence(line.text, line.reason) for line in lines]
    short = [sentence(line.text, cut(line.reason, CUT)) for line in lines]
    yield whole
    yield short
    for kept in range(len(lines) - 1, 0, -1):
        yield [
            short[n] if line.leader < kept else brief[n]
            for n, line in enumerate(lines)
        ]
    for kept in range(len(lines) - 1, 0, -1):
        more = _('And %d more.') % (len(lines) - kept)
        yield [short[0], *brief[1:kept], more]


class _Line(NamedTuple):
    """What is written about one obstacle.

    :ivar leader: position of the line with the reason that it shares
    """

    text: str
    reason: str
    brief: str
    leader: int


def _groups(
    obstacles: Sequence[Obstacle], why: Callable[[str], str]
) -> dict[str | int, list[Obstacle]]:
    """Put those with one reason together; a number stands for none."""
    groups: dict[str | int, list[Obstacle]] = {}
    for number, obstacle in enumerate(obstacles):
        is_asked = obstacle.server and number < ASKED
        reason = why(obstacle.server) if is_asked else ''
        groups.setdefault(reason or number, []).append(obstacle)
    return groups


def _lines(
    groups: Mapping[str | int, Sequence[Obstacle]],
) -> Iterator[_Line]:
    """Write each reason once."""
    leader = 0
    for key, group in groups.items():
        reason = key if isinstance(key, str) else ''
        for obstacle in group:
            brief = obstacle.brief or obstacle.text
            yield _Line(obstacle.text, reason, brief, leader)
            reason = _('likewise')
        leader += len(group)
