# SPDX-License-Identifier: Apache-2.0

"""Made-up snapshots with server groups, zones and traits, seeded."""

import random

from collections.abc import Sequence

from benchmarks.clusters import FLAVORS
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot


CLASSES = ('VCPU', 'MEMORY_MB', 'DISK_GB')

ZONES = ('az-1', 'az-2', 'az-3')

TRAIT = 'CUSTOM_FAST'

CAPACITY = (113, 374784, 2267)
"""What a node offers of each class: 20 usual servers are 60 % of it."""

Flavor = tuple[int, int, int]


def flavors(number: int, rng: random.Random) -> Sequence[Flavor]:
    """Return the usual flavors first, then any others."""
    others = (
        (rng.randint(1, 8), 512 * rng.randint(2, 32), 5 * rng.randint(2, 32))
        for _ in range(number - len(FLAVORS))
    )
    return (*FLAVORS, *others)


def drain(
    nodes: int,
    servers: int,
    use: tuple[float, float],
    *,
    sources: int = 1,
    kinds: int = len(FLAVORS),
    huge: int = 0,
    seed: int = 1,
) -> tuple[Snapshot, Request]:
    """Return a cluster and the request to empty the first nodes of it.

    A fifth of the servers is in a group of about 20, a tenth needs a trait
    that every third node has, and a third may not leave its zone.

    :param servers: on each node to empty
    :param use: the least and the most used share of all other nodes
    :param kinds: how many flavors there are
    :param huge: servers of each source that fit on none of the others
    """
    rng = random.Random(seed)
    offered = flavors(kinds, rng)
    members: dict[str, dict[str, int]] = {
        f'group-{n:04}': {} for n in range(1 + servers * sources // 20)
    }
    compute_nodes, instances = [], []
    for number in range(nodes):
        hostname, zone = f'compute-{number:05}', ZONES[number % len(ZONES)]
        used = [round(c * rng.uniform(*use)) for c in CAPACITY]
        own = []
        if number < sources:
            for index in range(servers):
                amounts = CAPACITY if index < huge else rng.choice(offered)
                group = rng.choice([*members]) if rng.random() < 0.2 else ''
                if group:
                    there = members[group].get(hostname, 0)
                    members[group][hostname] = there + 1
                own.append(
                    Instance(
                        f'uuid-{number:05}-{index:04}',
                        f'vm-{number:05}-{index:04}',
                        hostname,
                        'active',
                        dict(zip(CLASSES, amounts, strict=True)),
                        power_state='running',
                        pinned_zone=zone if rng.random() < 0.3 else None,
                        group=group,
                        extra_specs={f'trait:{TRAIT}': 'required'}
                        if rng.random() < 0.1
                        else {},
                    )
                )
            used = [sum(i.resources[c] for i in own) for c in CLASSES]
        instances.extend(own)
        compute_nodes.append(
            ComputeNode(
                hostname,
                zone=zone,
                hypervisor_type='QEMU',
                hypervisor_version=8002000,
                traits=(TRAIT,) if rng.random() < 0.3 else (),
                instance_count=len(own) or 20,
                inventory={
                    c: Inventory(max(capacity, amount))
                    for c, capacity, amount in zip(
                        CLASSES, CAPACITY, used, strict=True
                    )
                },
                used=dict(zip(CLASSES, used, strict=True)),
            )
        )
    groups = tuple(
        ServerGroup(uuid, uuid, 'anti-affinity', 1, hosts)
        for uuid, hosts in members.items()
    )
    request = Request(tuple(n.hostname for n in compute_nodes[:sources]))
    return Snapshot(tuple(compute_nodes), tuple(instances), groups), request
