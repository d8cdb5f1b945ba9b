#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

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
