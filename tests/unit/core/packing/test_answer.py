# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from watcher_host_maintenance.core.packing.answer import Answer
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status


@ddt.ddt
class TestLimits(base.TestCase):
    def test_of_the_usual_steps(self):
        self.assertEqual(Limits(), Limits.of(Limits().ejections))

    @ddt.named_data(
        # name, steps, of the search, of the lowering, of the exchanges
        ('none', 0, 0, 0, 0),
        ('few', 25, 2, 25, 25),
        ('some', 50_000, 4_000, 50_000, 20_000),
        ('many', 100_000_000, 8_000_000, 60_000, 20_000),
    )
    @ddt.unpack
    def test_of(self, steps, search, lowering, exchanges):
        found = Limits.of(steps)
        self.assertEqual(
            (steps, search, lowering, exchanges),
            (
                found.ejections,
                found.search_steps,
                found.lowering,
                found.exchanges,
            ),
        )
        self.assertIs(steps > 0, found.exact)


@ddt.ddt
class TestAnswer(base.TestCase):
    @ddt.named_data(
        ('on_two', 'a', 3),
        ('on_none', 'b', 0),
        ('unknown', 'c', 0),
    )
    @ddt.unpack
    def test_placed(self, key, expected):
        answer = Answer(Status.PLACED, {'a': {'h1': 1, 'h2': 2}, 'b': {}})
        self.assertEqual(expected, answer.placed(key))
