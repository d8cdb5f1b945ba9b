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
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import dependencies
from watcher_host_maintenance.core.planning import making_room
from watcher_host_maintenance.core.planning import methods
from watcher_host_maintenance.core.planning import node_work
from watcher_host_maintenance.core.planning import questions
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.planning.methods import Emptied
from watcher_host_maintenance.core.planning.methods import Emptying
from watcher_host_maintenance.core.planning.methods import Impossible
from watcher_host_maintenance.core.planning.methods import TimedOut
from watcher_host_maintenance.core.planning.node_work import NodeWork
from watcher_host_maintenance.core.planning.questions import Questions
from watcher_host_maintenance.core.rules import placement
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules.roles import Use


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
    works = [node_work.judge(n, snapshot, request) for n in resolved.nodes]
    drain = _Drain(snapshot, request, limits, advises, works)
    emptied = frozenset(work.hostname for work in works)
    leavers = [x for work in works for x in work.departures.moving]
    if request.max_secondary_moves or advises:
        others = snapshot.by_hostname.keys() - emptied
        leavers += making_room.candidates(snapshot, request, others)
    destinations = Destinations.of(snapshot, request, emptied, leavers, only)
    if request.maintenance_nodes:
        parts = [drain.together(destinations)]
    else:
        parts = [*drain.each(destinations, resolved.refused)]
    return remedy_check.helpful(
        drain.outcome(parts),
        frozenset(hostname for part in parts for hostname in part.unsure),
        (snapshot, request),
        lambda snapshot, request: plan(
            snapshot, request, limits, advises=False
        ),
    )


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
        """Return both ends of the moves, and all destinations as good."""
        hostnames = {move.destination for move in outcome.moves}
        hostnames |= {move.host for move in outcome.moves}
        if outcome.lacks_room:
            hostnames |= self.candidates(snapshot)
        elif any(node.method is Method.SPREAD for node in outcome.nodes):
            hostnames |= _spares(snapshot, self.request)
        return hostnames

    def candidates(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the hostnames that a method may use, whatever their room."""
        return candidates(snapshot, self.request)

    def makers(self, snapshot: Snapshot, outcome: Outcome) -> frozenset[str]:
        """Return the hostnames on which moves may make room for others.

        There are none unless a direct placement is proved impossible, and
        nothing but room is missing.
        """
        unplaced = _unplaced(snapshot, outcome)
        is_possible = (
            unplaced
            and self.request.backup_node is None
            and not self.request.disable_live_migration
        )
        if not is_possible:
            return frozenset()
        moving = [
            leaver
            for node in targets.resolve(snapshot, self.request).nodes
            for leaver in node_work.judge(
                node, snapshot, self.request
            ).departures.moving
        ]
        destinations = Destinations.of(
            snapshot, self.request, _emptied(snapshot, self.request), moving
        )
        together = [leaver.instance for leaver in moving]
        if making_room.is_futile(
            together if self.request.maintenance_nodes else unplaced,
            destinations,
        ):
            return frozenset()
        most = (
            making_room.MOST_NODES
            if self.request.max_secondary_moves
            else making_room.MOST_ADVISED
        )
        return frozenset(making_room.nearest(destinations, unplaced, most))


def _unplaced(snapshot: Snapshot, outcome: Outcome) -> list[Instance]:
    """Return the instances that certainly have no place, for want of room."""
    findings = [f for node in outcome.nodes for f in node.findings]
    stays = [
        stay
        for node in outcome.nodes
        if node.verdict is Verdict.PLANNED
        or all(s.findings[0].reason.is_for_room for s in node.blocked)
        for stay in node.blocked
        if stay.findings[0].reason.is_for_room
    ]
    findings += [stay.findings[0] for stay in stays]
    if any(finding.reason.is_undecided for finding in findings):
        return []
    return [snapshot.by_uuid[stay.instance_uuid] for stay in stays]


def candidates(snapshot: Snapshot, request: Request) -> frozenset[str]:
    """Return the hostnames that some method may use, whatever their room."""
    emptied = _emptied(snapshot, request)
    hostnames = Destinations.of(snapshot, request, emptied).hostnames
    return frozenset(hostnames) | _spares(snapshot, request)


def _spares(snapshot: Snapshot, request: Request) -> frozenset[str]:
    """Return the hostnames of spares, of those in use too.

    A spare that seems to be in use may have been emptied meanwhile.
    """
    if request.backup_node is not None:
        return frozenset()
    spares = {
        n.hostname
        for n in snapshot.nodes
        if n.in_scope and roles.has_spare_reason(n, request)
    }
    return frozenset(spares - _emptied(snapshot, request))


def _emptied(snapshot: Snapshot, request: Request) -> frozenset[str]:
    nodes = targets.resolve(snapshot, request).nodes
    return frozenset(node.hostname for node in nodes)


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
    unsure: tuple[str, ...] = ()


def _is_proved_impossible(result: Emptying) -> bool:
    """Return True if not every instance has a place, and that is certain."""
    match result:
        case Impossible():
            return result.is_proved
        case Emptied(attempt) if attempt is not None:
            return attempt.assignment.status is Status.IMPOSSIBLE
    return False


@dataclasses.dataclass(frozen=True)
class _Drain:
    """What an answer is made from."""

    snapshot: Snapshot
    request: Request
    limits: Limits
    advises: bool
    works: Sequence[NodeWork]

    def together(self, destinations: Destinations) -> _Part:
        """Plan all nodes or none."""
        result: Emptying = Impossible()
        if not self._any_blocked(self.works):
            result = self._empty(self.works, destinations)
        return self._part(self.works, destinations, result, is_alone=True)

    def each(
        self,
        destinations: Destinations,
        refused: Mapping[str, tuple[Finding, ...]],
    ) -> Iterator[_Part]:
        """Plan every node that can be emptied; refuse the others.

        :param refused: hostname -> what is wrong with that marked node
        """
        ready = []
        for work in self.works:
            findings = refused.get(work.hostname, ())
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
        """Plan each of these nodes on the room that is free by then.

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

    def outcome(self, parts: Sequence[_Part]) -> Outcome:
        """Put the whole answer together."""
        nodes = [node for part in parts for node in part.nodes]
        nodes.sort(key=lambda node: node.hostname)
        planned = [
            self.snapshot.by_hostname[n.hostname]
            for n in nodes
            if n.verdict is Verdict.PLANNED
        ]
        spares = [
            n for n in planned if roles.has_spare_reason(n, self.request)
        ]
        enabled = [n for n in planned if n.status == 'enabled']
        outcome = Outcome(
            nodes=tuple(nodes),
            disables=tuple(n.hostname for n in enabled),
            marks=tuple(n.hostname for n in spares),
            enables=tuple(dict.fromkeys(p.wakes for p in parts if p.wakes)),
            not_destinations=self._not_destinations(parts),
            secondary_moves=parts[-1].destinations.secondary_moves,
        )
        return dependencies.with_waiting(outcome, self.snapshot, self.request)

    def _any_blocked(self, works: Iterable[NodeWork]) -> bool:
        fails = self.request.on_blocked is OnBlocked.FAIL
        return fails and any(work.blocked for work in works)

    def _empty(
        self, works: Sequence[NodeWork], destinations: Destinations
    ) -> Emptying:
        moving = node_work.moving(works)
        result = methods.empty(moving, destinations, self.limits)
        most = self.request.max_secondary_moves
        most -= len(destinations.secondary_moves)
        if most > 0 and _is_proved_impossible(result):
            made = making_room.empty(moving, destinations, most, self.limits)
            return made or result
        return result

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
        if not isinstance(result, Emptied):
            is_late = isinstance(result, TimedOut)
            return self._refused(works, destinations, is_late, is_alone)
        if result.attempt is None:
            return _Part(tuple(w.planned() for w in works), destinations)
        moving = node_work.moving(works)
        choice, assignment = result.attempt
        where = assignment.where
        stays = unplaced.unplaced(moving, destinations, choice, assignment)
        return _Part(
            tuple(w.planned(choice.method, where, stays) for w in works),
            result.destinations,
            choice.wakes if where else None,
            tuple(moving) if stays else (),
        )

    def _refused(
        self,
        works: Sequence[NodeWork],
        destinations: Destinations,
        is_late: bool,
        is_alone: bool,
    ) -> _Part:
        """Answer with what blocks these nodes, and what would help."""
        moving = node_work.moving(works)
        found = obstacles.NONE
        if moving:
            found = obstacles.explain(
                moving, destinations, self.limits, self.advises
            )
        if not found.stays and is_late:
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
            unsure=tuple(w.hostname for w in works if helps and not is_sure),
        )

    def _not_destinations(self, parts: Sequence[_Part]) -> tuple[Finding, ...]:
        """Return why other nodes take nothing, if something has no place.

        Otherwise those which Placement keeps from taking anything.
        """
        without_place = [p.unplaced for p in parts if p.unplaced]
        if self.request.backup_node is not None:
            return ()
        if not without_place:
            return tuple(self._refused_by_placement(parts))
        destinations = parts[-1].destinations
        asleep = set(destinations.unused) - {part.wakes for part in parts}
        return unplaced.not_destinations(
            self.snapshot,
            self.request,
            frozenset(work.hostname for work in self.works),
            {h: destinations.destination(h) for h in asleep},
            without_place,
            destinations.judge,
        )

    def _refused_by_placement(
        self, parts: Sequence[_Part]
    ) -> Iterator[Finding]:
        used = {m.destination for p in parts for n in p.nodes for m in n.moves}
        for refusal in self.snapshot.refusals:
            node = self.snapshot.by_hostname[refusal.hostname]
            is_usable = roles.is_usable(node, Use.SPREAD, self.request)
            if is_usable and node.hostname not in used:
                yield from placement.objections(refusal)
