# SPDX-License-Identifier: Apache-2.0


"""Small records with defaults: a test gives only what it looks at.

By default ``compute-1`` is the node to empty, it holds ``web-1``, and
``compute-2`` has room for it.
"""

import dataclasses

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.planning import placing
from watcher_host_maintenance.core.planning.destinations import Destinations
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.destination import Groups


def an_inventory(
    total: int = 16,
    reserved: int = 0,
    ratio: float = 1.0,
    max_unit: int | None = None,
    **fields: Any,
) -> Inventory:
    """What a node offers of one resource class."""
    return Inventory(total, reserved, ratio, max_unit, **fields)


def a_node(
    hostname: str = 'compute-2',
    *,
    vcpus: int = 16,
    memory_mb: int = 32768,
    disk_gb: int = 400,
    inventory: Mapping[str, Inventory] | None = None,
    **fields: Any,
) -> ComputeNode:
    """A compute node: enabled, up and empty.

    :param inventory: resource class -> inventory, in place of that class
        or besides VCPU, MEMORY_MB and DISK_GB
    :param fields: further fields of ``ComputeNode``
    """
    offered = {
        'VCPU': an_inventory(vcpus),
        'MEMORY_MB': an_inventory(memory_mb),
        'DISK_GB': an_inventory(disk_gb),
    }
    return ComputeNode(
        hostname, inventory=offered | dict(inventory or {}), **fields
    )


def a_spare(hostname: str = 'spare-1', **fields: Any) -> ComputeNode:
    """A node that Method 1 may enable."""
    return a_node(
        hostname,
        **{
            'status': 'disabled',
            'disabled_reason': 'watcher_disabled',
            **fields,
        },
    )


def an_instance(
    name: str = 'web-1',
    host: str = 'compute-1',
    vm_state: str = 'active',
    *,
    vcpus: int = 1,
    memory_mb: int = 1024,
    disk_gb: int = 10,
    uuid: str | None = None,
    resources: Mapping[str, int] | None = None,
    **fields: Any,
) -> Instance:
    """A server, running, whose UUID is told by its name.

    :param resources: resource class -> amount, in place of that class or
        besides VCPU, MEMORY_MB and DISK_GB; zeroes are left out
    :param fields: further fields of ``Instance``
    """
    held = {'VCPU': vcpus, 'MEMORY_MB': memory_mb, 'DISK_GB': disk_gb}
    held.update(resources or {})
    return Instance(
        uuid=f'uuid-{name}' if uuid is None else uuid,
        name=name,
        host=host,
        vm_state=vm_state,
        resources={c: amount for c, amount in held.items() if amount},
        **fields,
    )


def holding(resources: Mapping[str, int], **fields: Any) -> Instance:
    """A server that holds nothing but this: resource class -> amount."""
    return an_instance(
        vcpus=0, memory_mb=0, disk_gb=0, resources=resources, **fields
    )


def a_group(
    policy: str = 'anti-affinity',
    name: str = 'db',
    most: int = 1,
    **members: int,
) -> ServerGroup:
    """A server group whose UUID is told by its name.

    :param members: hostname, with ``_`` for each ``-``, -> members there,
        besides the instances that a snapshot is made of
    """
    there = {h.replace('_', '-'): count for h, count in members.items()}
    return ServerGroup(f'uuid-{name}', name, policy, most, there)


def a_destination(
    node: ComputeNode,
    headroom_percent: float = 0.0,
    groups: Iterable[ServerGroup] = (),
    taken: Iterable[Instance] = (),
) -> Destination:
    """A node as the reasons look at it.

    :param taken: what a plan has put there
    """
    known = Groups(groups)
    there = destination.to_bin(node, headroom_percent, known)
    return Destination(node, destination.with_taken(there, taken), known)


def a_place(
    node: ComputeNode,
    headroom_percent: float = 0.0,
    groups: Iterable[ServerGroup] = (),
    taken: Iterable[Instance] = (),
    refused: Iterable[str] = (),
) -> placing.Place:
    """A node as the planner looks at it.

    :param refused: UUIDs of the instances that a rule keeps away
    """
    there = destination.to_bin(node, headroom_percent, Groups(groups))
    return placing.Place(
        destination.with_taken(there, taken),
        frozenset(refused),
        node.inventory,
    )


def destinations_of(*nodes: ComputeNode, **fields: Any) -> Destinations:
    """What these nodes are to a request to empty ``compute-1``.

    :param fields: further fields of the request
    """
    known = a_snapshot([a_node('compute-1'), *nodes], [])
    return Destinations.of(known, a_request(**fields), {'compute-1'})


def an_aggregate(
    *hosts: str, name: str = 'aggregate', **metadata: str
) -> Aggregate:
    """A host aggregate of these hosts; without any, of ``compute-2``."""
    return Aggregate(name, hosts or ('compute-2',), metadata)


def a_snapshot(
    nodes: Iterable[ComputeNode] | None = None,
    instances: Iterable[Instance] | None = None,
    groups: Iterable[ServerGroup] = (),
    aggregates: Iterable[Aggregate] = (),
) -> Snapshot:
    """A snapshot in which every node and group holds its instances.

    What the instances hold is added to their node's ``used`` and
    ``instance_count``, and they are added to their group's ``members``:
    those given here are what is there besides.
    """
    if nodes is None:
        nodes = (a_node('compute-1'), a_node('compute-2'))
    if instances is None:
        instances = (an_instance(),)
    instances = tuple(instances)
    return Snapshot(
        tuple(_holding(n, instances) for n in nodes),
        instances,
        tuple(_joined(g, instances) for g in groups),
        tuple(aggregates),
    )


def a_request(*maintenance_nodes: str, **fields: Any) -> Request:
    """A request for these nodes; without any, for ``compute-1``."""
    return Request(maintenance_nodes or ('compute-1',), **fields)


def a_bare_request(**fields: Any) -> Request:
    """A request that names no node: for every marked one."""
    return Request(**fields)


def _holding(
    node: ComputeNode, instances: tuple[Instance, ...]
) -> ComputeNode:
    here = [i for i in instances if i.host == node.hostname]
    used = Counter(node.used)
    for instance in here:
        used.update(instance.resources)
    return dataclasses.replace(
        node,
        used=dict(used),
        instance_count=node.instance_count + len(here),
    )


def _joined(
    group: ServerGroup, instances: tuple[Instance, ...]
) -> ServerGroup:
    members = Counter(group.members)
    members.update(i.host for i in instances if i.group == group.uuid)
    return dataclasses.replace(group, members=dict(members))
