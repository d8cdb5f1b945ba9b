# SPDX-License-Identifier: Apache-2.0

"""The goals: drained, returned and rolling nodes, and what is called off."""

from typing import Any
from typing import ClassVar

from watcher.decision_engine.goal import base
from watcher.decision_engine.goal.efficacy import specs

from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import efficacy
from watcher_host_maintenance.plugin.watcher.named import Named


class Goal(Named, base.Goal):  # type: ignore[misc]
    """A goal of Watcher's.

    :cvar EFFICACY: what a solution's worth is measured by
    """

    EFFICACY: ClassVar[type]

    @classmethod
    def get_efficacy_specification(cls) -> Any:
        """Return what a solution's worth is measured by."""
        return cls.EFFICACY()


class ClusterMaintenance(Goal):
    """Empty compute nodes for maintenance without interrupting servers."""

    KEY = names.GOAL
    DISPLAY_NAME = names.GOAL_DISPLAY_NAME
    EFFICACY = efficacy.ClusterMaintenance


class ClusterReturn(Goal):
    """Return compute nodes to service, and servers home that left them."""

    KEY = names.RETURN_GOAL
    DISPLAY_NAME = names.RETURN_GOAL_DISPLAY_NAME
    EFFICACY = efficacy.ClusterReturn


class ClusterRollingMaintenance(Goal):
    """Maintain many compute nodes, a few at a time."""

    KEY = names.ROLL_GOAL
    DISPLAY_NAME = names.ROLL_GOAL_DISPLAY_NAME
    EFFICACY = efficacy.ClusterRollingMaintenance


class ClusterCancellation(Goal):
    """Tell the owners of servers that a maintenance was called off."""

    KEY = names.CANCEL_GOAL
    DISPLAY_NAME = names.CANCEL_GOAL_DISPLAY_NAME
    EFFICACY = specs.Unclassified
