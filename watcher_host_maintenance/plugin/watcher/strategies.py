# SPDX-License-Identifier: Apache-2.0

"""The strategy: from an audit to a solution, or to a reason."""

from typing import Any

from oslo_config import cfg
from oslo_log import log
from watcher import conf
from watcher import objects
from watcher.decision_engine.strategy.strategies import base

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.cloud.reading.collect import collect
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import lanes
from watcher_host_maintenance.core.scheduling import steps as schedules
from watcher_host_maintenance.core.scheduling import timeouts
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.request import options
from watcher_host_maintenance.plugin.request import parameters
from watcher_host_maintenance.plugin.watcher import connections
from watcher_host_maintenance.plugin.watcher import decide
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.plugin.watcher import emit
from watcher_host_maintenance.plugin.watcher import estimates
from watcher_host_maintenance.plugin.watcher import model
from watcher_host_maintenance.plugin.watcher import reporting
from watcher_host_maintenance.plugin.watcher import status_message
from watcher_host_maintenance.plugin.watcher.scope import AuditScope
from watcher_host_maintenance.plugin.watcher.solution import OrderedSolution


LOG = log.getLogger(__name__)


FAILED_CHECK = declare(
    'failed_check',
    of=Of.READ,
    says=N_('the plan did not pass its own check: {violation}'),
    helps=N_('This is a bug: report it with the snapshot in the log.'),
)

UNEXPECTED = declare(
    'unexpected',
    of=Of.READ,
    says=N_('an unexpected error: {error}'),
    helps=N_('This is a bug: report it with the decision engine log.'),
)


class ClusterHostMaintenance(base.BaseStrategy):  # type: ignore[misc]
    """Empty compute nodes, by a plan that is proved to fit or not at all."""

    def __init__(self, config: Any, osc: Any = None):
        super().__init__(config, osc)
        self.planner = names.PLANNER
        self.solution = OrderedSolution(self.goal, self)

    @classmethod
    def get_name(cls) -> str:
        """Return the key of the strategy."""
        return names.STRATEGY

    @classmethod
    def get_display_name(cls) -> str:
        """Return the name of the strategy as people read it."""
        return _('Host Maintenance')

    @classmethod
    def get_translatable_display_name(cls) -> str:
        """Return the msgid of the display name."""
        return names.STRATEGY_DISPLAY_NAME

    @classmethod
    def get_goal_name(cls) -> str:
        """Return the key of the goal that the strategy serves."""
        return names.GOAL

    @classmethod
    def get_schema(cls) -> dict[str, Any]:
        """Return the JSON schema of the audit's parameters."""
        return parameters.SCHEMA

    @classmethod
    def get_config_opts(cls) -> list[cfg.Opt]:
        """Return the options, which Watcher registers in our group."""
        return options.STRATEGY_OPTIONS

    def pre_execute(self) -> None:
        """Do nothing: only ``do_execute`` is handed the audit.

        What fails here could not tell the operator why. Upstream's
        ``_pre_execute`` also writes the whole model into a debug message,
        whether or not anybody reads it.
        """

    def do_execute(self, audit: Any = None) -> None:
        """Fill the solution, or fail with the reason in the audit.

        :param audit: the audit to report to
        :raises watcher_host_maintenance.plugin.errors.DrainRefused: nothing of
            what was asked can be done; not in a CONTINUOUS audit when
            waiting may help, for which FAILED would be the end
        """
        known, request, outcome = self._plan()
        told = self._told(known, outcome)
        if audit is not None:
            # None clears what an earlier run of a CONTINUOUS audit said.
            audit.status_message = status_message.fit(told) or None
        self._report(audit, known, request, outcome)
        if outcome.failed:
            self._refuse(audit, outcome, told)

    def post_execute(self) -> None:
        """Do nothing: the efficacy is measured with the plan."""

    def _plan(
        self,
    ) -> tuple[Snapshot | None, Request | None, Outcome]:
        """Read and decide; whatever is missing becomes a finding."""
        known = request = None
        try:
            request = parameters.to_request(self.input_parameters, self.config)
            modelled = model.scoped_model(self)
            believed = estimates.of_model(modelled)
            settings = parameters.to_settings(self.config)
            nova = connections.connect_nova(settings)
            placement = connections.connect_placement(self.osc, settings)
            known = collect(
                nova,
                placement,
                request,
                believed,
                AuditScope(self.audit_scope, modelled, believed),
                settings,
            )
            known, outcome = decide.decide(
                known,
                request,
                parameters.to_limits(self.config),
                Refresh(nova, placement, request),
            )
            steps = schedules.schedule(known, outcome, self._pace)
            outcome = self._checked(known, request, outcome, steps)
            self._fill(known, outcome, steps)
            return known, request, outcome
        except NotPlanned as exc:
            return known, request, Outcome(findings=(exc.finding,))
        except Exception as exc:
            # Without this the audit would be FAILED with no reason in it.
            LOG.exception('Cannot plan')
            return known, request, self._unexpected(exc)

    def _unexpected(self, error: Exception) -> Outcome:
        """Return the refusal for an error of which nobody has thought."""
        self.solution.clear()
        finding = Finding(
            UNEXPECTED,
            facts={'error': first_line(error)},
        )
        return Outcome(findings=(finding,))

    @property
    def _pace(self) -> Pace:
        return parameters.to_pace(self.input_parameters, self.config)

    def _fill(
        self,
        known: Snapshot,
        outcome: Outcome,
        steps: Schedule,
    ) -> None:
        if not outcome.failed:
            emit.emit(steps, known, self.solution)
        # Last: Watcher's solution does not give indicators back.
        if not outcome.findings:
            placed = schedules.arranged(known, outcome, self._pace)
            took_s = lanes.makespan_s(placed)
            self.solution.set_efficacy_indicators(
                **efficacy.measure(outcome, took_s)
            )

    def _checked(
        self,
        known: Snapshot,
        request: Request,
        outcome: Outcome,
        steps: Schedule,
    ) -> Outcome:
        """Return the outcome, or the refusal of one that is not proved."""
        violations = check.check(known, request, outcome, steps)
        if not violations:
            return outcome
        LOG.error(
            'The plan failed its check: %s; snapshot: %s',
            '; '.join(violations),
            snapshot.dump(known),
        )
        finding = Finding(FAILED_CHECK, facts={'violation': violations[0]})
        return Outcome(findings=(finding,))

    def _report(
        self,
        audit: Any,
        known: Snapshot | None,
        request: Request | None,
        outcome: Outcome,
    ) -> None:
        """Tell all in the log, and in files when asked for."""
        uuid = audit.uuid if audit is not None else 'none'
        try:
            plain = report.as_plain(known, request, outcome, _)
            reporting.write(uuid, plain, known, self.config.report_dir)
        except Exception:
            LOG.exception('Cannot report of audit %s', uuid)

    def _told(self, known: Snapshot | None, outcome: Outcome) -> list[str]:
        """Return what the operator is told in the audit, by sentences."""
        try:
            return [
                *summary.sentences(outcome, _),
                *self._warnings(known, outcome),
            ]
        except Exception:
            LOG.exception('Cannot tell the outcome: %s', outcome)
            return [
                _('The outcome cannot be told: see the decision engine log.')
            ]

    def _warnings(self, known: Snapshot | None, outcome: Outcome) -> list[str]:
        """Say which servers may be too large for the time they have."""
        if known is None or outcome.failed:
            return []
        nova_options = conf.CONF.nova
        limit_s = (
            nova_options.migration_max_retries
            * nova_options.migration_interval
        )
        found = timeouts.too_slow(known, outcome, self._pace, limit_s)
        for one in found:
            LOG.warning(
                'Server %s may take %d s to migrate, %d s are allowed',
                one.instance_name,
                one.copy_s,
                limit_s,
            )
        return timeouts.sentences(found, limit_s, _)

    def _refuse(self, audit: Any, outcome: Outcome, told: list[str]) -> None:
        continuous = (
            audit is not None
            and audit.audit_type == objects.audit.AuditType.CONTINUOUS.value
        )
        is_bad = any(f.reason.is_bad_request for f in outcome.findings)
        if continuous and not is_bad:
            return
        raise DrainRefused(' '.join(told), outcome.findings)
