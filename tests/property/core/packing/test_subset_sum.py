# SPDX-License-Identifier: Apache-2.0

import itertools

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core.packing import subset_sum


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
            subset_sum.largest_sum(tuple(numbers.items()), room),
        )
