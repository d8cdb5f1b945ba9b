# SPDX-License-Identifier: Apache-2.0

from unittest import mock

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import conflict
from watcher_host_maintenance.core.packing import remedies
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


@ddt.ddt
class TestMost(base.TestCase):
    def test_tells_why_not_all(self):
        result = solve.place_most(
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
        result = solve.place_most(problem)
        self.assertEqual(expected, result.placement)
        self.assertIs(Status.IMPOSSIBLE, result.status)
        without = solve.place_most(problem, builders.WITHOUT_PROGRAM)
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
        result = solve.place_most(problem, everything=Result())
        self.assertEqual(3, builders.number(result.placement))
        self.assertEqual(Proof(Kind.SEARCH), result.proof)

    @ddt.named_data(
        # name, VCPU of h1 and of h2, what is placed, searches
        ('at_no_cost', (4, 2), {'a': {'h2': 2}},          1),
        ('at_a_cost',  (4, 1), {'a': {'h1': 1, 'h2': 1}}, 2),
    )  # fmt: skip
    @ddt.unpack
    def test_looks_for_a_lower_cost(self, rooms, expected, searches):
        """Only where as many as can be placed have one."""
        problem = builders.a_problem(
            [
                builders.an_item('a', 2, avoided={'h1': 1}),
                builders.an_item('b', VCPU=9),
            ],
            [
                builders.a_bin(f'h{n}', VCPU=room)
                for n, room in enumerate(rooms, 1)
            ],
        )
        with mock.patch.object(
            solve, '_largest', side_effect=solve._largest
        ) as largest:
            result = solve.place_most(problem)
        self.assertEqual(expected, result.placement)
        self.assertTrue(result.complete)
        self.assertEqual(searches, largest.call_count)


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
class TestHeadroom(base.TestCase):
    def test_where_nothing_is_lacking(self):
        """Less suffices where the unplaced item itself may not go."""
        small = builders.an_item(
            'small', VCPU=2, count=3, allowed=frozenset('ac')
        )
        large = builders.an_item('large', VCPU=4, allowed=frozenset('bc'))
        bins = [
            builders.a_bin('a', VCPU=4),
            builders.a_bin('b', VCPU=3),
            builders.a_bin('c', VCPU=4),
        ]
        problem = builders.a_problem([small, large], bins)
        self.assertEqual([remedies.Room('VCPU', 1, 'b')], rooms(problem))

    @ddt.named_data(
        # name, VCPU used of 10 with 20 % headroom, VCPU wanted, expected
        ('less', 5, 4, 10),
        ('none', 5, 5, 0),
        ('more_than_there_is', 5, 6, None),
    )
    @ddt.unpack
    def test_of_one_bin(self, used, wanted, expected):
        there = builders.a_bin(VCPU=10, used={'VCPU': used}).with_headroom(20)
        problem = builders.a_problem([builders.an_item(VCPU=wanted)], [there])
        self.assertEqual(expected, remedies.sufficient_headroom(problem, 20))

    @ddt.named_data(
        # name, percent, expected
        ('none', 0, None),
        ('less_than_one', 0.5, 0),
        ('one', 1, 0),
        ('more_than_one', 1.5, 1),
    )
    @ddt.unpack
    def test_is_less_than_before(self, percent, expected):
        problem = builders.a_problem([builders.an_item()], [builders.a_bin()])
        found = remedies.sufficient_headroom(problem, percent)
        self.assertEqual(expected, found)


def rooms(problem):
    most = solve.place_most(problem)
    return [*remedies.sufficient_rooms(problem, most)]


@ddt.ddt
class TestRooms(base.TestCase):
    @ddt.named_data(
        # name, VCPU used of 10 with 20 % headroom, VCPU wanted, expected
        ('room', 5, 3, []),
        ('beyond_headroom', 5, 4, [1]),
        ('more_than_there_is', 5, 6, [3]),
    )
    @ddt.unpack
    def test_of_one_bin(self, used, wanted, expected):
        there = builders.a_bin(VCPU=10, used={'VCPU': used}).with_headroom(20)
        problem = builders.a_problem([builders.an_item(VCPU=wanted)], [there])
        self.assertEqual(expected, [r.amount for r in rooms(problem)])

    @ddt.named_data(
        # name, VCPU of h1, h2 and h3, expected
        ('least_of_all', (3, 4, 4), [('VCPU', 1, 'h1')]),
        ('by_name', (4, 4, 4), []),
        ('others_may_go_elsewhere', (2, 5, 5), [('VCPU', 2, 'h1')]),
        ('beside_what_is_placed', (1, 7, 5), [('VCPU', 1, 'h2')]),
    )
    @ddt.unpack
    def test_adds_the_least_room(self, vcpus, expected):
        problem = builders.a_problem(
            [builders.an_item('a', 3, VCPU=4)],
            [builders.a_bin(f'h{n}', VCPU=v) for n, v in enumerate(vcpus, 1)],
        )
        self.assertEqual(expected, rooms(problem))

    def test_of_a_class_that_no_bin_has(self):
        problem = builders.a_problem(
            [builders.an_item(VGPU=1)], [builders.a_bin(VCPU=4)]
        )
        self.assertEqual([], rooms(problem))
