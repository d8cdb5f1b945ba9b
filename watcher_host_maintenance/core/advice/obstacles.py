# SPDX-License-Identifier: Apache-2.0

"""What keeps instances from a place: together, and one by one."""

import dataclasses

from collections.abc import Sequence

from watcher_host_maintenance.core.advice import conflict as conflicts
from watcher_host_maintenance.core.advice import unplaced
from watcher_host_maintenance.core.advice.conflict import CONFLICT_GROUP
from watcher_host_maintenance.core.advice.unplaced import AT_MOST_MORE
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_IN_TIME
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_TOGETHER
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning.destinations import Destinations


@dataclasses.dataclass(frozen=True)
class Obstacles:
    """Why instances have no place.

    :ivar findings: about all of them together
    :ivar stays: about each that has no place
    """

    findings: tuple[Finding, ...] = ()
    stays: tuple[Stay, ...] = ()


NONE = Obstacles()


def no_time(
    moving: Sequence[Instance], destinations: Destinations
) -> Obstacles:
    """Return that the time was up before anything was certain."""
    count = len(destinations.hostnames)
    finding = NO_FIT_IN_TIME.about(instances=len(moving), destinations=count)
    return Obstacles((finding,))


def explain(
    moving: Sequence[Instance],
    destinations: Destinations,
    limits: Limits,
    advises: bool,
) -> Obstacles:
    """Return what keeps instances from a place.

    The method that came nearest is explained, and the last one.

    :param advises: look for a conflict as well
    """
    last, whole = methods.place(moving, destinations, limits)
    best, most = methods.place_most(moving, destinations, limits)
    stays = unplaced.unplaced(moving, destinations, best, most)
    if not stays:
        return NONE
    choices = [best] if best == last else [best, last]
    if whole.status is Status.UNDECIDED:
        # What is not certain comes first: the rest is no proof then.
        choices.reverse()
    together = {
        choice: unplaced.together(moving, destinations, choice, stays, whole)
        for choice in choices
    }
    conflict = None
    if advises:
        conflict = conflicts.conflict(moving, destinations, last, limits)
    if conflict and _repeats(conflict, together[last], len(moving)):
        conflict = None
    findings = [f for choice in choices for f in together[choice]]
    if conflict:
        # It says the same, and more.
        findings = [f for f in findings if f.reason is not NO_FIT_TOGETHER]
        findings.append(conflict)
    if whole.status is Status.IMPOSSIBLE and most.status is Status.UNDECIDED:
        bound = AT_MOST_MORE.about(
            left=len(stays), instances=len(moving), more=most.more
        )
        findings.append(bound)
    return Obstacles(tuple(findings), stays)


def _repeats(
    conflict: Finding, together: Sequence[Finding], count: int
) -> bool:
    """Return True if a conflict is of all, and the sums say as much.

    :param together: the findings about all, on the same destinations
    :param count: how many instances all are
    """
    return (
        conflict.number('count') == count
        and conflict.reason is not CONFLICT_GROUP
        and any(f.reason is SUM_TOO_LARGE for f in together)
    )
