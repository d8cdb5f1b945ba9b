# SPDX-License-Identifier: Apache-2.0

"""The greedies that others use, as peers."""

from collections.abc import Callable
from collections.abc import Sequence

from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem


Free = dict[str, int]

Score = Callable[[Item, Free], float]
"""Where an instance goes: to the bin that scores lowest."""


def first_fit(item: Item, free: Free) -> float:
    """Take the first bin that has room."""
    return 0


def best_fit(item: Item, free: Free) -> float:
    """Take the bin with least left."""
    return sum(free[c] / max(a, 1) for c, a in item.resources.items())


def dot_product(item: Item, free: Free) -> float:
    """Take the bin whose room looks most like what is wanted."""
    length = sum(n * n for n in free.values()) ** 0.5 or 1
    return -sum(a * free[c] for c, a in item.resources.items()) / length


def one_by_one(item: Item, free: Free) -> float:
    """Take the bin with most memory left, as nova-scheduler does."""
    return -free['MEMORY_MB']


PEERS: dict[str, tuple[Score, bool]] = {
    'first fit': (first_fit, True),
    'best fit': (best_fit, True),
    'dot product': (dot_product, True),
    'one by one': (one_by_one, False),
}
"""Of each its score, and whether the largest are placed first."""


def place(
    problem: Problem, score: Score, largest_first: bool
) -> dict[str, dict[str, int]] | None:
    """Return item's key -> hostname -> count; None is stuck."""
    items = [s for s in problem.items for _one in range(s.count)]
    if largest_first:
        items.sort(key=lambda s: (-_size(problem, s), s.key))
    frees = [(b, {c: b.free(c) for c in b.limit}) for b in problem.bins]
    members: set[tuple[str, str]] = set()
    where: dict[str, dict[str, int]] = {}
    for item in items:
        hostname = _place(item, frees, members, score)
        if hostname is None:
            return None
        there = where.setdefault(item.key, {})
        there[hostname] = there.get(hostname, 0) + 1
    return where


def _place(
    item: Item,
    frees: Sequence[tuple[Bin, Free]],
    members: set[tuple[str, str]],
    score: Score,
) -> str | None:
    """Take the room of one instance; return where, None is nowhere."""
    able = [
        (score(item, free), there.hostname, free)
        for there, free in frees
        if all(a <= free[c] for c, a in item.resources.items())
        and (there.hostname, item.group or '') not in members
    ]
    if not able:
        return None
    _score, hostname, free = min(able, key=lambda found: found[:2])
    for c, amount in item.resources.items():
        free[c] -= amount
    if item.group is not None:
        members.add((hostname, item.group))
    return hostname


def _size(problem: Problem, item: Item) -> float:
    totals = {
        c: sum(s.count * s.resources[c] for s in problem.items)
        for c in item.resources
    }
    return max(a / (totals[c] or 1) for c, a in item.resources.items())
