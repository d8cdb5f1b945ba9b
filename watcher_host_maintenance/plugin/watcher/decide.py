# SPDX-License-Identifier: Apache-2.0

"""Plan on the truth: solve, ask Placement about the answer, solve again."""

from collections.abc import Iterator

from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.answer import Limits


PATIENCE = 3
"""How often a better place is looked for because the model was wrong."""


def decide(
    known: Snapshot,
    request: Request,
    limits: Limits,
    truth: Refresh,
) -> tuple[Snapshot, Outcome]:
    """Plan until the answer stands on nodes that Placement was asked about.

    Before anything is refused for want of room, every node that could take
    something is asked about, once; before anything is spread, every spare.

    :returns: the snapshot that the answer was made on, and the answer
    """
    known = truth.first(known)
    turns, is_short = 0, False
    outcome = drain.plan(known, request, limits, advises=False)
    while unread := set(_leaned_on(known, request, outcome)) - truth.fresh:
        if is_short:
            # The model is wrong about many: do not find that out one by one.
            others = drain.candidates(known, request) - truth.fresh - unread
            unread.update(sorted(others)[: len(truth.fresh)])
        known = truth.read(known, unread)
        if not truth.has_drifted:
            break
        turns += 1
        settled = drain.plan(
            known, request, limits, advises=False, only=truth.fresh
        )
        is_short = settled.lacks_room
        # When each node that is read turns out to be fuller, those that are
        # not always look better.
        if is_short or turns < PATIENCE:
            settled = drain.plan(known, request, limits, advises=False)
        outcome = settled
    if outcome.lacks_room:
        outcome = drain.plan(known, request, limits)
    return known, outcome


def _leaned_on(
    known: Snapshot,
    request: Request,
    outcome: Outcome,
) -> Iterator[str]:
    """Name the nodes whose room an answer depends on."""
    yield from (m.destination for m in outcome.moves)
    if outcome.lacks_room:
        yield from drain.candidates(known, request)
    elif any(n.method is Method.SPREAD for n in outcome.nodes):
        yield from drain.spares(known, request)
