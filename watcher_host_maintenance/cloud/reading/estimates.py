# SPDX-License-Identifier: Apache-2.0

"""Estimates of what compute nodes hold, from a source that is cheap to read.

A search for a plan begins with them: Watcher's compute model, one request to
Placement, or nothing at all. Placement is asked about every node that counts
before a plan or a refusal stands.
"""

import functools

from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.core.model.snapshot import Inventory


Amounts = tuple[int, int, float]
"""Total, reserved and allocation ratio of a resource class."""

KINDS = 1024
"""Kinds of nodes whose inventories are kept, so that equal ones share them."""

CLASSES = ('VCPU', 'MEMORY_MB', 'DISK_GB')
"""What is estimated: what Watcher's compute model knows of a node."""


class Estimate(NamedTuple):
    """What is believed of a compute node.

    :ivar uuid: its UUID; '' is unknown
    :ivar inventory: resource class -> what it offers; empty is unknown, and
        Placement is asked before anything is planned
    :ivar instance_count: instances that hold something there
    :ivar used: resource class -> what those hold
    """

    uuid: str
    inventory: Mapping[str, Inventory]
    instance_count: int
    used: Mapping[str, int]


UNKNOWN = Estimate('', {}, 0, dict.fromkeys(CLASSES, 0))


@functools.lru_cache(KINDS)
def inventory(
    vcpus: Amounts, memory_mb: Amounts, disk_gb: Amounts
) -> Mapping[str, Inventory]:
    """Return resource class -> inventory, the same object for equal nodes."""
    amounts = (vcpus, memory_mb, disk_gb)
    return {c: Inventory(*a) for c, a in zip(CLASSES, amounts, strict=True)}


def read_estimates(nova: Nova, placement: Placement) -> dict[str, Estimate]:
    """Return hostname -> estimate of each node with any memory left.

    A node that lacks here is read by itself before anything is planned.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    # Nova first: of a right that is missing, it names the rule.
    services = nova.services()
    summaries = placement.summaries()
    estimates = {}
    for host, service in services.items():
        for hypervisor in service.hypervisors.values():
            summary = summaries.get(hypervisor.uuid, {})
            # Otherwise the amounts of the node are those of its children.
            if summary.keys() >= set(CLASSES):
                estimates[host] = Estimate(
                    hypervisor.uuid,
                    {c: Inventory(summary[c][0]) for c in CLASSES},
                    # Only whether there is any counts, until it is read.
                    int(any(used for _capacity, used in summary.values())),
                    {c: summary[c][1] for c in CLASSES},
                )
    return estimates
