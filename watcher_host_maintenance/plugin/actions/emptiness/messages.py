# SPDX-License-Identifier: Apache-2.0


"""What is in the way of a maintenance, in as many words as there is room."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.watcher import status_message


ASKED = 20
"""Servers of which Nova is asked why; the others are told without."""

CUT = 90
CUTS = (1000, CUT, 60, 40)
"""Characters of a reason, fewer and fewer where there is not room for all."""


def versions(
    found: Sequence[node_obstacles.Obstacle], why: Callable[[str], str]
) -> Iterator[list[str]]:
    """Write what is in the way, a sentence each, with Nova's reasons.

    :param why: UUID of a server -> why it has not moved; '' is not known
    :returns: all, then with reasons that are cut, then with fewer reasons,
        then with fewer names and a count of the others
    """
    told = list(_told(_groups(found, why)))
    for cut in CUTS:
        yield [one.said(cut) for one in told]
    for kept in range(len(told) - 1, 0, -1):
        yield [
            one.said(CUT) if one.leader < kept else one.brief for one in told
        ]
    for kept in range(len(told) - 1, 0, -1):
        names = [one.brief for one in told[1:kept]]
        more = _('And %d more.') % (len(told) - kept)
        yield [told[0].said(CUT), *names, more]


class _Told(NamedTuple):
    """A sentence about one obstacle.

    :ivar leader: position of the sentence with the reason that it shares
    """

    text: str
    reason: str
    brief: str
    leader: int

    def said(self, cut: int) -> str:
        """Write it with so many characters of its reason."""
        return outcomes.sentence(
            self.text, status_message.fit([self.reason], cut)
        )


def _groups(
    found: Sequence[node_obstacles.Obstacle], why: Callable[[str], str]
) -> dict[str | int, list[node_obstacles.Obstacle]]:
    """Put those with one reason together; a number stands for none."""
    groups: dict[str | int, list[node_obstacles.Obstacle]] = {}
    for number, one in enumerate(found):
        asked = one.server and number < ASKED
        reason = why(one.server) if asked else ''
        groups.setdefault(reason or number, []).append(one)
    return groups


def _told(
    groups: Mapping[str | int, Sequence[node_obstacles.Obstacle]],
) -> Iterator[_Told]:
    """Tell each reason once."""
    leader = 0
    for reason, group in groups.items():
        said = reason if isinstance(reason, str) else ''
        for one in group:
            brief = outcomes.sentence(one.brief or one.text)
            yield _Told(one.text, said, brief, leader)
            said = _('likewise')
        leader += len(group)
