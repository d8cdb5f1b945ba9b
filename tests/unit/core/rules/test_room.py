# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_destination
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_inventory
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import room
from watcher_host_maintenance.core.rules.room import BEYOND_HEADROOM
from watcher_host_maintenance.core.rules.room import NO_ROOM
from watcher_host_maintenance.core.rules.room import ODD_AMOUNT
from watcher_host_maintenance.core.rules.room import OVER_MAX_UNIT


def a_host(headroom_percent=0.0, **fields):
    return a_destination(a_node(**fields), headroom_percent)


@ddt.ddt
class TestHasRoom(base.TestCase):
    @ddt.named_data(
        # name, wanted, used, left where that is too little
        ('roomy',         {'VCPU': 4}, {'VCPU': 2},   {}),
        ('exactly_full',  {'VCPU': 4}, {'VCPU': 12},  {}),
        ('one_short',     {'VCPU': 4}, {'VCPU': 13},  {'VCPU': 3}),
        ('overcommitted', {'VCPU': 1}, {'VCPU': 17},  {'VCPU': -1}),
        ('another_class', {'VCPU': 1}, {'DISK_GB': 999}, {}),
        ('not_offered',   {'VGPU': 1}, {},            {'VGPU': 0}),
        ('two_by_name',   {'VCPU': 17, 'DISK_GB': 401}, {},
         {'DISK_GB': 400, 'VCPU': 16}),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, wanted, used, left):
        found = room.has_room(wanted, a_host(used=used))
        self.assertEqual(
            [
                Finding(
                    NO_ROOM,
                    'compute-2',
                    {'resource_class': c, 'wanted': wanted[c], 'free': n},
                )
                for c, n in left.items()
            ],
            list(found),
        )


@ddt.ddt
class TestWithinUnits(base.TestCase):
    def facts(self, wanted, **fields):
        return {'resource_class': 'VCPU', 'wanted': wanted, **fields}

    @ddt.named_data(
        # name, max_unit, wanted, is refused
        ('no_limit', None, 99, False),
        ('reached',  4,    4,  False),
        ('passed',   4,    5,  True),
    )  # fmt: skip
    @ddt.unpack
    def test_max_unit(self, max_unit, wanted, refused):
        there = a_host(inventory={'VCPU': an_inventory(max_unit=max_unit)})
        self.assertEqual(
            [
                Finding(
                    OVER_MAX_UNIT,
                    'compute-2',
                    self.facts(wanted, max_unit=max_unit),
                )
            ]
            if refused
            else [],
            list(room.within_units({'VCPU': wanted}, there)),
        )

    @ddt.named_data(
        # name, min_unit, step_size, wanted, is refused
        ('any',             1, 1, 1, False),
        ('reached',         4, 1, 4, False),
        ('one_short',       4, 1, 3, True),
        ('one_step',        1, 4, 4, False),
        ('two_steps',       1, 4, 8, False),
        ('part_of_one',     1, 4, 7, True),
        ('half_of_one',     1, 4, 2, True),
        ('steps_too_few',   8, 4, 4, True),
    )  # fmt: skip
    @ddt.unpack
    def test_odd(self, min_unit, step_size, wanted, refused):
        offer = an_inventory(min_unit=min_unit, step_size=step_size)
        there = a_host(inventory={'VCPU': offer})
        facts = self.facts(wanted, min_unit=min_unit, step_size=step_size)
        self.assertEqual(
            [Finding(ODD_AMOUNT, 'compute-2', facts)] if refused else [],
            list(room.within_units({'VCPU': wanted}, there)),
        )

    def test_both(self):
        offer = an_inventory(max_unit=4, step_size=2)
        there = a_host(inventory={'VCPU': offer})
        self.assertEqual(
            [OVER_MAX_UNIT, ODD_AMOUNT],
            [f.reason for f in room.within_units({'VCPU': 5}, there)],
        )

    def test_a_class_that_is_not_offered(self):
        there = a_host(inventory={'VGPU': an_inventory(max_unit=1)})
        self.assertEqual(
            ['VGPU'],
            [
                f.facts['resource_class']
                for f in room.within_units(
                    {'CUSTOM_CARD': 2, 'VGPU': 2}, there
                )
            ],
        )


@ddt.ddt
class TestKeepsHeadroom(base.TestCase):
    @ddt.named_data(
        # name, headroom, used, classes beyond
        ('on_the_limit',  25.0, {'VCPU': 12},                 {}),
        ('one_past_it',   25.0, {'VCPU': 13},                 {'VCPU': 12}),
        ('two_classes',   25.0, {'VCPU': 13, 'DISK_GB': 301},
         {'DISK_GB': 300, 'VCPU': 12}),
        ('none_is_kept',  0.0,  {'VCPU': 17},                 {}),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, headroom, used, limits):
        there = a_host(headroom, used=used)
        self.assertEqual(
            [
                Finding(
                    BEYOND_HEADROOM,
                    'compute-2',
                    {'resource_class': c, 'used': used[c], 'limit': n},
                )
                for c, n in limits.items()
            ],
            list(room.keeps_headroom(there)),
        )
