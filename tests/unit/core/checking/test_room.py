# SPDX-License-Identifier: Apache-2.0


"""Everything fits, in the worst order that the schedule allows."""

import ddt

from tests.unit import base
from tests.unit.core import builders
from tests.unit.core import plans
from watcher_host_maintenance.core.checking import room
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Step


def told(offer, used, wanted, headroom=0.0, count=1, **others):
    """What is wrong with instances of one class, moved to ``compute-2``.

    All are moved at once, in any order.
    """
    node = builders.a_node(
        inventory={'VCPU': offer, **others}, used={'VCPU': used}
    )
    instances = [
        builders.an_instance(f'web-{n}', vcpus=wanted)
        for n in range(1, count + 1)
    ]
    known = builders.a_snapshot(
        [builders.a_node('compute-1'), node], instances
    )
    steps = tuple(Step(i.name, plans.a_move(i.name)) for i in instances)
    request = builders.a_request(headroom_percent=headroom)
    return list(room.violations(Case(known, request, Outcome(), steps)))


def over(load, limit, name='web-1'):
    """The words for too much of VCPU on ``compute-2``."""
    return f'{name}: to compute-2, {load} VCPU may be used of {limit}'


@ddt.ddt
class TestRoom(base.TestCase):
    @ddt.named_data(
        # name, total, reserved, ratio, used, wanted, limit that is passed
        ('roomy', 16, 0, 1.0, 0, 4, None),
        ('full', 16, 0, 1.0, 12, 4, None),
        ('one_short', 16, 0, 1.0, 13, 4, 16),
        ('full_reserved', 16, 2, 1.0, 10, 4, None),
        ('one_short_reserved', 16, 3, 1.0, 10, 4, 13),
        ('full_ratio', 16, 0, 1.5, 20, 4, None),
        ('one_short_ratio', 16, 0, 1.5, 21, 4, 24),
        ('reserved_first', 16, 4, 1.5, 14, 4, None),
        ('reserved_first_short', 16, 4, 1.5, 15, 4, 18),
        ('fraction', 15, 0, 0.9, 9, 4, None),
        ('fraction_short', 15, 0, 0.9, 10, 4, 13.5),
        # 0.7 is a little less as a float, 10 * 0.7 is 7.0 all the same.
        ('rounded_as_placement', 10, 0, 0.7, 3, 4, None),
        ('overcommitted', 4, 0, 1.0, 5, 1, 4),
        ('nothing_at_all', 0, 0, 1.0, 0, 1, 0),
    )
    @ddt.unpack
    def test_one(self, total, reserved, ratio, used, wanted, limit):
        offer = builders.an_inventory(total, reserved, ratio)
        self.assertEqual(
            [] if limit is None else [over(used + wanted, limit)],
            told(offer, used, wanted),
        )

    @ddt.named_data(
        # name, total, headroom, used, wanted, limit that is passed
        ('kept', 16, 25, 8, 4, None),
        ('one_short', 16, 25, 9, 4, 12),
        ('hair_short', 16, 25.1, 8, 4, 11.984),
        ('tenth', 1000, 0.1, 995, 4, None),
        ('tenth_short', 1000, 0.1, 996, 4, 999),
        ('most', 100, 80, 0, 20, None),
        ('most_short', 100, 80, 0, 21, 20),
    )
    @ddt.unpack
    def test_one_beside_headroom(self, total, headroom, used, wanted, limit):
        offer = builders.an_inventory(total)
        self.assertEqual(
            [] if limit is None else [over(used + wanted, limit)],
            told(offer, used, wanted, headroom),
        )

    def test_all_at_once(self):
        offer = builders.an_inventory(16)
        self.assertEqual([], told(offer, 4, 4, count=3))
        self.assertEqual(
            [over(17, 16, f'web-{n}') for n in (1, 2, 3)],
            told(offer, 5, 4, count=3),
        )

    def test_headroom_counts_after_all(self):
        offer = builders.an_inventory(16)
        self.assertEqual([], told(offer, 0, 4, 25, count=3))
        self.assertEqual(3, len(told(offer, 1, 4, 25, count=3)))

    def test_a_class_that_the_node_does_not_have(self):
        known = builders.a_snapshot(
            instances=[builders.an_instance(resources={'CUSTOM_CARD': 1})]
        )
        self.assertEqual(
            ['web-1: to compute-2, 1 CUSTOM_CARD may be used of 0'],
            list(
                room.violations(
                    Case(
                        known,
                        builders.a_request(),
                        Outcome(),
                        (Step('a', plans.a_move()),),
                    )
                )
            ),
        )

    @ddt.data('VCPU', 'MEMORY_MB', 'DISK_GB', 'CUSTOM_CARD')
    def test_every_class(self, resource_class):
        offer = {resource_class: builders.an_inventory(4)}
        nodes = [
            builders.a_node('compute-1'),
            builders.a_node(inventory=offer, used={resource_class: 2}),
        ]
        held = {
            'VCPU': 1,
            'MEMORY_MB': 1,
            'DISK_GB': 1,
            'CUSTOM_CARD': 0,
        }
        steps = (Step('a', plans.a_move()),)
        for amount, expected in ((2, 0), (3, 1)):
            instance = builders.an_instance(
                resources={**held, resource_class: amount}
            )
            known = builders.a_snapshot(nodes, [instance])
            found = list(
                room.violations(
                    Case(known, builders.a_request(), Outcome(), steps)
                )
            )
            self.assertEqual(expected, len(found))


@ddt.ddt
class TestMaxUnit(base.TestCase):
    @ddt.named_data(
        ('none', None, []),
        ('reached', 4, []),
        ('passed', 3, ['needs 4 VCPU, one may have 3']),
    )
    @ddt.unpack
    def test_of_each(self, max_unit, problems):
        offer = builders.an_inventory(16, max_unit=max_unit)
        self.assertEqual(
            [f'web-{n}: to compute-2, {p}' for n in (1, 2) for p in problems],
            told(offer, 0, 4, count=2),
        )


@ddt.ddt
class TestUnits(base.TestCase):
    @ddt.named_data(
        # name, min_unit, step_size, wanted, problems
        ('any', 1, 1, 1, []),
        ('least', 4, 1, 4, []),
        ('below', 4, 1, 3, ['4 or more']),
        ('steps', 1, 4, 8, []),
        ('between_steps', 1, 4, 6, ['multiples of 4']),
        ('below_a_step', 1, 4, 3, ['multiples of 4']),
        ('both', 4, 2, 3, ['4 or more', 'multiples of 2']),
    )
    @ddt.unpack
    def test_of_each(self, min_unit, step_size, wanted, problems):
        offer = builders.an_inventory(
            16, min_unit=min_unit, step_size=step_size
        )
        self.assertEqual(
            [
                f'web-{n}: to compute-2, needs {wanted} VCPU, one may have {p}'
                for n in (1, 2)
                for p in problems
            ],
            told(offer, 0, wanted, count=2),
        )

    def test_a_class_that_is_not_offered_is_no_question_of_units(self):
        node = builders.a_node(
            inventory={'VGPU': builders.an_inventory(4, max_unit=1)}
        )
        instance = builders.an_instance(
            resources={'CUSTOM_CARD': 1, 'VGPU': 2}
        )
        known = builders.a_snapshot(
            [builders.a_node('compute-1'), node], [instance]
        )
        found = room.violations(
            Case(
                known,
                builders.a_request(),
                Outcome(),
                (Step('a', plans.a_move()),),
            )
        )
        self.assertEqual(
            [
                'web-1: to compute-2, needs 2 VGPU, one may have 1',
                'web-1: to compute-2, 1 CUSTOM_CARD may be used of 0',
            ],
            list(found),
        )


@ddt.ddt
class TestGroups(base.TestCase):
    """Members of one group go to ``compute-2``."""

    def told(self, group, waits=(), names=('db-1', 'db-2')):
        """Which moves crowd the group, and how many may be there.

        :param waits: names of the moves that each waits for, in their order
        """
        instances = [
            *(builders.an_instance(n, group='uuid-db') for n in names),
            builders.an_instance('lone'),
        ]
        known = builders.a_snapshot(
            instances=instances,
            groups=[
                group,
                builders.a_group(name='another', compute_2=9),
                builders.a_group(name='full', compute_2=9),
            ],
        )
        steps = [
            Step(name, plans.a_move(name), tuple(after))
            for name, after in zip(
                (*names, 'lone'), (*waits, *9 * [()]), strict=False
            )
        ]
        found = room.violations(
            Case(known, builders.a_request(), Outcome(), tuple(steps))
        )
        return [
            (text.split(':')[0], int(text.split(', ')[1].split()[0]))
            for text in found
            if 'of anti-affinity group db may be there' in text
        ]

    @ddt.named_data(
        # name, most, members there, expected
        ('room_for_both', 2, {}, []),
        ('room_for_one', 1, {}, [('db-1', 2), ('db-2', 2)]),
        ('one_there', 2, {'compute_2': 1}, [('db-1', 3), ('db-2', 3)]),
        ('three_allowed', 3, {'compute_2': 1}, []),
        ('there_is_elsewhere', 2, {'compute_3': 1}, []),
    )
    @ddt.unpack
    def test_any_order(self, most, members, expected):
        group = builders.a_group(most=most, **members)
        self.assertEqual(expected, self.told(group))

    @ddt.named_data(
        # name, most, what db-2 waits for, expected
        ('one_after_the_other', 1, ['db-1'], [('db-2', 2)]),
        ('at_once', 1, [], [('db-1', 2), ('db-2', 2)]),
        ('both_allowed', 2, ['db-1'], []),
    )
    @ddt.unpack
    def test_in_order(self, most, waits, expected):
        group = builders.a_group(most=most)
        self.assertEqual(expected, self.told(group, [(), waits]))

    @ddt.data('affinity', 'soft-affinity', 'soft-anti-affinity')
    def test_other_policies(self, policy):
        group = builders.a_group(policy, compute_2=5)
        self.assertEqual([], self.told(group))

    def test_in_words(self):
        known = builders.a_snapshot(
            instances=[builders.an_instance(group='uuid-db')],
            groups=[builders.a_group(compute_2=1)],
        )
        found = room.violations(
            Case(
                known,
                builders.a_request(),
                Outcome(),
                (Step('a', plans.a_move()),),
            )
        )
        self.assertEqual(
            ['web-1: to compute-2, 2 of anti-affinity group db may be there'],
            list(found),
        )

    @ddt.named_data(
        # name, keys that db-1 and db-2 wait for, how many may be too many
        ('waits',        ['away'], [],        0),
        ('at_once',      [],       [],        1),
        ('other_way',    [],       ['there'], 1),
    )  # fmt: skip
    @ddt.unpack
    def test_one_that_leaves_counts_until_it_has_left(
        self, there, away, expected
    ):
        instances = [
            builders.an_instance('db-1', group='uuid-db'),
            builders.an_instance('db-2', 'compute-2', group='uuid-db'),
        ]
        known = builders.a_snapshot(
            instances=instances, groups=[builders.a_group()]
        )
        leaves = plans.a_move('db-2', 'compute-3', host='compute-2')
        steps = (
            Step('away', leaves, tuple(away)),
            Step('there', plans.a_move('db-1'), tuple(there)),
        )
        found = room.violations(
            Case(known, builders.a_request(), Outcome(), steps)
        )
        self.assertEqual(expected, len(list(found)))


@ddt.ddt
class TestAffinity(base.TestCase):
    """db-1 joins its group on compute-2, which db-2 leaves."""

    def told(self, members, there=(), away=(), policy='affinity'):
        """What is wrong, with so many other members on compute-2."""
        known = builders.a_snapshot(
            instances=[
                builders.an_instance('db-1', group='uuid-db'),
                builders.an_instance('db-2', 'compute-2', group='uuid-db'),
                builders.an_instance('web', 'compute-2'),
            ],
            groups=[builders.a_group(policy, compute_2=members, most=9)]
            if members
            else [builders.a_group(policy, most=9)],
        )
        leaves = plans.a_move('db-2', 'compute-3', host='compute-2')
        other = plans.a_move('web', 'compute-3', host='compute-2')
        steps = (
            Step('other', other),
            Step('away', leaves, away),
            Step('there', plans.a_move('db-1'), there),
        )
        found = room.violations(
            Case(known, builders.a_request(), Outcome(), steps)
        )
        return list(found)

    @ddt.named_data(
        # name, other members, keys that db-1 and db-2 wait for, is right
        ('one_remains',    1, (),        (),         True),
        ('none_remains',   0, (),        (),         False),
        ('it_has_left',    0, ('away',), (),         False),
        ('it_leaves_last', 0, (),        ('there',), True),
    )  # fmt: skip
    @ddt.unpack
    def test_members_remain(self, members, there, away, is_right):
        words = 'db-1: to compute-2, which all of affinity group db may have'
        self.assertEqual(
            [] if is_right else [f'{words} left'],
            self.told(members, there, away),
        )

    @ddt.data('anti-affinity', 'soft-affinity', 'soft-anti-affinity')
    def test_other_policies(self, policy):
        self.assertEqual([], self.told(0, policy=policy))


@ddt.ddt
class TestBeyond(base.TestCase):
    """With a headroom every class counts, held by the instance or not."""

    @ddt.named_data(
        # name, headroom, cards used of 10, words
        ('none', 0.0, 11, None),
        ('reached', 10.0, 9, None),
        ('passed', 10.0, 10, '10 CUSTOM_CARD used of 9'),
        ('hair_passed', 1e-9, 11, '11 CUSTOM_CARD used of 9.9999999999'),
    )
    @ddt.unpack
    def test_another_class(self, headroom, used, words):
        nodes = [
            builders.a_node('compute-1'),
            builders.a_node(
                inventory={'CUSTOM_CARD': builders.an_inventory(10)},
                used={'CUSTOM_CARD': used},
            ),
        ]
        expected = (
            'compute-2: a destination, but beyond its headroom before: '
            f'{words}'
        )
        self.assertEqual(
            [expected] if words else [],
            list(
                room.violations(
                    Case(
                        builders.a_snapshot(nodes),
                        builders.a_request(headroom_percent=headroom),
                        Outcome(),
                        (Step('a', plans.a_move()),),
                    )
                )
            ),
        )

    def test_a_class_of_which_there_is_none(self):
        offer = builders.an_inventory(16)
        none = builders.an_inventory(0)
        self.assertEqual([], told(offer, 0, 4, 10.0, CUSTOM_CARD=none))

    def test_a_node_to_which_nothing_moves(self):
        nodes = [
            builders.a_node('compute-1', used={'VCPU': 16}),
            builders.a_node(),
            builders.a_node('compute-3', used={'VCPU': 16}),
        ]
        plan = plans.a_plan(
            nodes, request=builders.a_request(headroom_percent=50)
        )
        self.assertEqual(1, len(plan.outcome.moves))
        self.assertEqual([], plan.violations)


@ddt.ddt
class TestOrder(base.TestCase):
    """Who may be there when a move starts; ``compute-2`` has 4 VCPU.

    ``web-1`` and ``web-2`` go there, ``old-1`` leaves it.
    """

    def told(self, used, web_1=(), web_2=(), old_1=(), between=()):
        """Which moves have no room, and how much is used then.

        :param used: VCPU used on ``compute-2`` besides ``old-1``
        :param web_1: keys that the first waits for, and so on
        """
        instances = [
            builders.an_instance('web-1', vcpus=1),
            builders.an_instance('web-2', vcpus=1),
            builders.an_instance('old-1', 'compute-2', vcpus=2),
        ]
        nodes = [
            builders.a_node('compute-1'),
            builders.a_node('compute-2', vcpus=4, used={'VCPU': used}),
            builders.a_node('compute-3'),
        ]
        old = plans.a_move('old-1', 'compute-3', host='compute-2')
        steps = (
            Step('old-1', old, old_1),
            Step('between', plans.a_stop('other'), between),
            Step('web-1', plans.a_move('web-1'), web_1),
            Step('web-2', plans.a_move('web-2'), web_2),
        )
        found = room.violations(
            Case(
                builders.a_snapshot(nodes, instances),
                builders.a_request(),
                Outcome(),
                steps,
            )
        )
        return sorted(
            (words.split(':')[0], int(words.split()[3])) for words in found
        )

    @ddt.named_data(
        ('room_for_all', 0, {}, []),
        ('any_order', 1, {}, [('web-1', 5), ('web-2', 5)]),
        ('one_by_one', 1, {'web_2': ('web-1',)}, [('web-2', 5)]),
        (
            'the_other_way_round',
            1,
            {'web_1': ('web-2',)},
            [('web-1', 5)],
        ),
        (
            'when_one_has_left',
            2,
            {'web_1': ('old-1',), 'web_2': ('old-1',)},
            [],
        ),
        (
            'one_waits_for_it',
            2,
            {'web_2': ('old-1',)},
            [('web-1', 5)],
        ),
        ('only_that_one_needs_it', 1, {'web_2': ('old-1',)}, []),
        (
            'neither_has_room',
            4,
            {'web_2': ('old-1',)},
            [
                ('web-1', 7),
                ('web-2', 6),
            ],
        ),
        (
            'by_way_of_another',
            2,
            {
                'between': ('old-1',),
                'web_1': ('between',),
                'web_2': ('between', 'web-1'),
            },
            [],
        ),
        (
            'it_waits_for_them',
            1,
            {'old_1': ('web-1', 'web-2')},
            [('web-1', 5), ('web-2', 5)],
        ),
        (
            'still_too_much',
            3,
            {'web_1': ('old-1',), 'web_2': ('web-1',)},
            [('web-2', 5)],
        ),
    )
    @ddt.unpack
    def test_used(self, used, after, expected):
        self.assertEqual(expected, self.told(used, **after))

    def test_what_is_not_known_is_told_elsewhere(self):
        steps = (
            Step('a', plans.a_move('ghost')),
            Step('b', plans.a_move(destination='compute-9')),
        )
        known = builders.a_snapshot()
        request = builders.a_request()
        found = room.violations(Case(known, request, Outcome(), steps))
        self.assertEqual([], list(found))

    def test_a_known_node_after_an_unknown_one(self):
        steps = (
            Step('a', plans.a_move(destination='compute-9')),
            Step('b', plans.a_move()),
        )
        known = builders.a_snapshot(
            [builders.a_node('compute-1'), builders.a_node(vcpus=0)]
        )
        found = room.violations(
            Case(known, builders.a_request(), Outcome(), steps)
        )
        self.assertEqual([over(1, 0)], list(found))

    @ddt.named_data(
        ('full', 1, []),
        ('one_short', 2, ['web-1: to compute-2, 5 CARD may be used of 4']),
    )
    @ddt.unpack
    def test_what_leaves_gives_back_only_what_it_holds(self, used, expected):
        instances = [
            builders.an_instance('web-1', resources={'CARD': 3}),
            builders.an_instance('old-1', 'compute-2'),
        ]
        offer = {'CARD': builders.an_inventory(4)}
        node = builders.a_node(inventory=offer, used={'CARD': used})
        steps = (
            Step('a', plans.a_move('old-1', 'compute-1', host='compute-2')),
            Step('b', plans.a_move('web-1'), ('a',)),
        )
        found = room.violations(
            Case(
                builders.a_snapshot(
                    [builders.a_node('compute-1'), node], instances
                ),
                builders.a_request(),
                Outcome(),
                steps,
            )
        )
        self.assertEqual(expected, list(found))


@ddt.ddt
class TestMoments(base.TestCase):
    """Which departures are told apart: ``compute-2`` is full at first."""

    @ddt.named_data(
        # name, servers that make room, the VCPU that may be used of 20
        ('as_many_as_are_told_apart', 7, []),
        ('one_more_is_the_worst_of_all', 8, ['27']),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, count, used):
        """Each that comes waits for another that leaves."""
        old = [
            builders.an_instance(f'old-{n}', 'compute-2') for n in range(count)
        ]
        new = [builders.an_instance(f'new-{n}') for n in range(count)]
        nodes = [
            builders.a_node('compute-1'),
            builders.a_node('compute-2', vcpus=20, used={'VCPU': 20 - count}),
            builders.a_node('compute-3'),
        ]
        steps = [
            Step(i.name, plans.a_move(i.name, 'compute-3', host='compute-2'))
            for i in old
        ]
        steps += [
            Step(i.name, plans.a_move(i.name), (f'old-{n}',))
            for n, i in enumerate(new)
        ]
        found = room.violations(
            Case(
                builders.a_snapshot(nodes, [*old, *new]),
                builders.a_request(),
                Outcome(),
                tuple(steps),
            )
        )
        most = sorted({words.split()[3] for words in found})
        self.assertEqual(used, most)
