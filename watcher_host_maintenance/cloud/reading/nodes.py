# SPDX-License-Identifier: Apache-2.0

"""Compute nodes: services as Nova has them, capacities as estimated."""

from collections.abc import Collection
from collections.abc import Mapping

from watcher_host_maintenance.cloud.reading.estimates import UNKNOWN
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.cloud.reading.zones import Zones
from watcher_host_maintenance.cloud.records import Hypervisor
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.snapshot import ComputeNode


UNKNOWN_HYPERVISOR = Hypervisor('', '')


def nodes(
    services: Mapping[str, Service],
    estimates: Mapping[str, Estimate],
    in_scope: Collection[str],
    zones: Zones,
) -> list[ComputeNode]:
    """Return a record of each nova-compute service, by host.

    A node without an estimate has no inventory yet.

    :param estimates: hostname -> estimate
    :param in_scope: hostnames of the nodes in scope
    """
    return [
        _node(
            service,
            estimates.get(host, UNKNOWN),
            host in in_scope,
            zones.of(service),
        )
        for host, service in sorted(services.items())
    ]


def _node(
    service: Service, estimate: Estimate, in_scope: bool, zone: str
) -> ComputeNode:
    # Only bare metal has more than one hypervisor.
    hypervisor = next(iter(service.hypervisors.values()), UNKNOWN_HYPERVISOR)
    return ComputeNode(
        hostname=service.host,
        # A host that was rebuilt has another UUID than the estimate's.
        uuid=hypervisor.uuid or estimate.uuid,
        status=service.status,
        state=service.state,
        disabled_reason=service.disabled_reason,
        in_scope=in_scope,
        hypervisor_type=hypervisor.kind,
        hypervisor_version=hypervisor.version,
        hypervisors=tuple(service.hypervisors),
        zone=zone,
        instance_count=estimate.instance_count,
        inventory=estimate.inventory,
        used=estimate.used,
    )
