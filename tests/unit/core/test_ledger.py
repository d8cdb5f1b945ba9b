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
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_inventory
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
        self.assertIs(expected, there.fits(wanted))

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
        self.assertIs(expected, there.fits({'VCPU': 1}))

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
        self.assertIs(False, there.fits({'MEMORY_MB': 1}))
        self.assertIs(False, there.fits({}))

    def test_overcommitted_keeps_out_only_who_asks_for_more_of_it(self):
        there = a_destination(used={'VCPU': 17})
        self.assertIs(True, there.fits({'MEMORY_MB': 1}))
        self.assertIs(False, there.fits({'VCPU': 1}))

    def test_take_and_give_back(self):
        node = a_node(used={'VCPU': 1})
        there = ledger.Destination(node, 0.0)
        there.take({'VCPU': 2, 'VGPU': 1})
        there.take({'VCPU': 4})
        self.assertEqual({'VCPU': 7, 'VGPU': 1}, there.used)
        self.assertEqual(9, there.left('VCPU'))
        there.give_back({'VCPU': 2, 'VGPU': 1})
        self.assertEqual({'VCPU': 5, 'VGPU': 0}, there.used)
        self.assertEqual({'VCPU': 1}, node.used)

    def test_beyond_is_said_of_what_was_before(self):
        there = a_destination(25.0, used={'VCPU': 12})
        there.take({'VCPU': 4})
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
