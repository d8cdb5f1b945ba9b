# SPDX-License-Identifier: Apache-2.0

from tests.unit import base
from tests.unit.core.packing import builders
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.item_types import ItemTypes


class TestItemTypes(base.TestCase):
    def test_members_of_groups_are_limited(self):
        types = ItemTypes(
            Board(
                builders.a_problem(
                    [
                        builders.an_item('a', 3, group='web'),
                        builders.an_item('b', 1),
                        builders.an_item('c', 3, group='db'),
                    ],
                    [
                        builders.a_bin('h1', VCPU=9),
                        builders.a_bin('h2', VCPU=9),
                    ],
                )
            )
        )
        self.assertEqual([(3,)], [b.most for b in types.bins])
        self.assertEqual([2], [b.count for b in types.bins])
        self.assertEqual([7], types.counts)
        self.assertEqual([[0, 1, 2]], types.members)

    def test_what_differs_in_size_or_bins_is_no_type(self):
        types = ItemTypes(
            Board(
                builders.a_problem(
                    [
                        builders.an_item('a', VCPU=1),
                        builders.an_item('b', VCPU=2),
                        builders.an_item('c', VCPU=1, soft_group='near'),
                        builders.an_item('d', allowed=frozenset({'h1'})),
                    ],
                    [builders.a_bin('h1'), builders.a_bin('h2')],
                )
            )
        )
        self.assertEqual([[0, 2], [1], [3]], types.members)
        self.assertEqual([(2, 1, 1), (2, 1, 0)], types.most)

    def test_of_none_there_is_no_type(self):
        board = Board(
            builders.a_problem(
                [builders.an_item('a'), builders.an_item('b', VCPU=2)],
                [builders.a_bin()],
            )
        )
        types = ItemTypes(board.with_counts([0, 1]))
        self.assertEqual([[1]], types.members)
