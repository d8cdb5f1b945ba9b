# SPDX-License-Identifier: Apache-2.0

"""From a snapshot and a request to the whole answer."""

import dataclasses

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Generator
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance.core.advice import obstacles
from watcher_host_maintenance.core.advice import remedies
from watcher_host_maintenance.core.advice import remedy_check
from watcher_host_maintenance.core.advice import unplaced
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.planning import drift
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning.methods import Candidates
from watcher_host_maintenance.core.planning.methods import Choice
from watcher_host_maintenance.core.planning.placing import Assignment
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.work import Work
from watcher_host_maintenance.core.work import judged


PATIENCE = 3
"""How often a better place is looked for because the model was wrong."""


class Question(NamedTuple):
    """Nodes to read before an answer can be relied on.

    :ivar snapshot: what is known of them and of all others
    :ivar hostnames: the nodes to read, each asked for once; never empty
    """

    snapshot: Snapshot
    hostnames: frozenset[str]


class Decision(NamedTuple):
    """An answer, and the snapshot that it was made on."""

    snapshot: Snapshot
    outcome: Outcome


Questions = Generator[Question, Snapshot, Decision]
"""Yields what to read, is sent the snapshot with that read, and returns."""


def decide(
    snapshot: Snapshot,
    request: Request,
    limits: Limits = solve.DEFAULT,
    read: Collection[str] = (),
) -> Questions:
    """Plan until the answer depends on nodes that have been read only.

    Before anything is refused for want of room, every node that could take
    something is asked for; before anything is spread, every spare.

    :param read: hostnames of the nodes that have been read already
    """
    is_read = set(read)
    turns, is_short = 0, False
    outcome = plan(snapshot, request, limits, advises=False)
    while unread := _relied_on(snapshot, request, outcome) - is_read:
        if is_short:
            # The model is wrong about many: ask for twice as many each time.
            others = candidates(snapshot, request) - is_read - unread
            unread.update(sorted(others)[: len(is_read)])
        before = snapshot
        snapshot = yield Question(before, frozenset(unread))
        is_read |= unread
        if not drift.may_change_plan(before, snapshot, unread, request):
            break
        turns += 1
        outcome = plan(snapshot, request, limits, advises=False, only=is_read)
        is_short = outcome.lacks_room
        # When each node that is read turns out to be fuller, those that are
        # not always look better.
        if is_short or turns < PATIENCE:
            outcome = plan(snapshot, request, limits, advises=False)
    if outcome.lacks_room:
        outcome = plan(snapshot, request, limits)
    return Decision(snapshot, outcome)


def answer(
    questions: Questions,
    read: Callable[[Snapshot, Collection[str]], Snapshot],
) -> Decision:
    """Answer every question until there is a decision.

    :param read: returns a snapshot with these nodes as they are
    """
    reply = None
    while True:
        try:
            question = (
                next(questions) if reply is None else questions.send(reply)
            )
        except StopIteration as end:
            decision: Decision = end.value
            return decision
        reply = read(question.snapshot, question.hostnames)


def _relied_on(
    snapshot: Snapshot, request: Request, outcome: Outcome
) -> set[str]:
    """Return the hostnames whose room an answer depends on."""
    hostnames = {move.destination for move in outcome.moves}
    if outcome.lacks_room:
        hostnames |= candidates(snapshot, request)
    elif any(node.method is Method.SPREAD for node in outcome.nodes):
        hostnames |= spares(snapshot, request)
    return hostnames


def plan(
    known: Snapshot,
    request: Request,
    limits: Limits = solve.DEFAULT,
    advises: bool = True,
    only: Collection[str] | None = None,
) -> Outcome:
    """Decide what to do with the nodes that a request is about.

    Named nodes are all or nothing together. Marked nodes are planned
    together too, and each by itself when that is impossible.

    :param limits: how much each search for an assignment may work
    :param advises: look for conflicts and remedies when something has no
        place, which takes many more searches
    :param only: hostnames over which Method 2 may spread; None is all
    """
    asked = targets.resolve(known, request)
    if asked.findings:
        return Outcome(findings=asked.findings)
    drain = _Drain(known, request, asked, limits, advises, only)
    if request.maintenance_nodes:
        drain.empty_together()
    else:
        drain.empty_marked()
    return remedy_check.helpful(
        drain.outcome(),
        drain.unsure,
        (known, request),
        lambda known, request: plan(known, request, limits, advises=False),
    )


def candidates(known: Snapshot, request: Request) -> frozenset[str]:
    """Return the hostnames that some method may use, whatever their room."""
    maintained = _maintained(targets.resolve(known, request))
    offered = Candidates(known, request, maintained)
    return frozenset(offered.hostnames) | spares(known, request)


def spares(known: Snapshot, request: Request) -> frozenset[str]:
    """Return the hostnames of spares, of those in use too.

    A spare that seems to be in use may have been emptied meanwhile.
    """
    maintained = _maintained(targets.resolve(known, request))
    return frozenset(
        n.hostname
        for n in known.nodes
        if request.backup_node is None
        and n.in_scope
        and n.hostname not in maintained
        and roles.has_spare_reason(n, request)
    )


def _maintained(asked: targets.Targets) -> frozenset[str]:
    return frozenset(n.hostname for n in asked.nodes)


class _Drain:
    """The answer while it is made: outcomes so far, destinations filled."""

    def __init__(
        self,
        known: Snapshot,
        request: Request,
        asked: targets.Targets,
        limits: Limits,
        advises: bool,
        only: Collection[str] | None,
    ):
        self.known = known
        self.request = request
        self.asked = asked
        self.limits = limits
        self.advises = advises
        self.maintained = _maintained(asked)
        self.works = [judged(n, known, request) for n in asked.nodes]
        leavers = [x for w in self.works for x in w.departures.moving]
        self.offered = Candidates(
            known, request, self.maintained, leavers, only
        )
        self.outcomes: list[NodeOutcome] = []
        self.enables: list[str] = []
        self.unplaced: list[Sequence[Instance]] = []
        self.late = False
        self.unsure: set[str] = set()

    def outcome(self) -> Outcome:
        """Put the answer together."""
        nodes = tuple(sorted(self.outcomes, key=lambda n: n.hostname))
        return Outcome(
            nodes=nodes,
            disables=tuple(
                n.hostname
                for n in nodes
                if n.verdict is Verdict.PLANNED
                and self.known.by_hostname[n.hostname].status == 'enabled'
            ),
            marks=tuple(
                n.hostname
                for n in nodes
                if n.verdict is Verdict.PLANNED
                and roles.has_spare_reason(
                    self.known.by_hostname[n.hostname], self.request
                )
            ),
            enables=tuple(self.enables),
            not_destinations=self._not_destinations(),
        )

    def empty_marked(self) -> None:
        """Plan every node that can be emptied; refuse the others."""
        ready = []
        for work in self.works:
            found = self.asked.refused.get(work.hostname, ())
            if found or self._is_blocked(work):
                self.outcomes.append(work.refused(obstacles.NONE, found))
            else:
                ready.append(work)
        if self._empty(ready):
            return
        if self.late:
            # One by one would be another plan, for want of time alone.
            self._refuse_unplaced(ready, alone=False)
        else:
            alone = sum(bool(work.moving) for work in ready) == 1
            for work in ready:
                if self.late or not self._empty([work]):
                    self._refuse_unplaced([work], alone)

    def empty_together(self) -> None:
        """Plan all of these nodes or none."""
        works = self.works
        if any(self._is_blocked(w) for w in works) or not self._empty(works):
            self._refuse_unplaced(works, alone=True)

    def _is_blocked(self, work: Work) -> bool:
        fails = self.request.on_blocked is OnBlocked.FAIL
        return fails and bool(work.departures.blocked)

    def _empty(self, works: Sequence[Work]) -> bool:
        """Plan these nodes, on what is left of the destinations."""
        moving = _moving(works)
        if not moving:
            self.outcomes += [w.planned(Method.NONE, {}, ()) for w in works]
            return True
        choice, assignment = methods.place(moving, self.offered, self.limits)
        self.late = assignment.late
        if assignment.status is not Status.PLACED:
            if self.request.on_blocked is OnBlocked.FAIL:
                return False
            choice, assignment = methods.place_most(
                moving, self.offered, self.limits
            )
            self.late = assignment.late
            if self.late:
                return False
        stays = self._unplaced(moving, choice, assignment)
        self._take(moving, choice, assignment)
        self.outcomes += [
            w.planned(choice.method, assignment.where, stays) for w in works
        ]
        return True

    def _take(
        self,
        moving: Sequence[Instance],
        choice: Choice,
        assignment: Assignment,
    ) -> None:
        self.offered.take(moving, assignment.where)
        if (
            choice.wakes
            and assignment.where
            and choice.wakes not in self.enables
        ):
            self.enables.append(choice.wakes)

    def _refuse_unplaced(self, works: Sequence[Work], alone: bool) -> None:
        """Refuse these nodes, with all that is in the way.

        :param alone: the same request moves nothing off other nodes
        """
        moving = _moving(works)
        found = obstacles.NONE
        if moving:
            found = obstacles.obstacles(
                moving, self.offered, self.limits, self.advises
            )
        if found.stays:
            self.unplaced.append(moving)
        elif self.late:
            found = obstacles.no_time(moving, self.offered)
        if self.advises and found.stays and not self._any_blocked(works):
            found = dataclasses.replace(
                found, remedies=self._remedies(moving, found.stays)
            )
            if not alone or self._any_blocked(self.works):
                self.unsure.update(work.hostname for work in works)
        self.outcomes += [work.refused(found) for work in works]

    def _any_blocked(self, works: Sequence[Work]) -> bool:
        return any(map(self._is_blocked, works))

    def _remedies(
        self, moving: Sequence[Instance], stays: tuple[Stay, ...]
    ) -> tuple[Finding, ...]:
        return remedies.remedies(
            moving,
            self.offered,
            stays,
            self.request.headroom_percent,
            self.limits,
        )

    def _unplaced(
        self,
        moving: Sequence[Instance],
        choice: Choice,
        assignment: Assignment,
    ) -> tuple[Stay, ...]:
        stays = unplaced.unplaced(moving, self.offered, choice, assignment)
        if stays:
            self.unplaced.append(moving)
        return stays

    def _not_destinations(self) -> tuple[Finding, ...]:
        """Say why other nodes take nothing, when something has no place."""
        if not self.unplaced or self.request.backup_node is not None:
            return ()
        spares = {
            hostname: self.offered.destination(hostname)
            for hostname in self.offered.unused
            if hostname not in self.enables
        }
        return unplaced.not_destinations(
            self.known,
            self.request,
            self.maintained,
            spares,
            self.unplaced,
            self.offered.judge,
        )


def _moving(works: Sequence[Work]) -> list[Instance]:
    return [i for work in works for i in work.moving]
