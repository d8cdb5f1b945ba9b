# SPDX-License-Identifier: Apache-2.0

"""What a rolling maintenance reads, and plans on."""

import dataclasses

from collections.abc import Callable

from watcher_host_maintenance.cloud.reading import decisions
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning.questions import Ask
from watcher_host_maintenance.core.planning.questions import Question
from watcher_host_maintenance.core.rolling import progress
from watcher_host_maintenance.core.rolling import roll
from watcher_host_maintenance.core.rolling.progress import Next
from watcher_host_maintenance.core.telling.rolls import findings_of


def read(
    snapshot: Snapshot, request: RollRequest, refresh: Refresh
) -> Snapshot:
    """Read the nodes of the set, and those that may take servers."""
    snapshot = refresh.first(snapshot)
    hosts = {*request.maintenance_nodes} & {*snapshot.by_hostname}
    hosts |= drain.candidates(snapshot, request)
    return refresh.read(snapshot, hosts)


def look(
    snapshot: Snapshot,
    request: RollRequest,
    journal: Journal,
    limits: Limits,
    refresh: Refresh,
) -> tuple[Snapshot, Next]:
    """Decide what comes next, once it is known which drains are refused.

    Nodes that are out are emptied together. If they cannot be, those are left
    out that cannot be emptied alone; if that is not enough, the first is
    emptied.

    :returns: what it was decided on, and what comes next
    """
    found = progress.look(snapshot, request, journal)
    if not found.drains:
        return snapshot, found
    refusals = _Refusals(snapshot, request, limits, refresh)
    refused = refusals.of(found.drains)
    if refused and len(found.drains) > 1:
        refused = {}
        for hostname in found.drains:
            refused |= refusals.of((hostname,))
        found = progress.look(refusals.snapshot, request, journal, refused)
        if len(found.drains) > 1 and refusals.of(found.drains):
            found = dataclasses.replace(found, drains=found.drains[:1])
    elif refused:
        found = progress.look(refusals.snapshot, request, journal, refused)
    return refusals.snapshot, found


@dataclasses.dataclass
class _Refusals:
    """Why drains are refused, by all that was read for them so far."""

    snapshot: Snapshot
    request: RollRequest
    limits: Limits
    refresh: Refresh

    def of(self, hostnames: tuple[str, ...]) -> dict[str, Finding]:
        """Return hostname -> why nodes cannot be emptied together.

        :returns: empty if they can be, and if the time was too short to tell
        """
        self.snapshot, outcome = decisions.decide(
            drain.decide,
            self.snapshot,
            self.request.drain_of(hostnames),
            self.limits,
            self.refresh,
        )
        refused = {
            node.hostname: next(findings_of(node)) for node in outcome.refused
        }
        return {h: f for h, f in refused.items() if not f.reason.is_undecided}


def plan(
    snapshot: Snapshot,
    request: RollRequest,
    refresh: Refresh,
    planner: Callable[[Snapshot], Roll],
) -> tuple[Snapshot, Roll]:
    """Plan until Placement agrees with every move.

    The servers outside the set are read once, when nothing but moving them
    can make room.

    :param planner: plans the waves on a snapshot
    :returns: what was planned on, and the waves
    """
    makers, asked = frozenset[str](), frozenset[Ask]()
    while True:
        planned = planner(snapshot)
        servers_on, asks = frozenset[str](), frozenset[Ask]()
        if not makers:
            makers = servers_on = roll.makers(snapshot, request, planned)
        if not servers_on:
            asks = roll.asks_about(snapshot, request, planned) - asked
            asked |= asks
        question = Question(snapshot, frozenset(), servers_on, asks)
        answered = refresh.answer(question)
        if answered == snapshot and not servers_on:
            return snapshot, planned
        snapshot = answered
