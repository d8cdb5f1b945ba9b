# SPDX-License-Identifier: Apache-2.0

"""Row actions in Horizon's list of compute hosts.

Horizon has no setting that adds an action to a table of its own: all that
reaches into it is here, and can be switched off.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from horizon import tables
from openstack_dashboard.dashboards.admin.hypervisors.compute.tables import (
    ComputeHostTable,
)

from watcher_host_maintenance.dashboard import options
from watcher_host_maintenance.dashboard import rights


MIGRATE_HOST = 'migrate_maintenance'
"""Horizon's name of its action "Migrate Host"."""


class _HostAction(tables.LinkAction):
    """A link to a form about the host of a row."""

    view: str

    def get_link_url(self, datum: Any = None) -> str:
        """Return the address of the form."""
        return f'{reverse(self.view)}?{urlencode({"host": datum.host})}'

    def allowed(self, request: HttpRequest, service: Any) -> bool:
        """Return True if the person may, and the host is in a state for it."""
        return rights.has_services(request) and self.fits(service)

    def fits(self, service: Any) -> bool:
        """Return True if the action makes sense for a compute service."""
        raise NotImplementedError


class StartMaintenance(_HostAction):
    """A link to the form that starts a maintenance."""

    name = 'start_maintenance'
    verbose_name = _('Start Maintenance')
    view = 'horizon:admin:maintenance:start'
    policy_rules = rights.START

    def fits(self, service: Any) -> bool:
        """Return True if the host can still be emptied."""
        return bool(service.state == 'up')


class EndMaintenance(_HostAction):
    """A link to the form that ends a maintenance."""

    name = 'end_maintenance'
    verbose_name = _('End Maintenance')
    view = 'horizon:admin:maintenance:end'
    policy_rules = rights.START

    def fits(self, service: Any) -> bool:
        """Return True if the host is out of service."""
        return bool(service.status == 'disabled')


def extend() -> None:
    """Add and remove row actions, as the settings say."""
    chosen = options.read()
    meta, actions = ComputeHostTable._meta, ComputeHostTable.base_actions
    if chosen.hypervisor_actions:
        for action in (StartMaintenance, EndMaintenance):
            if action.name not in actions:
                meta.row_actions = (*meta.row_actions, action)
                actions[action.name] = action()
    if chosen.hide_migrate_host and MIGRATE_HOST in actions:
        meta.row_actions = tuple(
            a for a in meta.row_actions if a.name != MIGRATE_HOST
        )
        del actions[MIGRATE_HOST]
