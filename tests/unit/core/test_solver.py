# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

import dataclasses

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import holding
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core import solver
from watcher_host_maintenance.core.solver import Proof


def hosts(*vcpus, memory_mb=1000, headroom=0.0, **max_units):
    """Destinations A, B, ... with so many VCPUs left.

    :param max_units: hostname -> the most VCPUs for one instance
    """
    return [
        ledger.Destination(
            snapshot.ComputeNode(
                hostname,
                inventory={
                    'VCPU': an_inventory(
                        total, max_unit=max_units.get(hostname)),
                    'MEMORY_MB': an_inventory(memory_mb),
                }),
            headroom)
        for hostname, total in zip('ABCDEFGH', vcpus, strict=False)
    ]


def servers(*vcpus, memory_mb=0, **memories):
    """Instances a, b, ... that hold so many VCPUs, and memory.

    :param memories: name -> MEMORY_MB, in place of ``memory_mb``
    """
    return [
        an_instance(
            name, uuid=name, vcpus=wanted, disk_gb=0,
            memory_mb=memories.get(name, memory_mb))
        for name, wanted in zip('abcdefgh', vcpus, strict=False)
    ]


# Largest first, a goes to A, b to B, and nothing is left for c. The one
# answer is a on B; finding it takes nine steps.
PUZZLE = ((6, 5, 5), (10, 6))


@ddt.ddt
class TestPlaceAll(base.TestCase):
    @ddt.named_data(
        # name, VCPUs wanted, VCPUs left, expected
        ('nothing',          [],        [4],       {}),
        ('exactly_full',     [4],       [4],       {'a': 'A'}),
        ('tie_by_hostname',  [1],       [4, 4],    {'a': 'A'}),
        ('emptier_one',      [1],       [3, 4],    {'a': 'B'}),
        ('evenly',           [1, 1, 1], [4, 4],    {'a': 'A', 'b': 'B',
                                                    'c': 'A'}),
        ('largest_first',    [1, 3, 2], [4, 4],    {'b': 'A', 'c': 'B',
                                                    'a': 'B'}),
        ('only_where_room',  [3, 3],    [2, 3, 4], {'a': 'C', 'b': 'B'}),
        ('puzzle',           *PUZZLE,              {'a': 'B', 'b': 'A',
                                                    'c': 'A'}),
    )
    @ddt.unpack
    def test_placed(self, wanted, left, expected):
        found = solver.place_all(servers(*wanted), hosts(*left))
        self.assertEqual(solver.Placement(expected, Proof.PLACED), found)

    def test_order_of_hosts_does_not_break_a_tie(self):
        found = solver.place_all(servers(1), hosts(4, 4)[::-1])
        self.assertEqual({'a': 'A'}, found.where)

    @ddt.named_data(
        # name, steps, VCPUs wanted, VCPUs left, expected
        ('no_hosts',          0, [1],       [],     Proof.IMPOSSIBLE),
        ('one_fits_nowhere',  0, [5, 1],    [4, 4], Proof.IMPOSSIBLE),
        ('sum_too_large',     0, [3, 3, 3], [4, 4], Proof.IMPOSSIBLE),
        ('sum_just_so',       0, [3, 3, 2], [4, 4], Proof.UNDECIDED),
        ('tried_all',         5, [2, 2, 2], [3, 3], Proof.IMPOSSIBLE),
        ('one_step_short',    4, [2, 2, 2], [3, 3], Proof.UNDECIDED),
        ('puzzle_short',      8, *PUZZLE,           Proof.UNDECIDED),
        ('no_steps',          0, *PUZZLE,           Proof.UNDECIDED),
        ('negative_steps',   -1, *PUZZLE,           Proof.UNDECIDED),
    )
    @ddt.unpack
    def test_not_placed(self, steps, wanted, left, expected):
        found = solver.place_all(servers(*wanted), hosts(*left), steps)
        self.assertEqual(solver.Placement({}, expected), found)

    def test_puzzle_in_nine_steps(self):
        wanted, left = PUZZLE
        found = solver.place_all(servers(*wanted), hosts(*left), 9)
        self.assertIs(Proof.PLACED, found.proof)

    def test_needs_no_step_where_the_first_try_fits(self):
        found = solver.place_all(servers(4, 4), hosts(4, 4), 0)
        self.assertEqual({'a': 'A', 'b': 'B'}, found.where)

    def test_steps_unless_told(self):
        self.assertEqual(200_000, solver.DEFAULT_STEPS)

    def test_what_is_full_already_does_not_count_against_the_sum(self):
        there = hosts(4, 4)
        there[0].take(holding({'VCPU': 9}))
        found = solver.place_all(servers(2, 2), there)
        self.assertEqual({'a': 'B', 'b': 'B'}, found.where)
        self.assertIs(
            Proof.IMPOSSIBLE,
            solver.place_all(servers(2, 2, 1), there, 0).proof)

    def test_hosts_hold_what_they_held(self):
        wanted, left = PUZZLE
        there = hosts(*left)
        there[0].take(holding({'VCPU': 0, 'MEMORY_MB': 7}))
        for steps in (0, 3, 100):
            solver.place_all(servers(*wanted), there, steps)
            solver.place_most(servers(*wanted, 9), there, steps)
        self.assertEqual(
            [{'VCPU': 0, 'MEMORY_MB': 7}, {'VCPU': 0}],
            [{c: n for c, n in d.used.items() if n or c == 'VCPU'}
             for d in there])

    def test_hosts_of_one_size_and_another_limit(self):
        # a fills the memory of A or B; b then needs A, since B gives one
        # instance less than that.
        found = solver.place_all(
            servers(1, 3, a=1000), hosts(3, 3, B=2))
        self.assertEqual({'a': 'B', 'b': 'A'}, found.where)

    @ddt.named_data(
        # name, number of instances, expected
        ('deepest', 300, Proof.PLACED),
        ('deeper',  301, Proof.UNDECIDED),
    )
    @ddt.unpack
    def test_many(self, count, expected):
        wanted, left = PUZZLE
        small = [
            an_instance(f'small-{n}', vcpus=0, disk_gb=0, memory_mb=1)
            for n in range(count - len(wanted))
        ]
        found = solver.place_all([*servers(*wanted), *small], hosts(*left))
        self.assertIs(expected, found.proof)


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
        ('by_search',      [9, 6, 5, 5],    [10, 6],
         {'b': 'B', 'c': 'A', 'd': 'A'}),
    )
    @ddt.unpack
    def test_placed(self, wanted, left, expected):
        found = solver.place_most(servers(*wanted), hosts(*left))
        self.assertEqual(solver.Placement(expected, Proof.IMPOSSIBLE), found)

    def test_everything(self):
        wanted, left = PUZZLE
        self.assertEqual(
            solver.Placement({'a': 'B', 'b': 'A', 'c': 'A'}, Proof.PLACED),
            solver.place_most(servers(*wanted), hosts(*left)))

    def test_same_number_more_memory(self):
        found = solver.place_most(servers(2, 1, a=1, b=2), hosts(2))
        self.assertEqual(
            solver.Placement({'b': 'A'}, Proof.IMPOSSIBLE), found)

    def test_same_number_same_memory(self):
        found = solver.place_most(servers(2, 1, a=2, b=2), hosts(2))
        self.assertEqual({'a': 'A'}, found.where)

    def test_more_memory_is_not_worth_one_less(self):
        found = solver.place_most(servers(4, 2, 2, a=900), hosts(4))
        self.assertEqual({'b': 'A', 'c': 'A'}, found.where)

    def test_spread_evenly_though_found_packed(self):
        found = solver.place_most(
            servers(4, 2, 2, 2, a=1, b=10, c=10, d=5), hosts(4, 4))
        self.assertEqual({'b': 'A', 'c': 'B', 'd': 'A'}, found.where)

    @ddt.named_data(
        # name, steps, expected
        ('no_steps', 0,       ({'a': 'A'}, Proof.UNDECIDED)),
        ('too_few',  2,       ({'a': 'A'}, Proof.UNDECIDED)),
        ('enough',   3,       ({'b': 'A'}, Proof.IMPOSSIBLE)),
    )
    @ddt.unpack
    def test_steps(self, steps, expected):
        found = solver.place_most(servers(2, 1, a=1, b=2), hosts(2), steps)
        self.assertEqual(solver.Placement(*expected), found)

    def test_too_many_to_search(self):
        many = [
            an_instance(f'vm-{n:03}', vcpus=1, disk_gb=0, memory_mb=0)
            for n in range(301)
        ]
        found = solver.place_most(many, hosts(300))
        self.assertEqual(
            sorted(f'uuid-vm-{n:03}' for n in range(300)),
            sorted(found.where))
        self.assertIs(Proof.UNDECIDED, found.proof)


class TestBySize(base.TestCase):
    @staticmethod
    def order(instances, there):
        return ''.join(i.name for i in solver.by_size(instances, there))

    def test_share_of_the_scarcest_class(self):
        # Of 8 VCPU and 2000 MEMORY_MB left: shares 0.25, 0.5, 0.375.
        instances = servers(2, 1, 3, b=1000)
        self.assertEqual('bca', self.order(instances, hosts(4, 4)))

    def test_what_is_overcommitted_gives_nothing(self):
        there = hosts(4, 4, memory_mb=10)
        there[0].take(holding({'MEMORY_MB': 1000}))
        # Of 8 VCPU and 10 MEMORY_MB left: shares 0.5 and 0.6.
        self.assertEqual(
            'ba', self.order(servers(4, 1, a=5, b=6), there))

    def test_what_is_nowhere_left_comes_first(self):
        instances = [*servers(8), an_instance(
            'z', vcpus=0, memory_mb=0, disk_gb=1)]
        self.assertEqual('za', self.order(instances, hosts(4, 4)))

    def test_one_left_is_not_none_left(self):
        there = hosts(1, memory_mb=1000)
        # Shares 1 of 1 VCPU, not endless, and 1.5 of 1000 MEMORY_MB.
        instances = [*servers(1), an_instance(
            'z', vcpus=0, memory_mb=1500, disk_gb=0)]
        self.assertEqual('za', self.order(instances, there))

    def test_ties(self):
        instances = [
            an_instance(name, uuid=uuid, vcpus=4, memory_mb=mb, disk_gb=0)
            for name, uuid, mb in [
                ('d', '1', 1), ('b', '2', 1), ('c', '0', 2), ('b', '1', 1)]
        ]
        self.assertEqual(
            [('c', '0'), ('b', '1'), ('b', '2'), ('d', '1')],
            [(i.name, i.uuid)
             for i in solver.by_size(instances, hosts(4, 4))])

    def test_who_holds_nothing_comes_last(self):
        instances = [
            an_instance('a', vcpus=0, memory_mb=0, disk_gb=0),
            an_instance('b', vcpus=1, memory_mb=0, disk_gb=0)]
        self.assertEqual('ba', self.order(instances, hosts(4)))


def grouped(group, *vcpus, refused=(), **members):
    """Destinations A, B, ... of which each knows a group.

    :param refused: for each of them the UUIDs that a rule keeps away
    :param members: hostname -> members there before
    """
    groups = ledger.Groups([a_group(group, most=1, **members)])
    keeps = [*map(frozenset, refused), *8 * [frozenset()]]
    return [
        ledger.Destination(
            snapshot.ComputeNode(
                hostname,
                inventory={'VCPU': an_inventory(total),
                           'MEMORY_MB': an_inventory(1000)}),
            0.0, groups, keep)
        for hostname, total, keep in zip(
            'ABCDEFGH', vcpus, keeps, strict=False)
    ]


def members(*vcpus, **fields):
    """The same as servers(), all in the group."""
    return [
        dataclasses.replace(i, group='uuid-db') for i in servers(*vcpus)]


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
         'ABCA'),
        ('soft_apart_from_the_fewest', 'soft-anti-affinity', 80, (1,),
         {'A': 2, 'B': 1, 'C': 3}, 'B'),
        ('evenly',         'affinity',        8, (2, 2, 2), {}, 'ABC'),
        ('soft_together',  'soft-affinity',   8, (2, 2, 2), {}, 'AAA'),
        ('soft_together_with', 'soft-affinity', 80, (2, 2), {'B': 1}, 'BB'),
    )
    @ddt.unpack
    def test_where(self, policy, left, wanted, before, expected):
        found = solver.place_all(
            members(*wanted), grouped(policy, left, 8, 8, **before))
        self.assertIs(Proof.PLACED, found.proof)
        self.assertEqual(
            dict(zip('abcd', expected, strict=False)), found.where)

    @ddt.named_data(
        # name, policy, members before, expected
        ('soft_apart', 'soft-anti-affinity', {'B': 1}, 'BB'),
        ('soft_together', 'soft-affinity', {'A': 1}, 'BB'),
    )
    @ddt.unpack
    def test_soft_is_no_must(self, policy, before, expected):
        found = solver.place_all(
            members(2, 2), grouped(policy, 1, 4, **before))
        self.assertEqual(
            dict(zip('ab', expected, strict=True)), found.where)

    @ddt.named_data(
        # name, VCPUs of the hosts, members before, expected
        ('one_each',       (9, 9),    {},       (2, Proof.PLACED)),
        ('one_host_less',  (9,),      {},       (1, Proof.IMPOSSIBLE)),
        ('one_is_taken',   (9, 9),    {'A': 1}, (1, Proof.IMPOSSIBLE)),
        ('all_are_taken',  (9, 9),    {'A': 1, 'B': 1},
         (0, Proof.IMPOSSIBLE)),
    )
    @ddt.unpack
    def test_anti_affinity_fills_up(self, left, before, expected):
        found = solver.place_most(
            members(1, 1), grouped('anti-affinity', *left, **before))
        self.assertEqual(expected, (len(found.where), found.proof))

    def test_only_the_group_is_kept_apart(self):
        instances = [*members(1), *servers(1, 1)[1:]]
        found = solver.place_all(instances, grouped('anti-affinity', 9))
        self.assertEqual({'a': 'A', 'b': 'A'}, found.where)

    def test_search_backs_out_of_a_group(self):
        # On A, the emptier one, a would leave none of the hosts to b.
        there = grouped('anti-affinity', 6, 3, refused=[set(), {'b'}])
        self.assertEqual(
            {'a': 'B', 'b': 'A'},
            solver.place_all(members(3, 3), there, 20).where)
        self.assertIs(
            Proof.UNDECIDED,
            solver.place_all(members(3, 3), there, 0).proof)

    def test_who_is_refused_somewhere_is_no_twin(self):
        # Alike but for the rule: b may go to A alone, a to both.
        there = grouped('affinity', 2, 2, refused=[set(), {'b'}])
        found = solver.place_all(servers(2, 2), there, 20)
        self.assertEqual({'a': 'B', 'b': 'A'}, found.where)

    def test_search_tells_groups_apart(self):
        # Two pairs alike in size: each host takes one of each group.
        groups = ledger.Groups([a_group(name='x'), a_group(name='y')])
        there = [
            ledger.Destination(d, 0.0, groups) for d in (
                snapshot.ComputeNode(
                    h, inventory={'VCPU': an_inventory(5)}) for h in 'AB')]
        instances = [
            dataclasses.replace(i, group=f'uuid-{g}')
            for i, g in zip(servers(2, 2, 3, 3), 'xyxy', strict=True)]
        found = solver.place_all(instances, there)
        self.assertIs(Proof.PLACED, found.proof)
        self.assertEqual(
            {frozenset('ad'), frozenset('bc')},
            {frozenset(u for u, h in found.where.items() if h == host)
             for host in 'AB'})


class TestUnproved(base.TestCase):
    def test_come_last(self):
        small, large = servers(1, 4)
        odd = dataclasses.replace(large, nested=('VGPU',))
        self.assertEqual(
            [small, odd], solver.by_size([odd, small], hosts(8)))
        self.assertEqual(
            [large, small], solver.by_size([small, large], hosts(8)))
