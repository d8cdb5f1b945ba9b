# SPDX-License-Identifier: Apache-2.0

"""The fewest moves that make room, by trying every order of moves."""

import dataclasses
import random

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import relocation
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.relocation import Settled
from watcher_host_maintenance.core.packing.result import Result


MOST = 3


def cases() -> st.SearchStrategy[tuple[Problem, list[Settled]]]:
    """Crowded bins whose items may move, and few new ones."""
    return st.builds(_drawn, st.integers(2, 3), st.integers(0, 99_999))


def _drawn(bins: int, seed: int) -> tuple[Problem, list[Settled]]:
    rng = random.Random(seed)
    hosts = [f'h{n}' for n in range(bins)]
    settled = [
        Settled(_item(rng, f'x{number}-{host}', hosts), host)
        for host in hosts
        for number in range(rng.randint(0, 3))
    ][:5]
    new = [_item(rng, f'new-{n}', hosts) for n in range(rng.randint(1, 2))]
    problem = Problem(
        tuple(new),
        tuple(_bin(rng, host, settled) for host in hosts),
        {'db': rng.randint(1, 2)},
    )
    return problem, settled


def _item(rng: random.Random, key: str, hosts: list[str]) -> Item:
    zone = frozenset(rng.sample(hosts, rng.randint(1, len(hosts))))
    return Item(
        key,
        {'VCPU': rng.randint(1, 3), 'MEMORY_MB': rng.randint(1, 3)},
        1,
        rng.choice([None, None, None, None, 'web', 'db']),
        rng.choice([None, None, None, None, None, zone]),
    )


def _bin(rng: random.Random, host: str, settled: list[Settled]) -> Bin:
    """A bin with hardly more than its items need; now and then with less."""
    bin_ = Bin(host, {}, {}, {})
    for one in settled:
        if one.hostname == host:
            bin_ = _with(bin_, one.item, 1)
    free = {'VCPU': [-1, 0, 1, 1, 2, 2.5], 'MEMORY_MB': [-1, 1, 3, 6, 9]}
    capacity = {
        c: bin_.used.get(c, 0) + rng.choice(amounts)
        for c, amounts in free.items()
    }
    return dataclasses.replace(
        bin_,
        capacity=capacity,
        limit=capacity,
        max_unit=rng.choice([{}, {}, {'VCPU': 3}]),
        is_open=rng.random() < 0.95,
    )


def _with(bin_: Bin, item: Item, count: int) -> Bin:
    used, members = dict(bin_.used), dict(bin_.members)
    for c, amount in item.resources.items():
        used[c] = used.get(c, 0) + count * amount
    if item.group:
        members[item.group] = members.get(item.group, 0) + count
    return dataclasses.replace(bin_, used=used, members=members)


def _after(
    problem: Problem, settled: list[Settled], moved: dict[str, str]
) -> Problem:
    """The problem once these have moved; independent of the package."""
    bins = {b.hostname: b for b in problem.bins}
    by_key = {s.item.key: s for s in settled}
    for key, hostname in moved.items():
        one = by_key[key]
        bins[one.hostname] = _with(bins[one.hostname], one.item, -1)
        bins[hostname] = _with(bins[hostname], one.item, 1)
    return dataclasses.replace(problem, bins=tuple(bins.values()))


def _fits(problem: Problem, item: Item, hostname: str) -> bool:
    [bin_] = [b for b in problem.bins if b.hostname == hostname]
    members = bin_.members.get(item.group, 0) + 1
    return (
        bin_.is_open
        and (item.allowed is None or hostname in item.allowed)
        and (
            not item.group
            or members <= problem.group_limits.get(item.group, 1)
        )
        and all(
            n <= bin_.max_unit.get(c, n)
            and bin_.used.get(c, 0) + n <= bin_.limit[c]
            for c, n in item.resources.items()
        )
    )


def needed(problem: Problem, settled: list[Settled]) -> tuple[int, int] | None:
    """How many moves, and of how much memory; None is more than ``MOST``."""
    tried: list[dict[str, str]] = [{}]
    by_key = {s.item.key: s for s in settled}

    def after(moved: dict[str, str]) -> Problem:
        return _after(problem, settled, moved)

    for count in range(MOST + 1):
        enough = [m for m in tried if builders.is_possible(after(m))]
        if enough:
            memory_mb = min(
                sum(by_key[k].item.memory_mb for k in moved)
                for moved in enough
            )
            return count, memory_mb
        further = {
            tuple(sorted({**moved, key: bin_.hostname}.items()))
            for moved in tried
            for key, one in by_key.items()
            if key not in moved
            for bin_ in problem.bins
            if bin_.hostname != one.hostname
            and _fits(after(moved), one.item, bin_.hostname)
        }
        tried = [dict(moves) for moves in sorted(further)]
    return None


class TestRelocate(base.TestCase):
    @generated.settings(400)
    @hypothesis.given(cases())
    def test_fewest_moves_then_least_memory(self, case):
        problem, settled = case
        expected = needed(problem, settled)
        found = relocation.relocate(problem, settled, MOST)
        if found is None:
            self.assertIsNone(expected)
            return
        by_key = {s.item.key: s for s in settled}
        moved: dict[str, str] = {}
        for key, hostname in found.moves:
            now = _after(problem, settled, moved)
            self.assertTrue(_fits(now, by_key[key].item, hostname))
            moved[key] = hostname
        placed = Result(found.placement, complete=True)
        now = _after(problem, settled, moved)
        self.assertEqual([], builders.violations(now, placed))
        self.assertEqual(builders.total(problem), placed.number)
        memory_mb = sum(by_key[key].item.memory_mb for key in moved)
        self.assertEqual(expected, (len(moved), memory_mb))
