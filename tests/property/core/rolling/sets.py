# SPDX-License-Identifier: Apache-2.0

"""Small sets of nodes to maintain, from a seed."""

import random

from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot


SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}
MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}

OF_SET = 12 * [{}] + [SPARE, MARKED]
BESIDE = [{}, {}, SPARE]


def a_set(
    seed: int, nodes: int = 4, servers: int = 6, is_tight: bool = False
) -> tuple[Snapshot, RollRequest]:
    """Return some nodes that are to be maintained, and perhaps another.

    :param nodes: the most nodes of the set, at least two
    :param servers: the most servers on them
    :param is_tight: the servers fill the nodes
    """
    rng = random.Random(seed)
    zones = rng.choice([['az-1'], ['az-1'], ['az-1', 'az-2']])
    hosts = [f'compute-{n}' for n in range(1, rng.randint(2, nodes) + 1)]
    beside = [f'other-{n}' for n in range(rng.randint(0, 1))]
    vcpus = rng.randint(3, 5) if is_tight else rng.randint(4, 8)
    records = [
        a_node(
            hostname,
            vcpus=vcpus + rng.choice([0, 0, 0, 2]),
            zone=rng.choice(zones),
            used={'VCPU': rng.choice([0, 0, 1])}
            if hostname in hosts
            else {'VCPU': rng.randint(0, vcpus)},
            **rng.choice(OF_SET if hostname in hosts else BESIDE),
        )
        for hostname in (*hosts, *beside)
    ]
    zone_of = {node.hostname: node.zone for node in records}
    room = {n.hostname: n.inventory['VCPU'].total for n in records}
    for node in records:
        room[node.hostname] -= node.used['VCPU']
    groups = [a_group(name='db'), a_group(name='web', most=2)]
    members: set[tuple[str, str]] = set()
    instances = []
    count = servers if is_tight else rng.randint(1, servers)
    for number in range(count):
        host, wanted = rng.choice(hosts), rng.choice([1, 1, 2, 3])
        if room[host] < wanted:
            continue
        room[host] -= wanted
        group = rng.choice(['', '', 'uuid-web', 'uuid-db'])
        if (group, host) in members:
            group = ''
        members.add((group, host))
        instances.append(
            an_instance(
                f'vm-{number}',
                host,
                vcpus=wanted,
                group=group,
                power_state='running',
                pinned_zone=rng.choice([None, None, zone_of[host]]),
            )
        )
    request = RollRequest(
        tuple(hosts),
        parallel=rng.choice([1, 1, 2]),
        skip_blocked=rng.random() < 0.3,
    )
    return a_snapshot(records, instances, groups), request
