# SPDX-License-Identifier: Apache-2.0

"""The strategy of a rolling maintenance.

A CONTINUOUS audit looks at the cloud in each run and takes the next step: it
returns the nodes whose work is over, empties what is out and not empty, or
begins the next wave, of a plan of all that is left. Any other audit is a dry
run, whose answer is the whole order, with no action.
"""

import dataclasses
import datetime
import time

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg
from watcher import conf

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading import rolls as reading
from watcher_host_maintenance.cloud.reading.decisions import Door
from watcher_host_maintenance.cloud.reading.departures import History
from watcher_host_maintenance.cloud.reading.departures import no_history
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import rolls
from watcher_host_maintenance.core.model import snapshot as snapshots
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.rolling import MANUAL
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.rolling import Wave
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rolling import canaries
from watcher_host_maintenance.core.rolling import gate
from watcher_host_maintenance.core.rolling import notice_period
from watcher_host_maintenance.core.rolling import progress
from watcher_host_maintenance.core.rolling.progress import Next
from watcher_host_maintenance.core.rolling.progress import Stand
from watcher_host_maintenance.core.scheduling import lanes
from watcher_host_maintenance.core.scheduling import steps
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.core.telling import rolls as telling
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.summary import Message
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import audit_row
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.plugin.watcher import emit
from watcher_host_maintenance.plugin.watcher import history
from watcher_host_maintenance.plugin.watcher import roll_gate
from watcher_host_maintenance.plugin.watcher import roll_journal
from watcher_host_maintenance.plugin.watcher import roll_returns
from watcher_host_maintenance.plugin.watcher.audit import FAILED_CHECK
from watcher_host_maintenance.plugin.watcher.audit import AuditStrategy
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request import options
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import roll_parameters
from watcher_host_maintenance.request import roll_set
from watcher_host_maintenance.request import windows


LOG = logs.get_logger(__name__)

LEAST_CALL_S = 60
"""What a hook has when it is called once more after its time is over."""

MOST_LATE = 10
"""Without how many nodes that are too long for any window it is planned."""

_VALID: dict[str, dict[str, Any]] = {}
"""UUID of a rolling maintenance -> its newest parameters that were valid.

A decision engine that starts again knows none.
"""


class ClusterRollingMaintenance(AuditStrategy):
    """Maintain many compute nodes, a few at a time, proved beforehand."""

    KEY = names.ROLL_STRATEGY
    DISPLAY_NAME = names.ROLL_STRATEGY_DISPLAY_NAME
    GOAL = names.ROLL_GOAL

    def __init__(self, config: Any, osc: Any = None):
        super().__init__(config, osc)
        self._audit: Any = None
        self._start_over()

    def _start_over(self) -> None:
        """Forget what an earlier run of the same job has found."""
        self.purpose = Purpose.DRAIN
        self._history: History = no_history
        self._roll = Roll()
        self._said: list[str] = []
        self._also: list[str] = []
        self._failed: dict[str, str] = {}
        self._ignored: Finding | None = None
        self._waits_for: list[Finding] = []
        self._undone: frozenset[str] | None = None

    @classmethod
    def get_schema(cls) -> dict[str, Any]:
        """Return the JSON schema of the audit's parameters."""
        return roll_parameters.SCHEMA

    @classmethod
    def get_config_opts(cls) -> list[cfg.Opt]:
        """Return its own options; those of drains and returns hold as well."""
        conf.CONF.register_opts(options.STRATEGY_OPTIONS, options.GROUP)
        conf.CONF.register_opts(options.RETURN_OPTIONS, options.RETURN_GROUP)
        return options.ROLL_OPTIONS

    @property
    def decide(self) -> Door:
        """The door of core that this run empties nodes with."""
        return drain.decide

    @property
    def history(self) -> History:
        """What Watcher's database has of nodes that return."""
        return self._history

    @property
    def options(self) -> dict[str, Any]:
        """The options of drains and of returns, and its own."""
        return {
            option.dest: conf.CONF[group][option.dest]
            for group, of_group in config.OPTIONS.items()
            for option in of_group
        }

    @property
    def pace(self) -> Pace:
        """How fast a plan is carried out; it is always verified."""
        pace = parameters.to_pace(self.input_parameters, self.options)
        return dataclasses.replace(pace, verifies=True)

    def to_request(self) -> RollRequest:
        """Return the request that the audit's parameters make.

        An operator may have changed them to what is invalid. Then those before
        hold for what has begun.
        """
        given = self.input_parameters
        try:
            request = self._to_request()
        except NotPlanned as exc:
            valid = _VALID.get(self._audit.uuid) if self._acts else None
            if valid is None or not exc.finding.reason.is_bad_request:
                raise
            self._ignored = exc.finding
            given.clear()
            given.update(valid)
            return self._to_request()
        if self._acts:
            _VALID[self._audit.uuid] = dict(given)
        return request

    def _to_request(self) -> RollRequest:
        return roll_parameters.to_request(
            self.input_parameters, self.options, self._members, self.interval
        )

    def _members(self, given: Mapping[str, Any]) -> Sequence[str]:
        """Read the nodes of an aggregate or a zone."""
        nova = connections.connect_nova(self.settings)
        return roll_set.members(given, nova)

    def do_execute(self, audit: Any = None) -> None:
        """Take the next step; see :class:`.AuditStrategy`."""
        self._audit = audit
        self._start_over()
        super().do_execute(audit)

    def _run(self, request: Request) -> Outcome:
        """Plan all that is left, and take the next step of it."""
        if not isinstance(request, RollRequest):
            return super()._run(request)
        continued, gone = roll_journal.continued(
            self.input_parameters.get(roll_parameters.CONTINUES),
            self._acts and audit_row.has_planned(self._audit),
        )
        snapshot, refresh = self._read(request)
        self.snapshot = snapshot = reading.read(snapshot, request, refresh)
        audits = [*continued, self._audit.uuid] if self._acts else continued
        journal = roll_journal.recorded(audits, request.hook_timeout)
        snapshot, found = reading.look(
            snapshot, request, journal, self._limits(), refresh
        )
        journal = telling.with_blockers(journal, found.blockers, _)
        if gone:
            LOG.warning('%s', telling.gone(gone))
        self._undone = frozenset(found.undone)
        if not self._acts:
            return self._dry_run(snapshot, request, journal, found, refresh)
        self._tell_progress(journal, found)
        if gone:
            self._also.append(telling.gone(gone, _))
        if not found.waiting:
            return self._go_on(snapshot, request, journal, found)
        if self._ignored is not None:
            return self._nothing()
        self._waits_for = [*self._gate(snapshot, request, journal, found)]
        if self._waits_for:
            self._said.append(telling.held(self._waits_for, _))
            return self._nothing()
        self.snapshot, plan, waiting = self._in_time(
            found.waiting, snapshot, request, journal, refresh
        )
        found = dataclasses.replace(found, waiting=waiting)
        return self._begin(self.snapshot, request, journal, found, plan)

    def _ordered(
        self,
        hostnames: tuple[str, ...],
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        refresh: Refresh,
    ) -> tuple[Snapshot, Roll]:
        """Plan the order of nodes; return what it was planned on, with it."""
        ordered = reading.plan(
            snapshot,
            request,
            refresh,
            lambda snapshot: progress.plan(
                hostnames,
                snapshot,
                request,
                journal,
                self._limits(),
                self.pace,
            ),
        )
        self.deadline.check()
        return ordered

    def _in_time(
        self,
        hostnames: tuple[str, ...],
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        refresh: Refresh,
    ) -> tuple[Snapshot, Roll, tuple[str, ...]]:
        """Plan as :meth:`_fitting`, without nodes too long for any window.

        :returns: with the hostnames of the nodes that are planned: all if
            nothing can be begun without the others
        """
        planned = self._fitting(hostnames, snapshot, request, journal, refresh)
        first, rest, late = planned, hostnames, list[str]()
        while planned[1].waves and self._is_too_long(
            planned[0], request, journal, planned[1].waves[0]
        ):
            late += planned[1].waves[0].hostnames
            rest = tuple(h for h in hostnames if h not in late)
            if not rest or len(late) > MOST_LATE:
                return *first, hostnames
            planned = self._fitting(rest, snapshot, request, journal, refresh)
        if not planned[1].waves:
            return *first, hostnames
        if late:
            hosts = telling.of_hosts(telling.TOO_LONG, sorted(late), _)
            self._also.append(hosts)
        return *planned, rest

    def _fitting(
        self,
        hostnames: tuple[str, ...],
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        refresh: Refresh,
    ) -> tuple[Snapshot, Roll]:
        """Plan as :meth:`_ordered`, with waves that fit a window if any do."""
        limit = request.parallel
        while True:
            narrow = dataclasses.replace(request, parallel=limit)
            snapshot, plan = self._ordered(
                hostnames, snapshot, narrow, journal, refresh
            )
            count = len(plan.waves[0].hostnames) if plan.waves else 0
            if count < 2 or not self._is_too_long(
                snapshot, request, journal, plan.waves[0]
            ):
                break
            limit = count // 2
        if limit < request.parallel:
            self._also.append(telling.narrowed(limit, _))
        return snapshot, plan

    def _is_too_long(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        wave: Wave,
    ) -> bool:
        """Return True if a wave fits neither its window nor the next one."""
        begins_s = notice_period.begins_s(
            wave.hostnames, snapshot, request, journal
        )
        request = self._at(request, begins_s)
        if request.window is None or request.window.ends_s is None:
            return False
        later = windows.after(self.input_parameters, request.window.ends_s)
        work = self._work(snapshot, wave)
        return gate.is_too_long(
            request, work, begins_s, later or request.later
        )

    def _work(self, snapshot: Snapshot, wave: Wave) -> gate.Work:
        """Return what emptying the nodes of a wave takes."""
        placed = steps.arranged(snapshot, wave.outcome, self.pace)
        return gate.Work(
            wave.hostnames,
            lanes.makespan_s(placed),
            {
                (move.instance_name, move.host): steps.takes_s(
                    move, snapshot, self.pace
                )
                for move in wave.outcome.moves
            },
        )

    @property
    def _acts(self) -> bool:
        """Only a CONTINUOUS audit lives long enough to do anything."""
        return audit_row.is_continuous(self._audit)

    def _dry_run(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        found: Next,
        refresh: Refresh,
    ) -> Outcome:
        """Answer with a plan of all that is not done, and do nothing."""
        if found.is_over:
            self._tell_progress(journal, found)
            return self._nothing()
        rest = dataclasses.replace(request, maintenance_nodes=found.undone)
        self.snapshot, plan = self._ordered(
            found.undone, snapshot, request, journal, refresh
        )
        refusal = self._refused(self.snapshot, rest, plan)
        if refusal is not None:
            return refusal
        self._roll = plan
        self._said = telling.whole(plan, _)
        return self._nothing()

    def _refused(
        self, snapshot: Snapshot, request: RollRequest, plan: Roll
    ) -> Outcome | None:
        """Return the refusal of a plan; None if it has waves, and is proved.

        Without any node that can be maintained there are no waves.
        """
        violations = rolls.check(snapshot, request, plan)
        if violations:
            LOG.error(
                'The waves failed their check: %s; snapshot: %s',
                '; '.join(violations),
                snapshots.dump(snapshot, indent=None),
            )
            return self._refusal(FAILED_CHECK.about(violation=violations[0]))
        if plan.waves:
            return None
        nodes = tuple(
            dataclasses.replace(
                node, remedies=(*plan.remedies, *node.remedies)
            )
            for node in plan.refused
        )
        return Outcome(nodes=nodes, findings=plan.findings)

    def _gate(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        found: Next,
    ) -> Iterator[Finding]:
        """Yield what the next wave waits for."""
        yield from gate.findings(snapshot, request, found, journal)
        yield from roll_gate.of_watcher(self._audit.uuid)
        came_back = journal.latest.intersection(found.which(Stand.DONE))
        if came_back:
            settings = self.settings
            yield from roll_gate.of_nodes(
                [n for n in snapshot.nodes if n.hostname in came_back],
                connections.connect_placement(self.osc, settings),
                connections.connect_neutron(settings),
            )

    def _tell_progress(self, journal: Journal, found: Next) -> None:
        """Tell how much is done, and what has failed."""
        done = len(found.which(Stand.DONE))
        count = len(found.stands)
        self._said = [telling.so_far(journal, done, count, _)]
        if self._ignored is not None:
            self._said.append(telling.ignored(self._ignored, _))
        failed = found.which(Stand.FAILED)
        self._also = [*telling.failed(failed, journal, _, True)]
        self._failed = {
            host: journal.failures[host].why
            if host in journal.failures
            else ''
            for host in failed
        }
        if unneeded := found.which(Stand.UNNEEDED):
            self._also.append(telling.of_hosts(telling.UNNEEDED, unneeded, _))

    def _go_on(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        found: Next,
    ) -> Outcome:
        """Take the next step of what has begun: the first that need not wait.

        The nodes that wait, or cannot go on, hold up no other.
        """
        outcome = Outcome()
        if found.returns:
            outcome = self._return(request, journal, found)
        drains = found.drains or found.held
        if drains and not self._is_at_work:
            if found.drains:
                self._tell_hosts(telling.EMPTYING, found.drains)
            outcome = self._empty(snapshot, request, journal, drains)
            if self._is_at_work and request.hook == MANUAL:
                self._tell_ready(found)
        if not self._is_at_work:
            self._go_on_beside(snapshot, request, journal, found)
        if not _is_of_nodes(outcome):
            self._measure(outcome, 0)
        return outcome

    @property
    def _is_at_work(self) -> bool:
        """The plan does more than tell owners, and look who is still there."""
        idle = (names.NOTIFY_OWNER, names.VERIFY_HOST_EMPTY)
        return any(a['action_type'] not in idle for a in self.solution.actions)

    def _go_on_beside(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        found: Next,
    ) -> None:
        """Go on with what is no matter of moves."""
        if found.hooks or found.preflights:
            self._waits_for = [*roll_gate.of_own_plans(self._audit.uuid)]
            if self._waits_for:
                self._said.append(telling.held(self._waits_for, _))
            else:
                self._call_hook(snapshot, request, journal, found)
        elif found.is_over and self._ignored is None:
            self._end()
        elif ready := found.which(Stand.READY):
            self._tell_ready(found)
            self._also.append(telling.when_done(ready[0], _))
        elif found.is_stopped:
            self._said.append(telling.stopped(request.stop_after, _))

    def _empty(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        hostnames: tuple[str, ...],
    ) -> Outcome:
        """Plan the drain of nodes that are out with servers on them."""
        begins_s = notice_period.of_drain(
            hostnames, snapshot, request, journal
        )
        return super()._run(
            _in_window(self._at(request, begins_s), hostnames, begins_s)
        )

    def _tell_ready(self, found: Next) -> None:
        """Tell which nodes wait for a person, if any do."""
        if ready := found.which(Stand.READY):
            self._tell_hosts(telling.READY, ready)

    def _nothing(self) -> Outcome:
        """Return the outcome of a run that moves no server."""
        self._measure(Outcome(), 0)
        return Outcome()

    def _call_hook(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        found: Next,
    ) -> None:
        """Have the hook work on nodes, or say if there is work on them."""
        part = Part.HOOK if found.hooks else Part.PREFLIGHT
        hosts = found.hooks or found.preflights
        template = telling.WORKING if found.hooks else telling.ASKING
        self._said.append(telling.of_hosts(template, hosts, _, request.hook))
        self._also = [*telling.said(journal, hosts, _), *self._also]
        now_s = time.time()
        for host in hosts:
            began_s = (
                journal.asked_s.get(host, now_s) if found.hooks else now_s
            )
            left_s = request.hook_timeout - int(now_s - began_s)
            least_s = min(LEAST_CALL_S, request.hook_timeout)
            emit.emit_hook(
                self.solution,
                snapshot.by_hostname[host],
                request.hook,
                part,
                max(left_s, least_s),
            )

    def _begin(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        found: Next,
        plan: Roll,
    ) -> Outcome:
        """Begin the next wave of all that wait."""
        waiting = found.waiting
        rest = dataclasses.replace(request, maintenance_nodes=waiting)
        refusal = self._refused(snapshot, rest, plan)
        self._pass_over(request, found, plan.refused)
        if refusal is not None and request.skip_blocked and _lasts(refusal):
            return self._skip(snapshot, request, journal, found, refusal)
        if refusal is not None:
            return refusal
        self._roll = plan
        if not journal.has_begun:
            self._said = telling.whole(plan, _)
        wave = plan.waves[0]
        begins_s = notice_period.begins_s(
            wave.hostnames, snapshot, request, journal
        )
        request = self._at(request, begins_s)
        work = self._work(snapshot, wave)
        if self._waits_for_window(request, work, begins_s):
            return self._nothing()
        if not roll_parameters.is_frozen(self.input_parameters):
            audit_row.freeze(self._audit, request.maintenance_nodes)
        if wave.canaries:
            return self._send(snapshot, wave.canaries)
        drain_of = _in_window(request, wave.hostnames, begins_s)
        window = drain_of.window
        is_open = window is None or window.is_open(request.now_s or 0)
        if window is not None and not is_open:
            hosts, at_s = wave.hostnames, window.starts_s
            self._said.append(telling.announced(hosts, at_s, _))
        else:
            self._tell_hosts(telling.NEXT, wave.hostnames)
        self._said.extend(telling.skipped(plan.refused, _))
        if alone := canaries.awaited(snapshot, request, journal, waiting):
            self._tell_hosts(telling.NO_CANARY, alone)
        return self._emptied(snapshot, drain_of, wave, is_open)

    def _emptied(
        self, snapshot: Snapshot, drain_of: Request, wave: Wave, is_open: bool
    ) -> Outcome:
        """Begin a wave, and record the turn of nodes that are empty already.

        :param is_open: its window is
        """
        outcome = self._planned(snapshot, drain_of, wave.outcome)
        if is_open and not outcome.failed:
            emit.emit_looks(self.solution, snapshot, wave.outcome)
        return outcome

    def _pass_over(
        self,
        request: RollRequest,
        found: Next,
        refused: Iterable[NodeOutcome],
    ) -> None:
        """Expect nothing more of nodes for which waiting does not help."""
        if not request.skip_blocked or found.which(Stand.FAILED):
            return
        passed = {n.hostname for n in refused if _lasts(Outcome(nodes=(n,)))}
        self._undone = frozenset(self._undone or ()) - passed

    def _expected(
        self, snapshot: Snapshot, request: Request
    ) -> frozenset[str]:
        """Return the nodes on which owners may still await something."""
        expected = super()._expected(snapshot, request)
        return expected if self._undone is None else expected & self._undone

    def _skip(
        self,
        snapshot: Snapshot,
        request: RollRequest,
        journal: Journal,
        found: Next,
        refusal: Outcome,
    ) -> Outcome:
        """End without the nodes that cannot be maintained, and need not be.

        Not while a node has failed: its room may come back.
        """
        failed = found.which(Stand.FAILED)
        if failed:
            self._tell_hosts(telling.NOT_BEFORE, failed)
        self._said.extend(telling.skipped(refusal.nodes, _))
        postponed = {*found.which(Stand.WAITING)}.difference(found.waiting)
        if postponed:
            asked = tuple(sorted(postponed))[: progress.MOST_PREFLIGHTS]
            found = dataclasses.replace(found, preflights=asked)
            self._go_on_beside(snapshot, request, journal, found)
        elif not failed:
            self._end()
        return self._nothing()

    def _at(self, request: RollRequest, begins_s: int) -> RollRequest:
        """Return a request with the window in which something begins.

        Of those that recur it is the first one that is open then or later.

        :param begins_s: when owners have had their time; 0 if none are told
        """
        now_s = max(request.now_s or 0, begins_s)
        return dataclasses.replace(
            request,
            window=windows.at(self.input_parameters, now_s) or request.window,
        )

    def _waits_for_window(
        self,
        request: RollRequest,
        work: gate.Work,
        begins_s: int = 0,
    ) -> bool:
        """Return True if something does not begin now, and say why."""
        self._waits_for = [*gate.outside_window(request, work, begins_s)]
        if self._waits_for:
            self._said.append(telling.held(self._waits_for, _))
        return bool(self._waits_for)

    def _send(self, snapshot: Snapshot, moves: tuple[Move, ...]) -> Outcome:
        """Move servers to the nodes that came back; the wave begins later."""
        outcome = Outcome(secondary_moves=moves)
        schedule = steps.schedule(snapshot, outcome, self.pace)
        emit.emit(schedule, snapshot, self.solution)
        placed = steps.arranged(snapshot, outcome, self.pace)
        self._measure(outcome, lanes.makespan_s(placed))
        self._said.extend(telling.canaries(moves, _))
        return outcome

    def _return(
        self, request: RollRequest, journal: Journal, found: Next
    ) -> Outcome:
        """Return those nodes to service that can return, as they were."""
        if request.moves_back and self._waits_for_window(
            request, gate.Work(found.returns)
        ):
            return Outcome()
        self.purpose, self._history = Purpose.RETURN, history.recorded
        asked = roll_returns.to_request(request, found.returns)
        snapshot, refresh = self._read(asked)
        back = roll_returns.decide(snapshot, asked, self._limits(), refresh)
        self.snapshot = back.snapshot
        returning = [h for h in found.returns if h not in back.refused]
        if returning:
            self._tell_hosts(telling.RETURNING, returning)
            self._also[:0] = telling.said(journal, returning, _)
        if back.refused and (returning or found.drains or found.held):
            self._also[:0] = telling.not_returned(back.refused, _)
        outcome = self._planned(back.snapshot, back.request, back.outcome)
        self.purpose, self._history = Purpose.DRAIN, no_history
        return outcome

    def _end(self) -> None:
        """Let Watcher end the audit: it looks at this before its next run."""
        self._undone = frozenset()
        now = datetime.datetime.now(datetime.UTC)
        self._audit.end_time = now.replace(tzinfo=None)
        _VALID.pop(self._audit.uuid, None)

    def _tell_hosts(self, template: str, hosts: Sequence[str]) -> None:
        self._said.append(telling.of_hosts(template, hosts, _))

    def _measure(self, outcome: Outcome, took_s: float) -> None:
        """Set the indicators of a rolling maintenance."""
        indicators = efficacy.measure_roll(self._roll, outcome, took_s)
        self.solution.set_efficacy_indicators(**indicators)

    def _summary(self, outcome: Outcome) -> Message:
        """Return what the operator reads in the audit."""
        if _is_of_nodes(outcome):
            own = super()._summary(outcome)
        else:
            own = summary.foremost(self._warnings(outcome))
        said = [*self._said, *self._also]
        told, more = said[:2], [*said[2:], *own.sentences]
        if outcome.failed:
            told, more = [*said[:1], *own.told], [*said[1:], *own.more]
        if self.solution.actions:
            # Of the nodes that are refused, but not of those beside them.
            more = [text for text in more if text != _(words.UNCHANGED)]
        return Message(told, more, own.dispensable)

    def _report(self, outcome: Outcome) -> dict[str, Any]:
        """Return the full report, with the waves."""
        plain = super()._report(outcome)
        lines = telling.waves(self._roll, _)
        own = plain['words']
        if not _is_of_nodes(outcome):
            own = report.notes(self.snapshot, self.request, outcome, _)
        return plain | {
            'message': ' '.join(self._summary(outcome).sentences),
            'waves': [list(wave.hostnames) for wave in self._roll.waves],
            'least_moves': self._roll.least_moves,
            'failed': self._failed,
            'waits_for': [words.sentence(f, _) for f in self._waits_for],
            'words': [*self._said, *self._also, *lines, *own],
        }


def _lasts(refusal: Outcome) -> bool:
    """Return True if waiting makes none of the refused nodes possible."""
    nodes = refusal.nodes
    findings = [f for node in nodes for f in node.findings]
    findings += [f for node in nodes for s in node.blocked for f in s.findings]
    reasons = [finding.reason for finding in findings]
    return bool(reasons) and not any(reason.may_pass for reason in reasons)


def _is_of_nodes(outcome: Outcome) -> bool:
    """Return True if an outcome says more than the step of the roll."""
    return bool(outcome.nodes or outcome.findings)


def _in_window(
    request: RollRequest, hostnames: tuple[str, ...], begins_s: int
) -> Request:
    """Return the request to empty these nodes when their time has come."""
    window = notice_period.window(request, begins_s)
    return dataclasses.replace(
        request.drain_of(hostnames),
        window=window,
        owners=request.owners,
        answer_by_s=notice_period.answer_by_s(request, window),
    )
