# SPDX-License-Identifier: Apache-2.0

import itertools

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import patterns


def everything(found, look):
    """All that fits a look, without its groups."""
    for chosen in itertools.product(*(range(n + 1) for n in look.caps)):
        if all(
            sum(n * s[r] for n, s in zip(chosen, found.sizes, strict=True))
            <= free
            for r, free in enumerate(look.room)
        ):
            yield chosen


class TestPatterns(base.TestCase):
    @generated.settings(150)
    @hypothesis.given(builders.problems(), st.randoms(use_true_random=False))
    def test_nothing_that_fits_weighs_more(self, problem, random):
        whole = patterns.kinds(board.board(problem))
        weights = [random.randint(0, 9) for _kind in whole.sizes]
        listed = patterns.listed(whole, 9_999).looks
        relaxed = {look.room + look.caps: look for look in whole.looks}
        for look in listed:
            most = max(
                sum(w * n for w, n in zip(weights, chosen, strict=True))
                for chosen in everything(whole, look)
            )
            self.assertEqual(most, look.holds(whole.sizes, weights))
            loose = relaxed[look.room + look.caps]
            self.assertGreaterEqual(loose.holds(whole.sizes, weights), most)
