# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import patterns
from watcher_host_maintenance.core.packing import weights


def proof(problem, rounds, steps):
    """The proof by weights alone, with patterns listed in so many steps."""
    built = board.board(problem)
    found = patterns.listed(patterns.kinds(built), steps)
    return weights.proof(built, found, rounds)


def pairs(last):
    """Two instances for each of two bins, of which one must be large."""
    return builders.a_problem(
        [
            builders.a_shape('low', 2, VCPU=2, MEMORY_MB=1),
            builders.a_shape('high', 2, VCPU=2, MEMORY_MB=3),
        ],
        [
            builders.a_bin('h1', VCPU=4, MEMORY_MB=5),
            builders.a_bin('h2', VCPU=4, MEMORY_MB=last),
        ],
    )


@ddt.ddt
class TestWeights(base.TestCase):
    @ddt.named_data(
        # name, memory of the second bin, rounds, steps to list, proved
        ('listed', 3, 50, 1_000, True),
        ('not_listed', 3, 50, 0, True),
        ('no_rounds', 3, 0, 1_000, False),
        ('has_a_place', 4, 50, 1_000, False),
        ('has_a_place_not_listed', 4, 50, 0, False),
    )
    @ddt.unpack
    def test_prove(self, last, rounds, steps, expected):
        found = proof(pairs(last), rounds, steps)
        self.assertEqual(expected, found is not None)
