# SPDX-License-Identifier: Apache-2.0

import collections
import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_place
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import holding
from tests.unit.core.planning.builders import NO_SEARCH
from tests.unit.core.planning.builders import a_host
from tests.unit.core.planning.builders import fits
from tests.unit.core.planning.builders import hosts
from tests.unit.core.planning.builders import loads
from tests.unit.core.planning.builders import place_all
from tests.unit.core.planning.builders import puzzle
from tests.unit.core.planning.builders import servers
from watcher_host_maintenance.core.packing.result import Kind
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.planning import placing


USUAL = Limits()
PROGRAM_ALONE = Limits(ejections=0)


def members(*vcpus, group='db'):
    """The same, all in one group."""
    return [
        dataclasses.replace(i, group=f'uuid-{group}') for i in servers(*vcpus)
    ]


def place_most(instances, places, limits=USUAL, groups=()):
    return puzzle(instances, places, groups).place_most(limits)


# Largest first, c goes to B and b to A, and nothing is left for a. The one
# answer is c on A; no sum and no count tells whether there is one.
PUZZLE = ((2, 3, 4), (4, 5))
SOLVED = {'a': 'B', 'b': 'B', 'c': 'A'}


@ddt.ddt
class TestPlaceAll(base.TestCase):
    @ddt.named_data(
        # name, VCPUs wanted, VCPUs left, expected
        ('nothing',          [],        [4],       {}),
        ('exactly_full',     [4],       [4],       {'a': 'A'}),
        ('tie_by_hostname',  [1],       [4, 4],    {'a': 'A'}),
        ('emptier_one',      [1],       [3, 4],    {'a': 'B'}),
        ('evenly',           [1, 1, 1], [4, 4],    {'a': 'A', 'b': 'A',
                                                    'c': 'B'}),
        ('largest_first',    [1, 3, 2], [4, 4],    {'b': 'A', 'c': 'B',
                                                    'a': 'B'}),
        ('only_where_room',  [3, 3],    [2, 3, 4], {'a': 'B', 'b': 'C'}),
    )  # fmt: skip
    @ddt.unpack
    def test_placed_without_search(self, wanted, left, expected):
        found = place_all(servers(*wanted), hosts(*left))
        self.assertEqual(placing.Assignment(expected, Status.PLACED), found)

    @ddt.named_data(
        ('usual', Limits()),
        ('program', PROGRAM_ALONE),
        ('few_steps', Limits.of(1_000)),
    )
    def test_puzzle(self, limits):
        wanted, left = PUZZLE
        found = place_all(servers(*wanted), hosts(*left), limits)
        self.assertEqual(placing.Assignment(SOLVED, Status.PLACED), found)

    def test_puzzle_without_steps(self):
        wanted, left = PUZZLE
        found = place_all(servers(*wanted), hosts(*left), NO_SEARCH)
        self.assertEqual(
            placing.Assignment({}, Status.UNDECIDED, more=3), found
        )

    def test_order_does_not_break_a_tie(self):
        found = place_all(servers(1, 1)[::-1], hosts(4, 4, 4)[::-1])
        self.assertEqual({'a': 'A', 'b': 'B'}, found.where)

    @ddt.named_data(
        # name, VCPUs wanted, VCPUs left, the proof
        ('no_hosts',          [1],          [],     (Kind.NO_BIN, 0, 1)),
        ('one_fits_nowhere',  [5, 1],       [4, 4], (Kind.NO_BIN, 0, 1)),
        ('alike',             [3, 3, 3],    [4, 4], (Kind.NO_BIN, 2, 3)),
        ('sum_too_large',     [3, 4, 2],    [4, 4], (Kind.SUM, 8, 9)),
        ('rounded',           [4, 5, 4],    [7, 7],
         (Kind.ROUNDED_SUM, 10, 13)),
    )  # fmt: skip
    @ddt.unpack
    def test_proved_without_search(self, wanted, left, expected):
        found = place_all(servers(*wanted), hosts(*left))
        self.assertEqual({}, found.where)
        self.assertIs(Status.IMPOSSIBLE, found.status)
        got = (found.proof.kind, found.proof.room, found.proof.wanted)
        self.assertEqual(expected, got)

    def test_what_is_full_already_does_not_count_against_the_sum(self):
        there = hosts(4, 4, taken={'A': {'VCPU': 9}})
        found = place_all(servers(2, 2), there)
        self.assertEqual({'a': 'B', 'b': 'B'}, found.where)
        self.assertIs(
            Status.IMPOSSIBLE, place_all(servers(2, 2, 1), there).status
        )

    def test_hosts_of_one_size_and_another_limit(self):
        # a fills the memory of A or B; b then needs A, since B gives one
        # instance less than that.
        found = place_all(
            servers(1, 3, a=1000, b=1), hosts(3, 3, B=2), Limits()
        )
        self.assertEqual({'a': 'B', 'b': 'A'}, found.where)

    def test_thousands_need_no_search(self):
        many = [
            an_instance(f'vm-{n:04}', vcpus=1, disk_gb=0, memory_mb=0)
            for n in range(3000)
        ]
        places = [a_place(a_host(f'h-{n:03}', 16)) for n in range(200)]
        found = place_all(many, places)
        self.assertIs(Status.PLACED, found.status)
        self.assertEqual(
            {15}, set(collections.Counter(found.where.values()).values())
        )


@ddt.ddt
class TestPlaceMost(base.TestCase):
    @ddt.named_data(
        # name, VCPUs wanted, VCPUs left, expected
        ('no_hosts',       [1],             [],      {}),
        ('nothing_fits',   [5, 6],          [4, 4],  {}),
        ('some_fit',       [5, 4],          [4, 4],  {'b': 'A'}),
        ('number_first',   [4, 1, 1, 1, 1], [4],
         {'b': 'A', 'c': 'A', 'd': 'A', 'e': 'A'}),
        ('first_by_name',  [1, 1, 1],       [2],     {'a': 'A', 'b': 'A'}),
        ('first_by_name_of_the_small', [2, 1, 1, 1], [2],
         {'b': 'A', 'c': 'A'}),
        ('one_is_left',    [9, 6, 5, 5],    [10, 6],
         {'b': 'B', 'c': 'A', 'd': 'A'}),
    )  # fmt: skip
    @ddt.unpack
    def test_placed(self, wanted, left, expected):
        for limits in (Limits(), PROGRAM_ALONE):
            found = place_most(servers(*wanted), hosts(*left), limits)
            self.assertEqual(
                (expected, Status.IMPOSSIBLE), (found.where, found.status)
            )
            self.assertIsNotNone(found.proof)

    def test_everything(self):
        wanted, left = PUZZLE
        self.assertEqual(
            placing.Assignment(SOLVED, Status.PLACED),
            place_most(servers(*wanted), hosts(*left)),
        )

    @ddt.named_data(
        # name, VCPUs wanted, memories, VCPUs left, expected
        ('more_memory', (2, 1), {'a': 1, 'b': 2}, 2, 'b'),
        ('more_memory_earlier', (1, 2), {'a': 2, 'b': 1}, 2, 'a'),
        ('earlier_name', (2, 1), {'a': 2, 'b': 2}, 2, 'a'),
        ('not_worth_one_less', (4, 2, 2), {'a': 900}, 4, 'bc'),
        # As much memory as c, but no place beside b.
        ('others_keep_theirs', (3, 2, 1), {'a': 4, 'b': 4, 'c': 4}, 3, 'bc'),
        ('number_first', (2, 1, 1), {'a': 9, 'b': 4, 'c': 4}, 2, 'bc'),
    )
    @ddt.unpack
    def test_ties(self, wanted, memories, left, expected):
        for limits in (Limits(), PROGRAM_ALONE):
            found = place_most(
                servers(*wanted, **memories), hosts(left), limits
            )
            self.assertEqual(expected, ''.join(sorted(found.where)))

    def test_ties_by_uuid_not_by_name(self):
        # Owners choose the names.
        instances = [
            an_instance(name, uuid=uuid, disk_gb=0, memory_mb=0)
            for name, uuid in [('c', '1'), ('b', '2'), ('a', '3')]
        ]
        found = place_most(instances, hosts(2))
        self.assertEqual({'1', '2'}, set(found.where))

    def test_is_even(self):
        found = place_most(
            servers(4, 2, 2, 2, a=1, b=10, c=10, d=5), hosts(4, 4)
        )
        self.assertEqual({'b', 'c', 'd'}, set(found.where))
        self.assertNotEqual(found.where['b'], found.where['c'])

    def test_gave_up(self):
        wanted, left = PUZZLE
        found = place_most(servers(*wanted), hosts(*left), NO_SEARCH)
        self.assertIs(Status.UNDECIDED, found.status)
        self.assertEqual(2, len(found.where))
        self.assertIsNone(found.proof)

    @ddt.data(NO_SEARCH, PROGRAM_ALONE)
    def test_many_of_a_kind(self, limits):
        many = [
            an_instance(f'vm-{n:03}', vcpus=1, disk_gb=0, memory_mb=0)
            for n in range(301)
        ]
        found = place_most(many, hosts(300), limits)
        self.assertEqual(
            [f'uuid-vm-{n:03}' for n in range(300)], sorted(found.where)
        )


@ddt.ddt
class TestKinds(base.TestCase):
    """Instances that nothing tells apart are one item."""

    def keys(self, instances, places, groups=()):
        found = puzzle(instances, places, groups)
        self.assertEqual(
            list(found.alike), [s.key for s in found.problem.items]
        )
        return [
            ''.join(i.name for i in alike) for alike in found.alike.values()
        ]

    @ddt.named_data(
        # name, fields of b, expected
        ('alike', {}, ['ab']),
        ('other_host', {'host': 'compute-9'}, ['ab']),
        ('size', {'vcpus': 2}, ['a', 'b']),
        ('class', {'resources': {'VGPU': 1}}, ['a', 'b']),
        ('refused', {'uuid': 'z'}, ['a', 'b']),
        ('apart', {'group': 'uuid-db'}, ['a', 'b']),
        ('soft', {'group': 'uuid-soft'}, ['a', 'b']),
        # Whom it may join is settled by a rule.
        ('affinity', {'group': 'uuid-family'}, ['ab']),
        ('unproved', {'nested': ('VGPU',)}, ['a', 'b']),
    )
    @ddt.unpack
    def test_what_tells_apart(self, fields, expected):
        groups = [
            a_group(),
            a_group('soft-affinity', 'soft'),
            a_group('affinity', 'family'),
        ]
        instances = [an_instance('b', **fields), an_instance('a')]
        self.assertEqual(
            expected, self.keys(instances, hosts(9, refused=['z']), groups)
        )

    def test_keys_of_items_keep_the_order_of_uuids(self):
        self.assertEqual(
            ['ac', 'b', 'd'], self.keys(servers(1, 2, 1, 3), hosts(9))
        )

    def test_items(self):
        groups = [
            a_group(most=2),
            a_group('soft-affinity', 'soft'),
            a_group('soft-anti-affinity', 'wide'),
        ]
        instances = [
            an_instance('a', group='uuid-db'),
            an_instance('b', group='uuid-soft'),
            an_instance('c', group='uuid-wide', nested=('VGPU',)),
        ]
        found = puzzle(
            instances, hosts(9, 9, refused=[{'uuid-b'}]), groups
        ).problem
        self.assertEqual(
            [
                ('uuid-db', None, None, False),
                (None, frozenset('B'), 'uuid-soft', False),
                (None, None, 'uuid-wide', True),
            ],
            [
                (i.group, i.allowed, i.soft_group, i.unproved)
                for i in found.items
            ],
        )
        self.assertEqual({'uuid-db': 2}, found.group_limits)
        self.assertEqual({'uuid-soft'}, found.soft_affinity_groups)

    def test_the_last_are_named(self):
        found = puzzle(servers(1, 2, 1, 1), hosts(9))
        first, second = found.alike
        self.assertEqual(
            ['c', 'd', 'b'],
            [i.name for i in found.instances({first: 2, second: 1})],
        )

    def test_the_first_are_placed(self):
        found = puzzle(servers(1, 2, 1, 1), hosts(9, 9))
        first, second = found.alike
        self.assertEqual(
            {'a': 'A', 'c': 'B', 'b': 'A'},
            found.where(Result({first: {'B': 1, 'A': 1}, second: {'A': 1}})),
        )


@ddt.ddt
class TestUnits(base.TestCase):
    """Not every amount is given everywhere."""

    @ddt.named_data(
        # name, min_unit, step_size, wanted, expected
        ('any',             1, 1, {'VCPU': 1},      True),
        ('at_min_unit',     4, 1, {'VCPU': 4},      True),
        ('below_min_unit',  4, 1, {'VCPU': 3},      False),
        ('whole_steps',     1, 3, {'VCPU': 6},      True),
        ('part_of_a_step',  1, 3, {'VCPU': 7},      False),
        ('smallest_step',   1, 2, {'VCPU': 1},      False),
        ('both',            4, 3, {'VCPU': 6},      True),
        ('other_class',     4, 3, {'MEMORY_MB': 1}, True),
    )  # fmt: skip
    @ddt.unpack
    def test_fits(self, min_unit, step_size, wanted, expected):
        place = a_place(
            a_host('A', 16, min_unit=min_unit, step_size=step_size)
        )
        self.assertIs(expected, fits(holding(wanted), place))

    def test_others_may_go_elsewhere(self):
        places = [
            a_place(a_host('A', 9, step_size=2)),
            a_place(a_host('B', 3)),
        ]
        found = place_all(servers(2, 3, 2), places)
        self.assertEqual({'a': 'A', 'b': 'B', 'c': 'A'}, found.where)

    def test_beside_a_rule(self):
        # A gives no odd amount, a rule keeps a off B: only C is left.
        places = [
            a_place(a_host('A', 9, step_size=2)),
            a_place(a_host('B', 9), refused=['a']),
            a_place(a_host('C', 9), taken=[holding({'VCPU': 5})]),
        ]
        [item] = puzzle(servers(3), places).problem.items
        self.assertEqual({'C'}, item.allowed)
        self.assertEqual({'a': 'C'}, place_all(servers(3), places).where)


@ddt.ddt
class TestFits(base.TestCase):
    @ddt.named_data(
        # name, wanted, expected
        ('nothing',        {},                          True),
        ('exactly_full',   {'VCPU': 4},                 True),
        ('one_too_many',   {'VCPU': 5},                 False),
        ('all_classes',    {'VCPU': 4, 'DISK_GB': 100}, True),
        ('other_class',    {'VCPU': 4, 'DISK_GB': 101}, False),
        ('first_class',    {'VCPU': 5, 'DISK_GB': 100}, False),
        ('not_offered',    {'VGPU': 1},                 False),
        ('at_max_unit',    {'MEMORY_MB': 600},          True),
        ('over_max_unit',  {'MEMORY_MB': 601},          False),
    )  # fmt: skip
    @ddt.unpack
    def test_room(self, wanted, expected):
        place = a_place(
            a_node(
                vcpus=16,
                disk_gb=100,
                inventory={'MEMORY_MB': an_inventory(1000, max_unit=600)},
                used={'VCPU': 12},
            )
        )
        self.assertIs(expected, fits(holding(wanted), place))

    @ddt.named_data(
        # name, VCPUs used, MEMORY_MB used, expected
        ('as_much_as_may_be', 7, 0,   True),
        ('full',              8, 0,   False),
        ('on_the_limit',      7, 800, True),
        ('beyond',            7, 801, False),
    )  # fmt: skip
    @ddt.unpack
    def test_headroom(self, vcpus_used, mb_used, expected):
        node = a_node(
            vcpus=10,
            memory_mb=1000,
            used={'VCPU': vcpus_used, 'MEMORY_MB': mb_used},
        )
        self.assertIs(
            expected, fits(holding({'VCPU': 1}), a_place(node, 20.0))
        )

    def test_beyond_takes_not_even_what_asks_for_nothing_of_it(self):
        place = a_place(a_node(used={'VCPU': 13}), 25.0)
        self.assertIs(False, fits(holding({'MEMORY_MB': 1}), place))
        self.assertIs(False, fits(holding({}), place))

    def test_overcommitted_keeps_out_only_who_asks_for_more_of_it(self):
        place = a_place(a_node(used={'VCPU': 17}))
        self.assertIs(True, fits(holding({'MEMORY_MB': 1}), place))
        self.assertIs(False, fits(holding({'VCPU': 1}), place))

    def test_refused_by_a_rule(self):
        place = a_place(a_node(), refused=['uuid-web-1'])
        self.assertIs(False, fits(an_instance('web-1'), place))
        self.assertIs(True, fits(an_instance('web-2'), place))

    @ddt.named_data(
        # name, policy, most, members there, expected
        ('nobody_there',   'anti-affinity',      1, {},               True),
        ('full',           'anti-affinity',      1, {'compute_2': 1}, False),
        ('one_more',       'anti-affinity',      3, {'compute_2': 2}, True),
        ('full_of_three',  'anti-affinity',      3, {'compute_2': 3}, False),
        ('too_many',       'anti-affinity',      1, {'compute_2': 2}, False),
        ('elsewhere',      'anti-affinity',      1, {'compute_3': 1}, True),
        ('soft',           'soft-anti-affinity', 1, {'compute_2': 9}, True),
        ('soft_affinity',  'soft-affinity',      1, {},               True),
        ('affinity_is_no_business_of_it', 'affinity', 1, {},          True),
    )  # fmt: skip
    @ddt.unpack
    def test_groups(self, policy, most, members, expected):
        groups = [a_group(policy, most=most, **members)]
        self.assertIs(
            expected,
            fits(
                an_instance('db-1', group='uuid-db'),
                a_place(a_node(), groups=groups),
                groups,
            ),
        )

    def test_whoever_is_in_no_group_or_in_another(self):
        groups = [a_group(compute_2=1), a_group(name='web')]
        place = a_place(a_node(), groups=groups)
        for group, expected in (
            ('', True),
            ('uuid-web', True),
            ('uuid-db', False),
        ):
            self.assertIs(
                expected, fits(an_instance(group=group), place, groups)
            )

    def test_members_that_a_plan_moves_count(self):
        groups = [a_group(most=2, compute_2=1)]
        member = an_instance('db-1', group='uuid-db')
        after = a_place(a_node(), groups=groups, taken=[member])
        other = an_instance('db-2', group='uuid-db')
        self.assertIs(False, fits(other, after, groups))
        before = a_place(a_node(), groups=groups)
        self.assertIs(True, fits(other, before, groups))


@ddt.ddt
class TestGroups(base.TestCase):
    @ddt.named_data(
        # name, policy, VCPUs of A, wanted, members before, expected; B and
        # C have 8
        ('no_group',    'affinity',           80, (4, 1), {}, 'AA'),
        ('apart',       'anti-affinity',      80, (4, 1), {}, 'AB'),
        ('apart_from',  'anti-affinity',      80, (4,), {'A': 1}, 'B'),
        ('soft_apart',  'soft-anti-affinity', 80, (4, 1), {'B': 1}, 'AC'),
        ('soft_apart_all', 'soft-anti-affinity', 80, (1, 1, 1, 1), {},
         'AABC'),
        ('soft_apart_from_the_fewest', 'soft-anti-affinity', 80, (1,),
         {'A': 2, 'B': 1, 'C': 3}, 'B'),
        ('evenly',         'affinity',        8, (2, 2, 2), {}, 'ABC'),
        ('soft_together',  'soft-affinity',   8, (2, 2, 2), {}, 'AAA'),
        ('soft_together_with', 'soft-affinity', 80, (2, 2), {'B': 1}, 'BB'),
    )  # fmt: skip
    @ddt.unpack
    def test_where(self, policy, left, wanted, before, expected):
        groups = [a_group(policy, **before)]
        found = place_all(
            members(*wanted), hosts(left, 8, 8, groups=groups), groups=groups
        )
        self.assertIs(Status.PLACED, found.status)
        self.assertEqual(
            dict(zip('abcd', expected, strict=False)), found.where
        )

    @ddt.named_data(
        # name, policy, members before, expected
        ('soft_apart', 'soft-anti-affinity', {'B': 1}, 'BB'),
        ('soft_together', 'soft-affinity', {'A': 1}, 'BB'),
    )
    @ddt.unpack
    def test_soft_is_no_must(self, policy, before, expected):
        groups = [a_group(policy, **before)]
        found = place_all(
            members(2, 2), hosts(1, 4, groups=groups), groups=groups
        )
        self.assertEqual(dict(zip('ab', expected, strict=True)), found.where)

    @ddt.named_data(
        # name, VCPUs of the hosts, members before, expected
        ('one_each',       (9, 9),    {},       (2, Status.PLACED)),
        ('one_host_less',  (9,),      {},       (1, Status.IMPOSSIBLE)),
        ('one_is_taken',   (9, 9),    {'A': 1}, (1, Status.IMPOSSIBLE)),
        ('all_are_taken',  (9, 9),    {'A': 1, 'B': 1},
         (0, Status.IMPOSSIBLE)),
    )  # fmt: skip
    @ddt.unpack
    def test_anti_affinity_fills_up(self, left, before, expected):
        groups = [a_group(**before)]
        found = place_most(
            members(1, 1), hosts(*left, groups=groups), groups=groups
        )
        self.assertEqual(expected, (len(found.where), found.status))

    def test_only_the_group_is_kept_apart(self):
        groups = [a_group()]
        instances = [*members(1), *servers(1, 1)[1:]]
        found = place_all(instances, hosts(9, groups=groups), groups=groups)
        self.assertEqual({'a': 'A', 'b': 'A'}, found.where)

    def test_a_group_may_need_a_search(self):
        # On A, the emptier one, a would leave none of the hosts to b.
        groups = [a_group()]
        there = hosts(6, 3, groups=groups, refused=[(), {'b'}])
        found = place_all(members(3, 3), there, Limits(), groups)
        self.assertEqual({'a': 'B', 'b': 'A'}, found.where)

    def test_who_is_refused_somewhere_is_no_twin(self):
        # Alike but for the rule: b may go to A alone, a to both.
        there = hosts(2, 2, refused=[(), {'b'}])
        found = place_all(servers(2, 2), there, Limits())
        self.assertEqual({'a': 'B', 'b': 'A'}, found.where)

    def test_groups_are_told_apart(self):
        # Two pairs alike in size: each host takes one of each group.
        groups = [a_group(name='x'), a_group(name='y')]
        instances = [
            dataclasses.replace(i, group=f'uuid-{g}')
            for i, g in zip(servers(2, 2, 3, 3), 'xyxy', strict=True)
        ]
        found = place_all(
            instances, hosts(5, 5, groups=groups), Limits(), groups
        )
        self.assertIs(Status.PLACED, found.status)
        self.assertEqual(
            {frozenset('ad'), frozenset('bc')},
            {
                frozenset(u for u, h in found.where.items() if h == host)
                for host in 'AB'
            },
        )


class TestUnproved(base.TestCase):
    def test_come_last(self):
        """What is proved has the better place, however small."""
        small, large = servers(1, 4)
        odd = dataclasses.replace(large, nested=('VGPU',))
        there = hosts(8, 6)
        self.assertEqual(
            {'a': 'B', 'b': 'A'}, place_all([small, large], there).where
        )
        self.assertEqual(
            {'a': 'A', 'b': 'A'}, place_all([small, odd], there).where
        )


class TestEvenness(base.TestCase):
    def test_fullest_ends_as_empty_as_possible(self):
        sizes = (3, 3, 2, 2, 2)
        found = place_all(servers(*sizes), hosts(16, 16), Limits())
        self.assertEqual({'A': 6, 'B': 6}, loads(sizes, found.where, {}))
