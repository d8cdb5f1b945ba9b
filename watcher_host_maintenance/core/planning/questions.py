# SPDX-License-Identifier: Apache-2.0

"""How a plan asks for what is not known yet.

A decision is made by a generator: it yields which nodes, or servers of nodes,
to read, or which moves to ask Placement about, is sent the snapshot with the
answers, and returns the decision. It holds no client, so that an audit, a
terminal and a test can each answer it in their own way.
"""

import dataclasses

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Generator
from typing import NamedTuple
from typing import Protocol

from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.planning.drift import may_change_plan
from watcher_host_maintenance.core.rules.placement import demand


class Ask(NamedTuple):
    """A demand that nova-scheduler will make of a destination."""

    hostname: str
    demand: Demand


class Question(NamedTuple):
    """What to find out before an answer can be relied on.

    All but one of its sets are empty. Placement is asked about nodes that have
    been read; about a move into room that other moves free first, only what
    does not depend on room: traits, and aggregates of the zone and project.

    :ivar snapshot: what is known by now
    :ivar hostnames: the nodes to read, each asked for once
    :ivar servers_on: the nodes whose servers to read, each asked for once
    :ivar asks: what to ask Placement, each once
    """

    snapshot: Snapshot
    hostnames: frozenset[str]
    servers_on: frozenset[str] = frozenset()
    asks: frozenset[Ask] = frozenset()


class Decision(NamedTuple):
    """An answer, and the snapshot that it was made on."""

    snapshot: Snapshot
    outcome: Outcome


class Planner(Protocol):
    """What plans, and knows which nodes its answers depend on."""

    @property
    def request(self) -> Request:
        """What is asked for."""

    def plan(
        self,
        snapshot: Snapshot,
        advises: bool = False,
        only: Collection[str] | None = None,
    ) -> Outcome:
        """Plan on a snapshot.

        :param advises: also look for what would help
        :param only: hostnames over which servers may spread; None is all
        """

    def relied_on(self, snapshot: Snapshot, outcome: Outcome) -> set[str]:
        """Return the hostnames whose room an outcome depends on."""

    def candidates(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the hostnames that may take anything, with room or not."""

    def makers(self, snapshot: Snapshot, outcome: Outcome) -> frozenset[str]:
        """Return the hostnames on which moves may make room for others."""


PATIENCE = 3
"""How often a better place is looked for because the model was wrong."""

Questions = Generator[Question, Snapshot, Decision]

Reply = Callable[[Question], Snapshot]
"""Returns a snapshot with the answer to a question."""


def ask(
    planner: Planner, snapshot: Snapshot, read: Collection[str] = ()
) -> Questions:
    """Plan until the answer depends on nodes that have been read only.

    The servers of other nodes are read once, when nothing but moving them
    can make room. Then Placement is asked about every move as nova-scheduler
    will ask. A no leads to another plan, until it agrees with all of one.

    :param read: hostnames of the nodes that have been read already
    """
    is_read, are_listed = set(read), frozenset[str]()
    is_asked = frozenset[Ask]()
    turns, is_short = 0, False
    outcome = planner.plan(snapshot)
    while True:
        unread = planner.relied_on(snapshot, outcome) - is_read
        servers_on, asks = frozenset[str](), frozenset[Ask]()
        if not unread and not are_listed:
            servers_on = planner.makers(snapshot, outcome)
        if not unread and not servers_on:
            asks = asks_about(snapshot, outcome, planner.request) - is_asked
            if not asks:
                break
        if unread and is_short:
            # The model is wrong about many: ask for twice as many each time.
            others = planner.candidates(snapshot) - is_read - unread
            unread.update(sorted(others)[: len(is_read)])
        before = snapshot
        snapshot = yield Question(before, frozenset(unread), servers_on, asks)
        is_read |= unread
        are_listed |= servers_on
        is_asked |= asks
        is_new = (
            before.instances != snapshot.instances
            or before.refusals != snapshot.refusals
            or may_change_plan(
                before,
                snapshot,
                unread,
                planner.request,
                _only_left(outcome),
            )
        )
        if not is_new:
            continue
        turns += 1
        outcome = planner.plan(snapshot, only=is_read)
        is_short = outcome.lacks_room
        # When each node that is read turns out to be fuller, those that are
        # not always look better.
        if is_short or turns < PATIENCE:
            outcome = planner.plan(snapshot)
    if outcome.lacks_room:
        outcome = planner.plan(snapshot, advises=True)
    return Decision(snapshot, outcome)


def _only_left(outcome: Outcome) -> set[str]:
    """Return the hostnames that a plan moves instances off, and none to."""
    sources = {move.host for move in outcome.moves}
    return sources - {move.destination for move in outcome.moves}


def asks_about(
    snapshot: Snapshot,
    outcome: Outcome,
    request: Request,
    has_room: bool = True,
) -> frozenset[Ask]:
    """Return what to ask Placement about the moves of an outcome.

    A move that waits for room is asked about without what it holds.

    :param has_room: False if every move waits for what is moved before
    """
    asks = set()
    for move in outcome.moves:
        instance = snapshot.by_uuid[move.instance_uuid]
        traits = snapshot.by_hostname[move.host].traits
        node = snapshot.by_hostname[move.destination]
        is_enabled = node.status == 'enabled'
        asked = demand(instance, traits, request, is_enabled)
        if move.after or not has_room:
            asked = dataclasses.replace(asked, resources=(), groups=())
        asks.add(Ask(node.hostname, asked))
    return frozenset(asks)


def answer(questions: Questions, reply: Reply) -> Decision:
    """Answer every question until there is a decision."""
    snapshot = None
    while True:
        try:
            question = (
                next(questions)
                if snapshot is None
                else questions.send(snapshot)
            )
        except StopIteration as end:
            decision: Decision = end.value
            return decision
        snapshot = reply(question)
