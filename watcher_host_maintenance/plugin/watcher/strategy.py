# SPDX-License-Identifier: Apache-2.0

"""What all of our strategies are to Watcher."""

from typing import Any
from typing import ClassVar

from watcher.decision_engine.strategy.strategies import base

from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher.named import Named


class Strategy(Named, base.BaseStrategy):  # type: ignore[misc]
    """A strategy of Watcher's, whose plans our planner writes.

    :cvar GOAL: key of the goal that the strategy serves
    """

    GOAL: ClassVar[str]

    @classmethod
    def get_goal_name(cls) -> str:
        """Return the key of the goal that the strategy serves."""
        return cls.GOAL

    def __init__(self, config: Any, osc: Any = None):
        super().__init__(config, osc)
        self.planner = names.PLANNER

    def pre_execute(self) -> None:
        """Do nothing: only ``do_execute`` is handed the audit.

        What fails here could not tell the operator why. Upstream's
        ``_pre_execute`` also writes the whole model into a debug message,
        whether or not anybody reads it.
        """

    def post_execute(self) -> None:
        """Do nothing: what is measured is measured with the plan."""
