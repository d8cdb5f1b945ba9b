# SPDX-License-Identifier: Apache-2.0

"""From a snapshot and a request to the whole answer."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.advice import obstacles
from watcher_host_maintenance.core.advice import remedies
from watcher_host_maintenance.core.advice import remedy_check
from watcher_host_maintenance.core.advice import unplaced
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning import node_work
from watcher_host_maintenance.core.planning import questions
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import Attempt
from watcher_host_maintenance.core.planning.methods import Emptied
from watcher_host_maintenance.core.planning.methods import Emptying
from watcher_host_maintenance.core.planning.methods import Impossible
from watcher_host_maintenance.core.planning.methods import TimedOut
from watcher_host_maintenance.core.planning.node_work import NodeWork
from watcher_host_maintenance.core.planning.questions import Questions
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules.targets import Targets


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
    return questions.ask(_Planner(request, limits), snapshot, read)


def plan(
    snapshot: Snapshot,
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
    resolved = targets.resolve(snapshot, request)
    if resolved.findings:
        return Outcome(findings=resolved.findings)
    drain = _Drain(
        snapshot,
        request,
        limits,
        advises,
        resolved.refused,
        tuple(node_work.judge(n, snapshot, request) for n in resolved.nodes),
    )
    return drain.outcome(only)


@dataclasses.dataclass(frozen=True)
class _Planner:
    """Plans drains, and knows which nodes they depend on."""

    request: Request
    limits: Limits

    def plan(
        self,
        snapshot: Snapshot,
        advises: bool = False,
        only: Collection[str] | None = None,
    ) -> Outcome:
        """See :func:`plan`."""
        return plan(snapshot, self.request, self.limits, advises, only)

    def relied_on(self, snapshot: Snapshot, outcome: Outcome) -> set[str]:
        """Return the destinations, and all that might be better ones."""
        hostnames = {move.destination for move in outcome.moves}
        if outcome.lacks_room:
            hostnames |= self.candidates(snapshot)
        elif any(node.method is Method.SPREAD for node in outcome.nodes):
            hostnames |= spares(snapshot, self.request)
        return hostnames

    def candidates(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the hostnames that a method may use, whatever their room."""
        return candidates(snapshot, self.request)


def candidates(snapshot: Snapshot, request: Request) -> frozenset[str]:
    """Return the hostnames that some method may use, whatever their room."""
    maintained = _hostnames(targets.resolve(snapshot, request))
    destinations = Destinations.of(snapshot, request, maintained)
    return frozenset(destinations.hostnames) | spares(snapshot, request)


def spares(snapshot: Snapshot, request: Request) -> frozenset[str]:
    """Return the hostnames of spares, of those in use too.

    A spare that seems to be in use may have been emptied meanwhile.
    """
    maintained = _hostnames(targets.resolve(snapshot, request))
    return frozenset(
        n.hostname
        for n in snapshot.nodes
        if request.backup_node is None
        and n.in_scope
        and n.hostname not in maintained
        and roles.has_spare_reason(n, request)
    )


def _hostnames(resolved: Targets) -> frozenset[str]:
    return frozenset(node.hostname for node in resolved.nodes)


@dataclasses.dataclass(frozen=True)
class _Part:
    """The answer about nodes that were planned together.

    :ivar destinations: with all that is placed by now counted in
    :ivar wakes: hostname of the spare that is enabled for them
    :ivar unplaced: the instances that were to move, if some have no place
    :ivar unsure: hostnames whose remedies may not help the whole request
    """

    nodes: tuple[NodeOutcome, ...]
    destinations: Destinations
    wakes: str | None = None
    unplaced: tuple[Instance, ...] = ()
    unsure: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class _Drain:
    """What an answer is made from.

    :ivar refused: hostname -> what is wrong with that marked node
    """

    snapshot: Snapshot
    request: Request
    limits: Limits
    advises: bool
    refused: Mapping[str, tuple[Finding, ...]]
    works: tuple[NodeWork, ...]

    def outcome(self, only: Collection[str] | None) -> Outcome:
        """Plan all nodes, and put the answer together.

        :param only: hostnames over which Method 2 may spread; None is all
        """
        destinations = Destinations.of(
            self.snapshot,
            self.request,
            frozenset(work.hostname for work in self.works),
            [x for work in self.works for x in work.departures.moving],
            only,
        )
        if self.request.maintenance_nodes:
            parts = [self._together(destinations)]
        else:
            parts = [*self._marked(destinations)]
        nodes = sorted(
            (node for part in parts for node in part.nodes),
            key=lambda n: n.hostname,
        )
        planned = [
            self.snapshot.by_hostname[n.hostname]
            for n in nodes
            if n.verdict is Verdict.PLANNED
        ]
        outcome = Outcome(
            nodes=tuple(nodes),
            disables=tuple(
                n.hostname for n in planned if n.status == 'enabled'
            ),
            marks=tuple(
                n.hostname
                for n in planned
                if roles.has_spare_reason(n, self.request)
            ),
            enables=tuple(dict.fromkeys(p.wakes for p in parts if p.wakes)),
            not_destinations=self._not_destinations(parts),
        )
        return remedy_check.helpful(
            outcome,
            frozenset[str]().union(*(part.unsure for part in parts)),
            (self.snapshot, self.request),
            lambda snapshot, request: plan(
                snapshot, request, self.limits, advises=False
            ),
        )

    def _together(self, destinations: Destinations) -> _Part:
        """Plan all of these nodes or none."""
        result: Emptying = Impossible()
        if not self._any_blocked(self.works):
            result = self._empty(self.works, destinations)
        return self._part(self.works, destinations, result, is_alone=True)

    def _marked(self, destinations: Destinations) -> Iterator[_Part]:
        """Plan every node that can be emptied; refuse the others."""
        ready = []
        for work in self.works:
            findings = self.refused.get(work.hostname, ())
            if findings or self._any_blocked([work]):
                yield _Part((work.refused(findings),), destinations)
            else:
                ready.append(work)
        result = self._empty(ready, destinations)
        if isinstance(result, Impossible):
            yield from self._one_by_one(ready, destinations)
        else:
            # One by one would be another plan, for want of time alone.
            yield self._part(ready, destinations, result, is_alone=False)

    def _one_by_one(
        self, works: Sequence[NodeWork], destinations: Destinations
    ) -> Iterator[_Part]:
        """Plan each of these nodes on the room that is left by then.

        Once the time is up, only nodes with nothing to move are planned.
        """
        is_alone = sum(bool(work.moving) for work in works) == 1
        is_late = False
        for work in works:
            result: Emptying = TimedOut()
            if not (is_late and work.moving):
                result = self._empty([work], destinations)
            is_late |= isinstance(result, TimedOut)
            part = self._part([work], destinations, result, is_alone)
            destinations = part.destinations
            yield part

    def _any_blocked(self, works: Iterable[NodeWork]) -> bool:
        fails = self.request.on_blocked is OnBlocked.FAIL
        return fails and any(work.blocked for work in works)

    def _empty(
        self, works: Sequence[NodeWork], destinations: Destinations
    ) -> Emptying:
        moving = node_work.moving(works)
        return methods.empty(moving, destinations, self.limits)

    def _part(
        self,
        works: Sequence[NodeWork],
        destinations: Destinations,
        result: Emptying,
        is_alone: bool,
    ) -> _Part:
        """Turn what came of emptying these nodes into the answer about them.

        :param is_alone: the request moves nothing off other nodes
        """
        match result:
            case Emptied(Attempt() as attempt, left):
                return self._planned(works, destinations, attempt, left)
            case Emptied():
                nodes = tuple(work.planned() for work in works)
                return _Part(nodes, destinations)
            case Impossible() | TimedOut():
                return self._refused(works, destinations, result, is_alone)

    def _planned(
        self,
        works: Sequence[NodeWork],
        destinations: Destinations,
        attempt: Attempt,
        left: Destinations,
    ) -> _Part:
        """Answer with what is done.

        :param left: the destinations with the attempt counted in
        """
        moving = node_work.moving(works)
        choice, assignment = attempt
        stays = unplaced.unplaced(moving, destinations, choice, assignment)
        return _Part(
            tuple(
                work.planned(choice.method, assignment.where, stays)
                for work in works
            ),
            left,
            choice.wakes if assignment.where else None,
            tuple(moving) if stays else (),
        )

    def _refused(
        self,
        works: Sequence[NodeWork],
        destinations: Destinations,
        result: Impossible | TimedOut,
        is_alone: bool,
    ) -> _Part:
        """Answer with what blocks these nodes, and what would help."""
        moving = node_work.moving(works)
        found = obstacles.NONE
        if moving:
            found = obstacles.explain(
                moving, destinations, self.limits, self.advises
            )
        if not found.stays and isinstance(result, TimedOut):
            found = obstacles.no_time(moving, destinations)
        helps: tuple[Finding, ...] = ()
        if self.advises and found.stays and not self._any_blocked(works):
            helps = remedies.remedies(
                moving,
                destinations,
                found.stays,
                self.request.headroom_percent,
                self.limits,
            )
        is_sure = is_alone and not self._any_blocked(self.works)
        return _Part(
            tuple(
                w.refused(found.findings, found.stays, helps) for w in works
            ),
            destinations,
            unplaced=tuple(moving) if found.stays else (),
            unsure=frozenset(
                w.hostname for w in works if helps and not is_sure
            ),
        )

    def _not_destinations(self, parts: Sequence[_Part]) -> tuple[Finding, ...]:
        """Return why other nodes take nothing, if something has no place."""
        without_place = [p.unplaced for p in parts if p.unplaced]
        if not without_place or self.request.backup_node is not None:
            return ()
        destinations = parts[-1].destinations
        awake = {part.wakes for part in parts}
        return unplaced.not_destinations(
            self.snapshot,
            self.request,
            frozenset(work.hostname for work in self.works),
            {
                hostname: destinations.destination(hostname)
                for hostname in destinations.unused
                if hostname not in awake
            },
            without_place,
            destinations.judge,
        )
