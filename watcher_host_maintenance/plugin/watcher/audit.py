# SPDX-License-Identifier: Apache-2.0

"""An audit from its parameters to its plan, the same for every strategy.

The steps are read, plan, check, emit and tell. What makes one strategy another
is in :mod:`.strategies`: its names, its parameters and its door of core.
"""

import abc
import dataclasses
import functools

from collections.abc import Iterable
from typing import Any

from watcher import conf
from watcher.common import exception

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud.deadlines import Cancelled
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.cloud.reading import decisions
from watcher_host_maintenance.cloud.reading.collect import collect
from watcher_host_maintenance.cloud.reading.departures import History
from watcher_host_maintenance.cloud.reading.departures import no_history
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.checking.check import check
from watcher_host_maintenance.core.model import snapshot as snapshots
from watcher_host_maintenance.core.model.notice import go_tags
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rules import cpus
from watcher_host_maintenance.core.rules import failures
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.scheduling import holding
from watcher_host_maintenance.core.scheduling import lanes
from watcher_host_maintenance.core.scheduling import notices
from watcher_host_maintenance.core.scheduling import steps
from watcher_host_maintenance.core.scheduling import timeouts
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import STATUS_MESSAGE
from watcher_host_maintenance.core.telling.summary import Message
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher import audit_row
from watcher_host_maintenance.plugin.watcher import audit_windows
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.plugin.watcher import emit
from watcher_host_maintenance.plugin.watcher import endings
from watcher_host_maintenance.plugin.watcher import estimates
from watcher_host_maintenance.plugin.watcher import reporting
from watcher_host_maintenance.plugin.watcher import told
from watcher_host_maintenance.plugin.watcher.report_files import ReportFiles
from watcher_host_maintenance.plugin.watcher.scope import AuditScope
from watcher_host_maintenance.plugin.watcher.strategy import Strategy
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import windows


LOG = logs.get_logger(__name__)


FAILED_CHECK = Of.READ.declare(
    'failed_check',
    says=N_('the plan did not pass its own check: {violation}'),
    helps=N_('This is a bug: report it with the snapshot in the log.'),
)

UNEXPECTED = Of.READ.declare(
    'unexpected',
    says=N_('an unexpected error: {error}'),
    helps=N_('This is a bug: report it with the decision engine log.'),
)


class AuditStrategy(Strategy):
    """A strategy of Watcher's that plans with one door of core.

    :ivar request: what the audit asks for; None until its parameters are
        known to be valid
    :ivar interval: the cron entry at whose times the audit is run; '' is none
    :ivar snapshot: what it plans on; None until it has been read
    :ivar deadline: when reading and planning have to end
    """

    purpose = Purpose.DRAIN

    def __init__(self, config: Any, osc: Any = None):
        super().__init__(config, osc)
        self.request: Request | None = None
        self.interval = ''
        self.snapshot: Snapshot | None = None
        self.deadline = Deadline()
        self._whole = Outcome()
        self._told_by = functools.cache(told.last)

    @abc.abstractmethod
    def to_request(self) -> Request:
        """Return the request that the audit's parameters make.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: a parameter
            or an option is invalid
        """

    @property
    @abc.abstractmethod
    def decide(self) -> decisions.Door:
        """The door of core that it plans with."""

    @property
    def history(self) -> History:
        """What is recorded of the nodes; a drain needs nothing of it."""
        return no_history

    @property
    def options(self) -> Any:
        """Option -> value, of all that the request and the plan need."""
        return self.config

    @property
    def settings(self) -> Settings:
        """How to read the cloud, and until when."""
        settings = parameters.to_settings(self.options)
        return dataclasses.replace(settings, deadline=self.deadline)

    @property
    def pace(self) -> Pace:
        """How fast a plan is carried out."""
        return parameters.to_pace(self.input_parameters, self.options)

    def do_execute(self, audit: Any = None) -> None:
        """Fill the solution, or fail with the reason in the audit.

        :param audit: the audit to report to
        :raises watcher_host_maintenance.plugin.errors.DrainRefused: nothing
            that was asked for can be done; not in a CONTINUOUS audit when
            waiting may help, for which FAILED would be the end
        :raises watcher.common.exception.AuditCancelled: it was cancelled
            while the cloud was read
        """
        self.deadline = Deadline(
            self.options['audit_timeout_s'],
            lambda: audit_row.is_cancelled(audit),
        )
        # However often it is asked for, it is read once in a run.
        self._told_by = functools.cache(told.last)
        changed = audit_row.changed_parameters(audit)
        if changed is not None:
            self.input_parameters.clear()
            self.input_parameters.update(changed)
        self.interval = audit_row.cron_entry(audit)
        try:
            self.request = self._with_windows(
                audit, _announced_by(audit, self.to_request())
            )
            self.request = self._with_told(audit, self.request)
            outcome = self._run(self.request)
            self._tell_of_ends()
        except NotPlanned as exc:
            outcome = self._refusal(exc.finding)
        except Cancelled as exc:
            self.solution.actions.clear()
            raise exception.AuditCancelled(uuid=audit.uuid) from exc
        except Exception as exc:
            # Without this the audit would be FAILED with no reason in it.
            LOG.exception('Cannot plan')
            self.solution.actions.clear()
            outcome = self._refusal(UNEXPECTED.about(error=first_line(exc)))
        self._tell(audit, outcome)

    def _with_windows(self, audit: Any, request: Request) -> Request:
        """Return a request with which nodes have another window.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: a node that
            it names has another, or it may pass between two runs
        """
        given = self.input_parameters
        if audit is None or not windows.are_in(given):
            return request
        if audit_row.is_continuous(audit):
            parameters.check_interval(given, str(audit.interval or ''))
        other = audit_windows.others(
            audit,
            given,
            request,
            lambda: connections.connect_nova(self.settings),
        )
        request = dataclasses.replace(request, windows_elsewhere=other)
        named = request.maintenance_nodes
        for finding in targets.other_windows(named, request):
            raise NotPlanned(finding)
        return request

    def _with_told(self, audit: Any, request: Request) -> Request:
        """Return a request with the nodes whose owners were told in time.

        With a notice period each node has its own time.
        """
        has_period = bool(self.input_parameters.get(windows.NOTICE_PERIOD))
        if audit is None or has_period or not owners.is_late(request):
            return request
        nodes = told.nodes(self._told_by(audit.uuid))
        return dataclasses.replace(request, told_nodes=tuple(sorted(nodes)))

    def _run(self, request: Request) -> Outcome:
        """Take a request through all steps but the last."""
        self.snapshot, refresh = self._read(request)
        self.snapshot, outcome = decisions.decide(
            self.decide,
            self.snapshot,
            request,
            self._limits(),
            refresh,
        )
        return self._planned(self.snapshot, request, outcome)

    def _planned(
        self, snapshot: Snapshot, request: Request, outcome: Outcome
    ) -> Outcome:
        """Order, check and emit what of a decision begins now; return it."""
        self._whole = outcome
        removals: list[Notify] = []
        asked: frozenset[str] | None = None
        if request.owners is Owners.WAIT and request.maintenance_id:
            asked = told.asked(
                self._told_by(request.maintenance_id),
                snapshot.by_uuid.values(),
            )
            removals = [*notices.removals(snapshot, request, asked)]
            snapshot = notices.heard(snapshot, asked)
        outcome = notices.begin(outcome, snapshot, request, self.pace)
        if asked is not None:
            outcome = notices.without_older_words(outcome, request, asked)
        schedule = steps.schedule(snapshot, outcome, self.pace)
        outcome = self._checked(snapshot, request, outcome, schedule)
        self.deadline.check()
        if not outcome.failed:
            reason = parameters.to_disabled_reason(self.input_parameters)
            emit.emit(
                schedule,
                snapshot,
                self.solution,
                reason,
                self.options.get('return_wait_s', 0),
                self.options['spare_wait_s'],
                holding.begin_by(schedule, snapshot, request, self.pace),
            )
            self._remove_tags(removals)
        # Last: Watcher's solution does not give indicators back.
        if not outcome.findings:
            placed = steps.arranged(snapshot, outcome, self.pace)
            self._measure(outcome, lanes.makespan_s(placed))
        return outcome

    def _remove_tags(self, removals: Iterable[Notify]) -> None:
        """Remove what no owner said of this maintenance, if nothing does."""
        notified = told.notified(self.solution)
        for notify in removals:
            if notify.instance_uuid not in notified:
                told.add(self.solution, notify)

    def _expected(
        self, snapshot: Snapshot, request: Request
    ) -> frozenset[str]:
        """Return the nodes on which owners may still await something."""
        return targets.expected(snapshot, request)

    def _tell_of_ends(self) -> None:
        """Tell owners that nothing comes any more, if no plan tells them.

        It holds up nothing: the next run tries again.
        """
        request, snapshot = self.request, self.snapshot
        if request is None or snapshot is None or not request.maintenance_id:
            return
        try:
            ends = list(
                endings.find(
                    self._told_by(request.maintenance_id),
                    request.maintenance_id,
                    snapshot.by_uuid.values(),
                    lambda: connections.connect_nova(self.settings),
                    self._expected(snapshot, request),
                    told.notified(self.solution),
                )
            )
        except NotPlanned as exc:
            LOG.warning(
                'Cannot tell owners of the end: %s',
                words.sentence(exc.finding),
            )
            return
        tags = go_tags(request.owner_tags)
        for server, source, notice in ends:
            told.notify(self.solution, server, source, notice, tags)

    def _measure(self, outcome: Outcome, took_s: float) -> None:
        """Set the indicators of the strategy's goal."""
        indicators = efficacy.measure(outcome, took_s)
        self.solution.set_efficacy_indicators(**indicators)

    def _limits(self) -> Limits:
        """Return how much to search, and until when."""
        limits = parameters.to_limits(self.options)
        return dataclasses.replace(limits, left_s=self.deadline.checked_left_s)

    def _read(self, request: Request) -> tuple[Snapshot, Refresh]:
        """Read the cloud, and return what reads more of it as well."""
        settings = self.settings
        # Before Watcher's model: an error of ours names the call.
        nova = connections.connect_nova(settings)
        placement = connections.connect_placement(self.osc, settings)
        services = connections.connect_optional(
            parameters.to_wanted_reads(self.options), settings
        )
        scope = AuditScope(self.audit_scope)
        modelled = estimates.read_estimates(self, self.deadline)
        snapshot = collect(
            nova,
            placement,
            request,
            modelled,
            scope,
            settings,
            self.history,
            services,
        )
        return snapshot, Refresh(nova, placement, request, scope, services)

    def _checked(
        self,
        snapshot: Snapshot,
        request: Request,
        outcome: Outcome,
        schedule: Schedule,
    ) -> Outcome:
        """Return the outcome, or the refusal of one that is not proved."""
        violations = check(snapshot, request, outcome, schedule, self.pace)
        if not violations:
            return outcome
        LOG.error(
            'The plan failed its check: %s; snapshot: %s',
            '; '.join(violations),
            snapshots.dump(snapshot, indent=None),
        )
        return self._refusal(FAILED_CHECK.about(violation=violations[0]))

    def _refusal(self, finding: Finding) -> Outcome:
        return Outcome(findings=(finding,), purpose=self.purpose)

    def _tell(self, audit: Any, outcome: Outcome) -> None:
        """Report to the audit, the log and files; raise if it is refused.

        An audit that is not run again fails too if all of it waits: nothing
        would do it later.
        """
        message = self._message(outcome)
        if audit is not None:
            # None clears what an earlier run of a CONTINUOUS audit said.
            audit.status_message = message.fit(STATUS_MESSAGE, _) or None
        uuid = audit.uuid if audit is not None else 'none'
        try:
            plain = self._report(outcome)
            reporting.write(uuid, plain, self.snapshot, self._report_files())
        except Exception:
            LOG.exception('Cannot report of audit %s', uuid)
        is_in_vain = outcome.failed or outcome.waits
        if is_in_vain and not _may_wait(audit, outcome):
            text = ' '.join(message.sentences)
            raise DrainRefused(text, outcome.findings)

    def _report(self, outcome: Outcome) -> dict[str, Any]:
        """Return the full report."""
        return report.as_plain(self.snapshot, self.request, outcome, _)

    def _report_files(self) -> ReportFiles | None:
        """Return where reports are written; None is nowhere."""
        if not self.options['report_dir']:
            return None
        return ReportFiles(
            self.options['report_dir'],
            self.options['report_max_audits'],
            self.options['report_max_age_days'],
        )

    def _message(self, outcome: Outcome) -> Message:
        """Return what the operator reads in the audit."""
        try:
            return self._summary(outcome)
        except Exception:
            LOG.exception('Cannot tell the outcome: %s', outcome)
            return summary.foremost(
                [_('The outcome cannot be told: see the decision engine log.')]
            )

    def _summary(self, outcome: Outcome) -> Message:
        own = summary.message(outcome, _)
        lost = self._lost_makers(outcome)
        also = [*self._forecast(outcome), *self._warnings(outcome)]
        if not own.told:
            return summary.foremost([*lost, *also])
        announced = self._still_announced(outcome)
        # What they need helps more than any other way to make room.
        more = [*announced, *lost, *own.more, *also]
        return Message(own.told, more, own.dispensable)

    def _still_announced(self, outcome: Outcome) -> list[str]:
        """Return what owners read of a maintenance that is refused now."""
        request, snapshot = self.request, self.snapshot
        if request is None or snapshot is None or not outcome.failed:
            return []
        count = notices.still_announced(
            snapshot, request, told.notified(self.solution)
        )
        return summary.still_announced(count, _)

    def _forecast(self, outcome: Outcome) -> list[str]:
        """Return what the whole plan does, if nothing of it is done yet."""
        if self.snapshot is None or not outcome.waits:
            return []
        placed = steps.arranged(self.snapshot, self._whole, self.pace)
        takes_s = lanes.makespan_s(placed)
        return [summary.forecast(self._whole, takes_s, _)]

    def _lost_makers(self, outcome: Outcome) -> list[str]:
        """Name the servers that were to make room and are in ERROR now."""
        if self.snapshot is None or self.request is None:
            return []
        lost = failures.lost_makers(self.snapshot, self.request, outcome)
        for finding in lost:
            LOG.warning('%s', words.sentence(finding))
        return summary.warnings(lost, _)

    def _warnings(self, outcome: Outcome) -> list[str]:
        """Name the moves that failed before, may fail, or may take long."""
        if self.snapshot is None or outcome.failed:
            return []
        nova = conf.CONF.nova
        limit_s = nova.migration_max_retries * nova.migration_interval
        slow = timeouts.too_slow(self.snapshot, outcome, self.pace, limit_s)
        repeated = failures.repeated(self.snapshot, outcome)
        lesser = cpus.met(self.snapshot, outcome)
        for finding in (*repeated, *lesser, *slow):
            LOG.warning('%s', words.sentence(finding))
        return [
            *summary.warnings(repeated, _),
            *summary.warnings(lesser, _),
            *summary.warnings(slow, _),
        ]


def _announced_by(audit: Any, request: Request) -> Request:
    """Return a request with the audit that notices to owners name."""
    if audit is None or request.owners is Owners.IGNORE:
        return request
    return dataclasses.replace(request, maintenance_id=audit.uuid)


def _may_wait(audit: Any, outcome: Outcome) -> bool:
    """Return True if a later run of the audit may succeed.

    A bad request is a change that an operator can correct, if the request has
    been valid before.
    """
    if not audit_row.is_continuous(audit):
        return False
    is_bad = any(f.reason.is_bad_request for f in outcome.findings)
    return not is_bad or audit_row.has_planned(audit)
