# SPDX-License-Identifier: Apache-2.0

"""Small problems, and what is true of them by trying everything."""

import dataclasses
import random

from collections.abc import Iterator

from hypothesis import strategies as st

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.state import State


LIMITS = Limits()


class TooLate(Exception):
    """A deadline has passed."""


class Countdown:
    """A deadline that passes after so many looks at the clock."""

    def __init__(self, looks: int):
        self.looks = looks

    def __call__(self) -> float:
        """Return that less than any search takes is left."""
        if not self.looks:
            raise TooLate
        self.looks -= 1
        return 0.0


WITHOUT_PROGRAM = Limits(program=False)


def an_item(key='a', count=1, group=None, allowed=None, **resources):
    """An item of 1 VCPU, or of the resources that are named.

    Its ``soft_group``, what it ``avoided`` and whether it is ``unproved`` may
    be among them.
    """
    fields = {
        name: resources.pop(name)
        for name in ('avoided', 'soft_group', 'unproved')
        if name in resources
    }
    resources = resources or {'VCPU': 1}
    return Item(key, resources, count, group, allowed, **fields)


def a_bin(hostname='h1', used=None, limit=None, **capacity):
    """A bin of 4 VCPU, or of the capacity that is named; the rest is its."""
    fields = {
        name: capacity.pop(name)
        for name in ('max_unit', 'members', 'is_open')
        if name in capacity
    }
    capacity = capacity or {'VCPU': 4}
    limit = capacity if limit is None else limit
    return Bin(hostname, capacity, used or {}, limit, **fields)


def a_problem(items, bins, soft_affinity_groups=(), **group_limits):
    return Problem(
        tuple(items),
        tuple(bins),
        group_limits,
        frozenset(soft_affinity_groups),
    )


def violations(problem: Problem, result: Result) -> list[str]:
    """Say what is wrong with a placement; written without the package."""
    too_many = (
        f'more of {s.key} than there are'
        for s in problem.items
        if result.placed(s.key) > s.count
    )
    return [*_violations(problem, result.placement), *too_many]


def _violations(problem, where) -> Iterator[str]:
    for there in problem.bins:
        here = [
            (s, where.get(s.key, {}).get(there.hostname, 0))
            for s in problem.items
        ]
        here = [(s, n) for s, n in here if n]
        if here and not there.is_open:
            yield f'{there.hostname} is closed'
        yield from _overfull(there, here)
        for s, _n in here:
            if s.allowed is not None and there.hostname not in s.allowed:
                yield f'{s.key} may not go to {there.hostname}'
            if any(
                s.resources.get(c, 0) > n for c, n in there.max_unit.items()
            ):
                yield f'{s.key} is too large for {there.hostname}'
        for group in sorted({s.group for s, _n in here if s.group}):
            members = sum(n for s, n in here if s.group == group)
            members += there.members.get(group, 0)
            if members > problem.group_limits.get(group, 1):
                yield f'{there.hostname} has {members} of {group}'


def _overfull(there, here):
    for c in sorted({c for s, _n in here for c in s.resources}):
        taken = sum(n * s.resources.get(c, 0) for s, n in here)
        if taken and there.used.get(c, 0) + taken > there.limit.get(c, 0):
            yield f'{there.hostname} has no room for {taken} {c}'


def placements(
    problem: Problem, everything: bool = False
) -> Iterator[dict[str, dict[str, int]]]:
    """Every placement of any number of the items, or of all."""
    each = [s for s in problem.items for _one in range(s.count)]
    yield from _extended(problem, each, {}, everything)


def _extended(problem, each, where, everything):
    """Place the rest; what breaks a rule breaks it with more as well."""
    if not each:
        yield {key: dict(there) for key, there in where.items()}
        return
    if not everything:
        yield from _extended(problem, each[1:], where, everything)
    there = where.setdefault(each[0].key, {})
    for hostname in [b.hostname for b in problem.bins]:
        there[hostname] = there.get(hostname, 0) + 1
        if not any(_violations(problem, where)):
            yield from _extended(problem, each[1:], where, everything)
        there[hostname] -= 1
        if not there[hostname]:
            del there[hostname]


def soft_violations(problem: Problem, where) -> int:
    """Count what soft groups have against where their members are put.

    Of those who rather stay together each bin with members whom nobody was
    there to meet; of the others each pair of which one was put.
    """
    total = 0
    for there in problem.bins:
        for soft_group in sorted(
            {s.soft_group for s in problem.items if s.soft_group}
        ):
            before = there.members.get(soft_group, 0)
            here = sum(
                where.get(s.key, {}).get(there.hostname, 0)
                for s in problem.items
                if s.soft_group == soft_group
            )
            if soft_group in problem.soft_affinity_groups:
                total += bool(here and not before)
            else:
                total += before * here + here * (here - 1) // 2
    return total


def number(where) -> int:
    return sum(sum(there.values()) for there in where.values())


def total(problem: Problem) -> int:
    return sum(s.count for s in problem.items)


def is_possible(problem: Problem) -> bool:
    """Whether all have a place, found by trying everything."""
    return any(True for _found in placements(problem, everything=True))


def problems(items=5, bins=3) -> st.SearchStrategy[Problem]:
    """Tight problems with groups, zones, headroom and closed bins."""
    return st.builds(
        _drawn,
        items=st.integers(1, items),
        bins=st.integers(1, bins),
        seed=st.integers(0, 99_999),
    )


def avoiding_problems(items=5, bins=3) -> st.SearchStrategy[Problem]:
    """The same, with bins that some items avoid, a little or much."""
    return st.builds(_avoiding, problems(items, bins), st.integers(0, 99_999))


def _avoiding(problem: Problem, seed: int) -> Problem:
    rng = random.Random(seed)
    return dataclasses.replace(
        problem,
        items=tuple(
            dataclasses.replace(
                item,
                avoided={
                    bin_.hostname: rng.choice([1, 1, 100])
                    for bin_ in problem.bins
                    if rng.random() < 0.5
                },
            )
            for item in problem.items
        ),
    )


def soft_problems(items=8, bins=4) -> st.SearchStrategy[Problem]:
    """The same, with soft groups, and room for more."""
    return st.builds(
        _with_soft_groups, problems(items, bins), st.integers(0, 99_999)
    )


def _with_soft_groups(problem: Problem, seed: int) -> Problem:
    rng = random.Random(seed)
    wishes = [None, 'near', 'far']
    return dataclasses.replace(
        problem,
        items=tuple(
            dataclasses.replace(
                s, soft_group=rng.choice(wishes), unproved=rng.random() < 0.2
            )
            for s in problem.items
        ),
        bins=tuple(
            dataclasses.replace(
                b,
                capacity={c: 2 * n for c, n in b.capacity.items()},
                limit={c: 2 * n for c, n in b.limit.items()},
                members={
                    **b.members,
                    'near': rng.choice([0, 0, 1]),
                    'far': rng.choice([0, 0, 1, 2]),
                },
            )
            for b in problem.bins
        ),
        soft_affinity_groups=frozenset({'near'}),
    )


def _drawn(items: int, bins: int, seed: int) -> Problem:
    rng = random.Random(seed)
    hosts = [f'h{n}' for n in range(bins)]
    shapes = []
    while items:
        count = rng.randint(1, min(items, 3))
        items -= count
        zone = rng.sample(hosts, rng.randint(1, bins))
        shapes.append(
            Item(
                f's{len(shapes)}',
                {
                    'VCPU': rng.randint(1, 4),
                    'MEMORY_MB': 512 * rng.randint(1, 4),
                    **rng.choice([{}, {}, {'DISK_GB': rng.randint(1, 3)}]),
                },
                count,
                rng.choice([None, None, 'web', 'db']),
                rng.choice([None, None, None, frozenset(zone)]),
            )
        )
    return Problem(
        tuple(shapes),
        tuple(_drawn_bin(rng, h) for h in hosts),
        {'db': rng.randint(1, 2)},
    )


def _drawn_bin(rng: random.Random, hostname: str) -> Bin:
    capacity = {
        'VCPU': rng.choice([4, 6, 8.5]),
        'MEMORY_MB': 512 * rng.randint(3, 9),
        'DISK_GB': rng.randint(2, 6),
    }
    share = rng.choice([1, 1, 0.9])
    return Bin(
        hostname,
        capacity,
        {'VCPU': rng.randint(0, 3), 'MEMORY_MB': 256 * rng.randint(0, 3)},
        {c: n * share for c, n in capacity.items()},
        rng.choice([{}, {}, {'VCPU': 3}]),
        rng.random() < 0.9,
        rng.choice([{}, {}, {'web': 1}]),
    )


def heights(problem, where):
    """Of the bins that are given something, from the highest."""
    found = []
    for there in problem.bins:
        taken = {}
        for s in problem.items:
            number = where.get(s.key, {}).get(there.hostname, 0)
            for c, amount in s.resources.items() if number else ():
                taken[c] = taken.get(c, 0) + number * amount
        if taken:
            found.append(
                max(
                    (there.used.get(c, 0) + taken.get(c, 0)) / n
                    for c, n in there.capacity.items()
                )
            )
    return sorted(found, reverse=True)


def heights_of(problem, placement) -> State:
    """A state with what a placement holds."""
    return State(Board(problem), placement)
