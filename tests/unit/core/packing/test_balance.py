# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from tests.unit.core.packing.builders import heights
from watcher_host_maintenance.core.packing.balance import balance


@ddt.ddt
class TestBalance(base.TestCase):
    BINS = (builders.a_bin('h1', VCPU=10), builders.a_bin('h2', VCPU=10))
    ITEMS = (
        builders.an_item('a', 2, VCPU=4),
        builders.an_item('b', 2, VCPU=2),
    )

    @ddt.named_data(
        # name, on which bins, what they hold then
        ('one_moves', {'a': {'h1': 2}, 'b': {'h2': 2}}, [0.6, 0.6]),
        (
            'is_even',
            {'a': {'h1': 1, 'h2': 1}, 'b': {'h1': 1, 'h2': 1}},
            [0.6, 0.6],
        ),
        ('all_on_one', {'a': {'h1': 1}, 'b': {'h1': 2}}, [0.4, 0.4]),
    )
    @ddt.unpack
    def test_exchanges(self, where, expected):
        problem = builders.a_problem(self.ITEMS, self.BINS)
        found = builders.heights_of(problem, where)
        balance(found, 1_000)
        self.assertEqual(expected, heights(problem, found.placement()))

    def test_does_nothing_without_work(self):
        problem = builders.a_problem(self.ITEMS, self.BINS)
        found = builders.heights_of(problem, {'a': {'h1': 2}, 'b': {'h2': 2}})
        balance(found, 0)
        self.assertEqual([0.8, 0.4], heights(problem, found.placement()))


@ddt.ddt
class TestSoftGroups(base.TestCase):
    @ddt.named_data(
        # name, soft_group, members on h2, how many have moved there
        ('none', None, 0, 1),
        ('apart', 'far', 0, 1),
        ('apart_as_good', 'far', 1, 1),
        ('apart_worse', 'far', 2, 0),
        ('together', 'near', 0, 0),
        ('together_there_too', 'near', 1, 1),
    )
    @ddt.unpack
    def test_balance_is_not_at_their_cost(self, soft_group, members, moved):
        problem = builders.a_problem(
            [builders.an_item('a', 2, soft_group=soft_group, VCPU=4)],
            [
                builders.a_bin('h1', VCPU=10),
                builders.a_bin(
                    'h2', VCPU=10, members={str(soft_group): members}
                ),
            ],
            soft_affinity_groups=['near'],
        )
        found = builders.heights_of(problem, {'a': {'h1': 2}})
        balance(found, 1_000)
        self.assertEqual(moved, found.placement()['a'].get('h2', 0))

    @ddt.named_data(
        # name, members of far on h1, on h2, are a and b exchanged
        ('free', 0, 0, True),
        ('as_good', 1, 1, True),
        ('worse_there', 0, 1, False),
        ('better_there', 1, 0, True),
    )
    @ddt.unpack
    def test_an_exchange_neither(self, first, second, expected):
        """7 and 5 of 10 become 6 and 6, if a may go to h2 for b."""
        problem = builders.a_problem(
            [
                builders.an_item('a', soft_group='far', VCPU=4),
                builders.an_item('b', VCPU=3),
            ],
            [
                builders.a_bin(
                    'h1', VCPU=10, used={'VCPU': 3}, members={'far': first}
                ),
                builders.a_bin(
                    'h2', VCPU=10, used={'VCPU': 2}, members={'far': second}
                ),
            ],
        )
        found = builders.heights_of(problem, {'a': {'h1': 1}, 'b': {'h2': 1}})
        balance(found, 1_000)
        self.assertEqual(
            {'h2': 1} if expected else {'h1': 1}, found.placement()['a']
        )
