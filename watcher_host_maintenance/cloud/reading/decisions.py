# SPDX-License-Identifier: Apache-2.0

"""Decisions that rely on what Placement says now."""

from collections.abc import Callable
from collections.abc import Collection

from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning import questions
from watcher_host_maintenance.core.planning.questions import Decision
from watcher_host_maintenance.core.planning.questions import Questions


Door = Callable[[Snapshot, Request, Limits, Collection[str]], Questions]
"""A door of core, such as :func:`.drain.decide`.

It takes a snapshot, a request, how much to search, and the hostnames that have
been read already; it asks for what its decision relies on.
"""


def decide(
    door: Door,
    snapshot: Snapshot,
    request: Request,
    limits: Limits,
    refresh: Refresh,
) -> Decision:
    """Decide, with every node that the decision relies on read once.

    Placement agrees with every move of it.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    snapshot = refresh.first(snapshot)
    asking = door(snapshot, request, limits, refresh.fresh)
    return questions.answer(asking, refresh.answer)
