# SPDX-License-Identifier: Apache-2.0

"""Estimates of all compute nodes by one request to Placement."""

from collections.abc import Mapping

from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.placement import Summary
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.core.model.snapshot import Inventory


CLASSES = ('VCPU', 'MEMORY_MB', 'DISK_GB')
"""What Watcher's compute model knows of a node, too."""


def read_estimates(nova: Nova, placement: Placement) -> dict[str, Estimate]:
    """Return hostname -> estimate of each node with any memory left.

    A node that lacks here is read by itself before anything is planned.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    # Nova first: of a right that is missing, it names the rule.
    services = nova.services()
    summaries = placement.summaries()
    return {
        host: _estimate(hypervisor.uuid, summaries[hypervisor.uuid])
        for host, service in services.items()
        for hypervisor in service.hypervisors.values()
        if _is_node(summaries.get(hypervisor.uuid, {}))
    }


def _is_node(summary: Summary) -> bool:
    """Return True unless the amounts of a node are those of its children."""
    return summary.keys() >= set(CLASSES)


def _estimate(uuid: str, summary: Summary) -> Estimate:
    return Estimate(
        uuid,
        _inventories(summary),
        # Only whether there is any counts, until the node is read.
        int(any(used for _capacity, used in summary.values())),
        {c: summary[c][1] for c in CLASSES},
    )


def _inventories(summary: Summary) -> Mapping[str, Inventory]:
    return {c: Inventory(summary[c][0]) for c in CLASSES}
