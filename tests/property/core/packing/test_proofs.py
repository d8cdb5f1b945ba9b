# SPDX-License-Identifier: Apache-2.0

import hypothesis

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.proofs import quick_proofs


def proof(problem):
    return next(quick_proofs(Board(problem)), None)


class TestProofs(base.TestCase):
    @generated.settings(500)
    @hypothesis.given(builders.problems())
    def test_are_never_false(self, problem):
        found = proof(problem)
        if found is not None:
            self.assertFalse(builders.is_possible(problem))
            self.assertLess(found.room, found.wanted)
            self.assertEqual(
                found.wanted,
                sum(
                    s.count * found.weights.get(s.key, 0)
                    for s in problem.items
                ),
            )
