# SPDX-License-Identifier: Apache-2.0

"""Rolling maintenances of whole clusters: moves, and what planning costs.

Beside the planner of waves, in the same run: today's planner of drains, host
by host, and a model of Nova's scheduler, host by host, which prefers the host
with the most free memory. Both take the hosts by name, and those that cannot
be emptied again at the end.
"""

import random
import time

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks import snapshots
from benchmarks import tables
from benchmarks.clusters import FLAVORS
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import rolls
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rolling import roll


HOSTS = (20, 100, 500)
USES = (0.6, 0.75, 0.85)
EMPTY = (0, 1, 2)
PARALLEL = (1, 2, 4)

MISSES = 5
"""How many flavors may be too large before a host is as full as it gets."""

GROUPED = 0.2
"""The share of servers that are in a group."""

GROUP = 4
"""How many servers are in a group, on average."""

HEADS = (
    'hosts',
    'used',
    'empty',
    'servers',
    'at least',
    *(f'waves of {n}' for n in PARALLEL),
    *(f'{n}: cpu, s' for n in PARALLEL),
    'check, s',
    'by drains',
    'by Nova',
)

Emptying = Callable[[Snapshot, str], Sequence[Move] | None]
"""Returns the moves that empty a host; None if there are none."""


class Cost(NamedTuple):
    """What maintaining hosts one by one came to.

    :ivar stuck: how many hosts could not be emptied
    """

    moves: int
    stuck: int


def run() -> None:
    """Print a table of all sizes."""
    rows = [
        row(hosts, use, empty)
        for hosts in HOSTS
        for use in USES
        for empty in EMPTY
    ]
    print(tables.simple(HEADS, rows))


def row(hosts: int, use: float, empty: int) -> list[str]:
    """Measure one cluster.

    :raises SystemExit: there is no plan, or the checker finds a mistake
    """
    snapshot = cluster(hosts, use, empty)
    hostnames = tuple(n.hostname for n in snapshot.nodes)
    ratios, seconds, check_s, least = [], [], 0.0, 0
    for parallel in PARALLEL:
        request = RollRequest(hostnames, parallel=parallel)
        started = time.process_time()
        plan = roll.plan(snapshot, request)
        seconds.append(time.process_time() - started)
        started = time.process_time()
        violations = rolls.check(snapshot, request, plan)
        check_s = time.process_time() - started
        if violations or not plan.waves:
            raise SystemExit(f'{hosts} {use} {empty}: {violations[:3]}')
        least = plan.least_moves
        ratios.append(plan.moves / least)
    drained = by_hosts(snapshot, by_drain)
    scheduled = by_hosts(snapshot, by_most_free_memory)
    return [
        str(hosts),
        f'{used(snapshot, empty):.0%}',
        str(empty),
        str(len(snapshot.instances)),
        str(least),
        *(f'{ratio:.3f}' for ratio in ratios),
        *(f'{taken_s:.1f}' for taken_s in seconds),
        f'{check_s:.1f}',
        _told(drained, least),
        _told(scheduled, least),
    ]


def _told(cost: Cost, least: int) -> str:
    """Return a ratio, and how many hosts were left."""
    left = f' ({cost.stuck} left)' if cost.stuck else ''
    return f'{cost.moves / least:.3f}{left}'


def cluster(hosts: int, use: float, empty: int, seed: int = 1) -> Snapshot:
    """Return a cluster with server groups and zones.

    A fifth of the servers is in an anti-affinity group of about four, a third
    may not leave its zone. All hosts are equally large; each that is not
    empty is about as full as this of its fullest class, more or less by 7 %.

    :param empty: how many hosts hold nothing
    """
    rng = random.Random(seed)
    held = [
        _filled(rng, use * rng.uniform(0.93, 1.07)) if number >= empty else []
        for number in range(hosts)
    ]
    members: dict[str, dict[str, int]] = {}
    count = sum(map(len, held)) * GROUPED / GROUP
    groups = [f'group-{n:04}' for n in range(round(1 + count))]
    nodes, instances = [], []
    for number, flavors in enumerate(held):
        hostname = f'compute-{number:05}'
        zone = snapshots.ZONES[number % len(snapshots.ZONES)]
        for index, flavor in enumerate(flavors):
            group = rng.choice(groups) if rng.random() < GROUPED else ''
            if group and hostname in members.get(group, {}):
                group = ''
            if group:
                members.setdefault(group, {})[hostname] = 1
            instances.append(
                Instance(
                    f'uuid-{number:05}-{index:04}',
                    f'vm-{number:05}-{index:04}',
                    hostname,
                    'active',
                    dict(zip(snapshots.CLASSES, flavor, strict=True)),
                    power_state='running',
                    pinned_zone=zone if rng.random() < 1 / 3 else None,
                    group=group,
                )
            )
        sums = [
            sum(f[c] for f in flavors) for c in range(len(snapshots.CLASSES))
        ]
        nodes.append(
            ComputeNode(
                hostname,
                zone=zone,
                hypervisor_type='QEMU',
                hypervisor_version=8002000,
                instance_count=len(flavors),
                inventory={
                    c: Inventory(n)
                    for c, n in zip(
                        snapshots.CLASSES, snapshots.CAPACITY, strict=True
                    )
                },
                used=dict(zip(snapshots.CLASSES, sums, strict=True)),
            )
        )
    return Snapshot(
        tuple(nodes),
        tuple(instances),
        tuple(
            ServerGroup(uuid, uuid, 'anti-affinity', 1, hosts_of)
            for uuid, hosts_of in members.items()
        ),
    )


def used(snapshot: Snapshot, empty: int) -> float:
    """Return how full the hosts that hold anything are, on average."""
    shares = [
        max(node.used[c] / node.inventory[c].capacity for c in node.used)
        for node in snapshot.nodes
    ]
    return sum(shares) / (len(shares) - empty)


def _filled(rng: random.Random, share: float) -> list[snapshots.Flavor]:
    """Return flavors that fill a host up to a share of its fullest class."""
    most = [capacity * share for capacity in snapshots.CAPACITY]
    chosen: list[snapshots.Flavor] = []
    misses = 0
    while misses < MISSES:
        flavor = rng.choice(FLAVORS)
        sums = [sum(amounts) for amounts in zip(flavor, *chosen, strict=True)]
        if all(n <= limit for n, limit in zip(sums, most, strict=True)):
            chosen.append(flavor)
        else:
            misses += 1
    return chosen


def by_hosts(snapshot: Snapshot, empties: Emptying) -> Cost:
    """Maintain one host after the other; each is back before the next.

    Those that cannot be emptied are tried again while others can.
    """
    waiting, moves = [n.hostname for n in snapshot.nodes], 0
    while waiting:
        left = []
        for hostname in waiting:
            chosen = empties(snapshot, hostname)
            if chosen is None:
                left.append(hostname)
                continue
            moves += len(chosen)
            snapshot = projection.after_actions(snapshot, chosen)
        if len(left) == len(waiting):
            break
        waiting = left
    return Cost(moves, len(waiting))


def by_drain(snapshot: Snapshot, hostname: str) -> Sequence[Move] | None:
    """Return what a drain of one host moves, without a look ahead."""
    outcome = drain.plan(snapshot, Request((hostname,)), advises=False)
    [node] = outcome.nodes
    return None if node.verdict is Verdict.REFUSED else node.moves


def by_most_free_memory(
    snapshot: Snapshot, hostname: str
) -> Sequence[Move] | None:
    """Return what Nova's scheduler would do with the servers, one by one.

    Of the hosts that pass the filters it takes the one with the most free
    memory.
    """
    free = {
        n.hostname: {
            c: int(offer.capacity) - n.used.get(c, 0)
            for c, offer in n.inventory.items()
        }
        for n in snapshot.nodes
        if n.hostname != hostname
    }
    members = {g.uuid: dict(g.members) for g in snapshot.groups}
    moves = []
    for server in snapshot.instances_on(hostname):
        passing = [
            node.hostname
            for node in _filtered(snapshot, server, hostname)
            if not members.get(server.group, {}).get(node.hostname)
            and all(
                free[node.hostname][c] >= n
                for c, n in server.resources.items()
            )
        ]
        if not passing:
            return None
        chosen = max(passing, key=lambda host: free[host]['MEMORY_MB'])
        for resource_class, amount in server.resources.items():
            free[chosen][resource_class] -= amount
        if server.group:
            members[server.group][chosen] = 1
        moves.append(
            Move(
                instance_uuid=server.uuid,
                instance_name=server.name,
                host=hostname,
                kind=MoveKind.LIVE,
                destination=chosen,
            )
        )
    return moves


def _filtered(
    snapshot: Snapshot, server: Instance, source: str
) -> Iterator[ComputeNode]:
    """Yield the hosts that the zone of a server allows."""
    for node in snapshot.nodes:
        if node.hostname != source and server.pinned_zone in (None, node.zone):
            yield node
