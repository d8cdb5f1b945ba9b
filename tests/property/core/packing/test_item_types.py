# SPDX-License-Identifier: Apache-2.0

import itertools

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.item_types import ItemTypes


def everything(sizes, bin_type):
    """All that fits a type of bin, without its groups."""
    for chosen in itertools.product(*(range(n + 1) for n in bin_type.most)):
        if all(
            sum(n * s[r] for n, s in zip(chosen, sizes, strict=True)) <= free
            for r, free in enumerate(bin_type.room)
        ):
            yield chosen


class TestItemTypes(base.TestCase):
    @generated.settings(150)
    @hypothesis.given(builders.problems(), st.randoms(use_true_random=False))
    def test_no_more_fit(self, problem, random):
        types = ItemTypes(Board(problem))
        family = [
            t for t in range(len(types.amounts)) if random.random() < 0.7
        ]
        for bin_type in types.bins:
            most = max(
                sum(chosen[t] for t in family)
                for chosen in everything(types.amounts, bin_type)
            )
            self.assertGreaterEqual(
                bin_type.holds(types.amounts, family), most
            )
