# SPDX-License-Identifier: Apache-2.0

"""Cases to solve: planted, random and fragmented, from a seed.

Development uses seeds below 900,000; others are kept to check with.
"""

import collections
import dataclasses
import random

from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem


CLASSES = ('VCPU', 'MEMORY_MB', 'DISK_GB')

FLAVORS = (
    # VCPU, MEMORY_MB, DISK_GB
    (1, 512, 1),
    (1, 1024, 10),
    (1, 2048, 20),
    (2, 4096, 40),
    (2, 8192, 40),
    (4, 8192, 80),
    (4, 16384, 80),
    (8, 16384, 160),
    (8, 32768, 160),
    (16, 32768, 200),
    (16, 65536, 320),
)

Size = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Case:
    """What is to be generated.

    :ivar kind: 'planted' has a solution by construction: the rooms were made
        around one. 'random' spreads the slack over all hosts as it comes.
        'fragmented' has hosts with room for about one instance.
    :ivar slack: all rooms together, as a multiple of what is wanted; of
        fragmented cases how much larger a room may be than a flavor
    :ivar apart: half of the instances are in anti-affinity groups of 2 to 5
    :ivar odd: sizes are drawn freely instead of from usual flavors
    """

    kind: str
    instances: int
    hosts: int
    slack: float
    apart: bool
    seed: int
    odd: bool = False


def build(case: Case) -> Problem:
    """Generate the problem of a case; the same for the same case."""
    rng = random.Random(repr(dataclasses.astuple(case)))
    flavors = _flavors(rng, case.odd)
    sizes = [rng.choice(flavors) for _one in range(case.instances)]
    groups = _groups(rng, case)
    rooms = {
        'planted': _planted,
        'random': _random,
        'fragmented': _fragmented,
    }[case.kind](rng, case, sizes, groups)
    return _problem(sizes, groups, rooms)


def _flavors(rng: random.Random, odd: bool) -> list[Size]:
    if not odd:
        return rng.sample(FLAVORS, rng.randint(4, 9))
    return [
        (
            rng.randint(1, 16),
            rng.randint(1, 64) * 512,
            rng.randint(1, 40) * 5,
        )
        for _flavor in range(rng.randint(5, 12))
    ]


def _groups(rng: random.Random, case: Case) -> list[str | None]:
    groups: list[str | None] = []
    while case.apart and len(groups) < case.instances / 2:
        groups += [f'group-{len(groups):03}'] * rng.randint(2, 5)
    groups += [None] * case.instances
    return groups[: case.instances]


def _planted(
    rng: random.Random,
    case: Case,
    sizes: list[Size],
    groups: list[str | None],
) -> list[list[int]]:
    """Rooms around a solution on some of the hosts, and a little more."""
    number = case.hosts
    if number > 10:
        number = min(number, max(5, case.instances // rng.randint(2, 10)))
    chosen = rng.sample(range(case.hosts), number)
    rooms = [[0, 0, 0] for _host in range(case.hosts)]
    members: set[tuple[int, str | None]] = set()
    for size, group in zip(sizes, groups, strict=True):
        free = [
            h for h in chosen if group is None or (h, group) not in members
        ]
        host = rng.choice(free)
        members.add((host, group))
        for c, amount in enumerate(size):
            rooms[host][c] += amount
    for c in range(len(CLASSES)):
        more = sum(size[c] for size in sizes) * (case.slack - 1)
        shares = [rng.random() for _host in chosen]
        for host, share in zip(chosen, shares, strict=True):
            rooms[host][c] += int(more * share / sum(shares))
    return rooms


def _random(
    rng: random.Random,
    case: Case,
    sizes: list[Size],
    groups: list[str | None],
) -> list[list[int]]:
    """Rooms of any size that sum up to the slack, about."""
    shares = [rng.random() + 0.2 for _host in range(case.hosts)]
    totals = [sum(size[c] for size in sizes) for c in range(len(CLASSES))]
    return [
        [
            int(
                total
                * case.slack
                * share
                / sum(shares)
                * rng.uniform(0.9, 1.1)
            )
            for total in totals
        ]
        for share in shares
    ]


def _fragmented(
    rng: random.Random,
    case: Case,
    sizes: list[Size],
    groups: list[str | None],
) -> list[list[int]]:
    """Rooms of about one flavor each."""
    rooms = []
    for _host in range(case.hosts):
        size = rng.choice(sizes)
        share = rng.choice([0.5, 0.8, 1, 1, 1.5, 2])
        rooms.append(
            [int(a * share * rng.uniform(1, case.slack)) for a in size]
        )
    return rooms


def _problem(
    sizes: list[Size], groups: list[str | None], rooms: list[list[int]]
) -> Problem:
    counts = collections.Counter(zip(sizes, groups, strict=True))
    ordered = sorted(counts.items(), key=lambda c: (c[0][0], c[0][1] or ''))
    shapes = [
        Item(
            f'shape-{number:03}',
            dict(zip(CLASSES, size, strict=True)),
            count,
            group,
        )
        for number, ((size, group), count) in enumerate(ordered)
    ]
    bins = []
    for number, room in enumerate(rooms):
        # Half full before, so that a spread has something to even out.
        capacity = dict(zip(CLASSES, (2 * a for a in room), strict=True))
        used = dict(zip(CLASSES, room, strict=True))
        bins.append(Bin(f'compute-{number:04}', capacity, used, capacity))
    return Problem(tuple(shapes), tuple(bins))
