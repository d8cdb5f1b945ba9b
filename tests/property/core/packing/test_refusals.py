# SPDX-License-Identifier: Apache-2.0

import dataclasses

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import conflict
from watcher_host_maintenance.core.packing import most
from watcher_host_maintenance.core.packing import remedies
from watcher_host_maintenance.core.packing.remedies import Help
from watcher_host_maintenance.core.packing.result import Limits


def score(problem, where):
    """How many, how much memory, and how many of the earlier keys."""
    memory = {s.key: s.memory_mb for s in problem.items}
    counts = {key: sum(there.values()) for key, there in where.items()}
    return (
        builders.number(where),
        sum(n * memory[key] for key, n in counts.items()),
        *(
            counts.get(s.key, 0)
            for s in sorted(problem.items, key=lambda s: s.key)
        ),
    )


class TestMost(base.TestCase):
    @generated.settings(120)
    @hypothesis.given(builders.problems(), st.sampled_from([0, 50_000]))
    def test_nothing_is_better(self, problem, ejections):
        result = most.place_most(problem, Limits(ejections))
        self.assertTrue(result.complete)
        self.assertIs(builders.is_possible(problem), result.proof is None)
        self.assertEqual([], builders.violations(problem, result))
        self.assertEqual(
            max(score(problem, w) for w in builders.placements(problem)),
            score(problem, result.placement),
        )

    @generated.settings(40)
    @hypothesis.given(builders.problems(20, 6))
    def test_nothing_fits_besides(self, problem):
        limits = Limits(2_000, program=False)
        result = most.place_most(problem, limits)
        self.assertEqual([], builders.violations(problem, result))
        for item in problem.items:
            if result.placed(item.key) == item.count:
                continue
            for there in problem.bins:
                where = {k: dict(w) for k, w in result.placement.items()}
                here = where.setdefault(item.key, {})
                here[there.hostname] = here.get(there.hostname, 0) + 1
                self.assertNotEqual(
                    [],
                    builders.violations(
                        problem, dataclasses.replace(result, placement=where)
                    ),
                )


def only(problem, counts):
    """The problem with other counts; 0 for an item that is not named."""
    items = (
        dataclasses.replace(i, count=counts.get(i.key, 0))
        for i in problem.items
    )
    return dataclasses.replace(
        problem, items=tuple(i for i in items if i.count)
    )


class TestConflict(base.TestCase):
    @generated.settings(120)
    @hypothesis.given(builders.problems(6, 3))
    def test_is_irreducible(self, problem):
        found = conflict.conflict(problem)
        self.assertEqual(found is None, builders.is_possible(problem))
        if found is None:
            return
        self.assertTrue(found.irreducible)
        self.assertFalse(builders.is_possible(only(problem, found.counts)))
        for key, number in found.counts.items():
            fewer = {**found.counts, key: number - 1}
            self.assertTrue(builders.is_possible(only(problem, fewer)))


def helped(problem, remedy, spares):
    """The problem after a remedy was applied."""
    bins = problem.bins
    if remedy.help is Help.WAKE:
        bins = (*bins, *(s for s in spares if s.hostname == remedy.hostname))
    elif remedy.help is Help.HEADROOM:
        bins = [remedies.with_headroom(b, remedy.percent) for b in bins]
    else:
        c, n = remedy.resource_class, remedy.amount
        bins = [
            dataclasses.replace(b, limit={**b.limit, c: b.limit[c] + n})
            if b.hostname == remedy.hostname
            else b
            for b in bins
        ]
    return dataclasses.replace(problem, bins=tuple(bins))


class TestRemedies(base.TestCase):
    SPARES = (
        builders.a_bin('z1', VCPU=2, MEMORY_MB=1024, DISK_GB=9),
        builders.a_bin('z2', VCPU=9, MEMORY_MB=8192, DISK_GB=9),
    )

    @generated.settings(60)
    @hypothesis.given(builders.problems(6, 3))
    def test_each_works(self, problem):
        problem = dataclasses.replace(
            problem,
            bins=tuple(remedies.with_headroom(b, 10) for b in problem.bins),
        )
        found = remedies.remedies(problem, self.SPARES, 10)
        if builders.is_possible(problem):
            self.assertEqual((), found)
        for remedy in found:
            after = helped(problem, remedy, self.SPARES)
            self.assertTrue(builders.is_possible(after), remedy)

    @generated.settings(150)
    @hypothesis.given(builders.problems(5, 3))
    def test_no_less_room_suffices(self, problem):
        """On no bin, of a class of which room is told."""
        for remedy in remedies.remedies(problem):
            if remedy.help is Help.ADD_ROOM:
                for there in problem.bins:
                    less = dataclasses.replace(
                        remedy,
                        hostname=there.hostname,
                        amount=remedy.amount - 1,
                    )
                    after = helped(problem, less, ())
                    self.assertFalse(builders.is_possible(after), remedy)
