# SPDX-License-Identifier: Apache-2.0

"""Enable the panel "Maintenance", and a tab of the panel "Hypervisors"."""

PANEL = 'maintenance'
PANEL_DASHBOARD = 'admin'
PANEL_GROUP = 'compute'
ADD_PANEL = 'watcher_host_maintenance.dashboard.panel.Maintenance'
ADD_INSTALLED_APPS = ['watcher_host_maintenance.dashboard']
ADD_SCSS_FILES = ['maintenance/maintenance.scss']
EXTRA_TABS = {
    'openstack_dashboard.dashboards.admin.hypervisors.tabs'
    '.HypervisorHostTabs': (
        (10, 'watcher_host_maintenance.dashboard.tabs.MaintenanceTab'),
    ),
}
