# SPDX-License-Identifier: Apache-2.0

"""How many refusals become plans when few servers of other nodes may move.

Beside an exact model that knows nothing of the planner: one move at each of
so many times, each with room at both of its ends, by HiGHS.
"""

import collections
import dataclasses
import random
import time

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import highspy

from benchmarks import tables
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking.check import check
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import steps


USES = (0.85, 0.90, 0.94, 0.96)
"""Shares of the memory of the other nodes that their servers hold."""

MOVES = (1, 2, 4)

CLOUDS = 60
"""Clouds drawn for each use."""

NEEDS = (0.4, 1.0)
"""Bounds of what the emptied node's servers need of all that is free."""

HOSTS = 11
"""Nodes of a cloud, one of which is emptied."""

EMPTIED = 'compute-00'

CAPACITY = {'VCPU': 64, 'MEMORY_MB': 65536}

SIZES = (
    (1, 2048),
    (2, 4096),
    (2, 8192),
    (4, 8192),
    (4, 16384),
    (8, 16384),
    (8, 32768),
)
"""VCPUs and MiB of the flavors."""

MOST_MISSES = 300
"""How often a server that does not fit is drawn before enough is held."""

GUARD_S = 60.0
"""Seconds of the clock after which the exact model counts as not solved."""

HEADS = (
    'use, %',
    'direct',
    'lack room',
    'refused',
    *(f'up to {n}' for n in MOVES),
    *(f'exact, {n}' for n in MOVES[1:]),
    *(f's, {n}' for n in MOVES),
)


@dataclasses.dataclass(frozen=True)
class Tried:
    """What came of one refusal.

    :ivar lacks_in_all: the others together have too little room
    :ivar counts: moves allowed -> moves planned; None is a refusal
    :ivar exact: the same, of the exact model
    :ivar seconds: processor seconds that the searches took, each
    """

    lacks_in_all: bool
    counts: Mapping[int, int | None]
    exact: Mapping[int, int | None]
    seconds: Mapping[int, float]


def run() -> None:
    """Print a table, a row for each use."""
    rows = []
    for use in USES:
        tried = [try_cloud(seed, use) for seed in range(CLOUDS)]
        rows.append(row(use, tried))
    print(tables.simple(HEADS, rows))


def row(use: float, clouds: list[Tried | None]) -> list[str]:
    """Lay out what came of the clouds of one use."""
    refused = [t for t in clouds if t is not None]
    open_ones = [t for t in refused if not t.lacks_in_all]
    return [
        f'{100 * use:.0f}',
        str(clouds.count(None)),
        str(len(refused) - len(open_ones)),
        str(len(open_ones)),
        *(
            str(sum(t.counts[most] is not None for t in open_ones))
            for most in MOVES
        ),
        *(
            str(sum(t.exact[most] is not None for t in open_ones))
            for most in MOVES[1:]
        ),
        *(
            f'{max((t.seconds[most] for t in open_ones), default=0):.2f}'
            for most in MOVES
        ),
    ]


def try_cloud(seed: int, use: float) -> Tried | None:
    """Drain one cloud; None if every server has a place as it is.

    :raises SystemExit: the checker has something against a plan
    """
    snapshot = drawn(seed, use)
    if not _planned(snapshot, 0).refused:
        return None
    lacks = lacks_in_all(snapshot)
    counts, exact, seconds = {}, {}, {}
    for most in MOVES:
        begin = time.process_time()
        outcome = _planned(snapshot, most)
        seconds[most] = time.process_time() - begin
        found = len(outcome.secondary_moves)
        counts[most] = None if outcome.refused else found
        exact[most] = None if lacks else needed(snapshot, most)
    return Tried(lacks, counts, exact, seconds)


def lacks_in_all(snapshot: Snapshot) -> bool:
    """Return True if the other nodes together have too little room."""
    leaving = snapshot.instances_on(EMPTIED)
    return any(
        sum(i.resources[c] for i in leaving)
        > sum(
            node.inventory[c].total - node.used.get(c, 0)
            for node in snapshot.nodes
            if node.hostname != EMPTIED
        )
        for c in CAPACITY
    )


def _planned(snapshot: Snapshot, most: int) -> Any:
    request = Request((EMPTIED,), max_secondary_moves=most)
    outcome = drain.plan(snapshot, request, advises=False)
    schedule = steps.schedule(snapshot, outcome)
    violations = check(snapshot, request, outcome, schedule)
    if violations:
        raise SystemExit(f'the plan is wrong: {violations}')
    return outcome


def drawn(seed: int, use: float) -> Snapshot:
    """Fill the other nodes at random until so much of their memory is held.

    The servers of the emptied node need a share of what is free there.
    """
    rng = random.Random(f'{seed} {use}')
    names = [f'compute-{n:02}' for n in range(HOSTS)]
    used: dict[str, collections.Counter[str]] = {
        name: collections.Counter() for name in names
    }
    instances: list[Instance] = []

    def fill(hosts: Sequence[str], wanted_mb: float) -> None:
        held_mb, misses = 0, 0
        while held_mb < wanted_mb and misses < MOST_MISSES:
            vcpus, memory_mb = rng.choice(SIZES)
            size = {'VCPU': vcpus, 'MEMORY_MB': memory_mb}
            host = rng.choice(hosts)
            if held_mb + memory_mb > wanted_mb or any(
                used[host][c] + n > CAPACITY[c] for c, n in size.items()
            ):
                misses += 1
                continue
            used[host].update(size)
            held_mb += memory_mb
            name = f'vm-{len(instances):03}'
            instances.append(
                Instance(
                    name, name, host, 'active', size, power_state='running'
                )
            )

    in_all_mb = (HOSTS - 1) * CAPACITY['MEMORY_MB']
    fill(names[1:], use * in_all_mb)
    free_mb = in_all_mb - sum(i.memory_mb for i in instances)
    fill(names[:1], rng.uniform(*NEEDS) * free_mb)
    counts = collections.Counter(i.host for i in instances)
    return Snapshot(
        tuple(
            ComputeNode(
                name,
                f'uuid-{name}',
                instance_count=counts[name],
                inventory={c: Inventory(n) for c, n in CAPACITY.items()},
                used=dict(used[name]),
            )
            for name in names
        ),
        tuple(instances),
    )


def needed(snapshot: Snapshot, most: int) -> int | None:
    """Return the fewest moves, by the exact model; None is more, or never.

    At each time at most one server moves; it needs what is free by then.
    """
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ('output_flag', False),
        ('threads', 1),
        ('time_limit', GUARD_S),
    ):
        highs.setOptionValue(option, value)
    hosts = [n.hostname for n in snapshot.nodes if n.hostname != EMPTIED]
    free = {
        (n.hostname, c): n.inventory[c].total - n.used.get(c, 0)
        for n in snapshot.nodes
        for c in CAPACITY
    }
    moves = {
        (t, i.uuid, host): highs.addBinary()
        for t in range(most)
        for i in snapshot.instances
        for host in hosts
        if i.host not in (EMPTIED, host)
    }
    places = {
        (i.uuid, host): highs.addBinary()
        for i in snapshot.instances_on(EMPTIED)
        for host in hosts
    }
    by_uuid = snapshot.by_uuid
    for instance in snapshot.instances:
        if instance.host == EMPTIED:
            own = [places[instance.uuid, host] for host in hosts]
            highs.addConstr(highs.qsum(own) == 1)
        else:
            own = [v for (_t, u, _h), v in moves.items() if u == instance.uuid]
            highs.addConstr(highs.qsum(own) <= 1)
    for t in range(most):
        now = [v for (time_, _u, _h), v in moves.items() if time_ == t]
        highs.addConstr(highs.qsum(now) <= 1)
    for host in hosts:
        for c in CAPACITY:
            for t in range(most + 1):
                arrive = [
                    by_uuid[uuid].resources[c] * variable
                    for (time_, uuid, to), variable in moves.items()
                    if to == host and time_ <= t
                ]
                leave = [
                    -by_uuid[uuid].resources[c] * variable
                    for (time_, uuid, _to), variable in moves.items()
                    if by_uuid[uuid].host == host and time_ < t
                ]
                if t == most:
                    arrive += [
                        by_uuid[uuid].resources[c] * variable
                        for (uuid, to), variable in places.items()
                        if to == host
                    ]
                total = highs.qsum([*arrive, *leave])
                highs.addConstr(total <= free[host, c])
    highs.minimize(highs.qsum(moves.values()))
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    objective: float = highs.getInfo().objective_function_value
    return round(objective)
