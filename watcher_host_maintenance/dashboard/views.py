# SPDX-License-Identifier: Apache-2.0

"""Pages of the panel: each reads anew, and changes things by POST alone."""

import itertools

from collections.abc import Mapping
from typing import Any

from django import shortcuts
from django.http import Http404
from django.http import HttpRequest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from horizon import messages
from horizon import views
from openstack_dashboard import policy

from watcher_host_maintenance.client import history
from watcher_host_maintenance.client import reasons
from watcher_host_maintenance.client.advice import problems
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import pages
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard import times
from watcher_host_maintenance.dashboard import words
from watcher_host_maintenance.dashboard.renewed import RenewedView
from watcher_host_maintenance.dashboard.row_tables import RowTableView
from watcher_host_maintenance.dashboard.tables import NodesTable
from watcher_host_maintenance.dashboard.tables import get_window
from watcher_host_maintenance.request import states


MOST_AUDITS = 100
"""Past maintenances that are listed, newest first."""

MOST_ATTEMPTS = 50
"""Of one node."""


class IndexView(RowTableView):
    """Where every compute node stands."""

    table_class = NodesTable
    template_name = 'maintenance/index.html'
    page_title = _('Maintenance')

    def get_data(self) -> list[Node]:
        """Return where every node stands."""
        with cloud.showing_errors(self.request):
            return cloud.maintenance(self.request).nodes(every=True)
        return []


class ResultView(RenewedView):
    """What became of each server of an audit, now or long ago."""

    template_name = 'maintenance/result.html'
    part_template = 'maintenance/_result.html'
    page_title = _('Maintenance of {{ hosts }}')

    def part(self) -> dict[str, Any]:
        """Return what changes by itself."""
        return self._read(self.kwargs['uuid'], with_reasons=False)

    def post(self, request: HttpRequest, uuid: str) -> HttpResponse:
        """Start or cancel the plan of the audit, by the button."""
        start = 'start' in request.POST
        rights.demand(rights.START if start else rights.CANCEL, request)
        with cloud.showing_errors(request):
            maintenance = cloud.maintenance(request)
            plan = _plan(maintenance, uuid)
            if plan is None or plan.has_ended:
                messages.warning(request, _('There is no unfinished plan.'))
            elif start and plan.state != states.RECOMMENDED:
                messages.info(request, _('The plan is started already.'))
            elif start:
                maintenance.watcher.start(plan.uuid)
                messages.success(request, _('The plan is started.'))
            else:
                maintenance.watcher.cancel(plan)
                messages.success(request, _('The plan is cancelled.'))
                if _audit(maintenance, uuid).repeats:
                    messages.warning(
                        request,
                        _(
                            'The audit will plan again. Cancel it in the '
                            'table of compute nodes.'
                        ),
                    )
        return shortcuts.redirect(request.path)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        shown = super().get_context_data(**context)
        with cloud.showing_errors(self.request):
            shown |= self._read(self.kwargs['uuid'], with_reasons=True)
        return {**shown, 'index': reverse(pages.INDEX)}

    def _read(self, uuid: str, with_reasons: bool) -> dict[str, Any]:
        """Read an audit and what became of it.

        :param with_reasons: check why servers stay, which takes longer
        """
        maintenance = cloud.maintenance(self.request)
        audit = _audit(maintenance, uuid)
        plans = maintenance.watcher.plans(audit.uuid)
        context = {
            'audit': audit,
            'hosts': visible(', '.join(audit.nodes))
            or gettext('marked nodes'),
            'state': words.STATES.get(audit.state, audit.state),
            'message': words.in_fields(audit.message),
            'is_return': audit.is_return,
            'audit_link': pages.link(
                'horizon:admin:audits:detail', audit.uuid
            ),
            'runs': not audit.has_ended,
        }
        if plans:
            return context | self._of_plan(
                maintenance, audit, plans[0], with_reasons
            )
        if with_reasons and audit.state == states.FAILED:
            with cloud.showing_errors(self.request):
                answer = cloud.check(
                    self.request, audit.parameters, audit.is_return
                )
                context |= {'check': pages.of_check(answer)}
        return context

    def _of_plan(
        self,
        maintenance: Maintenance,
        audit: Audit,
        plan: ActionPlan,
        with_reasons: bool,
    ) -> dict[str, Any]:
        progress = maintenance.progress(plan.uuid)
        remaining = pages.remaining(progress)
        servers = {}
        with cloud.showing_errors(self.request):
            servers = cloud.servers(self.request, progress, remaining)
        stays: Mapping[str, str] = {}
        if with_reasons and remaining and progress.plan.has_ended:
            with cloud.showing_errors(self.request):
                answer = cloud.check(self.request, audit.parameters)
                stays = reasons.stays(answer)
        return {
            'plan': progress.plan,
            'plan_state': words.STATES.get(plan.state, plan.state),
            'plan_message': visible(progress.plan.message),
            'plan_link': pages.link(
                'horizon:admin:action_plans:detail', plan.uuid
            ),
            'may_start': progress.plan.state == states.RECOMMENDED
            and policy.check(rights.START, self.request),
            'may_cancel': not progress.plan.has_ended
            and progress.plan.state != states.CANCELLING
            and policy.check(rights.CANCEL, self.request),
            'runs': progress.plan.is_running or not audit.has_ended,
            **pages.of_plan(progress, servers, remaining, stays),
        }


class NodeView(views.HorizonTemplateView):
    """Where a node stands, and what happened to it."""

    template_name = 'maintenance/node.html'
    page_title = '{{ name }}'

    def post(self, request: HttpRequest, host: str) -> HttpResponse:
        """Delete the notices of what was cancelled."""
        rights.demand(rights.CLEAR, request)
        with cloud.showing_errors(request):
            cloud.clear(cloud.maintenance(request), host)
            messages.success(request, _('The notices are deleted.'))
        return shortcuts.redirect(request.path)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        host = self.kwargs['host']
        shown = {
            **super().get_context_data(**context),
            'name': visible(host),
            'index': reverse(pages.INDEX),
        }
        with cloud.showing_errors(self.request):
            maintenance = cloud.maintenance(self.request)
            attempts = [
                *itertools.islice(maintenance.attempts(host), MOST_ATTEMPTS)
            ]
            events = history.merge(
                host, attempts, maintenance.migrations(host)
            )
            names = pages.server_names(attempts)
            shown |= {'events': pages.events(reversed(events), names)}
            node = maintenance.node(host)
            shown |= {
                'node': node,
                'activity': words.ACTIVITIES[words.activity(node)],
                'reason': visible(node.service.disabled_reason),
                'problems': [words.in_fields(p) for p in problems(node)],
                'servers': pages.servers(node),
                'window': get_window(node),
            }
            if announced := cloud.told(maintenance, host):
                audit, told = announced
                shown |= {
                    'window': times.window(audit.parameters),
                    'answer_by': times.answer_by(audit.parameters, told),
                    'announced_link': pages.result_link(audit.uuid),
                    'owners': pages.owners(told),
                    'may_clear': audit.has_ended
                    and any(t.notice.state is State.CANCELLED for t in told)
                    and policy.check(rights.CLEAR, self.request),
                }
        return shown


class PastView(views.HorizonTemplateView):
    """The newest maintenances, each with a link to its result."""

    template_name = 'maintenance/past.html'
    page_title = _('Past Maintenances')

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        shown = super().get_context_data(**context)
        audits: list[Audit] = []
        with cloud.showing_errors(self.request):
            watcher = cloud.maintenance(self.request).watcher
            audits.extend(itertools.islice(watcher.audits(), MOST_AUDITS))
        return {
            **shown,
            'index': reverse(pages.INDEX),
            'audits': [pages.past(a) for a in audits],
        }


def _audit(maintenance: Maintenance, uuid: str) -> Audit:
    """Return an audit; one that does not exist has no page."""
    try:
        return maintenance.watcher.audit(uuid)
    except NotFound as exc:
        raise Http404(str(exc)) from exc


def _plan(maintenance: Maintenance, uuid: str) -> ActionPlan | None:
    """Return the newest plan of an audit."""
    plans = maintenance.watcher.plans(_audit(maintenance, uuid).uuid)
    return plans[0] if plans else None
