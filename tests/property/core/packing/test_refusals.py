# SPDX-License-Identifier: Apache-2.0

import dataclasses

from unittest import mock

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import conflict
from watcher_host_maintenance.core.packing import program
from watcher_host_maintenance.core.packing import remedies
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status


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


def score_of_avoiding(problem, where):
    """How many, then how cheaply, then how much memory."""
    cost = sum(
        count * item.avoided.get(hostname, 0)
        for item in problem.items
        for hostname, count in where.get(item.key, {}).items()
    )
    number, memory, *_keys = score(problem, where)
    return number, -cost, memory


def only_types(board):
    """As if all items were too many variables, and their types were not."""
    return program.LARGEST + isinstance(board, Board)


class TestMost(base.TestCase):
    @generated.settings(120)
    @hypothesis.given(builders.problems(), st.sampled_from([0, 50_000]))
    def test_nothing_is_better(self, problem, ejections):
        result = solve.place_most(problem, Limits(ejections))
        self.assertTrue(result.complete)
        self.assertIs(builders.is_possible(problem), result.proof is None)
        self.assertEqual([], builders.violations(problem, result))
        self.assertEqual(
            max(score(problem, w) for w in builders.placements(problem)),
            score(problem, result.placement),
        )

    @generated.settings(150)
    @hypothesis.given(
        builders.avoiding_problems(), st.sampled_from([0, 50_000])
    )
    def test_nothing_is_cheaper(self, problem, ejections):
        result = solve.place_most(problem, Limits(ejections))
        self.assertTrue(result.complete)
        self.assertIs(builders.is_possible(problem), result.proof is None)
        self.assertEqual([], builders.violations(problem, result))
        every = builders.placements(problem)
        most, cost, memory = max(score_of_avoiding(problem, w) for w in every)
        placed = score_of_avoiding(problem, result.placement)
        self.assertEqual((most, cost, memory), placed)

    @generated.settings(120)
    @hypothesis.given(
        builders.problems(),
        st.sampled_from(
            [
                Limits(ejections=0),
                Limits(ejections=0, nodes=0),
                Limits(ejections=0, iterations=2),
                Limits(program=False),
                Limits.of(0),
            ]
        ),
    )
    def test_nothing_exceeds_the_bound(self, problem, limits):
        result = solve.place_most(problem, limits)
        most = max(map(builders.number, builders.placements(problem)))
        self.assertLessEqual(result.number, most)
        if result.status is not Status.PLACED:
            self.assertGreaterEqual(result.bound, most)
        if result.complete:
            self.assertEqual(most, result.number)

    @generated.settings(120)
    @hypothesis.given(builders.problems())
    def test_of_types_as_of_items(self, problem):
        """The way of large problems gives the answer of the whole program."""
        board = Board(problem)
        exact = program.place_most(board, Limits())
        with mock.patch.object(program, 'size', only_types):
            result = program.place_most(board, Limits())
        self.assertEqual([], builders.violations(problem, result))
        self.assertLessEqual(result.number, exact.number)
        self.assertGreaterEqual(result.bound, exact.number)
        if result.complete:
            self.assertEqual(
                score(problem, exact.placement)[:2],
                score(problem, result.placement)[:2],
            )

    @generated.settings(40)
    @hypothesis.given(builders.problems(20, 6))
    def test_nothing_fits_besides(self, problem):
        limits = Limits(2_000, program=False)
        result = solve.place_most(problem, limits)
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


def enlarged(problem, room):
    """The problem after a room was added."""
    c, amount, hostname = room
    bins = (
        dataclasses.replace(b, limit={**b.limit, c: b.limit[c] + amount})
        if b.hostname == hostname
        else b
        for b in problem.bins
    )
    return dataclasses.replace(problem, bins=tuple(bins))


class TestRemedies(base.TestCase):
    @generated.settings(100)
    @hypothesis.given(builders.problems(6, 3))
    def test_headroom_is_the_highest(self, problem):
        def with_headroom(percent):
            bins = tuple(b.with_headroom(percent) for b in problem.bins)
            return dataclasses.replace(problem, bins=bins)

        found = remedies.sufficient_headroom(with_headroom(10), 10)
        self.assertEqual(
            found is not None, builders.is_possible(with_headroom(0))
        )
        if found is not None:
            self.assertTrue(builders.is_possible(with_headroom(found)))
            if found < 9:
                self.assertFalse(
                    builders.is_possible(with_headroom(found + 1))
                )

    @generated.settings(150)
    @hypothesis.given(builders.problems(5, 3))
    def test_no_less_room_suffices(self, problem):
        """On no bin, of a class of which room is told."""
        most = solve.place_most(problem)
        rooms = [*remedies.sufficient_rooms(problem, most)]
        if builders.is_possible(problem):
            self.assertEqual([], rooms)
        for room in rooms:
            self.assertTrue(builders.is_possible(enlarged(problem, room)))
            for there in problem.bins:
                less = room._replace(
                    hostname=there.hostname, amount=room.amount - 1
                )
                after = enlarged(problem, less)
                self.assertFalse(builders.is_possible(after), room)
