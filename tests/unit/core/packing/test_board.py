# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing.board import Board


@ddt.ddt
class TestBoard(base.TestCase):
    @ddt.named_data(
        # name, fields of the bin, how many of 3 items of 2 VCPU fit it
        ('all', {'VCPU': 6}, 3),
        ('two', {'VCPU': 5}, 2),
        ('used', {'VCPU': 6, 'used': {'VCPU': 1}}, 2),
        ('fraction', {'VCPU': 6, 'limit': {'VCPU': 5.99}}, 2),
        ('overcommitted', {'VCPU': 2, 'used': {'VCPU': 3}}, 0),
        ('largest', {'VCPU': 6, 'max_unit': {'VCPU': 2}}, 3),
        ('too_large', {'VCPU': 6, 'max_unit': {'VCPU': 1}}, 0),
        ('closed', {'VCPU': 6, 'is_open': False}, 0),
        ('no_such_class', {'PCPU': 6}, 0),
        (
            'other_class_over',
            {'VCPU': 6, 'DISK_GB': 1, 'used': {'DISK_GB': 2}},
            3,
        ),
    )
    @ddt.unpack
    def test_counts_what_a_bin_could_take(self, fields, expected):
        found = Board(
            builders.a_problem(
                [builders.an_item(count=3, VCPU=2)], [builders.a_bin(**fields)]
            )
        )
        self.assertEqual(
            [expected] if expected else [], [most[0] for most in found.most]
        )

    def test_over_in_a_class_that_only_others_ask_for(self):
        found = Board(
            builders.a_problem(
                [
                    builders.an_item('a', VCPU=1),
                    builders.an_item('b', VCPU=1, DISK_GB=1),
                ],
                [builders.a_bin(VCPU=4, DISK_GB=1, used={'DISK_GB': 2})],
            )
        )
        self.assertEqual([[1, 0]], found.most)

    @ddt.named_data(
        # name, members there, limit, how many of 3 may come
        ('none_there', 0, 2, 2),
        ('one_there', 1, 2, 1),
        ('full', 2, 2, 0),
        ('over', 3, 2, 0),
        ('default', 0, None, 1),
    )
    @ddt.unpack
    def test_counts_members(self, there, limit, expected):
        limits = {} if limit is None else {'web': limit}
        found = Board(
            builders.a_problem(
                [builders.an_item(count=3, group='web')],
                [builders.a_bin(members={'web': there})],
                **limits,
            )
        )
        self.assertEqual(
            [expected] if expected else [], [most[0] for most in found.most]
        )

    def test_only_allowed_bins(self):
        found = Board(
            builders.a_problem(
                [builders.an_item(allowed=frozenset({'h2'}))],
                [builders.a_bin('h2'), builders.a_bin('h1')],
            )
        )
        self.assertEqual(['h2'], [b.hostname for b in found.bins])

    @ddt.named_data(
        # name, VCPU and MEMORY_MB of the bin, is it of use
        ('the_least_of_each', 1, 1, False),
        ('less_than_any', 0, 9, False),
        ('for_a', 1, 2, True),
        ('for_b', 2, 1, True),
    )
    @ddt.unpack
    def test_only_bins_that_take_any(self, vcpu, memory_mb, expected):
        found = Board(
            builders.a_problem(
                [
                    builders.an_item('a', VCPU=1, MEMORY_MB=2),
                    builders.an_item('b', VCPU=2, MEMORY_MB=1),
                ],
                [builders.a_bin(VCPU=vcpu, MEMORY_MB=memory_mb)],
            )
        )
        self.assertEqual(expected, bool(found.bins))

    def test_groups_are_fields(self):
        found = Board(
            builders.a_problem(
                [
                    builders.an_item('a', group='web', VCPU=2),
                    builders.an_item('b', group='db', VCPU=3),
                    builders.an_item('c', VCPU=4),
                ],
                [builders.a_bin(VCPU=9, members={'web': 1})],
                web=4,
                db=2,
            )
        )
        self.assertEqual([(2, 0, 1), (3, 1, 0), (4, 0, 0)], found.amounts)
        self.assertEqual([(9, 2, 3)], found.rooms)

    def test_amounts_are_in_units(self):
        found = Board(
            builders.a_problem(
                [
                    builders.an_item('a', MEMORY_MB=1024),
                    builders.an_item('b', MEMORY_MB=1536),
                ],
                [builders.a_bin(MEMORY_MB=4095)],
            )
        )
        self.assertEqual((512,), found.units)
        self.assertEqual([(2,), (3,)], found.amounts)
        self.assertEqual([(7,)], found.rooms)

    def test_all_fields_are_compared_at_once(self):
        board = Board(
            builders.a_problem(
                [
                    builders.an_item('a', VCPU=3, MEMORY_MB=1),
                    builders.an_item('b', VCPU=1, MEMORY_MB=3),
                    builders.an_item('c', group='web'),
                ],
                [
                    builders.a_bin('h1', VCPU=9, MEMORY_MB=2),
                    builders.a_bin('h2', VCPU=2, MEMORY_MB=9),
                    builders.a_bin(
                        'h3', VCPU=9, MEMORY_MB=9, members={'web': 1}
                    ),
                ],
            )
        )
        self.assertEqual([[0, 2], [1, 2], [0, 1]], board.able)

    @ddt.named_data(
        # name, VCPU used and MEMORY_MB used of 10 and 100, height
        ('empty', 0, 0, 0),
        ('fullest', 4, 50, 500_000),
        ('over', 15, 0, 1_500_000),
    )
    @ddt.unpack
    def test_heights(self, vcpu, memory_mb, expected):
        board = Board(
            builders.a_problem(
                [builders.an_item(DISK_GB=1)],
                [
                    builders.a_bin(
                        used={'VCPU': vcpu, 'MEMORY_MB': memory_mb},
                        VCPU=10,
                        MEMORY_MB=100,
                        DISK_GB=9,
                    )
                ],
            )
        )
        self.assertEqual([expected], board.heights)

    def test_with_counts(self):
        board = Board(
            builders.a_problem(
                [builders.an_item('a', 3), builders.an_item('b', 2)],
                [builders.a_bin()],
            )
        )
        fewer = board.with_counts([1, 0])
        self.assertEqual([[1, 0], [3, 2]], [fewer.counts, board.counts])
        self.assertIs(board.able, fewer.able)
