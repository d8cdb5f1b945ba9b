# SPDX-License-Identifier: Apache-2.0

import hypothesis

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import exact
from watcher_host_maintenance.core.packing import search


class TestSearch(base.TestCase):
    @generated.settings(100)
    @hypothesis.given(builders.problems(8, 4))
    def test_agrees_with_the_exact_solver(self, problem):
        built = board.board(problem)
        if not built.hosts:
            return
        mine = search.place_most(built, 500_000, 0)
        theirs = exact.place_most(built, builders.WITH)
        self.assertTrue(mine.complete and theirs.complete)
        self.assertEqual(self.counts(mine), self.counts(theirs))

    @staticmethod
    def counts(found):
        counts = {}
        for there in found.where:
            for shape, number in there.items():
                counts[shape] = counts.get(shape, 0) + number
        return counts
