# SPDX-License-Identifier: Apache-2.0

"""The plugin as a Django application."""

from django.apps import AppConfig


class Dashboard(AppConfig):
    """The application; its name alone is too common for a label."""

    name = 'watcher_host_maintenance.dashboard'
    label = 'watcher_host_maintenance_dashboard'
    default = True

    def ready(self) -> None:
        """Add the row actions to Horizon's list of compute hosts."""
        # Horizon's tables cannot be imported before all applications are.
        from watcher_host_maintenance.dashboard import hypervisors  # noqa: PLC0415

        hypervisors.extend()
