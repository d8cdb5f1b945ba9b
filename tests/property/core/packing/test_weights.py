# SPDX-License-Identifier: Apache-2.0

import hypothesis

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import patterns
from watcher_host_maintenance.core.packing import proofs
from watcher_host_maintenance.core.packing import weights


def proof(problem, rounds, steps):
    """The proof by weights alone, with patterns listed in so many steps."""
    built = board.board(problem)
    found = patterns.listed(patterns.kinds(built), steps)
    return weights.proof(built, found, rounds)


class TestWeights(base.TestCase):
    @generated.settings(300)
    @hypothesis.given(builders.problems(), hypothesis.strategies.booleans())
    def test_are_never_false(self, problem, listed):
        if any(proofs.of_board(board.board(problem))):
            return
        found = proof(problem, 30, 1_000 if listed else 0)
        if found is not None:
            self.assertFalse(builders.is_possible(problem))
            self.assertLess(found.room, found.wanted)
