# SPDX-License-Identifier: Apache-2.0

"""Where every node of a set stands, and what a rolling maintenance does next.

Nothing is remembered but what the records have: the services and servers in
Nova, and what the finished actions of the maintenance have done.
"""

import dataclasses
import enum

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from watcher_host_maintenance.core.model.pace import DEFAULT_PACE
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.rolling import MANUAL
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning import node_work
from watcher_host_maintenance.core.planning.node_work import NodeWork
from watcher_host_maintenance.core.rolling import roll
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.roles import Use


TRIES = {Part.HOOK: 1}
"""How often a part is attempted before its node has failed; others twice."""

MOST_PREFLIGHTS = 50
"""How many nodes the hook is asked about in one plan."""


class Stand(enum.Enum):
    """Where a node stands in a rolling maintenance."""

    WAITING = 'waiting'
    DRAINING = 'draining'
    READY = 'ready'
    MAINTAINED = 'maintained'
    FAILED = 'failed'
    DONE = 'done'
    UNNEEDED = 'unneeded'


@dataclasses.dataclass(frozen=True)
class Next:
    """What comes next: returns, drains and hooks, or else one of the others.

    :ivar stands: hostname -> where the node stands, of the whole set
    :ivar stuck: hostname -> why a node that is out cannot be emptied now
    :ivar returns: hostnames of nodes whose work is over
    :ivar drains: hostnames of nodes that are out, with servers on them that
        can leave
    :ivar hooks: hostnames of nodes that the hook is to work on
    :ivar preflights: hostnames of nodes that the hook is asked about
    :ivar waiting: hostnames of nodes of which another wave may begin
    :ivar is_stopped: too many nodes have failed for another wave
    """

    stands: Mapping[str, Stand]
    returns: tuple[str, ...] = ()
    drains: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    preflights: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    is_stopped: bool = False
    stuck: Mapping[str, Finding] = dataclasses.field(default_factory=dict)

    def which(self, stand: Stand) -> tuple[str, ...]:
        """Return the hostnames of the nodes that stand there, sorted."""
        return tuple(h for h, s in sorted(self.stands.items()) if s is stand)

    @property
    def held(self) -> tuple[str, ...]:
        """The nodes that wait until they can be emptied, sorted."""
        return tuple(h for h in self.which(Stand.DRAINING) if h in self.stuck)

    @property
    def blockers(self) -> dict[str, Finding]:
        """Return hostname of a failed node -> what blocks its drain now."""
        failed = self.which(Stand.FAILED)
        return {h: self.stuck[h] for h in failed if h in self.stuck}

    @property
    def undone(self) -> tuple[str, ...]:
        """The hostnames of nodes on which there is something to do, sorted."""
        over = (Stand.DONE, Stand.UNNEEDED)
        return tuple(
            h for h, s in sorted(self.stands.items()) if s not in over
        )

    @property
    def is_over(self) -> bool:
        """Every node of the set is done, or has nothing to be done."""
        return not self.undone


class _Standing(NamedTuple):
    """Where a node stands, and why it cannot be emptied if it is to be."""

    stand: Stand
    why: Finding | None = None


def look(
    snapshot: Snapshot,
    request: RollRequest,
    journal: Journal,
    refused: Mapping[str, Finding] = MappingProxyType({}),
) -> Next:
    """Decide what comes next, on what is so now.

    Nodes whose work is over return, those that are out and not empty are
    emptied, and the hook works on the empty ones. While one of them waits, for
    its window or owners or for what may pass, the others do not. No wave
    begins while a node is out: the proof of the waves that follow counts on
    its room. A node that has failed stays out; the others are planned without
    it, by :func:`plan`.

    :param snapshot: with the servers on every node of the set
    :param refused: hostname -> why a drain of the node was refused, although
        nothing is wrong with it or its servers
    """
    standings = {
        hostname: _standing(hostname, snapshot, request, journal, refused)
        for hostname in request.maintenance_nodes
    }
    found = Next(
        {hostname: standing.stand for hostname, standing in standings.items()},
        stuck={h: s.why for h, s in standings.items() if s.why is not None},
    )
    draining, ready = found.which(Stand.DRAINING), found.which(Stand.READY)
    found = dataclasses.replace(
        found,
        returns=found.which(Stand.MAINTAINED),
        drains=tuple(h for h in draining if h not in found.stuck),
        hooks=ready if request.hook != MANUAL else (),
    )
    if found.returns or draining or ready:
        return found
    return _next(found, snapshot, request, journal)


def _next(
    found: Next, snapshot: Snapshot, request: RollRequest, journal: Journal
) -> Next:
    """Return what begins while no node is out."""
    waiting = found.which(Stand.WAITING)
    if not waiting:
        return found
    if len(found.which(Stand.FAILED)) >= request.stop_after:
        return dataclasses.replace(found, is_stopped=True)
    # Of a node that is gone no hook knows anything.
    there = tuple(h for h in waiting if h in snapshot.by_hostname)
    if request.preflights and there:
        answered = journal.checked | journal.postponed
        unknown = tuple(h for h in there if h not in answered)
        if unknown or journal.checked.isdisjoint(there):
            asked = unknown or there
            return dataclasses.replace(
                found, preflights=asked[:MOST_PREFLIGHTS]
            )
        postponed = {*there} - journal.checked
        waiting = tuple(h for h in waiting if h not in postponed)
    return dataclasses.replace(found, waiting=waiting)


def plan(
    waiting: tuple[str, ...],
    snapshot: Snapshot,
    request: RollRequest,
    journal: Journal,
    limits: Limits = solve.DEFAULT,
    pace: Pace = DEFAULT_PACE,
) -> Roll:
    """Plan the nodes that wait; the first wave of them is next."""
    rest = dataclasses.replace(request, maintenance_nodes=waiting)
    return roll.plan(snapshot, rest, limits, pace, journal=journal)


def _standing(
    hostname: str,
    snapshot: Snapshot,
    request: RollRequest,
    journal: Journal,
    refused: Mapping[str, Finding],
) -> _Standing:
    """Return where a node of the set stands."""
    if hostname in journal.returned:
        return _Standing(Stand.DONE)
    node = snapshot.by_hostname.get(hostname)
    if node is None:
        return _Standing(Stand.WAITING)
    failed = _failed(hostname, journal)
    says_done = node.status == 'disabled' and node.disabled_reason.startswith(
        request.returning_reasons
    )
    asks = request.hook != MANUAL
    if failed is Part.PREFLIGHT and asks and not says_done:
        return _Standing(Stand.FAILED)
    if node.status != 'disabled':
        return _Standing(_enabled(hostname, request, journal))
    is_closed = hostname in journal.closed
    is_relabelled = not roles.has_known_reason(node, request)
    if is_closed and not says_done and is_relabelled:
        reason = node.disabled_reason or None
        why = roles.DISABLED.about(hostname, disabled_reason=reason)
        return _Standing(Stand.FAILED, why)
    if says_done or hostname in journal.worked:
        is_failed = failed is Part.RETURN
        return _Standing(Stand.FAILED if is_failed else Stand.MAINTAINED)
    if not is_closed or not roles.has_mark(node, request):
        # Whoever has marked it beforehand waits for its turn.
        return _Standing(Stand.WAITING)
    work = node_work.judge(node, snapshot, request)
    is_blocked = bool(work.blocked) and request.on_blocked is OnBlocked.FAIL
    if not is_blocked and not _has_work(work):
        is_failed = failed is Part.HOOK
        return _Standing(Stand.FAILED if is_failed else Stand.READY)
    return _closed(node, work, request, journal, refused)


def _closed(
    node: ComputeNode,
    work: NodeWork,
    request: RollRequest,
    journal: Journal,
    refused: Mapping[str, Finding],
) -> _Standing:
    """Return where a node stands that is out and is not empty.

    If its drain has failed and another one would do nothing, it has failed.
    Otherwise it waits for what may pass, and for room, which comes with the
    nodes that are out beside it.
    """
    hindrance = _hindrance(node, work, request)
    why = hindrance or refused.get(node.hostname)
    failure = journal.failures.get(node.hostname)
    has_failed = failure is not None and failure.part is Part.DRAIN
    lasts = hindrance is not None and not hindrance.reason.may_pass
    is_over = why is not None and (lasts or has_failed)
    if is_over or _failed(node.hostname, journal) is Part.DRAIN:
        return _Standing(Stand.FAILED, why)
    return _Standing(Stand.DRAINING, why)


def _hindrance(
    node: ComputeNode, work: NodeWork, request: RollRequest
) -> Finding | None:
    """Return why a node cannot be emptied, whatever room there is.

    What does not pass by itself comes first.
    """
    findings = [*roles.objections(node, Use.NAMED, request)]
    if request.on_blocked is OnBlocked.FAIL:
        findings += [stay.findings[0] for stay in work.blocked]
    return min(findings, key=lambda f: f.reason.may_pass, default=None)


def _enabled(hostname: str, request: RollRequest, journal: Journal) -> Stand:
    """Return where a node stands that is in service.

    Someone else may have returned it, or the applier died just after it did.
    """
    is_ready = hostname in journal.emptied and request.hook == MANUAL
    if is_ready or hostname in journal.worked:
        return Stand.DONE
    if hostname in journal.unneeded:
        return Stand.UNNEEDED
    return Stand.WAITING


def _failed(hostname: str, journal: Journal) -> Part | None:
    """Return what has failed too often to be tried again."""
    failure = journal.failures.get(hostname)
    if failure is None or failure.times < TRIES.get(failure.part, 2):
        return None
    return failure.part


def _has_work(work: NodeWork) -> bool:
    """Return True if a drain of a node would do something to its servers."""
    leaves = work.departures
    return bool(work.moving or leaves.stopping or leaves.releasing)
