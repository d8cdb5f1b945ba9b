# SPDX-License-Identifier: Apache-2.0

"""The goal: compute nodes that are ready for maintenance."""

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
