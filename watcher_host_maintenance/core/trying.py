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

"""Take what would make room, to see whether it does."""

import dataclasses
import math

from collections.abc import Callable

from watcher_host_maintenance.core import request as requests
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason


Asked = tuple[snapshot.Snapshot, requests.Request]


def taken(
    known: snapshot.Snapshot, request: requests.Request, remedy: Finding
) -> Asked:
    """Return what is known and what is asked once a remedy is taken.

    :param remedy: one of those that :mod:`.advice` tells
    """
    return TAKEN[remedy.reason](known, request, remedy)


def _wake(
    known: snapshot.Snapshot, request: requests.Request, remedy: Finding
) -> Asked:
    node = known.by_hostname[remedy.subject]
    awake = dataclasses.replace(node, status='enabled', disabled_reason='')
    return _with_node(known, awake), request


def _keep_less_free(
    known: snapshot.Snapshot, request: requests.Request, remedy: Finding
) -> Asked:
    percent = float(remedy.facts['percent'])
    return known, dataclasses.replace(request, headroom_percent=percent)


def _leave(
    known: snapshot.Snapshot, request: requests.Request, _remedy: Finding
) -> Asked:
    leaves = requests.OnBlocked.LEAVE
    return known, dataclasses.replace(request, on_blocked=leaves)


def _add(
    known: snapshot.Snapshot, request: requests.Request, remedy: Finding
) -> Asked:
    """Enlarge a node, so that the room that is left grows by the amount."""
    node = known.by_hostname[remedy.subject]
    name = str(remedy.facts['resource_class'])
    offer = node.inventory[name]
    share = (100 - request.headroom_percent) / 100
    more = math.ceil(
        float(remedy.facts['amount']) / (offer.allocation_ratio * share)
    )
    larger = dataclasses.replace(offer, total=offer.total + more)
    inventory = {**node.inventory, name: larger}
    node = dataclasses.replace(node, inventory=inventory)
    return _with_node(known, node), request


TAKEN: dict[
    Reason,
    Callable[[snapshot.Snapshot, requests.Request, Finding], Asked],
] = {
    Reason.WAKE_SPARE: _wake,
    Reason.LOWER_HEADROOM: _keep_less_free,
    Reason.LEAVE_SOME: _leave,
    Reason.ADD_ROOM: _add,
}


def _with_node(
    known: snapshot.Snapshot, node: snapshot.ComputeNode
) -> snapshot.Snapshot:
    others = (n for n in known.nodes if n.hostname != node.hostname)
    return dataclasses.replace(known, nodes=(*others, node))
