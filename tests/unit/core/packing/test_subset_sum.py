# SPDX-License-Identifier: Apache-2.0


import ddt

from tests.unit import base
from watcher_host_maintenance.core.packing import subset_sum


@ddt.ddt
class TestLargestSum(base.TestCase):
    @ddt.named_data(
        # name, room of 2 classes, lowered
        ('both_cut', (7, 9), (6, 8)),
        ('all_fits', (99, 99), (9, 12)),
        ('too_wide_to_sum', (subset_sum.WIDEST + 1, 9), (9, 8)),
    )
    @ddt.unpack
    def test_lowers_each_class(self, room, expected):
        found = subset_sum.rounded([(3, 4), (5, 5)], [3, 0], room)
        self.assertEqual(expected, found)

    def test_leaves_what_is_too_wide(self):
        wide = subset_sum.WIDEST + 1
        found = subset_sum.rounded([(2,)], [wide], (wide,))
        self.assertEqual((wide,), found)
