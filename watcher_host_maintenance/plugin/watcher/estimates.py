# SPDX-License-Identifier: Apache-2.0

"""Estimates from Watcher's compute model."""

from collections.abc import Iterable
from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.cloud.reading.estimates import inventory
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING


MODEL_EMPTY = Of.MODEL.declare(
    'model_empty',
    says=N_("Watcher's compute model holds no compute node"),
    helps=N_("Check the audit's scope and Nova's hypervisors."),
)


def of_model(model: Any) -> dict[str, Estimate]:
    """Return hostname -> estimate of each compute node of the model.

    This loop is most of what a plan costs, so it does nothing else. The model
    lacks nodes whose hypervisor's name is part of another's.

    :param model: Watcher's ModelRoot
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: it holds no
        compute node
    """
    estimates = {
        element.hostname: Estimate(
            uuid,
            inventory(
                (element.vcpus, element.vcpu_reserved, element.vcpu_ratio),
                (
                    element.memory,
                    element.memory_mb_reserved,
                    element.memory_ratio,
                ),
                (element.disk, element.disk_gb_reserved, element.disk_ratio),
            ),
            *_used(model.get_node_instances(element)),
        )
        for uuid, element in model.get_all_compute_nodes().items()
    }
    if not estimates:
        raise NotPlanned(Finding(MODEL_EMPTY))
    return estimates


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
