# SPDX-License-Identifier: Apache-2.0

"""Small puzzles of VCPUs."""

import collections

from tests.unit.core.builders import a_place
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import holding
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import placing
from watcher_host_maintenance.core.rules.destination import Groups


NO_SEARCH = Limits.of(0)


def a_host(hostname, vcpus, memory_mb=1000, **fields):
    """A node of so many VCPUs and MiB, without a disk.

    :param fields: of ``Inventory`` of the VCPUs
    """
    return ComputeNode(
        hostname,
        inventory={
            'VCPU': an_inventory(vcpus, **fields),
            'MEMORY_MB': an_inventory(memory_mb),
        },
    )


def hosts(*vcpus, groups=(), refused=(), taken=None, **max_units):
    """Places A, B, ... with so many VCPUs left.

    :param refused: for each of them the UUIDs that a rule keeps away
    :param taken: hostname -> resources in use there
    :param max_units: hostname -> the most VCPUs for one instance
    """
    keeps = [*refused, *8 * [()]]
    taken = taken or {}
    return [
        a_place(
            a_host(hostname, total, max_unit=max_units.get(hostname)),
            groups=groups,
            refused=keep,
            taken=[holding(taken.get(hostname, {}))],
        )
        for hostname, total, keep in zip(
            'ABCDEFGH', vcpus, keeps, strict=False
        )
    ]


def servers(*vcpus, memory_mb=0, **memories):
    """Instances a, b, ... that hold so many VCPUs, and memory.

    :param memories: name -> MEMORY_MB, in place of ``memory_mb``
    """
    return [
        an_instance(
            name,
            uuid=name,
            vcpus=wanted,
            disk_gb=0,
            memory_mb=memories.get(name, memory_mb),
        )
        for name, wanted in zip('abcdefgh', vcpus, strict=False)
    ]


def puzzle(instances, places, groups=()):
    return placing.Puzzle(instances, places, Groups(groups))


def place_all(instances, places, limits=NO_SEARCH, groups=()):
    return puzzle(instances, places, groups).place_all(limits)


def fits(instance, place, groups=()):
    return (
        place_all([instance], [place], groups=groups).status is Status.PLACED
    )


def loads(sizes, where, used):
    """VCPU by hostname, of servers of these sizes."""
    found = collections.Counter(used)
    for name, size in zip('abcdefgh', sizes, strict=False):
        found[where[name]] += size
    return found
