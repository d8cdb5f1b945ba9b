# SPDX-License-Identifier: Apache-2.0

"""The tab "Maintenance" of the panel "Hypervisors"."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from horizon import tabs

from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import rights
from watcher_host_maintenance.dashboard.tables import NodesTable


class MaintenanceTab(tabs.TableTab):
    """The table of the panel "Maintenance", in a tab."""

    table_classes = (NodesTable,)
    name = _('Maintenance')
    slug = 'maintenance'
    template_name = 'maintenance/tab.html'
    preload = False
    policy_rules = rights.SEE

    def allowed(self, request: HttpRequest) -> bool:
        """Return True if the person may see where nodes stand."""
        return rights.has_services(request) and super().allowed(request)

    def get_maintenance_data(self) -> list[Node]:
        """Return where every node stands."""
        with cloud.showing_errors(self.request):
            return cloud.maintenance(self.request).nodes(every=True)
        return []
