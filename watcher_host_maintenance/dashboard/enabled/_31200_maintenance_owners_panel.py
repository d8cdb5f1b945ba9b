# SPDX-License-Identifier: Apache-2.0

"""Enable the panel of owners; _31100 adds its application."""

PANEL = 'maintenance'
PANEL_DASHBOARD = 'project'
PANEL_GROUP = 'compute'
ADD_PANEL = 'watcher_host_maintenance.dashboard.owners.panel.Maintenance'
