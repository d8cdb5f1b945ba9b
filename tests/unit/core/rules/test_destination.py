# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_destination
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import holding
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules.destination import Groups


def a_bin(headroom_percent=0.0, groups=(), **fields):
    return destination.to_bin(
        a_node(**fields), headroom_percent, Groups(groups)
    )


def a_host(headroom_percent=0.0, taken=(), **fields):
    return a_destination(a_node(**fields), headroom_percent, taken=taken)


def vcpus(total, **fields):
    return {'VCPU': an_inventory(total, **fields)}


@ddt.ddt
class TestToBin(base.TestCase):
    def test_of_a_node(self):
        there = a_bin(
            headroom_percent=25.0,
            groups=[a_group(compute_7=2), a_group(name='web', compute_2=1)],
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
            there.capacity,
        )
        self.assertEqual(
            {'VCPU': 6, 'MEMORY_MB': 750, 'DISK_GB': 0, 'VGPU': 4.5},
            there.limit,
        )
        self.assertEqual({'VCPU': 2}, there.used)
        self.assertEqual({'VGPU': 1}, there.max_unit)
        self.assertEqual({'uuid-db': 2}, there.members)
        self.assertIs(True, there.is_open)

    @ddt.named_data(
        # name, VCPU used, headroom, is open
        ('unused',          0, 10.0, True),
        ('used',            1, 10.0, False),
        # Placement refuses those alone who ask for more of it.
        ('without_headroom', 1, 0.0, True),
    )  # fmt: skip
    @ddt.unpack
    def test_what_nobody_may_have_is_not_offered(
        self, used, headroom, is_open
    ):
        there = a_bin(
            headroom, inventory=vcpus(8, ratio=0.0), used={'VCPU': used}
        )
        self.assertNotIn('VCPU', there.capacity)
        self.assertNotIn('VCPU', there.limit)
        self.assertIn('MEMORY_MB', there.limit)
        self.assertEqual(is_open, there.is_open)

    def test_without_headroom(self):
        there = a_bin(inventory=vcpus(16, reserved=2, ratio=1.5))
        self.assertEqual(21.0, there.limit['VCPU'])
        self.assertEqual(there.capacity, there.limit)

    @ddt.named_data(
        # name, headroom, used, expected
        ('without_headroom', 0.0,  {'VCPU': 17}, True),
        ('on_the_limit',     25.0, {'VCPU': 12}, True),
        ('one_past_it',      25.0, {'VCPU': 13}, False),
        ('in_any_class',     25.0, {'VCPU': 12, 'DISK_GB': 301}, False),
        ('not_offered',      25.0, {'VGPU': 1}, True),
    )  # fmt: skip
    @ddt.unpack
    def test_is_open(self, headroom, used, expected):
        self.assertIs(expected, a_bin(headroom, used=used).is_open)

    @ddt.named_data(
        # name, used, expected
        ('empty',         {},                             0.0),
        ('half',          {'VCPU': 8},                    0.5),
        ('fullest_class', {'VCPU': 8, 'DISK_GB': 300},    0.75),
        ('memory',        {'MEMORY_MB': 8192},            0.25),
        ('overcommitted', {'VCPU': 24},                   1.5),
        ('others_do_not_count', {'VGPU': 2},              0.0),
    )  # fmt: skip
    @ddt.unpack
    def test_utilisation(self, used, expected):
        there = a_bin(used=used, inventory={'VGPU': an_inventory(4)})
        self.assertEqual(expected, there.utilisation())

    def test_utilisation_is_of_the_capacity_with_its_headroom(self):
        there = a_bin(50.0, used={'VCPU': 4})
        self.assertEqual(0.25, there.utilisation())

    def test_utilisation_where_a_class_has_no_capacity(self):
        there = a_bin(
            vcpus=0,
            disk_gb=0,
            inventory=vcpus(4, reserved=4),
            used={'DISK_GB': 5, 'MEMORY_MB': 8192},
        )
        self.assertEqual(0.25, there.utilisation())

    def test_utilisation_of_a_class_that_is_not_offered(self):
        node = ComputeNode(
            'compute-2', inventory=vcpus(4), used={'DISK_GB': 9, 'VCPU': 1}
        )
        self.assertEqual(0.25, destination.to_bin(node, 0.0).utilisation())

    def test_utilisation_of_a_small_class(self):
        there = a_bin(disk_gb=1, used={'DISK_GB': 1})
        self.assertEqual(1.0, there.utilisation())


class TestWithTaken(base.TestCase):
    def test_counts_in(self):
        node = a_node(used={'VCPU': 1})
        before = destination.to_bin(node, 0.0)
        after = destination.with_taken(
            before, [holding({'VCPU': 2, 'VGPU': 1}), holding({'VCPU': 4})]
        )
        self.assertEqual({'VCPU': 7, 'VGPU': 1}, after.used)
        self.assertEqual(9, after.free('VCPU'))
        self.assertEqual({'VCPU': 1}, before.used)
        self.assertEqual({'VCPU': 1}, node.used)

    def test_counts_members(self):
        before = a_bin(groups=[a_group(compute_2=1)])
        after = destination.with_taken(
            before,
            [
                an_instance('db-1', group='uuid-db'),
                an_instance('lone'),
                an_instance('web-1', group='uuid-web'),
                an_instance('web-2', group='uuid-web'),
            ],
        )
        self.assertEqual({'uuid-db': 2, 'uuid-web': 2}, after.members)
        self.assertEqual({'uuid-db': 1}, before.members)

    def test_of_nobody(self):
        there = a_bin(25.0, used={'VCPU': 3})
        self.assertEqual(there, destination.with_taken(there, []))

    def test_closed_is_what_was_beyond_before(self):
        there = destination.with_taken(
            a_bin(25.0, used={'VCPU': 12}), [holding({'VCPU': 4})]
        )
        self.assertIs(True, there.is_open)


@ddt.ddt
class TestDestination(base.TestCase):
    def test_of_a_node(self):
        node = a_node(
            'compute-7',
            vcpus=8,
            used={'VCPU': 2},
            inventory={'VGPU': an_inventory(4, max_unit=1)},
        )
        group = a_group(compute_7=1)
        there = a_destination(
            node,
            25.0,
            [group],
            [an_instance(group='uuid-db', vcpus=3, disk_gb=0)],
        )
        self.assertEqual('compute-7', there.hostname)
        self.assertEqual(node, there.node)
        self.assertEqual(
            {'VCPU': 6, 'MEMORY_MB': 24576, 'DISK_GB': 300, 'VGPU': 3},
            there.bin.limit,
        )
        self.assertEqual({'VCPU': 5, 'MEMORY_MB': 1024}, there.bin.used)
        self.assertEqual({'uuid-db': 2}, there.bin.members)
        self.assertEqual({'uuid-db': group}, there.groups.apart)
        self.assertEqual((), there.beyond)

    @ddt.named_data(
        # name, used, class, expected
        ('nothing_used',   {},            'VCPU', 16),
        ('some_used',      {'VCPU': 15},  'VCPU', 1),
        ('all_used',       {'VCPU': 16},  'VCPU', 0),
        ('overcommitted',  {'VCPU': 20},  'VCPU', -4),
        ('not_offered',    {},            'VGPU', 0),
        ('used_unoffered', {'VGPU': 1},   'VGPU', -1),
    )  # fmt: skip
    @ddt.unpack
    def test_free(self, used, resource_class, expected):
        there = a_host(used=used)
        self.assertEqual(expected, there.free(resource_class))

    def test_free_is_not_rounded(self):
        there = a_host(33.0, used={'VCPU': 10})
        self.assertAlmostEqual(0.72, there.free('VCPU'))

    def test_free_beside_what_a_plan_puts_there(self):
        there = a_host(used={'VCPU': 1}, taken=[holding({'VCPU': 3})])
        self.assertEqual(12, there.free('VCPU'))

    @ddt.named_data(
        # name, headroom, used, expected
        ('without_headroom', 0.0,  {'VCPU': 17}, []),
        ('on_the_limit',     25.0, {'VCPU': 12}, []),
        ('one_past_it',      25.0, {'VCPU': 13}, ['VCPU']),
        ('two_classes',      25.0, {'VCPU': 13, 'DISK_GB': 301},
         ['DISK_GB', 'VCPU']),
        ('not_offered',      25.0, {'VGPU': 1}, []),
    )  # fmt: skip
    @ddt.unpack
    def test_beyond(self, headroom, used, expected):
        there = a_host(headroom, used=used)
        self.assertEqual(expected, list(there.beyond))

    def test_beyond_is_said_of_what_was_before(self):
        there = a_host(25.0, [holding({'VCPU': 4})], used={'VCPU': 12})
        self.assertEqual((), there.beyond)


class TestGroups(base.TestCase):
    def test_by_policy(self):
        apart, soft, soft_apart, together = (
            a_group(policy, policy)
            for policy in (
                'anti-affinity',
                'soft-affinity',
                'soft-anti-affinity',
                'affinity',
            )
        )
        groups = Groups([together, soft_apart, soft, apart])
        self.assertEqual({apart.uuid: apart}, groups.apart)
        self.assertEqual(
            {soft.uuid: soft, soft_apart.uuid: soft_apart}, groups.soft
        )

    def test_members(self):
        groups = Groups(
            [
                a_group(name='db', compute_2=1, compute_3=2),
                a_group('soft-affinity', 'web', compute_3=3),
                a_group('affinity', 'cache', compute_3=4),
            ]
        )
        self.assertEqual({}, groups.members_on('compute-1'))
        self.assertEqual({'uuid-db': 1}, groups.members_on('compute-2'))
        self.assertEqual(
            {'uuid-db': 2, 'uuid-web': 3}, groups.members_on('compute-3')
        )

    def test_members_are_each_asker_s_own(self):
        groups = Groups([a_group(compute_2=1)])
        groups.members_on('compute-2')['uuid-db'] = 9
        self.assertEqual({'uuid-db': 1}, groups.members_on('compute-2'))

    def test_none(self):
        self.assertEqual({}, a_host().bin.members)
        self.assertEqual({}, a_host().groups.apart)


class TestTotal(base.TestCase):
    def test_total(self):
        self.assertEqual(
            {'VCPU': 7, 'DISK_GB': 10, 'VGPU': 1},
            destination.total(
                [
                    {'VCPU': 1},
                    {'VCPU': 2, 'DISK_GB': 10},
                    {'VCPU': 4, 'VGPU': 1},
                ]
            ),
        )

    def test_of_nothing(self):
        self.assertEqual({}, destination.total([]))
