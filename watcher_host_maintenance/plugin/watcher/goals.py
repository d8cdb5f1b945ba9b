# SPDX-License-Identifier: Apache-2.0

"""The goals: nodes ready for maintenance, and nodes back in service."""

from watcher.decision_engine.goal import base

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import efficacy


class ClusterMaintenance(base.Goal):  # type: ignore[misc]
    """Empty compute nodes for maintenance without interrupting servers."""

    @classmethod
    def get_name(cls) -> str:
        """Return the key of the goal."""
        return names.GOAL

    @classmethod
    def get_display_name(cls) -> str:
        """Return the name of the goal as people read it."""
        return _('Cluster Maintenance')

    @classmethod
    def get_translatable_display_name(cls) -> str:
        """Return the msgid of the display name."""
        return names.GOAL_DISPLAY_NAME

    @classmethod
    def get_efficacy_specification(cls) -> efficacy.ClusterMaintenance:
        """Return what a solution's worth is measured by."""
        return efficacy.ClusterMaintenance()


class ClusterReturn(base.Goal):  # type: ignore[misc]
    """Return compute nodes to service, and servers home that left them."""

    @classmethod
    def get_name(cls) -> str:
        """Return the key of the goal."""
        return names.RETURN_GOAL

    @classmethod
    def get_display_name(cls) -> str:
        """Return the name of the goal as people read it."""
        return _('Return to Service')

    @classmethod
    def get_translatable_display_name(cls) -> str:
        """Return the msgid of the display name."""
        return names.RETURN_GOAL_DISPLAY_NAME

    @classmethod
    def get_efficacy_specification(cls) -> efficacy.ClusterReturn:
        """Return what a solution's worth is measured by."""
        return efficacy.ClusterReturn()
