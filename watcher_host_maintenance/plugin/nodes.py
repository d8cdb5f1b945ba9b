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

"""Compute nodes: services as Nova has them, capacities as the model has."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.core import leaving
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.plugin import nova
from watcher_host_maintenance.plugin import scope


UNKNOWN_HYPERVISOR = nova.Hypervisor('', '')


def nodes(
    services: Mapping[str, nova.Service],
    model: Any,
    inside: scope.Scope,
) -> list[snapshot.ComputeNode]:
    """Make a record of each nova-compute service.

    A node that the model lacks has no inventory yet. The model loses nodes
    whose hypervisor's name is part of another's.

    :param model: Watcher's ModelRoot, with the audit's scope applied
    :param inside: tells whether a node that the model lacks is in scope
    """
    modelled = {n.hostname: n for n in model.get_all_compute_nodes().values()}
    return [
        _node(service, modelled.get(host), model, inside)
        for host, service in sorted(services.items())
    ]


def _node(
    service: nova.Service, element: Any, model: Any, inside: scope.Scope
) -> snapshot.ComputeNode:
    # Only bare metal has more than one hypervisor.
    hypervisor = next(iter(service.hypervisors.values()), UNKNOWN_HYPERVISOR)
    there = _modelled(model, element) if element else []
    return snapshot.ComputeNode(
        hostname=service.host,
        # A host that was built anew has another UUID than the model knows.
        uuid=hypervisor.uuid or (element.uuid if element else ''),
        status=service.status,
        state=service.state,
        disabled_reason=service.disabled_reason,
        in_scope=element is not None or inside.holds(service),
        hypervisor_type=hypervisor.kind,
        hypervisor_version=hypervisor.version,
        hypervisors=tuple(service.hypervisors),
        zone=service.zone,
        instance_count=len(there),
        inventory=_inventory(element) if element else {},
        used=_used(there),
    )


def _modelled(model: Any, element: Any) -> Sequence[Any]:
    """Return the model's instances of a node that hold something there."""
    return [
        i
        for i in model.get_node_instances(element)
        if i.state not in leaving.HOLDS_NOTHING
    ]


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


def _used(instances: Iterable[Any]) -> dict[str, int]:
    """Add up flavors; an attribute of the model is slow to read."""
    vcpus = memory_mb = disk_gb = 0
    for instance in instances:
        vcpus += instance.vcpus
        memory_mb += instance.memory
        disk_gb += instance.disk
    return {'VCPU': vcpus, 'MEMORY_MB': memory_mb, 'DISK_GB': disk_gb}
