# SPDX-License-Identifier: Apache-2.0

"""Watcher's own compute model of made-up clusters, seeded."""

import random
import uuid

from watcher.decision_engine.model import element
from watcher.decision_engine.model import model_root


FLAVORS = (
    # VCPU, MEMORY_MB, DISK_GB
    (1, 2048, 20),
    (2, 4096, 40),
    (2, 8192, 40),
    (4, 8192, 80),
    (8, 32768, 160),
)


OTHERS = '00000000-0000-4000-8000-000000000000'
"""The UUID of a project that has no instance."""

USED_SHARE = 0.6
"""How full the nodes are on average, of every resource class."""


def model(nodes: int, instances: int, seed: int = 1) -> model_root.ModelRoot:
    """Build a model in which every node has room for some more.

    :param instances: on each node
    """
    rng = random.Random(seed)
    root = model_root.ModelRoot()
    for number in range(nodes):
        node = _node(rng, f'compute-{number:05}', instances)
        root.add_node(node)
        for index in range(instances):
            instance = _instance(rng, f'vm-{number:05}-{index:03}')
            root.add_instance(instance)
            root.map_instance(instance, node)
    return root


def iterate(root: model_root.ModelRoot) -> int:
    """Pass over a model by its public API, the unit of all costs here.

    All compute nodes, for each its instances, of each instance VCPU,
    memory, disk and state.
    """
    total = 0
    for node in root.get_all_compute_nodes().values():
        for i in root.get_node_instances(node):
            total += i.vcpus + i.memory + i.disk + len(i.state)
    return total


def _node(
    rng: random.Random, hostname: str, instances: int
) -> element.ComputeNode:
    means = [sum(sizes) / len(FLAVORS) for sizes in zip(*FLAVORS, strict=True)]
    vcpus, memory, disk = (
        round(mean * instances / USED_SHARE) for mean in means
    )
    return element.ComputeNode(
        uuid=_uuid(rng),
        hostname=hostname,
        status='enabled',
        state='up',
        disabled_reason=None,
        vcpus=vcpus,
        vcpu_reserved=0,
        vcpu_ratio=1.0,
        memory=memory,
        memory_mb_reserved=0,
        memory_ratio=1.0,
        disk=disk,
        disk_gb_reserved=0,
        disk_ratio=1.0,
    )


def _instance(rng: random.Random, name: str) -> element.Instance:
    vcpus, memory, disk = rng.choice(FLAVORS)
    return element.Instance(
        uuid=_uuid(rng),
        name=name,
        state='active',
        vcpus=vcpus,
        memory=memory,
        disk=disk,
        metadata={},
        project_id=_uuid(rng),
        locked=False,
    )


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
