# SPDX-License-Identifier: Apache-2.0

"""Pages of rolling maintenances: all of them, and one."""

import itertools

from typing import Any

from django import shortcuts
from django.http import Http404
from django.http import HttpRequest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from horizon import messages
from horizon import views

from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.records import Audit
from watcher_host_maintenance.client.rolls import Rolls
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import pages
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard import roll_pages
from watcher_host_maintenance.dashboard.renewed import RenewedView


MOST_ROLLS = 50
"""Rolling maintenances that are listed, newest first."""

ROLLS = 'horizon:admin:maintenance:rolls'

CHANGED = {
    'pause': _(
        'The rolling maintenance is paused. What is carried out goes on to '
        'its end.'
    ),
    'continue': _('The rolling maintenance goes on.'),
    'stop': _(
        'The rolling maintenance is stopped. What is carried out goes on to '
        'its end, and nodes that are out of service stay so. To call off what '
        'owners were told: openstack maintenance cancel HOST.'
    ),
}
"""Button -> what has happened."""


class RollsView(views.HorizonTemplateView):
    """The newest rolling maintenances, each with a link to its page."""

    template_name = 'maintenance/rolls.html'
    page_title = _('Rolling Maintenances')

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        shown: list[dict[str, Any]] = []
        with cloud.showing_errors(self.request):
            rolls = cloud.rolls(self.request)
            audits = itertools.islice(rolls.all(), MOST_ROLLS)
            shown.extend(roll_pages.row(rolls, audit) for audit in audits)
        return {
            **super().get_context_data(**context),
            'index': reverse(pages.INDEX),
            'rolls': shown,
        }


class RollView(RenewedView):
    """Where the nodes of a rolling maintenance stand, and what is ahead."""

    template_name = 'maintenance/roll.html'
    part_template = 'maintenance/_roll.html'
    page_title = _('Rolling Maintenance {{ name }}')

    def post(self, request: HttpRequest, uuid: str) -> HttpResponse:
        """Pause, continue or stop it, by the button."""
        rights.demand(rights.ROLL, request)
        for button, state in roll_pages.BUTTONS.items():
            if button not in request.POST:
                continue
            with cloud.showing_errors(request):
                cloud.rolls(request).change(uuid, state)
                messages.success(request, CHANGED[button])
        return shortcuts.redirect(request.path)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        shown = super().get_context_data(**context)
        with cloud.showing_errors(self.request):
            rolls = cloud.rolls(self.request)
            audit = _roll(rolls, self.kwargs['uuid'])
            shown |= roll_pages.of_audit(audit, self.request)
            look = cloud.look(
                self.request, rolls, audit, plans=not audit.has_ended
            )
            shown |= roll_pages.of_look(look)
        return {**shown, 'index': reverse(ROLLS)}

    def part(self) -> dict[str, Any]:
        """Return what changes by itself: all but the waves."""
        rolls = cloud.rolls(self.request)
        audit = _roll(rolls, self.kwargs['uuid'])
        look = cloud.look(self.request, rolls, audit, plans=False)
        return roll_pages.of_audit(audit, self.request) | roll_pages.of_look(
            look
        )


def _roll(rolls: Rolls, uuid: str) -> Audit:
    """Return a rolling maintenance; one that does not exist has no page."""
    try:
        return rolls.roll(uuid)
    except NotFound as exc:
        raise Http404(str(exc)) from exc
