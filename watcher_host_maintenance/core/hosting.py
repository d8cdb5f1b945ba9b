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

"""Whether a compute node may take an instance: every rule, every reason.

A rule is a function that yields its objections. Rules never stop each
other, so that an operator reads all that is in the way at once.
"""

import itertools

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core import request as requests
from watcher_host_maintenance.core import roles
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core.ledger import Destination
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason


Rule = Callable[[Mapping[str, int], Destination], Iterator[Finding]]


def node_objections(
    node: snapshot.ComputeNode,
    request: requests.Request,
    maintained: Collection[str],
) -> Iterator[Finding]:
    """Say why a node takes nothing in Method 2, whatever its size.

    :param maintained: hostnames that this request empties
    """
    disabled = {'disabled_reason': node.disabled_reason or 'none given'}
    if node.hostname in maintained:
        yield Finding(Reason.MAINTAINED, node.hostname)
    elif roles.is_marked(node, request):
        yield Finding(Reason.MARKED, node.hostname, disabled)
    elif roles.has_spare_reason(node, request):
        yield Finding(
            Reason.UNUSED,
            node.hostname,
            {**disabled, 'instances': node.instance_count},
        )
    elif node.status == 'disabled':
        yield Finding(Reason.DISABLED, node.hostname, disabled)
    if node.state == 'down':
        yield Finding(Reason.DOWN, node.hostname)
    if not node.in_scope:
        yield Finding(Reason.OUT_OF_SCOPE, node.hostname)
    if roles.is_bare_metal(node):
        yield Finding(Reason.BARE_METAL, node.hostname)
    if node.in_scope and not node.inventory:
        yield Finding(Reason.NO_INVENTORY, node.hostname)


def has_room(
    resources: Mapping[str, int], destination: Destination
) -> Iterator[Finding]:
    """Refuse a destination with less left than the instance holds."""
    for resource_class, wanted in sorted(resources.items()):
        left = destination.left(resource_class)
        if wanted > left:
            yield Finding(
                Reason.NO_ROOM,
                destination.hostname,
                {
                    'resource_class': resource_class,
                    'wanted': wanted,
                    'left': left,
                },
            )


def within_max_unit(
    resources: Mapping[str, int], destination: Destination
) -> Iterator[Finding]:
    """Refuse a destination that gives one instance less than this."""
    for resource_class, wanted in sorted(resources.items()):
        most = destination.max_unit.get(resource_class)
        if most is not None and wanted > most:
            yield Finding(
                Reason.OVER_MAX_UNIT,
                destination.hostname,
                {
                    'resource_class': resource_class,
                    'wanted': wanted,
                    'max_unit': most,
                },
            )


def keeps_headroom(
    resources: Mapping[str, int], destination: Destination
) -> Iterator[Finding]:
    """Refuse a destination that was beyond its headroom before."""
    for resource_class in destination.beyond:
        yield Finding(
            Reason.BEYOND_HEADROOM,
            destination.hostname,
            {
                'resource_class': resource_class,
                'used': destination.used.get(resource_class, 0),
                'limit': destination.limit[resource_class],
            },
        )


RULES: tuple[Rule, ...] = (has_room, within_max_unit, keeps_headroom)


def objections(
    resources: Mapping[str, int], destination: Destination
) -> tuple[Finding, ...]:
    """Every objection by every rule; empty means eligible.

    ``Destination.fits`` is the same judgement, quick and without reasons;
    a test holds the two together.
    """
    found = (rule(resources, destination) for rule in RULES)
    return tuple(itertools.chain.from_iterable(found))
