# SPDX-License-Identifier: Apache-2.0

"""Plan on what Placement says of the nodes that the answer relies on."""

from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.planning import questions
from watcher_host_maintenance.core.planning.questions import Decision


def decide(
    snapshot: Snapshot,
    request: Request,
    limits: Limits,
    refresh: Refresh,
) -> Decision:
    """Decide, with every node that the answer relies on read once."""
    snapshot = refresh.first(snapshot)
    asking = drain.decide(snapshot, request, limits, refresh.fresh)
    return questions.answer(asking, refresh.read)
