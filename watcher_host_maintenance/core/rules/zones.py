# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Availability zones: a pinned instance stays in its own."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Reason
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules.leaver import Leaver


def in_pinned_zone(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node outside the zone that the instance was booted into."""
    pinned = leaver.instance.pinned_zone
    if pinned is not None and node.zone != pinned:
        yield Finding(
            Reason.OTHER_ZONE,
            node.hostname,
            {'zone': node.zone or 'none', 'pinned': pinned},
        )
