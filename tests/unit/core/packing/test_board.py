# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import board


@ddt.ddt
class TestBoard(base.TestCase):
    @ddt.named_data(
        # name, fields of the bin, how many of 3 shapes of 2 VCPU fit it
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
        found = board.board(
            builders.a_problem(
                [builders.a_shape(count=3, VCPU=2)], [builders.a_bin(**fields)]
            )
        )
        self.assertEqual(
            [expected] if expected else [], [most[0] for most in found.most]
        )

    def test_over_in_a_class_that_only_others_ask_for(self):
        found = board.board(
            builders.a_problem(
                [
                    builders.a_shape('a', VCPU=1),
                    builders.a_shape('b', VCPU=1, DISK_GB=1),
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
        found = board.board(
            builders.a_problem(
                [builders.a_shape(count=3, group='web')],
                [builders.a_bin(members={'web': there})],
                **limits,
            )
        )
        self.assertEqual(
            [expected] if expected else [], [most[0] for most in found.most]
        )

    def test_only_allowed_bins(self):
        found = board.board(
            builders.a_problem(
                [builders.a_shape(allowed=frozenset({'h2'}))],
                [builders.a_bin('h2'), builders.a_bin('h1')],
            )
        )
        self.assertEqual(['h2'], found.hosts)

    def test_amounts_are_in_units(self):
        found = board.board(
            builders.a_problem(
                [
                    builders.a_shape('a', MEMORY_MB=1024),
                    builders.a_shape('b', MEMORY_MB=1536),
                ],
                [builders.a_bin(MEMORY_MB=4095)],
            )
        )
        self.assertEqual((512,), found.units)
        self.assertEqual([(2,), (3,)], found.sizes)
        self.assertEqual([(7,)], found.rooms)
        self.assertEqual((5,), found.demand)
