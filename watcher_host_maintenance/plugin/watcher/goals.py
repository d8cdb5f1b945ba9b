# SPDX-License-Identifier: Apache-2.0

"""The goals: drained, returned and rolling nodes, and what is called off."""

from watcher.decision_engine.goal import base
from watcher.decision_engine.goal.efficacy import specs

from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.plugin.watcher.named import Named


class ClusterMaintenance(Named, base.Goal):  # type: ignore[misc]
    """Empty compute nodes for maintenance without interrupting servers."""

    KEY = names.GOAL
    DISPLAY_NAME = names.GOAL_DISPLAY_NAME

    @classmethod
    def get_efficacy_specification(cls) -> efficacy.ClusterMaintenance:
        """Return what a solution's worth is measured by."""
        return efficacy.ClusterMaintenance()


class ClusterReturn(Named, base.Goal):  # type: ignore[misc]
    """Return compute nodes to service, and servers home that left them."""

    KEY = names.RETURN_GOAL
    DISPLAY_NAME = names.RETURN_GOAL_DISPLAY_NAME

    @classmethod
    def get_efficacy_specification(cls) -> efficacy.ClusterReturn:
        """Return what a solution's worth is measured by."""
        return efficacy.ClusterReturn()


class ClusterRollingMaintenance(Named, base.Goal):  # type: ignore[misc]
    """Maintain many compute nodes, a few at a time."""

    KEY = names.ROLL_GOAL
    DISPLAY_NAME = names.ROLL_GOAL_DISPLAY_NAME

    @classmethod
    def get_efficacy_specification(cls) -> efficacy.ClusterRollingMaintenance:
        """Return what a solution's worth is measured by."""
        return efficacy.ClusterRollingMaintenance()


class ClusterCancellation(Named, base.Goal):  # type: ignore[misc]
    """Tell the owners of servers that a maintenance was called off."""

    KEY = names.CANCEL_GOAL
    DISPLAY_NAME = names.CANCEL_GOAL_DISPLAY_NAME

    @classmethod
    def get_efficacy_specification(cls) -> specs.Unclassified:
        """Return that nothing is measured."""
        return specs.Unclassified()
