# SPDX-License-Identifier: Apache-2.0

import dataclasses

from unittest import mock

import ddt
import fixtures

from tests.unit import base
from tests.unit.core.packing.builders import LIMITS
from tests.unit.core.packing.builders import a_bin
from tests.unit.core.packing.builders import a_problem
from tests.unit.core.packing.builders import an_item
from watcher_host_maintenance.core.packing import relocation
from watcher_host_maintenance.core.packing.program import Ending
from watcher_host_maintenance.core.packing.program import Model
from watcher_host_maintenance.core.packing.relocation import MOST_ROUNDS
from watcher_host_maintenance.core.packing.relocation import Settled


def held(hostname, key, **fields):
    """An item that a bin holds; what it holds is 1 VCPU, or named."""
    return Settled(an_item(key, **fields), hostname)


def relocated(bins, settled, most=2, items=(), limits=LIMITS, **group_limits):
    """The moves for one item of 4 VCPU, or for others."""
    items = items or (an_item('new', VCPU=4),)
    problem = a_problem(items, bins, **group_limits)
    found = relocation.relocate(problem, settled, most, limits)
    return None if found is None else found.moves


def a_chain(length):
    """Bins of which each takes what the one before has, once its own left."""
    bins = [a_bin('h0', {'VCPU': 1}, VCPU=4)]
    settled = [held('h0', 'x0')]
    for n in range(1, length):
        # Too large by one for what comes, until what it has is gone.
        bins.append(a_bin(f'h{n}', {'VCPU': n + 1}, VCPU=n + 1))
        settled.append(held(f'h{n}', f'x{n}', VCPU=n + 1))
        settled[n - 1] = dataclasses.replace(
            settled[n - 1],
            item=dataclasses.replace(
                settled[n - 1].item, allowed=frozenset({f'h{n}'})
            ),
        )
    bins.append(a_bin(f'h{length}', VCPU=length))
    return bins, settled


@ddt.ddt
class TestRelocate(base.TestCase):
    @ddt.named_data(
        # name, VCPU free elsewhere, expected
        ('exactly', 1, (('x', 'h2'),)),
        ('one_short', 0, None),
    )  # fmt: skip
    @ddt.unpack
    def test_room_for_what_moves(self, free, expected):
        bins = [a_bin('h1', {'VCPU': 1}), a_bin('h2', VCPU=free)]
        # A third of a bin: the sum would do either way.
        bins.append(a_bin('h3', VCPU=9, max_unit={'VCPU': 0}))
        self.assertEqual(expected, relocated(bins, [held('h1', 'x')]))

    @ddt.named_data(
        # name, most moves, expected
        ('none',    0, None),
        ('too_few', 1, None),
        ('enough',  2, ['x', 'y']),
        ('more',    9, ['x', 'y']),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, most, expected):
        bins = [
            a_bin('h1', {'VCPU': 2}),
            a_bin('h2', VCPU=1),
            a_bin('h3', VCPU=1),
        ]
        settled = [held('h1', 'x'), held('h1', 'y')]
        moves = relocated(bins, settled, most)
        self.assertEqual(expected, moves and sorted(k for k, _h in moves))

    @ddt.named_data(
        # name, length, most moves, whether it is found
        ('short', 2, 2, True),
        ('too_few', 3, 2, False),
        ('longest', MOST_ROUNDS, MOST_ROUNDS, True),
        ('longer', MOST_ROUNDS + 1, 20, False),
    )  # fmt: skip
    @ddt.unpack
    def test_chain(self, length, most, found):
        bins, settled = a_chain(length)
        expected = tuple(
            (f'x{n}', f'h{n + 1}') for n in reversed(range(length))
        )
        new = an_item('new', VCPU=4, allowed=frozenset({'h0'}))
        self.assertEqual(
            expected if found else None,
            relocated(bins, settled, most, [new]),
        )

    def test_swap_has_no_order(self):
        """With both moves done all would fit, but neither can be first."""
        bins = [
            a_bin('h1', {'VCPU': 3}, VCPU=4),
            a_bin('h2', {'VCPU': 2}, VCPU=3),
        ]
        settled = [held('h1', 'x', VCPU=3), held('h2', 'y', VCPU=2)]
        new = [an_item('new', VCPU=2)]
        self.assertIsNone(relocated(bins, settled, 2, new))

    def test_least_memory(self):
        bins = [
            a_bin('h1', {'VCPU': 2, 'MEMORY_MB': 6}, VCPU=5, MEMORY_MB=9),
            a_bin('h2', VCPU=1, MEMORY_MB=9),
        ]
        settled = [
            held('h1', 'large', VCPU=1, MEMORY_MB=5),
            held('h1', 'small', VCPU=1, MEMORY_MB=1),
        ]
        self.assertEqual((('small', 'h2'),), relocated(bins, settled))

    def test_least_memory_in_a_chain(self):
        """Two light ones in a chain, rather than two heavy ones without."""
        bins = [
            a_bin('h1', {'VCPU': 2, 'MEMORY_MB': 10}, VCPU=5, MEMORY_MB=99),
            a_bin('h2', {'VCPU': 1, 'MEMORY_MB': 1}, VCPU=2, MEMORY_MB=99),
            a_bin('h3', VCPU=1, MEMORY_MB=1, max_unit={'MEMORY_MB': 1}),
        ]
        light = held('h1', 'light', VCPU=2, MEMORY_MB=1)
        tiny = held(
            'h2', 'tiny', allowed=frozenset({'h3'}), VCPU=1, MEMORY_MB=1
        )
        settled = [light, tiny]
        self.assertEqual(
            (('tiny', 'h3'), ('light', 'h2')), relocated(bins, settled)
        )

    @ddt.named_data(
        # name, fields of the item that is held, whether it may go
        ('any', {}, True),
        ('allowed', {'allowed': frozenset({'h2'})}, True),
        ('kept_away', {'allowed': frozenset({'h1'})}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_allowed(self, fields, goes):
        bins = [a_bin('h1', {'VCPU': 1}), a_bin('h2', VCPU=1)]
        expected = (('x', 'h2'),) if goes else None
        settled = [held('h1', 'x', **fields)]
        self.assertEqual(expected, relocated(bins, settled))

    @ddt.named_data(
        # name, fields of the other bin, whether it takes any
        ('open', {}, True),
        ('closed', {'is_open': False}, False),
        ('max_unit', {'max_unit': {'VCPU': 1}}, True),
        ('small_max_unit', {'max_unit': {'VCPU': 0}}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_bin(self, fields, takes):
        bins = [a_bin('h1', {'VCPU': 1}), a_bin('h2', VCPU=3, **fields)]
        expected = (('x', 'h2'),) if takes else None
        self.assertEqual(expected, relocated(bins, [held('h1', 'x')]))

    @ddt.named_data(
        # name, members that h2 may hold, expected
        ('room', 2, (('x', 'h2'),)),
        ('full', 1, None),
    )  # fmt: skip
    @ddt.unpack
    def test_group_of_what_moves(self, most, expected):
        bins = [
            a_bin('h1', {'VCPU': 1}, members={'web': 1}),
            a_bin('h2', VCPU=3, members={'web': 1}),
        ]
        settled = [held('h1', 'x', group='web')]
        self.assertEqual(expected, relocated(bins, settled, web=most))

    def test_group_makes_way(self):
        """Room there is, but another member keeps the new one away."""
        bins = [
            a_bin('h1', {'VCPU': 1}, VCPU=9, members={'web': 1}),
            a_bin('h2', VCPU=3),
        ]
        new = an_item('new', group='web', VCPU=4)
        settled = [held('h1', 'x', group='web')]
        self.assertEqual((('x', 'h2'),), relocated(bins, settled, items=[new]))

    @ddt.named_data(
        # name, VCPU wanted, expected
        ('covered_by_one', 1, 1),
        ('by_both',        2, 2),
        ('by_none',        6, None),
    )  # fmt: skip
    @ddt.unpack
    def test_overcommitted(self, wanted, expected):
        """Two over, until one of 3 has left."""
        bins = [
            a_bin('h1', {'VCPU': 7}, VCPU=5),
            a_bin('h2', VCPU=9),
        ]
        settled = [held('h1', k, VCPU=3) for k in ('x', 'y')]
        new = an_item('new', VCPU=wanted, allowed=frozenset({'h1'}))
        moves = relocated(bins, settled, items=[new])
        self.assertEqual(expected, None if moves is None else len(moves))

    @ddt.named_data(
        # name, most variables, whether the last may move
        ('enough',    6, True),
        ('one_short', 5, False),
    )  # fmt: skip
    @ddt.unpack
    def test_size(self, most, found):
        """Where all are too many for one program, the last ones stay.

        The new one has one variable and the first one two; the last may have
        as many as there are bins.
        """
        bins = [
            a_bin('h1', {'VCPU': 1}, VCPU=1),
            a_bin('h2', {'VCPU': 1}, VCPU=4),
            a_bin('h3', VCPU=3, max_unit={'VCPU': 1}),
        ]
        settled = [held('h1', 'first'), held('h2', 'last')]
        self.useFixture(
            fixtures.MockPatchObject(relocation, 'MOST_VARIABLES', most)
        )
        moves = relocated(bins, settled, 1)
        self.assertEqual((('last', 'h3'),) if found else None, moves)

    @ddt.named_data(('enough', 1, True), ('one_short', 0, False))
    @ddt.unpack
    def test_size_of_what_is_new(self, most, found):
        bins = [a_bin('h1', {'VCPU': 1}), a_bin('h2', VCPU=1)]
        self.useFixture(fixtures.MockPatchObject(relocation, 'LARGEST', most))
        moves = relocated(bins, [held('h1', 'x')])
        self.assertEqual(found, moves is not None)

    def test_without_bins(self):
        self.assertIsNone(relocated([], []))

    def test_undecided(self):
        """What is not certain is no answer."""
        bins = [a_bin('h1', {'VCPU': 1}), a_bin('h2', VCPU=1)]
        with mock.patch.object(Model, 'minimize') as minimize:
            minimize.return_value = Ending.UNDECIDED
            self.assertIsNone(relocated(bins, [held('h1', 'x')]))

    def test_placement(self):
        problem = a_problem(
            [an_item('new', count=2, VCPU=4)],
            [a_bin('h1', {'VCPU': 1}), a_bin('h2', VCPU=5)],
        )
        found = relocation.relocate(problem, [held('h1', 'x')], 1, LIMITS)
        self.assertEqual({'new': {'h1': 1, 'h2': 1}}, found.placement)

    def test_of_those_alike(self):
        bins = [a_bin('h1', {'VCPU': 3}), a_bin('h2', VCPU=9)]
        bins[1] = dataclasses.replace(bins[1], max_unit={'VCPU': 1})
        settled = [held('h1', 'x', count=3)]
        self.assertEqual(3 * (('x', 'h2'),), relocated(bins, settled, 3))
