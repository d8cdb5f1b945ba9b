# SPDX-License-Identifier: Apache-2.0


import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import patterns


@ddt.ddt
class TestPatterns(base.TestCase):
    @ddt.named_data(
        ('enough', 9_999, True),
        ('too_few', 1, False),
    )
    @ddt.unpack
    def test_are_listed_within_steps(self, steps, expected):
        found = patterns.listed(
            patterns.kinds(
                board.board(
                    builders.a_problem(
                        [
                            builders.a_shape('a', 3),
                            builders.a_shape('b', 3, VCPU=2),
                        ],
                        [builders.a_bin()],
                    )
                )
            ),
            steps,
        )
        self.assertEqual(
            [expected], [look.patterns is not None for look in found.looks]
        )

    def test_members_of_groups_are_capped(self):
        found = patterns.kinds(
            board.board(
                builders.a_problem(
                    [
                        builders.a_shape('a', 3, group='web'),
                        builders.a_shape('b', 1),
                        builders.a_shape('c', 3, group='db'),
                    ],
                    [
                        builders.a_bin('h1', VCPU=9),
                        builders.a_bin('h2', VCPU=9),
                    ],
                )
            )
        )
        self.assertEqual([(3,)], [look.caps for look in found.looks])
        self.assertEqual([2], [look.times for look in found.looks])
        self.assertEqual([7], found.counts)
