# SPDX-License-Identifier: Apache-2.0

"""Pages that start and end a maintenance: options, check, start."""

import re
import uuid as uuids

from collections.abc import Sequence
from typing import Any

from django import shortcuts
from django.http import HttpRequest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from horizon import messages
from horizon import views
from openstack_dashboard import policy

from watcher_host_maintenance.client.announcements import Announcements
from watcher_host_maintenance.client.check import named
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import Conflict
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.waiting import TimedOut
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import forms
from watcher_host_maintenance.dashboard import pages
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard import words
from watcher_host_maintenance.dashboard.tables import runs
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request.options import RETURN_GOAL


PLANNING_S = 15.0
"""How long the start of a maintenance waits for the plan, at most.

A web server gives up on a request after 30 s or more. What takes longer is
started on the page of the result.
"""

_ONCE = re.compile('[0-9a-f]{32}')
"""What makes the name of an audit out of its goal."""


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
            'index': reverse(pages.INDEX),
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
            messages.error(self.request, words.in_fields(str(exc)))
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
        rights.demand(rights.START, self.request)
        once = self.request.POST.get('once', '')
        name = f'{form.goal}-{once}' if _ONCE.fullmatch(once) else ''
        try:
            maintenance = cloud.maintenance(self.request)
            if audit := _started(maintenance, name):
                return shortcuts.redirect(pages.result_link(audit.uuid))
            _demand_idle(maintenance, form.hosts)
            if form.interval_s:
                Announcements(maintenance).demand_none(form.hosts)
            audit = maintenance.create_audit(
                form.hosts, form.given, form.goal, name, form.interval_s
            )
        except Conflict:
            return shortcuts.redirect(pages.result_link(name))
        except ClientError as exc:
            messages.error(self.request, words.in_fields(str(exc)))
            return self.render_to_response(self.get_context_data(form=form))
        with cloud.showing_errors(self.request):
            _start(self.request, maintenance, audit)
        return shortcuts.redirect(pages.result_link(audit.uuid))


class StartView(_FormView):
    """How compute nodes are emptied."""

    form_class = forms.StartForm
    page_title = _('Start Maintenance')


class EndView(_FormView):
    """How compute nodes are returned to service."""

    form_class = forms.EndForm
    page_title = _('End Maintenance')


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
    """Wait a moment for the plan of an audit, and start it.

    One that waits for a time, or for owners, starts its plans itself.
    """
    if audit.repeats:
        messages.success(
            request,
            _('Watcher looks every five minutes, and begins by itself.'),
        )
        return
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
