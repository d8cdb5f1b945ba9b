# SPDX-License-Identifier: Apache-2.0

"""What a rolling maintenance reads, and plans on."""

from collections.abc import Callable

from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.planning.questions import Question
from watcher_host_maintenance.core.rolling import roll


def read(
    snapshot: Snapshot, request: RollRequest, refresh: Refresh
) -> Snapshot:
    """Read the nodes of the set, and those that may take servers."""
    snapshot = refresh.first(snapshot)
    hosts = {*request.maintenance_nodes} & {*snapshot.by_hostname}
    hosts |= drain.candidates(snapshot, request)
    return refresh.read(snapshot, hosts)


def plan(
    snapshot: Snapshot,
    request: RollRequest,
    refresh: Refresh,
    planner: Callable[[Snapshot], Roll],
) -> tuple[Snapshot, Roll]:
    """Plan, and again if servers outside the set could make room.

    :param planner: plans the waves on a snapshot
    :returns: what was planned on, and the waves
    """
    planned = planner(snapshot)
    makers = roll.makers(snapshot, request, planned)
    if not makers:
        return snapshot, planned
    snapshot = refresh.answer(Question(snapshot, frozenset(), makers))
    return snapshot, planner(snapshot)
