# SPDX-License-Identifier: Apache-2.0

"""Pages of the panel: each reads anew, and changes things by POST alone."""

import itertools
import re
import uuid as uuids

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from django import shortcuts
from django.http import Http404
from django.http import HttpRequest
from django.http import HttpResponse
from django.urls import NoReverseMatch
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import messages
from horizon import views
from openstack_dashboard import policy

from watcher_host_maintenance.client import history
from watcher_host_maintenance.client import reasons
from watcher_host_maintenance.client.advice import problems
from watcher_host_maintenance.client.check import named
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import Conflict
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.records import ActionPlan
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.waiting import TimedOut
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import forms
from watcher_host_maintenance.dashboard import pages
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard import words
from watcher_host_maintenance.dashboard.row_tables import RowTableView
from watcher_host_maintenance.dashboard.row_tables import bad_gateway
from watcher_host_maintenance.dashboard.tables import NodesTable
from watcher_host_maintenance.dashboard.tables import runs
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request.options import RETURN_GOAL


INDEX = 'horizon:admin:maintenance:index'
RESULT = 'horizon:admin:maintenance:result'

PLANNING_S = 15.0
"""How long the start of a maintenance waits for the plan, at most.

A web server gives up on a request after 30 s or more. What takes longer is
started on the page of the result.
"""

MOST_AUDITS = 100
"""Past maintenances that are listed, newest first."""

MOST_ATTEMPTS = 50
"""Of one node."""

_ONCE = re.compile('[0-9a-f]{32}')
"""What makes the name of an audit out of its goal."""


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


class _FormView(views.HorizonFormView):
    """Options first, then the check, then the start."""

    template_name = 'maintenance/form.html'

    def get(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, or the check of the nodes with its defaults."""
        hosts = request.GET.getlist('host')
        if 'check' in request.GET and hosts:
            kind = self.form_class
            data = {'data': kind.defaults(hosts)}
            form = kind(**self.get_form_kwargs() | data)
            if form.is_valid():
                return self.check(form)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: forms.MaintenanceForm) -> HttpResponse:
        """Check, start, or show the form again: by the button."""
        if 'start' in self.request.POST:
            return self.begin(form)
        if 'change' in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        return self.check(form)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Return what the form is made of."""
        hosts = self.request.GET.getlist('host')
        nodes = hosts
        with cloud.showing_errors(self.request):
            nodes = cloud.hosts(self.request)
        given = super().get_form_kwargs()
        return {**given, 'nodes': nodes, 'initial': {forms.HOSTS: hosts}}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        return {
            **super().get_context_data(**context),
            'action': self.page_title,
            'index': reverse(INDEX),
        }

    def check(self, form: forms.MaintenanceForm) -> HttpResponse:
        """Show what would become of each server, or why nothing would."""
        try:
            answer = cloud.check(
                self.request,
                {**named(form.hosts), **form.given},
                form.goal == RETURN_GOAL,
            )
        except ClientError as exc:
            messages.error(self.request, words.in_fields(visible(str(exc))))
            return self.render_to_response(self.get_context_data(form=form))
        context = {
            **self.get_context_data(form=form),
            **pages.of_check(answer),
            'may_start': answer.result is not Result.IMPOSSIBLE
            and policy.check(rights.START, self.request),
            'page_title': gettext('Check'),
            'once': uuids.uuid4().hex,
        }
        # Its fields are on the page twice, hidden.
        form.auto_id = False
        return shortcuts.render(
            self.request, 'maintenance/check.html', context
        )

    def begin(self, form: forms.MaintenanceForm) -> HttpResponse:
        """Have Watcher plan, start the plan, and go to the result.

        A check starts one audit: whoever sends its form again, such as by a
        double click, goes to the result of the first.
        """
        _demand(rights.START, self.request)
        once = self.request.POST.get('once', '')
        name = f'{form.goal}-{once}' if _ONCE.fullmatch(once) else ''
        try:
            maintenance = cloud.maintenance(self.request)
            if audit := _started(maintenance, name):
                return shortcuts.redirect(reverse(RESULT, args=[audit.uuid]))
            _demand_idle(maintenance, form.hosts)
            audit = maintenance.create_audit(
                form.hosts, form.given, form.goal, name
            )
        except Conflict:
            return shortcuts.redirect(reverse(RESULT, args=[name]))
        except ClientError as exc:
            messages.error(self.request, words.in_fields(visible(str(exc))))
            return self.render_to_response(self.get_context_data(form=form))
        with cloud.showing_errors(self.request):
            _start(self.request, maintenance, audit)
        return shortcuts.redirect(reverse(RESULT, args=[audit.uuid]))


class StartView(_FormView):
    """How compute nodes are emptied."""

    form_class = forms.StartForm
    page_title = _('Start Maintenance')


class EndView(_FormView):
    """How compute nodes are returned to service."""

    form_class = forms.EndForm
    page_title = _('End Maintenance')


class ResultView(views.HorizonTemplateView):
    """What became of each server of an audit, now or long ago."""

    template_name = 'maintenance/result.html'
    page_title = _('Maintenance of {{ hosts }}')

    def get(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the page, or only what changes in it."""
        if 'part' in request.GET:
            try:
                context = self._read(kwargs['uuid'], with_reasons=False)
            except ClientError as exc:
                return bad_gateway(exc)
            return shortcuts.render(
                request, 'maintenance/_result.html', context
            )
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, uuid: str) -> HttpResponse:
        """Start or cancel the plan of the audit, by the button."""
        start = 'start' in request.POST
        _demand(rights.START if start else rights.CANCEL, request)
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
        return shortcuts.redirect(request.path)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        shown = super().get_context_data(**context)
        with cloud.showing_errors(self.request):
            shown |= self._read(self.kwargs['uuid'], with_reasons=True)
        return {**shown, 'index': reverse(INDEX)}

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
            'message': words.in_fields(visible(audit.message)),
            'is_return': audit.is_return,
            'audit_link': _link('horizon:admin:audits:detail', audit.uuid),
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
            'plan_link': _link('horizon:admin:action_plans:detail', plan.uuid),
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

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        host = self.kwargs['host']
        shown = {
            **super().get_context_data(**context),
            'name': visible(host),
            'index': reverse(INDEX),
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
                'problems': [
                    words.in_fields(visible(p)) for p in problems(node)
                ],
                'servers': pages.servers(node),
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
            'index': reverse(INDEX),
            'audits': [pages.past(a) for a in audits],
        }


def _demand(rules: rights.Rules, request: HttpRequest) -> None:
    """Answer 403 to who may not do something."""
    if not policy.check(rules, request):
        raise exceptions.NotAuthorized(request.path)


def _started(maintenance: Maintenance, name: str) -> Audit | None:
    """Return the audit of a name; None if there is none yet."""
    if not name:
        return None
    try:
        return maintenance.watcher.audit(name)
    except NotFound:
        return None


def _demand_idle(maintenance: Maintenance, hosts: Sequence[str]) -> None:
    """Refuse nodes that Watcher is planning for or working on.

    :raises ClientError: there is one, or a node does not exist
    """
    busy = [n.host for n in maintenance.standing(hosts) if runs(n)]
    if busy:
        text = gettext('Another maintenance is in progress: %(hosts)s')
        raise ClientError(text % {'hosts': ', '.join(busy)})


def _start(
    request: HttpRequest, maintenance: Maintenance, audit: Audit
) -> None:
    """Wait a moment for the plan of an audit, and start it."""
    try:
        waiting = Waiting(PLANNING_S)
        _ended, plan = maintenance.planned(audit.uuid, waiting)
    except TimedOut:
        messages.info(
            request,
            _('Watcher is still planning. Start the plan when it is there.'),
        )
        return
    if plan is None or plan.state != states.RECOMMENDED:
        return
    if maintenance.watcher.actions(plan.uuid):
        maintenance.watcher.start(plan.uuid)


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


def _link(name: str, uuid: str) -> str:
    """Return the address of a page of watcher-dashboard; '' without it."""
    try:
        return str(reverse(name, args=[uuid]))
    except NoReverseMatch:
        return ''
