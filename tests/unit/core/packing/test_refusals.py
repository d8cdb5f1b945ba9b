# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import conflict
from watcher_host_maintenance.core.packing import most
from watcher_host_maintenance.core.packing import remedies
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.remedies import Help
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


@ddt.ddt
class TestMost(base.TestCase):
    def test_tells_why_not_all(self):
        result = most.place_most(
            builders.a_problem([builders.an_item(count=5)], [builders.a_bin()])
        )
        self.assertEqual({'a': {'h1': 4}}, result.placement)
        self.assertIs(Kind.NO_BIN, result.proof.kind)
        self.assertIs(Status.IMPOSSIBLE, result.status)

    @ddt.named_data(
        # name, VCPU of b, of h1 and of h2, what is placed
        ('the_bound', 9, (4, 4), {'a': {'h1': 1, 'h2': 1}}),
        ('less_than_the_bound', 4, (4, 4), {'a': {'h1': 1, 'h2': 1}}),
        ('no_bin', 9, (2, 2), {}),
    )
    @ddt.unpack
    def test_with_and_without_a_program(self, vcpu, rooms, expected):
        """HiGHS is only needed where the bounds of the items are not met."""
        problem = builders.a_problem(
            [
                builders.an_item('a', 3, VCPU=3, MEMORY_MB=1),
                builders.an_item('b', 1, VCPU=vcpu),
            ],
            [
                builders.a_bin(f'h{n}', VCPU=room, MEMORY_MB=9)
                for n, room in enumerate(rooms, 1)
            ],
        )
        result = most.place_most(problem)
        self.assertEqual(expected, result.placement)
        self.assertIs(Status.IMPOSSIBLE, result.status)
        without = most.place_most(problem, builders.WITHOUT_PROGRAM)
        self.assertEqual(vcpu == 9, without.complete)

    def test_of_what_only_a_program_proves(self):
        """At most three: the proof is that a search tried everything."""
        problem = builders.a_problem(
            [
                builders.an_item('low', 2, VCPU=2, MEMORY_MB=1),
                builders.an_item('high', 2, VCPU=2, MEMORY_MB=3),
            ],
            [
                builders.a_bin('h1', VCPU=4, MEMORY_MB=5),
                builders.a_bin('h2', VCPU=4, MEMORY_MB=3),
            ],
        )
        result = most.place_most(problem, everything=Result())
        self.assertEqual(3, builders.number(result.placement))
        self.assertEqual(Proof(Kind.SEARCH), result.proof)


@ddt.ddt
class TestConflict(base.TestCase):
    def test_names_few_of_many(self):
        found = conflict.conflict(
            builders.a_problem(
                [
                    builders.an_item('small', 9, MEMORY_MB=1),
                    builders.an_item('large', 5, MEMORY_MB=6),
                ],
                [builders.a_bin(f'h{n}', MEMORY_MB=10) for n in (1, 2)]
                + [builders.a_bin('h3', MEMORY_MB=4)],
            )
        )
        self.assertEqual({'large': 3}, found.counts)
        self.assertIs(Kind.NO_BIN, found.proof.kind)
        self.assertEqual((2, 3), (found.proof.room, found.proof.wanted))
        self.assertEqual(('h1', 'h2'), found.hosts)

    def test_of_what_only_a_program_proves(self):
        problem = builders.a_problem(
            [
                builders.an_item('low', 2, VCPU=2, MEMORY_MB=1),
                builders.an_item('high', 2, VCPU=2, MEMORY_MB=3),
            ],
            [
                builders.a_bin('h1', VCPU=4, MEMORY_MB=5),
                builders.a_bin('h2', VCPU=4, MEMORY_MB=3),
            ],
        )
        found = conflict.conflict(problem)
        self.assertEqual({'high': 2, 'low': 2}, found.counts)
        self.assertTrue(found.irreducible)

    def test_is_not_told_when_it_is_not_known(self):
        limits = Limits.of(0)
        problem = builders.a_problem(
            [
                builders.an_item('a', 3, VCPU=4),
                builders.an_item('b', 3, VCPU=3),
                builders.an_item('c', 1, VCPU=7),
            ],
            [builders.a_bin('h1', VCPU=14), builders.a_bin('h2', VCPU=14)],
        )
        self.assertIs(Status.PLACED, solve.solve(problem).status)
        self.assertIsNone(conflict.conflict(problem, limits))


@ddt.ddt
class TestRemedies(base.TestCase):
    SPARES = (
        builders.a_bin('z1', VCPU=2, MEMORY_MB=1024, DISK_GB=9),
        builders.a_bin('z2', VCPU=9, MEMORY_MB=8192, DISK_GB=9),
    )

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
            builders.a_problem([builders.an_item(VCPU=wanted)], [there]),
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
                [builders.an_item('a', 3, VCPU=4)],
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

    def test_of_a_class_that_no_bin_has(self):
        self.assertEqual(
            (),
            remedies.remedies(
                builders.a_problem(
                    [builders.an_item(VGPU=1)], [builders.a_bin(VCPU=4)]
                )
            ),
        )

    def test_wakes_what_is_large_enough(self):
        found = remedies.remedies(
            builders.a_problem([builders.an_item(VCPU=5)], []), self.SPARES
        )
        self.assertEqual(
            [(Help.WAKE, 'z2')], [(r.help, r.hostname) for r in found]
        )
