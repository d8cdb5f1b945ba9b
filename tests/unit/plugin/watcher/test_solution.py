# SPDX-License-Identifier: Apache-2.0

"""Tests of the solution that knows what waits for what."""

import ddt

from watcher.decision_engine.loading import default as loading

from tests.unit.plugin import base
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher.solution import OrderedSolution


@ddt.ddt
class TestOrderedSolution(base.TestCase):
    def setUp(self):
        super().setUp()
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        self.solution = OrderedSolution(strategy.goal, strategy)
        self.solution.add_step('stop', {}, 'web', ())

    def test_parents(self):
        self.solution.add_step('stop', {}, 'api', [0])
        self.solution.add_step('stop', {}, 'db', [1, 0])
        self.assertEqual([(), (0,), (0, 1)], self.solution.parents)
        self.assertEqual(
            ['web', 'api', 'db'],
            [
                a['input_parameters']['resource_id']
                for a in self.solution.actions
            ],
        )

    def test_parameters_are_copied(self):
        given = {'message': 'x'}
        self.solution.add_step('nop', given, 'web', ())
        self.assertEqual({'message': 'x'}, given)

    @ddt.data(-1, 1, 2)
    def test_parent_that_is_not_there(self, parent):
        error = self.assertRaises(
            ValueError, self.solution.add_step, 'stop', {}, 'db', [parent]
        )
        self.assertEqual('stop waits for a later action', str(error))
        self.assertEqual([()], self.solution.parents)

    def test_twice(self):
        # Watcher drops the second one, with a warning.
        error = self.assertRaises(
            ValueError, self.solution.add_step, 'stop', {}, 'web', ()
        )
        self.assertEqual('stop web exists twice', str(error))
        self.assertEqual(1, len(self.solution.actions))

    def test_clear(self):
        self.solution.clear()
        self.assertEqual(
            ([], []), (self.solution.actions, self.solution.parents)
        )
        self.solution.add_step('stop', {}, 'web', ())
        self.assertEqual([()], self.solution.parents)
