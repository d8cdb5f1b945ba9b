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


UNKNOWN_HYPERVISOR = Hypervisor('', '', 0)


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
    records = []
    for host, service in sorted(services.items()):
        estimate = estimates.get(host, UNKNOWN)
        # Only bare metal has more than one hypervisor.
        hypervisors = (*service.hypervisors.values(), UNKNOWN_HYPERVISOR)
        records.append(
            ComputeNode(
                hostname=host,
                # A host that was rebuilt has another UUID than the estimate's.
                uuid=hypervisors[0].uuid or estimate.uuid,
                status=service.status,
                state=service.state,
                disabled_reason=service.disabled_reason,
                forced_down=service.forced_down,
                in_scope=host in in_scope,
                hypervisor_type=hypervisors[0].kind,
                hypervisor_version=hypervisors[0].version,
                hypervisors=tuple(service.hypervisors),
                zone=zones.of(service),
                instance_count=estimate.instance_count,
                inventory=estimate.inventory,
                used=estimate.used,
            )
        )
    return records
