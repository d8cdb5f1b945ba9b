# SPDX-License-Identifier: Apache-2.0


import ddt

from tests.unit import base
from watcher_host_maintenance.core.packing import subset_sum


@ddt.ddt
class TestLargestSum(base.TestCase):
    @ddt.named_data(
        # name, room, what 3 of size 3 and 2 of size 0 fill of it
        ('nothing', 2, 0),
        ('cut', 7, 6),
        ('just_all', 9, 9),
        ('more_than_all', 99, 9),
    )
    @ddt.unpack
    def test_of_room(self, room, expected):
        found = subset_sum.largest_sum(((3, 3), (0, 2)), room)
        self.assertEqual(expected, found)

    @ddt.named_data(
        # name, room, what many of size 3 fill of it
        ('as_wide', subset_sum.WIDEST, subset_sum.WIDEST - 1),
        ('too_wide_to_sum', subset_sum.WIDEST + 1, subset_sum.WIDEST + 1),
    )
    @ddt.unpack
    def test_of_wide_rooms(self, room, expected):
        found = subset_sum.largest_sum(((3, room),), room)
        self.assertEqual(expected, found)
