# SPDX-License-Identifier: Apache-2.0

"""Compute nodes: services as Nova has them, capacities as the model has."""

import functools

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud.reading import zones
from watcher_host_maintenance.cloud.records import Hypervisor
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING
from watcher_host_maintenance.plugin.watcher import scope


UNKNOWN_HYPERVISOR = Hypervisor('', '')

Amounts = tuple[int, int, float]
"""Total, reserved and allocation ratio of a resource class."""

KINDS = 1024
"""Kinds of nodes whose capacities are kept, so that equal ones share them."""


class Modelled(NamedTuple):
    """What Watcher's model has of a compute node.

    :ivar instance_count: instances that hold something there
    :ivar used: resource class -> what the flavors of those hold
    """

    uuid: str
    inventory: Mapping[str, Inventory]
    instance_count: int
    used: Mapping[str, int]


def modelled(model: Any) -> dict[str, Modelled]:
    """Read the compute nodes of Watcher's model, by hostname.

    Nothing else is done meanwhile: this loop is most of what a plan costs.

    :param model: Watcher's ModelRoot
    """
    return {
        element.hostname: Modelled(
            uuid,
            _inventory(element),
            *_used(model.get_node_instances(element)),
        )
        for uuid, element in model.get_all_compute_nodes().items()
    }


def nodes(
    services: Mapping[str, Service],
    known: Mapping[str, Modelled],
    inside: scope.Scope,
    located: zones.Zones,
) -> list[ComputeNode]:
    """Make a record of each nova-compute service.

    A node that the model lacks has no inventory yet. The model loses nodes
    whose hypervisor's name is part of another's.

    :param known: hostname -> what the model has, in the audit's scope
    :param inside: tells whether a node that the model lacks is in scope
    """
    return [
        _node(service, known.get(host), inside, located.of(service))
        for host, service in sorted(services.items())
    ]


def _node(
    service: Service,
    known: Modelled | None,
    inside: scope.Scope,
    zone: str,
) -> ComputeNode:
    # Only bare metal has more than one hypervisor.
    hypervisor = next(iter(service.hypervisors.values()), UNKNOWN_HYPERVISOR)
    there = known or Modelled('', {}, *_used(()))
    return ComputeNode(
        hostname=service.host,
        # A host that was built anew has another UUID than the model knows.
        uuid=hypervisor.uuid or there.uuid,
        status=service.status,
        state=service.state,
        disabled_reason=service.disabled_reason,
        in_scope=known is not None or inside.holds(service),
        hypervisor_type=hypervisor.kind,
        hypervisor_version=hypervisor.version,
        hypervisors=tuple(service.hypervisors),
        zone=zone,
        instance_count=there.instance_count,
        inventory=there.inventory,
        used=there.used,
    )


def _used(instances: Iterable[Any]) -> tuple[int, dict[str, int]]:
    """Count and add up what holds something."""
    count = vcpus = memory_mb = disk_gb = 0
    for instance in instances:
        # An attribute of the model is slow to read: each is read once.
        if instance.state not in HOLDS_NOTHING:
            count += 1
            vcpus += instance.vcpus
            memory_mb += instance.memory
            disk_gb += instance.disk
    return count, {'VCPU': vcpus, 'MEMORY_MB': memory_mb, 'DISK_GB': disk_gb}


def _inventory(element: Any) -> Mapping[str, Inventory]:
    return _offered(
        (element.vcpus, element.vcpu_reserved, element.vcpu_ratio),
        (element.memory, element.memory_mb_reserved, element.memory_ratio),
        (element.disk, element.disk_gb_reserved, element.disk_ratio),
    )


@functools.lru_cache(KINDS)
def _offered(
    vcpus: Amounts, memory_mb: Amounts, disk_gb: Amounts
) -> Mapping[str, Inventory]:
    """Return what a kind of nodes offers, the same object for each of them."""
    return {
        'VCPU': Inventory(*vcpus),
        'MEMORY_MB': Inventory(*memory_mb),
        'DISK_GB': Inventory(*disk_gb),
    }
