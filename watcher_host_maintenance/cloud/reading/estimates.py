# SPDX-License-Identifier: Apache-2.0

"""Estimates of what compute nodes hold, from a source that is cheap to read.

A search for a plan begins with them: Watcher's compute model, Nova's list of
hypervisors, or nothing at all. Placement is asked about every node that
counts before a plan or a refusal stands.
"""

import functools

from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.core.model.snapshot import Inventory


Amounts = tuple[int, int, float]
"""Total, reserved and allocation ratio of a resource class."""

KINDS = 1024
"""Kinds of nodes whose inventories are kept, so that equal ones share them."""


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


UNKNOWN = Estimate('', {}, 0, {'VCPU': 0, 'MEMORY_MB': 0, 'DISK_GB': 0})


@functools.lru_cache(KINDS)
def inventory(
    vcpus: Amounts, memory_mb: Amounts, disk_gb: Amounts
) -> Mapping[str, Inventory]:
    """Return resource class -> inventory, the same object for equal nodes."""
    return {
        'VCPU': Inventory(*vcpus),
        'MEMORY_MB': Inventory(*memory_mb),
        'DISK_GB': Inventory(*disk_gb),
    }
