# SPDX-License-Identifier: Apache-2.0

import itertools

import ddt
import hypothesis

from hypothesis import strategies as st

from tests.unit import base
from tests.unit.core import generated
from watcher_host_maintenance.core.packing import rounding


@ddt.ddt
class TestLargestSum(base.TestCase):
    @generated.settings(200)
    @hypothesis.given(
        st.dictionaries(st.integers(1, 9), st.integers(1, 4), max_size=4),
        st.integers(0, 40),
    )
    def test_is_the_largest_of_all(self, numbers, room):
        sums = (
            sum(n * size for n, size in zip(chosen, numbers, strict=True))
            for chosen in itertools.product(
                *(range(n + 1) for n in numbers.values())
            )
        )
        self.assertEqual(
            max(s for s in sums if s <= room),
            rounding.largest_sum(list(numbers.items()), room),
        )

    @ddt.named_data(
        # name, room of 2 classes, lowered
        ('both_cut', (7, 9), (6, 8)),
        ('all_fits', (99, 99), (9, 12)),
        ('too_wide_to_sum', (rounding.WIDEST + 1, 9), (9, 8)),
    )
    @ddt.unpack
    def test_lowers_each_class(self, room, expected):
        found = rounding.Rounding().lowered([(3, 4), (5, 5)], [3, 0], room)
        self.assertEqual(expected, found)

    def test_leaves_what_is_too_wide(self):
        wide = rounding.WIDEST + 1
        found = rounding.Rounding().lowered([(2,)], [wide], (wide,))
        self.assertEqual((wide,), found)
