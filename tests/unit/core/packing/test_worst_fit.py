# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.worst_fit import by_size
from watcher_host_maintenance.core.packing.worst_fit import worst_fit


@ddt.ddt
class TestWorstFit(base.TestCase):
    @ddt.named_data(
        # name, VCPU used of 10 on h1 and h2, where one of 2 VCPU goes
        ('lower', 3, 2, 'h2'),
        ('tie_by_hostname', 2, 2, 'h1'),
        ('higher_is_full', 9, 8, 'h2'),
        ('none', 9, 9, None),
    )
    @ddt.unpack
    def test_takes_the_lowest(self, first, second, expected):
        found = worst_fit(
            Board(
                builders.a_problem(
                    [builders.an_item(VCPU=2)],
                    [
                        builders.a_bin('h2', VCPU=10, used={'VCPU': second}),
                        builders.a_bin('h1', VCPU=10, used={'VCPU': first}),
                    ],
                )
            )
        )
        self.assertEqual(
            expected, found and next(iter(found.placement()['a']))
        )

    @ddt.named_data(
        # name, fields of the lower bin, where one of 2 VCPU goes
        ('open', {}, 'h2'),
        ('closed', {'is_open': False}, 'h1'),
        ('too_large', {'max_unit': {'VCPU': 1}}, 'h1'),
        ('largest', {'max_unit': {'VCPU': 2}}, 'h2'),
        ('member_there', {'members': {'web': 1}}, 'h1'),
        ('beyond_its_limit', {'limit': {'VCPU': 1.9}}, 'h1'),
        ('at_its_limit', {'limit': {'VCPU': 2.0}}, 'h2'),
    )
    @ddt.unpack
    def test_keeps_the_rules(self, fields, expected):
        found = worst_fit(
            Board(
                builders.a_problem(
                    [builders.an_item(group='web', VCPU=2)],
                    [
                        builders.a_bin('h1', VCPU=10, used={'VCPU': 5}),
                        builders.a_bin('h2', VCPU=10, **fields),
                    ],
                )
            )
        )
        self.assertEqual({'a': {expected: 1}}, found.placement())

    def test_where_the_height_ends_lowest(self):
        # The lower bin is the smaller one: with 4 more it is the higher.
        found = worst_fit(
            Board(
                builders.a_problem(
                    [builders.an_item(VCPU=4)],
                    [
                        builders.a_bin('small', VCPU=8, used={'VCPU': 1}),
                        builders.a_bin('large', VCPU=40, used={'VCPU': 10}),
                    ],
                )
            )
        )
        self.assertEqual({'a': {'large': 1}}, found.placement())


@ddt.ddt
class TestSoftGroups(base.TestCase):
    """What a soft group likes better goes first, however full it is."""

    @ddt.named_data(
        # name, soft group, members and VCPU used of 10 on h1, h2 and h3, expected
        ('none', None, [(0, 5), (0, 4), (0, 6)], 'h2'),
        ('apart', 'far', [(1, 0), (0, 7), (1, 0)], 'h2'),
        ('fewest', 'far', [(3, 0), (2, 5), (1, 8)], 'h3'),
        ('apart_and_lowest', 'far', [(0, 5), (1, 0), (0, 4)], 'h3'),
        ('apart_by_name', 'far', [(1, 0), (0, 4), (0, 4)], 'h2'),
        ('together', 'near', [(0, 0), (0, 1), (1, 8)], 'h3'),
        ('one_is_enough', 'near', [(1, 4), (3, 5), (0, 0)], 'h1'),
        ('together_by_name', 'near', [(0, 0), (2, 4), (1, 4)], 'h2'),
        ('nobody_there', 'near', [(0, 5), (0, 4), (0, 4)], 'h2'),
        # A soft group is no must: h1 has no room.
        ('no_room_apart', 'far', [(0, 10), (1, 3), (1, 2)], 'h3'),
        ('no_room_together', 'near', [(1, 10), (0, 3), (0, 2)], 'h3'),
    )
    @ddt.unpack
    def test_level(self, soft_group, bins, expected):
        found = worst_fit(
            Board(
                builders.a_problem(
                    [builders.an_item(soft_group=soft_group)],
                    [
                        builders.a_bin(
                            f'h{n}',
                            VCPU=10,
                            used={'VCPU': used},
                            members={str(soft_group): members},
                        )
                        for n, (members, used) in enumerate(bins, 1)
                    ],
                    soft_affinity_groups=['near'],
                )
            )
        )
        self.assertEqual({'a': {expected: 1}}, found.placement())

    @ddt.named_data(
        # name, soft_group, expected
        ('apart', 'far', {'h1': 2, 'h2': 1, 'h3': 1}),
        ('together', 'near', {'h1': 4}),
        ('none', None, {'h1': 2, 'h2': 1, 'h3': 1}),
    )
    @ddt.unpack
    def test_those_that_were_put_count(self, soft_group, expected):
        found = worst_fit(
            Board(
                builders.a_problem(
                    [
                        builders.an_item('a', 2, soft_group=soft_group),
                        builders.an_item('b', 2, soft_group=soft_group),
                    ],
                    [builders.a_bin(f'h{n}', VCPU=4) for n in (1, 2, 3)],
                    soft_affinity_groups=['near'],
                )
            )
        )
        where = found.placement()
        self.assertEqual(
            expected,
            {
                h: where['a'].get(h, 0) + where['b'].get(h, 0)
                for h in sorted({*where['a'], *where['b']})
            },
        )

    def test_full_where_they_would_rather_be(self):
        found = worst_fit(
            Board(
                builders.a_problem(
                    [builders.an_item('a', 5, soft_group='near')],
                    [
                        builders.a_bin('h1', VCPU=3),
                        builders.a_bin('h2', VCPU=3),
                    ],
                    soft_affinity_groups=['near'],
                )
            )
        )
        self.assertEqual({'a': {'h1': 3, 'h2': 2}}, found.placement())


@ddt.ddt
class TestOrder(base.TestCase):
    """Which is placed first: the largest, what is unproved last."""

    def order(self, *items, **capacity):
        board = Board(builders.a_problem(items, [builders.a_bin(**capacity)]))
        return ''.join(board.items[i].key for i in by_size(board))

    @ddt.named_data(
        # name, fields of a, of b, expected
        ('larger', {'VCPU': 1}, {'VCPU': 2}, 'ba'),
        # Half of the memory is more than 4 of 10 VCPU.
        ('larger_share', {'VCPU': 4}, {'MEMORY_MB': 500}, 'ba'),
        (
            'more_memory',
            {'VCPU': 5, 'MEMORY_MB': 1},
            {'VCPU': 5, 'MEMORY_MB': 2},
            'ba',
        ),
        ('name', {'VCPU': 2}, {'VCPU': 2}, 'ab'),
        ('unproved', {'VCPU': 9, 'unproved': True}, {'VCPU': 1}, 'ba'),
        (
            'both_unproved',
            {'VCPU': 1, 'unproved': True},
            {'VCPU': 9, 'unproved': True},
            'ba',
        ),
        ('of_what_is_nowhere', {'VCPU': 9}, {'VGPU': 1}, 'ba'),
        ('nothing', {'VCPU': 0}, {'VCPU': 1}, 'ba'),
    )
    @ddt.unpack
    def test_first(self, first, second, expected):
        self.assertEqual(
            expected,
            self.order(
                builders.an_item('a', **first),
                builders.an_item('b', **second),
                VCPU=10,
                MEMORY_MB=1000,
            ),
        )
