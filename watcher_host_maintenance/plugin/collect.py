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

"""From Watcher's compute model and what Nova says to a snapshot."""

import dataclasses

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance import exceptions
from watcher_host_maintenance.core import leaving
from watcher_host_maintenance.core import request as requests
from watcher_host_maintenance.core import roles
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.plugin import nova


Servers = Callable[[str], Iterable[nova.Server]]


def collect(
    model: Any,
    services: Mapping[str, nova.Service],
    servers: Servers,
    request: requests.Request,
    has_scope: bool,
) -> snapshot.Snapshot:
    """Read what a plan needs, each object of the model once.

    Services, and the servers on the nodes asked for, are as Nova has them
    now: the model can be an hour old, and holds a node without its servers
    when one read failed as it was built. Capacities, and what is used of
    other nodes, are the model's.

    :param model: Watcher's ModelRoot, with the audit's scope applied
    :param services: service host -> nova-compute service
    :param servers: reads the servers on a service host
    :param has_scope: the audit has a scope, so that a node that the model
        lacks is outside it
    :raises watcher_host_maintenance.exceptions.NotPlanned: the model holds
        no compute node
    """
    modelled = {n.hostname: n for n in model.get_all_compute_nodes().values()}
    if not modelled:
        raise exceptions.NotPlanned(Finding(Reason.MODEL_EMPTY))
    nodes: list[snapshot.ComputeNode] = []
    instances: list[snapshot.Instance] = []
    for host, service in sorted(services.items()):
        element = modelled.get(host)
        there = _modelled(model, element) if element else []
        node = _node(service, element, there, has_scope)
        if _is_asked_for(node, request):
            excluded = {i.uuid for i in there if i.watcher_exclude}
            found = [_instance(s, host, excluded) for s in servers(host)]
            # One that moves between two reads is on both nodes.
            seen = {i.uuid for i in instances}
            held = [
                i
                for i in found
                if i.vm_state not in leaving.HOLDS_NOTHING
                and i.uuid not in seen
            ]
            node = dataclasses.replace(node, instance_count=len(held))
            instances.extend(held)
        nodes.append(node)
    return snapshot.Snapshot(tuple(nodes), tuple(instances))


def _is_asked_for(
    node: snapshot.ComputeNode, request: requests.Request
) -> bool:
    if request.maintenance_nodes:
        return node.hostname in request.maintenance_nodes
    return roles.is_marked(node, request)


def _modelled(model: Any, element: Any) -> list[Any]:
    """Return the model's instances of a node that hold something there."""
    return [
        i
        for i in model.get_node_instances(element)
        if i.state not in leaving.HOLDS_NOTHING
    ]


def _node(
    service: nova.Service,
    element: Any,
    instances: Sequence[Any],
    has_scope: bool,
) -> snapshot.ComputeNode:
    uuid, kind = _hypervisor(service)
    return snapshot.ComputeNode(
        hostname=service.host,
        uuid=element.uuid if element else uuid,
        status=service.status,
        state=service.state,
        disabled_reason=service.disabled_reason,
        in_scope=element is not None or not has_scope,
        hypervisor_type=kind,
        hypervisors=tuple(service.hypervisors),
        instance_count=len(instances),
        inventory=_inventory(element) if element else {},
        used=_used(instances),
    )


def _hypervisor(service: nova.Service) -> tuple[str, str]:
    """Return UUID and type of the service's first hypervisor."""
    return next(iter(service.hypervisors.values()), ('', ''))


def _inventory(element: Any) -> dict[str, snapshot.Inventory]:
    return {
        'VCPU': snapshot.Inventory(
            element.vcpus, element.vcpu_reserved, element.vcpu_ratio
        ),
        'MEMORY_MB': snapshot.Inventory(
            element.memory, element.memory_mb_reserved, element.memory_ratio
        ),
        'DISK_GB': snapshot.Inventory(
            element.disk, element.disk_gb_reserved, element.disk_ratio
        ),
    }


def _instance(
    server: nova.Server, host: str, excluded: Collection[str]
) -> snapshot.Instance:
    return snapshot.Instance(
        uuid=server.uuid,
        name=server.name,
        host=host,
        vm_state=server.vm_state,
        resources=server.resources,
        excluded=server.uuid in excluded,
        task_state=server.task_state,
    )


def _used(instances: Iterable[Any]) -> dict[str, int]:
    """Add up flavors; an attribute of the model is slow to read."""
    vcpus = memory_mb = disk_gb = 0
    for instance in instances:
        vcpus += instance.vcpus
        memory_mb += instance.memory
        disk_gb += instance.disk
    return {'VCPU': vcpus, 'MEMORY_MB': memory_mb, 'DISK_GB': disk_gb}
