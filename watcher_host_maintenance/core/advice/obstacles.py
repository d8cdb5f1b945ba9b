# SPDX-License-Identifier: Apache-2.0

"""What keeps instances from a place: together, and one by one."""

import dataclasses

from collections.abc import Sequence

from watcher_host_maintenance.core.advice import remedies as advice
from watcher_host_maintenance.core.advice import unplaced
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_FOUND
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_TOGETHER
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

    :ivar findings: about them together
    :ivar stays: about each that is left over
    """

    findings: tuple[Finding, ...] = ()
    stays: tuple[Stay, ...] = ()


NONE = Obstacles()


def no_time(moving: Sequence[Instance], offered: Destinations) -> Obstacles:
    """Say that the time was up before anything was known."""
    facts = {'instances': len(moving), 'destinations': len(offered.hostnames)}
    return Obstacles((Finding(NO_FIT_FOUND, facts=facts),))


def obstacles(
    moving: Sequence[Instance],
    offered: Destinations,
    limits: Limits,
    advises: bool,
) -> Obstacles:
    """Find what keeps instances from a place, remedies aside.

    Told is the method that came nearest, and the last one.

    :param advises: look for a conflict as well
    """
    last, whole = methods.place(moving, offered, limits)
    best, most = methods.place_most(moving, offered, limits)
    stays = unplaced.unplaced(moving, offered, best, most)
    if not stays:
        return NONE
    tried = [best] if best == last else [best, last]
    if whole.status is Status.UNDECIDED:
        # What is not certain comes first: the rest is no proof then.
        tried.reverse()
    together = {
        choice: unplaced.together(moving, offered, choice, stays, whole)
        for choice in tried
    }
    conflict: tuple[Finding, ...] = ()
    if advises:
        conflict = advice.conflict(moving, offered, last, limits)
    if advice.repeats(conflict, together[last], len(moving)):
        conflict = ()
    findings = tuple(
        finding
        for choice in tried
        for finding in together[choice]
        # A conflict says the same, and more.
        if not (conflict and finding.reason is NO_FIT_TOGETHER)
    )
    return Obstacles(findings + conflict, stays)
