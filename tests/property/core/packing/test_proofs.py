# SPDX-License-Identifier: Apache-2.0

import hypothesis

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import solve


def proof(problem):
    return solve.prove(board.board(problem), builders.WITHOUT)


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
                    for s in problem.shapes
                ),
            )
