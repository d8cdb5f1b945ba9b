# SPDX-License-Identifier: Apache-2.0

import dataclasses

import ddt
import hypothesis

from hypothesis import strategies as st

from tests.unit import base
from tests.unit.core import generated
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import conflict
from watcher_host_maintenance.core.packing import most
from watcher_host_maintenance.core.packing import remedies
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Kind
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.remedies import Help


def score(problem, where):
    """How many, how much memory, and how many of the earlier keys."""
    memory = {s.key: s.memory_mb for s in problem.shapes}
    counts = {key: sum(there.values()) for key, there in where.items()}
    return (
        builders.number(where),
        sum(n * memory[key] for key, n in counts.items()),
        *(
            counts.get(s.key, 0)
            for s in sorted(problem.shapes, key=lambda s: s.key)
        ),
    )


class TestMost(base.TestCase):
    @generated.settings(120)
    @hypothesis.given(builders.problems(), st.booleans())
    def test_nothing_is_better(self, problem, with_exact):
        limits = builders.WITH if with_exact else builders.WITHOUT
        limits = dataclasses.replace(limits, ejections=50_000)
        answer = most.place_most(problem, limits)
        self.assertIs(Status.PLACED, answer.status)
        self.assertEqual([], builders.violations(problem, answer))
        self.assertEqual(
            max(score(problem, w) for w in builders.placements(problem)),
            score(problem, answer.where),
        )

    @generated.settings(40)
    @hypothesis.given(builders.problems(20, 6))
    def test_nothing_fits_besides(self, problem):
        limits = dataclasses.replace(
            builders.WITHOUT, ejections=2_000, search_steps=500
        )
        answer = most.place_most(problem, limits)
        self.assertEqual([], builders.violations(problem, answer))
        for shape in problem.shapes:
            if answer.placed(shape.key) == shape.count:
                continue
            for there in problem.bins:
                where = {k: dict(w) for k, w in answer.where.items()}
                here = where.setdefault(shape.key, {})
                here[there.hostname] = here.get(there.hostname, 0) + 1
                self.assertNotEqual(
                    [],
                    builders.violations(
                        problem, dataclasses.replace(answer, where=where)
                    ),
                )

    def test_tells_why_not_all(self):
        answer = most.place_most(
            builders.a_problem([builders.a_shape(count=5)], [builders.a_bin()])
        )
        self.assertEqual({'a': {'h1': 4}}, answer.where)
        self.assertIs(Kind.NO_BIN, answer.proof.kind)


@ddt.ddt
class TestConflict(base.TestCase):
    @generated.settings(120)
    @hypothesis.given(builders.problems(6, 3), st.booleans())
    def test_is_irreducible(self, problem, with_exact):
        limits = builders.WITH if with_exact else builders.WITHOUT
        found = conflict.conflict(problem, limits)
        self.assertEqual(found is None, builders.is_possible(problem))
        if found is None:
            return
        self.assertTrue(found.irreducible)
        self.assertFalse(
            builders.is_possible(most.with_counts(problem, found.counts))
        )
        for key, number in found.counts.items():
            fewer = {**found.counts, key: number - 1}
            self.assertTrue(
                builders.is_possible(most.with_counts(problem, fewer))
            )

    def test_names_few_of_many(self):
        found = conflict.conflict(
            builders.a_problem(
                [
                    builders.a_shape('small', 9, MEMORY_MB=1),
                    builders.a_shape('large', 5, MEMORY_MB=6),
                ],
                [builders.a_bin(f'h{n}', MEMORY_MB=10) for n in (1, 2)]
                + [builders.a_bin('h3', MEMORY_MB=4)],
            )
        )
        self.assertEqual({'large': 3}, found.counts)
        self.assertIs(Kind.NO_BIN, found.proof.kind)
        self.assertEqual((2, 3), (found.proof.room, found.proof.wanted))
        self.assertEqual(('h1', 'h2'), found.hosts)

    @ddt.data(builders.WITH, builders.WITHOUT)
    def test_of_what_only_a_search_proves(self, limits):
        limits = dataclasses.replace(limits, ejections=1_000, weight_rounds=0)
        problem = builders.a_problem(
            [
                builders.a_shape('low', 2, VCPU=2, MEMORY_MB=1),
                builders.a_shape('high', 2, VCPU=2, MEMORY_MB=3),
            ],
            [
                builders.a_bin('h1', VCPU=4, MEMORY_MB=5),
                builders.a_bin('h2', VCPU=4, MEMORY_MB=3),
            ],
        )
        found = conflict.conflict(problem, limits)
        self.assertEqual({'high': 2, 'low': 2}, found.counts)
        self.assertTrue(found.irreducible)

    def test_is_not_told_when_it_is_not_known(self):
        limits = dataclasses.replace(
            builders.WITHOUT, ejections=0, search_steps=0, weight_rounds=0
        )
        problem = builders.a_problem(
            [
                builders.a_shape('a', 3, VCPU=4),
                builders.a_shape('b', 3, VCPU=3),
                builders.a_shape('c', 1, VCPU=7),
            ],
            [builders.a_bin('h1', VCPU=14), builders.a_bin('h2', VCPU=14)],
        )
        self.assertIs(Status.PLACED, solve.solve(problem).status)
        self.assertIsNone(conflict.conflict(problem, limits))


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


@ddt.ddt
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

    @ddt.named_data(
        # name, VCPU used of 10 with 20 % headroom, VCPU wanted, remedies
        ('room', 5, 3, []),
        ('less_headroom', 5, 4, [('headroom', 10), ('add_room', 1)]),
        ('none_of_it', 5, 5, [('headroom', 0), ('add_room', 2)]),
        ('more_than_there_is', 5, 6, [('add_room', 3)]),
    )
    @ddt.unpack
    def test_of_one_bin(self, used, wanted, expected):
        there = remedies.with_headroom(
            builders.a_bin(VCPU=10, used={'VCPU': used}), 20
        )
        found = remedies.remedies(
            builders.a_problem([builders.a_shape(VCPU=wanted)], [there]),
            headroom_percent=20,
        )
        self.assertEqual(
            expected, [(r.help.value, r.percent or r.amount) for r in found]
        )

    @ddt.named_data(
        # name, VCPU of h1, h2 and h3, expected
        ('least_of_all', (3, 4, 4), ('h1', 1)),
        ('by_name', (4, 4, 4), None),
        ('others_may_go_elsewhere', (2, 5, 5), ('h1', 2)),
        ('beside_what_is_placed', (1, 7, 5), ('h2', 1)),
    )
    @ddt.unpack
    def test_adds_the_least_room(self, vcpus, expected):
        found = remedies.remedies(
            builders.a_problem(
                [builders.a_shape('a', 3, VCPU=4)],
                [
                    builders.a_bin(f'h{n}', VCPU=v)
                    for n, v in enumerate(vcpus, 1)
                ],
            )
        )
        self.assertEqual(
            [expected] if expected else [],
            [(r.hostname, r.amount) for r in found],
        )

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

    def test_of_a_class_that_no_bin_has(self):
        self.assertEqual(
            (),
            remedies.remedies(
                builders.a_problem(
                    [builders.a_shape(VGPU=1)], [builders.a_bin(VCPU=4)]
                )
            ),
        )

    def test_wakes_what_is_large_enough(self):
        found = remedies.remedies(
            builders.a_problem([builders.a_shape(VCPU=5)], []), self.SPARES
        )
        self.assertEqual(
            [(Help.WAKE, 'z2')], [(r.help, r.hostname) for r in found]
        )
