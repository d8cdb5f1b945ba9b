# SPDX-License-Identifier: Apache-2.0

"""What a rolling maintenance reads, and plans on."""

from collections.abc import Callable

from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.planning.questions import Ask
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
