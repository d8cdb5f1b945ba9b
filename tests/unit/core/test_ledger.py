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

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import holding
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core.snapshot import ComputeNode


def a_destination(headroom_percent=0.0, **fields):
    return ledger.Destination(a_node(**fields), headroom_percent)


def vcpus(total, **fields):
    return {'VCPU': an_inventory(total, **fields)}


@ddt.ddt
class TestDestination(base.TestCase):
    def test_of_a_node(self):
        there = a_destination(
            headroom_percent=25.0,
            hostname='compute-7',
            vcpus=8,
            memory_mb=1000,
            disk_gb=0,
            inventory={'VGPU': an_inventory(4, 1, 2.0, max_unit=1)},
            used={'VCPU': 2},
        )
        self.assertEqual('compute-7', there.hostname)
        self.assertEqual(
            {'VCPU': 8, 'MEMORY_MB': 1000, 'DISK_GB': 0, 'VGPU': 6},
            there.capacity)
        self.assertEqual(
            {'VCPU': 6, 'MEMORY_MB': 750, 'DISK_GB': 0, 'VGPU': 4.5},
            there.limit)
        self.assertEqual({'VCPU': 2}, there.used)
        self.assertEqual({'VGPU': 1}, there.max_unit)
        self.assertEqual((), there.beyond)

    @ddt.named_data(
        # name, used, class, expected
        ('nothing_used',   {},            'VCPU', 16),
        ('some_used',      {'VCPU': 15},  'VCPU', 1),
        ('all_used',       {'VCPU': 16},  'VCPU', 0),
        ('overcommitted',  {'VCPU': 20},  'VCPU', -4),
        ('not_offered',    {},            'VGPU', 0),
        ('used_unoffered', {'VGPU': 1},   'VGPU', -1),
    )
    @ddt.unpack
    def test_left(self, used, resource_class, expected):
        there = a_destination(used=used)
        self.assertEqual(expected, there.left(resource_class))

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
    )
    @ddt.unpack
    def test_fits(self, wanted, expected):
        there = a_destination(
            vcpus=16,
            disk_gb=100,
            inventory={'MEMORY_MB': an_inventory(1000, max_unit=600)},
            used={'VCPU': 12})
        self.assertIs(expected, there.fits(holding(wanted)))

    @ddt.named_data(
        # name, VCPUs used, MEMORY_MB used, expected
        ('as_much_as_may_be', 7, 0,   True),
        ('full',              8, 0,   False),
        ('on_the_limit',      7, 800, True),
        ('beyond',            7, 801, False),
    )
    @ddt.unpack
    def test_headroom(self, vcpus_used, mb_used, expected):
        there = a_destination(
            20.0, vcpus=10, memory_mb=1000,
            used={'VCPU': vcpus_used, 'MEMORY_MB': mb_used})
        self.assertIs(expected, there.fits(holding({'VCPU': 1})))

    @ddt.named_data(
        # name, headroom, used, expected
        ('without_headroom', 0.0,  {'VCPU': 17}, ()),
        ('on_the_limit',     25.0, {'VCPU': 12}, ()),
        ('one_past_it',      25.0, {'VCPU': 13}, ('VCPU',)),
        ('two_classes',      25.0, {'VCPU': 13, 'DISK_GB': 301},
         ('DISK_GB', 'VCPU')),
        ('not_offered',      25.0, {'VGPU': 1}, ()),
    )
    @ddt.unpack
    def test_beyond(self, headroom, used, expected):
        self.assertEqual(expected, a_destination(headroom, used=used).beyond)

    def test_beyond_takes_not_even_what_asks_for_nothing_of_it(self):
        there = a_destination(25.0, used={'VCPU': 13})
        self.assertIs(False, there.fits(holding({'MEMORY_MB': 1})))
        self.assertIs(False, there.fits(holding({})))

    def test_overcommitted_keeps_out_only_who_asks_for_more_of_it(self):
        there = a_destination(used={'VCPU': 17})
        self.assertIs(True, there.fits(holding({'MEMORY_MB': 1})))
        self.assertIs(False, there.fits(holding({'VCPU': 1})))

    def test_take_and_give_back(self):
        node = a_node(used={'VCPU': 1})
        there = ledger.Destination(node, 0.0)
        there.take(holding({'VCPU': 2, 'VGPU': 1}))
        there.take(holding({'VCPU': 4}))
        self.assertEqual({'VCPU': 7, 'VGPU': 1}, there.used)
        self.assertEqual(9, there.left('VCPU'))
        there.give_back(holding({'VCPU': 2, 'VGPU': 1}))
        self.assertEqual({'VCPU': 5, 'VGPU': 0}, there.used)
        self.assertEqual({'VCPU': 1}, node.used)

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
    )
    @ddt.unpack
    def test_units(self, min_unit, step_size, wanted, expected):
        there = a_destination(inventory=vcpus(
            16, min_unit=min_unit, step_size=step_size))
        self.assertIs(expected, there.fits(holding(wanted)))

    def test_refused_by_a_rule(self):
        there = ledger.Destination(a_node(), 0.0, refused={'uuid-web-1'})
        self.assertIs(False, there.fits(an_instance('web-1')))
        self.assertIs(True, there.fits(an_instance('web-2')))

    def test_beyond_is_said_of_what_was_before(self):
        there = a_destination(25.0, used={'VCPU': 12})
        there.take(holding({'VCPU': 4}))
        self.assertEqual((), there.beyond)

    @ddt.named_data(
        # name, used, extra, expected
        ('empty',         {},                             None,          0.0),
        ('half',          {'VCPU': 8},                    None,          0.5),
        ('fullest_class', {'VCPU': 8, 'DISK_GB': 300},    None,          0.75),
        ('memory',        {'MEMORY_MB': 8192},            None,          0.25),
        ('with_extra',    {'VCPU': 8},                    {'VCPU': 4},   0.75),
        ('extra_class',   {'VCPU': 8},                    {'DISK_GB': 300},
         0.75),
        ('overcommitted', {'VCPU': 24},                   {},            1.5),
        ('others_do_not_count', {'VGPU': 2},              {'VGPU': 2},   0.0),
    )
    @ddt.unpack
    def test_utilisation(self, used, extra, expected):
        there = a_destination(
            used=used, inventory={'VGPU': an_inventory(4)})
        self.assertEqual(expected, there.utilisation(extra))

    def test_utilisation_is_of_the_capacity_with_its_headroom(self):
        there = a_destination(50.0, used={'VCPU': 4})
        self.assertEqual(0.25, there.utilisation())

    def test_utilisation_where_a_class_has_no_capacity(self):
        there = a_destination(
            vcpus=0, disk_gb=0, inventory=vcpus(4, reserved=4),
            used={'DISK_GB': 5, 'MEMORY_MB': 8192})
        self.assertEqual(0.25, there.utilisation({'VCPU': 1}))

    def test_utilisation_of_a_class_that_is_not_offered(self):
        node = ComputeNode(
            'compute-2', inventory=vcpus(4), used={'DISK_GB': 9})
        there = ledger.Destination(node, 0.0)
        self.assertEqual(0.25, there.utilisation({'VCPU': 1, 'DISK_GB': 1}))

    def test_utilisation_of_a_small_class(self):
        there = a_destination(disk_gb=1, used={'DISK_GB': 1})
        self.assertEqual(1.0, there.utilisation())


def in_groups(*groups, hostname='compute-2'):
    return ledger.Destination(
        a_node(hostname), 0.0, ledger.Groups(groups))


def a_member(name='db-1', group='db', **fields):
    return an_instance(name, group=f'uuid-{group}', **fields)


class TestGroups(base.TestCase):
    def test_by_policy(self):
        apart, soft, soft_apart, together = (
            a_group(policy, policy) for policy in (
                'anti-affinity', 'soft-affinity', 'soft-anti-affinity',
                'affinity'))
        groups = ledger.Groups([together, soft_apart, soft, apart])
        self.assertEqual({apart.uuid: apart}, groups.apart)
        self.assertEqual(
            {soft.uuid: soft, soft_apart.uuid: soft_apart}, groups.soft)

    def test_members(self):
        groups = ledger.Groups([
            a_group(name='db', compute_2=1, compute_3=2),
            a_group('soft-affinity', 'web', compute_3=3),
            a_group('affinity', 'cache', compute_3=4)])
        self.assertEqual({}, groups.members_on('compute-1'))
        self.assertEqual({'uuid-db': 1}, groups.members_on('compute-2'))
        self.assertEqual(
            {'uuid-db': 2, 'uuid-web': 3}, groups.members_on('compute-3'))

    def test_members_are_each_asker_s_own(self):
        groups = ledger.Groups([a_group(compute_2=1)])
        groups.members_on('compute-2')['uuid-db'] = 9
        self.assertEqual({'uuid-db': 1}, groups.members_on('compute-2'))

    def test_none(self):
        self.assertEqual({}, a_destination().members)
        self.assertEqual({}, a_destination().apart)


@ddt.ddt
class TestMembers(base.TestCase):
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
    )
    @ddt.unpack
    def test_fits(self, policy, most, members, expected):
        there = in_groups(a_group(policy, most=most, **members))
        self.assertIs(expected, there.fits(a_member()))

    def test_fits_whoever_is_in_no_group_or_in_another(self):
        there = in_groups(a_group(compute_2=1), a_group(name='web'))
        self.assertIs(True, there.fits(an_instance()))
        self.assertIs(True, there.fits(a_member(group='web')))
        self.assertIs(False, there.fits(a_member(group='db')))

    def test_what_a_plan_moves_counts(self):
        there = in_groups(a_group(most=2, compute_2=1))
        first, second = a_member('db-1'), a_member('db-2')
        there.take(first)
        self.assertEqual({'uuid-db': 2}, there.members)
        self.assertIs(False, there.fits(second))
        there.give_back(first)
        self.assertEqual({'uuid-db': 1}, there.members)
        self.assertIs(True, there.fits(second))

    def test_other_destinations_do_not_see_it(self):
        groups = ledger.Groups([a_group(most=1)])
        one, two = (
            ledger.Destination(a_node(h), 0.0, groups)
            for h in ('compute-2', 'compute-3'))
        one.take(a_member())
        self.assertIs(False, one.fits(a_member('db-2')))
        self.assertIs(True, two.fits(a_member('db-2')))

    @ddt.named_data(
        # name, policy, members there, expected
        ('soft_apart_alone',     'soft-anti-affinity', {},               0),
        ('soft_apart_one',       'soft-anti-affinity', {'compute_2': 1}, 1),
        ('soft_apart_two',       'soft-anti-affinity', {'compute_2': 2}, 2),
        ('soft_together_alone',  'soft-affinity',      {},               1),
        ('soft_together_one',    'soft-affinity',      {'compute_2': 1}, 0),
        ('soft_together_two',    'soft-affinity',      {'compute_2': 2}, 0),
        ('apart',                'anti-affinity',      {'compute_2': 1}, 0),
        ('together',             'affinity',           {},               0),
    )
    @ddt.unpack
    def test_dislikes(self, policy, members, expected):
        there = in_groups(a_group(policy, **members))
        self.assertEqual(expected, there.dislikes(a_member()))
        self.assertEqual(0, there.dislikes(an_instance()))

    @ddt.named_data(
        # name, policy, expected
        ('apart', 'soft-anti-affinity', 1),
        ('together', 'soft-affinity', 0),
    )
    @ddt.unpack
    def test_dislikes_with_what_a_plan_moves(self, policy, expected):
        there = in_groups(a_group(policy))
        there.take(a_member('db-1'))
        self.assertEqual(expected, there.dislikes(a_member('db-2')))


@ddt.ddt
class TestLook(base.TestCase):
    """Two that look alike take the same, whatever comes."""

    def look(self, headroom=0.0, groups=(), refused=frozenset(), **fields):
        return ledger.Destination(
            a_node(**fields), headroom, ledger.Groups(groups), refused).look

    @ddt.named_data(
        # name, what differs
        ('hostname', {'hostname': 'compute-3'}),
        ('total_as_much_as_used', {'vcpus': 18, 'used': {'VCPU': 2}}),
        ('step_of_one', {'inventory': vcpus(16, step_size=1)}),
        ('group_elsewhere', {'groups': [a_group(compute_3=1)]}),
        ('affinity', {'groups': [a_group('affinity', compute_2=1)]}),
    )
    def test_same(self, differs):
        self.assertEqual(self.look(), self.look(**differs))

    @ddt.named_data(
        # name, what differs
        ('used', {'used': {'VCPU': 1}}),
        ('total', {'vcpus': 15}),
        ('another_class', {'inventory': {'VGPU': an_inventory(1)}}),
        ('max_unit', {'inventory': vcpus(16, max_unit=16)}),
        ('min_unit', {'inventory': vcpus(16, min_unit=2)}),
        ('step_size', {'inventory': vcpus(16, step_size=2)}),
        ('member', {'groups': [a_group(compute_2=1)]}),
        ('soft_member', {
            'groups': [a_group('soft-affinity', compute_2=1)]}),
        ('refused', {'refused': frozenset({'uuid-web-1'})}),
    )
    def test_another(self, differs):
        self.assertNotEqual(self.look(), self.look(**differs))

    def test_beyond(self):
        # As much is left of every class, by a negative amount.
        self.assertNotEqual(
            self.look(vcpus=0, used={'VCPU': 1}),
            self.look(50.0, vcpus=0, memory_mb=65536, disk_gb=800,
                      used={'VCPU': 1}))

    def test_who_came_and_went_leaves_no_trace(self):
        there = in_groups(a_group())
        before = there.look
        there.take(a_member())
        self.assertNotEqual(before, there.look)
        there.give_back(a_member())
        self.assertEqual(before, there.look)


class TestTotal(base.TestCase):
    def test_total(self):
        self.assertEqual(
            {'VCPU': 7, 'DISK_GB': 10, 'VGPU': 1},
            ledger.total([
                {'VCPU': 1}, {'VCPU': 2, 'DISK_GB': 10},
                {'VCPU': 4, 'VGPU': 1}]))

    def test_of_nothing(self):
        self.assertEqual({}, ledger.total([]))

    def test_what_evens_out(self):
        self.assertEqual(('VCPU', 'MEMORY_MB', 'DISK_GB'), ledger.BALANCED)
