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

"""Shared storage: who holds some of it goes where it can be reached."""

from collections.abc import Iterator

from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.core.request import Request
from watcher_host_maintenance.core.rules.leaver import Leaver
from watcher_host_maintenance.core.snapshot import ComputeNode
from watcher_host_maintenance.core.snapshot import Snapshot


def reaches_storage(
    leaver: Leaver, node: ComputeNode, known: Snapshot, request: Request
) -> Iterator[Finding]:
    """Refuse a node that a shared provider of the instance is not for."""
    for pool in leaver.instance.pools:
        if pool not in node.pools:
            yield Finding(Reason.OTHER_STORAGE, node.hostname, {'pool': pool})
