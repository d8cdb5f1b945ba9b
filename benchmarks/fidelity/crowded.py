# SPDX-License-Identifier: Apache-2.0

"""Empty a host of a crowded cloud, where other servers have to move first.

How many have to is found by trying every order of moves, by memory alone,
without any of the planner's code.
"""

import dataclasses
import random
import time

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import judge
from benchmarks.fidelity import ways
from minicloud import cloud


NODE = 'compute-1'

MOST = 4
"""Moves of other servers that an audit may plan."""

SIZES_GB = (1, 2, 4, 8)
"""Memory of the flavors."""

LEAST = (0, 1, 1, 1, 1, 2, 2, 2, 3, 4)
"""By the last digit of a seed: how many have to move at least."""

DRAWS = 1000
"""Clouds drawn for a seed, of which the first is taken that needs as many."""

_SETTLE_S = 30
_POLL_S = 0.5

Room = tuple[int, tuple[tuple[int, bool], ...]]
"""Of a host what is free, and of each server that may move its size, and
whether it has moved already; all in GB."""


@dataclasses.dataclass(frozen=True)
class Crowded:
    """A cloud to drain.

    :ivar description: of the cloud, see :mod:`minicloud`
    :ivar needed: servers of other hosts that have to move; None is more than
        :data:`MOST`, or in vain
    """

    seed: int
    description: Mapping[str, Any]
    needed: int | None


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What has become of one cloud.

    :ivar moved: servers of other hosts that have moved
    :ivar faults: what is wrong in the end
    :ivar refused: moves that Nova refused or gave up, or that were skipped
    """

    seed: int
    needed: int | None
    moved: int
    audit: str
    message: str
    plan: str
    faults: list[str]
    refused: list[str]
    seconds: float

    @property
    def right(self) -> bool:
        """As few have moved as could, and nothing else has changed."""
        return not self.faults and not self.refused


def crowded(seed: int) -> Crowded:
    """Draw the cloud of a seed; in every tenth moves may be in vain."""
    rng = random.Random(seed)
    for _number in range(DRAWS):
        description = _drawn(rng)
        need = needed(description)
        least = LEAST[seed % 10]
        if (need is None and not least) or (need and need >= least):
            break
    return Crowded(seed, description, need)


def _drawn(rng: random.Random) -> dict[str, Any]:
    """Few full hosts, and a host whose servers are large."""
    servers: dict[str, dict[str, Any]] = {}
    hosts = {NODE: {'vcpus': 64, 'memory_mb': 65536, 'disk_gb': 999}}
    for number in range(rng.randint(1, 3)):
        size = rng.choice([2, 4, 4, 8])
        state = rng.choice(['ACTIVE', 'ACTIVE', 'SHUTOFF'])
        servers[f'new-{number}'] = _server(NODE, size, state)
    for number in range(2, rng.randint(4, 7)):
        host = f'compute-{number}'
        held = [
            rng.choice([1, 1, 2, 4]) for _server in range(rng.randint(1, 3))
        ]
        for index, size in enumerate(held):
            state = rng.choice([*5 * ['ACTIVE'], 'PAUSED', 'SHUTOFF'])
            servers[f'old-{number}-{index}'] = _server(host, size, state)
        free = rng.choice([0, 1, 1, 2, 3])
        hosts[host] = {
            'vcpus': 64,
            'memory_mb': 1024 * (sum(held) + free),
            'disk_gb': 999,
        }
    flavors = {
        f'of-{size}': {'vcpus': 1, 'memory_mb': 1024 * size, 'disk_gb': 1}
        for size in SIZES_GB
    }
    return {'hosts': hosts, 'servers': servers, 'flavors': flavors}


def _server(host: str, size: int, state: str) -> dict[str, Any]:
    return {'host': host, 'flavor': f'of-{size}', 'state': state}


def needed(description: Mapping[str, Any]) -> int | None:
    """Return how many servers of other hosts have to move first."""
    sizes = {
        name: int(server['flavor'].removeprefix('of-'))
        for name, server in description['servers'].items()
    }
    new, rooms = [], []
    for host, offer in description['hosts'].items():
        held = {
            name: server
            for name, server in description['servers'].items()
            if server['host'] == host
        }
        if host == NODE:
            new = sorted((sizes[name] for name in held), reverse=True)
            continue
        free = offer['memory_mb'] // 1024 - sum(sizes[n] for n in held)
        movable = sorted(
            (sizes[n], False) for n in held if held[n]['state'] != 'SHUTOFF'
        )
        rooms.append((free, tuple(movable)))
    states = {tuple(sorted(rooms))}
    for count in range(MOST + 1):
        if any(_fits(new, [free for free, _held in s]) for s in states):
            return count
        states = {tuple(after) for s in states for after in _moves(s)}
    return None


def _fits(sizes: list[int], free: list[int]) -> bool:
    """Return True if these all have a place, the largest given first."""
    if not sizes:
        return True
    first, *others = sizes
    return any(
        _fits(others, [*free[:n], room - first, *free[n + 1 :]])
        for n, room in enumerate(free)
        if room >= first
    )


def _moves(state: tuple[Room, ...]) -> Iterator[list[Room]]:
    """Yield what one move makes of the hosts, sorted: names mean nothing."""
    for source, (free, held) in enumerate(state):
        for size, has_moved in set(held):
            for target, (room, there) in enumerate(state):
                if has_moved or target == source or room < size:
                    continue
                rest = list(held)
                rest.remove((size, False))
                after = list(state)
                after[source] = (free + size, tuple(rest))
                arrived = (*there, (size, True))
                after[target] = (room - size, tuple(sorted(arrived)))
                yield sorted(after)


def judge_seed(seed: int) -> Verdict:
    """Start the cloud of a seed, empty its node, and look.

    :raises minicloud.exceptions.CloudError: the cloud did not start, or
        Watcher found no end
    """
    case = crowded(seed)
    begin = time.monotonic()
    with cloud.Cloud(
        case.description, watcher_options=judge.watcher_options()
    ) as lab:
        lab.refresh_model()
        before = lab.servers()
        tried = ways.by_audit(*ways.OURS, lab, NODE, max_secondary_moves=MOST)
        waiting_s = time.monotonic() + _SETTLE_S
        while True:
            after = lab.servers()
            faults = [*_faults(case, lab, before, after, tried)]
            if not faults or time.monotonic() > waiting_s:
                break
            time.sleep(_POLL_S)
        return Verdict(
            seed=seed,
            needed=case.needed,
            moved=_moved(before, after),
            faults=faults,
            seconds=round(time.monotonic() - begin, 1),
            **tried._asdict(),
        )


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """Count the servers of other hosts that are elsewhere."""
    return sum(
        server.host not in (NODE, after[name].host)
        for name, server in before.items()
    )


def _faults(
    case: Crowded,
    lab: cloud.Cloud,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    tried: ways.Tried,
) -> Iterator[str]:
    """Yield what is wrong with a cloud after the plan, or the refusal."""
    for name, server in before.items():
        if after[name].status != server.status:
            yield f'{name} was {server.status}, is {after[name].status}'
    left = [name for name, server in after.items() if server.host == NODE]
    moved = _moved(before, after)
    if case.needed is None:
        if tried.audit != 'FAILED' or moved or tried.plan:
            yield f'the audit is {tried.audit}, the plan {tried.plan}'
        return
    if tried.plan != 'SUCCEEDED':
        yield f'the plan is {tried.plan}: {tried.message}'
    if moved != case.needed:
        yield f'{moved} servers of other hosts have moved, not {case.needed}'
    if left:
        yield f'left: {", ".join(left)}'
    failed = [m for m in lab.nova.migrations.list() if m.status == 'error']
    if failed:
        yield f'{len(failed)} migrations have failed'
