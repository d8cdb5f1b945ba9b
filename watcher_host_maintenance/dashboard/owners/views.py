# SPDX-License-Identifier: Apache-2.0

"""The page of the panel."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from watcher_host_maintenance.client.owners import ToldServer
from watcher_host_maintenance.dashboard import cloud
from watcher_host_maintenance.dashboard import owner_words as words
from watcher_host_maintenance.dashboard.owners.tables import ServersTable
from watcher_host_maintenance.dashboard.row_tables import RowTableView


class IndexView(RowTableView):
    """The servers of the project that have a notice."""

    table_class = ServersTable
    template_name = 'maintenance/owners.html'
    page_title = _('Maintenance')

    def get_data(self) -> list[ToldServer]:
        """Return them, the earliest start first."""
        with cloud.showing_errors(self.request):
            servers = cloud.owners(self.request).servers()
            self.get_table().is_read = True
            return [s for s in servers if s.is_told]
        return []

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the template shows."""
        return {
            **super().get_context_data(**context),
            'answers': list(words.ANSWERS.values()),
        }
