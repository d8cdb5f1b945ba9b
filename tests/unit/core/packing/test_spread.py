# SPDX-License-Identifier: Apache-2.0


import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from tests.unit.core.packing.builders import heights
from watcher_host_maintenance.core.packing import evening
from watcher_host_maintenance.core.packing import loads
from watcher_host_maintenance.core.packing import lowering
from watcher_host_maintenance.core.packing import spread


def put(problem, where):
    """Loads with what a placement holds."""
    found = loads.Loads(problem)
    for shape in problem.shapes:
        for hostname, count in sorted(where.get(shape.key, {}).items()):
            for _one in range(count):
                found.put(shape, hostname)
    return found


@ddt.ddt
class TestSpread(base.TestCase):
    @ddt.named_data(
        # name, VCPU used of 10 on h1 and h2, where one of 2 VCPU goes
        ('lower', 3, 2, 'h2'),
        ('tie_by_hostname', 2, 2, 'h1'),
        ('higher_is_full', 9, 8, 'h2'),
        ('none', 9, 9, None),
    )
    @ddt.unpack
    def test_takes_the_lowest(self, first, second, expected):
        found = spread.spread(
            builders.a_problem(
                [builders.a_shape(VCPU=2)],
                [
                    builders.a_bin('h2', VCPU=10, used={'VCPU': second}),
                    builders.a_bin('h1', VCPU=10, used={'VCPU': first}),
                ],
            )
        )
        self.assertEqual(expected, found and next(iter(found.where()['a'])))

    @ddt.named_data(
        # name, fields of the lower bin, where one of 2 VCPU goes
        ('open', {}, 'h2'),
        ('closed', {'is_open': False}, 'h1'),
        ('too_large', {'max_unit': {'VCPU': 1}}, 'h1'),
        ('largest', {'max_unit': {'VCPU': 2}}, 'h2'),
        ('member_there', {'members': {'web': 1}}, 'h1'),
        ('beyond_its_limit', {'limit': {'VCPU': 1.9}}, 'h1'),
        ('at_its_limit', {'limit': {'VCPU': 2.0}}, 'h2'),
    )
    @ddt.unpack
    def test_keeps_the_rules(self, fields, expected):
        found = spread.spread(
            builders.a_problem(
                [builders.a_shape(group='web', VCPU=2)],
                [
                    builders.a_bin('h1', VCPU=10, used={'VCPU': 5}),
                    builders.a_bin('h2', VCPU=10, **fields),
                ],
            )
        )
        self.assertEqual({'a': {expected: 1}}, found.where())

    def test_where_the_height_ends_lowest(self):
        # The lower bin is the smaller one: with 4 more it is the higher.
        found = spread.spread(
            builders.a_problem(
                [builders.a_shape(VCPU=4)],
                [
                    builders.a_bin('small', VCPU=8, used={'VCPU': 1}),
                    builders.a_bin('large', VCPU=40, used={'VCPU': 10}),
                ],
            )
        )
        self.assertEqual({'a': {'large': 1}}, found.where())


@ddt.ddt
class TestEvening(base.TestCase):
    BINS = (builders.a_bin('h1', VCPU=10), builders.a_bin('h2', VCPU=10))
    SHAPES = (
        builders.a_shape('a', 2, VCPU=4),
        builders.a_shape('b', 2, VCPU=2),
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
        problem = builders.a_problem(self.SHAPES, self.BINS)
        found = put(problem, where)
        evening.even(found, 1_000)
        self.assertEqual(expected, heights(problem, found.where()))

    def test_does_nothing_without_work(self):
        problem = builders.a_problem(self.SHAPES, self.BINS)
        found = put(problem, {'a': {'h1': 2}, 'b': {'h2': 2}})
        evening.even(found, 0)
        self.assertEqual([0.8, 0.4], heights(problem, found.where()))


class TestLowering(base.TestCase):
    def test_finds_what_no_exchange_leads_to(self):
        # 7 + 5 + 4 and 6 + 6 + 4 are even; largest first ends at 17 to 15.
        problem = builders.a_problem(
            [
                builders.a_shape(f's{n}', count, VCPU=n)
                for n, count in ((8, 1), (7, 1), (6, 1), (5, 2), (4, 1))
            ],
            [builders.a_bin(h, VCPU=40) for h in ('h1', 'h2')],
        )
        found = lowering.lower(
            put(
                problem,
                {
                    's8': {'h1': 1},
                    's7': {'h1': 1},
                    's6': {'h1': 1},
                    's5': {'h2': 2},
                    's4': {'h2': 1},
                },
            ),
            0,
            20_000,
        )
        self.assertEqual([18 / 40, 17 / 40], heights(problem, found.where()))


@ddt.ddt
class TestOrder(base.TestCase):
    """Who chooses first: the largest, but the last are last."""

    def order(self, *shapes, **capacity):
        found = loads.Loads(
            builders.a_problem(shapes, [builders.a_bin(**capacity)])
        )
        return ''.join(s.key for s in spread.by_size(found))

    @ddt.named_data(
        # name, fields of a, of b, expected
        ('larger', {'VCPU': 1}, {'VCPU': 2}, 'ba'),
        # Half of the memory is more than 4 of 10 VCPU.
        ('larger_share', {'VCPU': 4}, {'MEMORY_MB': 500}, 'ba'),
        (
            'more_memory',
            {'VCPU': 5, 'MEMORY_MB': 1},
            {'VCPU': 5, 'MEMORY_MB': 2},
            'ba',
        ),
        ('name', {'VCPU': 2}, {'VCPU': 2}, 'ab'),
        ('last', {'VCPU': 9, 'last': True}, {'VCPU': 1}, 'ba'),
        (
            'both_last',
            {'VCPU': 1, 'last': True},
            {'VCPU': 9, 'last': True},
            'ba',
        ),
        ('of_what_is_nowhere', {'VCPU': 9}, {'VGPU': 1}, 'ba'),
        ('nothing', {'VCPU': 0}, {'VCPU': 1}, 'ba'),
    )
    @ddt.unpack
    def test_first(self, first, second, expected):
        self.assertEqual(
            expected,
            self.order(
                builders.a_shape('a', **first),
                builders.a_shape('b', **second),
                VCPU=10,
                MEMORY_MB=1000,
            ),
        )


@ddt.ddt
class TestWishes(base.TestCase):
    """What a soft group likes better goes first, however full it is."""

    @ddt.named_data(
        # name, wish, members and VCPU used of 10 on h1, h2 and h3, expected
        ('none', None, [(0, 5), (0, 4), (0, 6)], 'h2'),
        ('apart', 'far', [(1, 0), (0, 7), (1, 0)], 'h2'),
        ('fewest', 'far', [(3, 0), (2, 5), (1, 8)], 'h3'),
        ('apart_and_lowest', 'far', [(0, 5), (1, 0), (0, 4)], 'h3'),
        ('apart_by_name', 'far', [(1, 0), (0, 4), (0, 4)], 'h2'),
        ('together', 'near', [(0, 0), (0, 1), (1, 8)], 'h3'),
        ('one_is_enough', 'near', [(1, 4), (3, 5), (0, 0)], 'h1'),
        ('together_by_name', 'near', [(0, 0), (2, 4), (1, 4)], 'h2'),
        ('nobody_there', 'near', [(0, 5), (0, 4), (0, 4)], 'h2'),
        # A wish is no must: h1 has no room.
        ('no_room_apart', 'far', [(0, 10), (1, 3), (1, 2)], 'h3'),
        ('no_room_together', 'near', [(1, 10), (0, 3), (0, 2)], 'h3'),
    )
    @ddt.unpack
    def test_level(self, wish, bins, expected):
        found = spread.spread(
            builders.a_problem(
                [builders.a_shape(wish=wish)],
                [
                    builders.a_bin(
                        f'h{n}',
                        VCPU=10,
                        used={'VCPU': used},
                        members={str(wish): members},
                    )
                    for n, (members, used) in enumerate(bins, 1)
                ],
                sociable=['near'],
            )
        )
        self.assertEqual({'a': {expected: 1}}, found.where())

    @ddt.named_data(
        # name, wish, expected
        ('apart', 'far', {'h1': 2, 'h2': 1, 'h3': 1}),
        ('together', 'near', {'h1': 4}),
        ('none', None, {'h1': 2, 'h2': 1, 'h3': 1}),
    )
    @ddt.unpack
    def test_those_that_were_put_count(self, wish, expected):
        found = spread.spread(
            builders.a_problem(
                [
                    builders.a_shape('a', 2, wish=wish),
                    builders.a_shape('b', 2, wish=wish),
                ],
                [builders.a_bin(f'h{n}', VCPU=4) for n in (1, 2, 3)],
                sociable=['near'],
            )
        )
        where = found.where()
        self.assertEqual(
            expected,
            {
                h: where['a'].get(h, 0) + where['b'].get(h, 0)
                for h in sorted({*where['a'], *where['b']})
            },
        )

    def test_full_where_they_would_rather_be(self):
        found = spread.spread(
            builders.a_problem(
                [builders.a_shape('a', 5, wish='near')],
                [builders.a_bin('h1', VCPU=3), builders.a_bin('h2', VCPU=3)],
                sociable=['near'],
            )
        )
        self.assertEqual({'a': {'h1': 3, 'h2': 2}}, found.where())

    @ddt.named_data(
        # name, wish, members on h2, how many have moved there
        ('none', None, 0, 1),
        ('apart', 'far', 0, 1),
        ('apart_as_good', 'far', 1, 1),
        ('apart_worse', 'far', 2, 0),
        ('together', 'near', 0, 0),
        ('together_there_too', 'near', 1, 1),
    )
    @ddt.unpack
    def test_evening_is_not_at_their_cost(self, wish, members, moved):
        problem = builders.a_problem(
            [builders.a_shape('a', 2, wish=wish, VCPU=4)],
            [
                builders.a_bin('h1', VCPU=10),
                builders.a_bin('h2', VCPU=10, members={str(wish): members}),
            ],
            sociable=['near'],
        )
        found = put(problem, {'a': {'h1': 2}})
        evening.even(found, 1_000)
        self.assertEqual(moved, found.where()['a'].get('h2', 0))

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
                builders.a_shape('a', wish='far', VCPU=4),
                builders.a_shape('b', VCPU=3),
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
        found = put(problem, {'a': {'h1': 1}, 'b': {'h2': 1}})
        evening.even(found, 1_000)
        self.assertEqual(
            {'h2': 1} if expected else {'h1': 1}, found.where()['a']
        )

    @ddt.named_data(
        # name, wish, how high the highest ends
        ('none', None, 0.4),
        ('apart', 'far', 0.4),
        ('together', 'near', 0.8),
    )
    @ddt.unpack
    def test_lowering_is_not_at_their_cost(self, wish, expected):
        problem = builders.a_problem(
            [builders.a_shape('a', 2, wish=wish, VCPU=4)],
            [builders.a_bin('h1', VCPU=10), builders.a_bin('h2', VCPU=10)],
            sociable=['near'],
        )
        found = lowering.lower(put(problem, {'a': {'h1': 2}}), 0, 20_000)
        self.assertEqual([expected], [heights(problem, found.where())[0]])
