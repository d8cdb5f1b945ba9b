# SPDX-License-Identifier: Apache-2.0

"""As many come home as there is room for, and affinity groups whole."""

import itertools
import random

import ddt

from tests.unit import base
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import an_instance
from tests.unit.core.returns import a_return
from tests.unit.core.returns import a_returning_snapshot
from tests.unit.core.returns import maintained
from watcher_host_maintenance.core.packing.result import Limits


def a_member(name, group, vcpus=1):
    return an_instance(
        name, 'compute-2', vcpus=vcpus, group=f'uuid-{group}' if group else ''
    )


def a_case(room, instances, groups):
    return a_returning_snapshot(
        (maintained(vcpus=room), a_node()),
        instances,
        groups=[a_group('soft-affinity', g) for g in groups],
    )


def most(room, instances):
    """Return the largest number that fits, groups whole: every subset."""
    best = 0
    for count in range(len(instances) + 1):
        for chosen in itertools.combinations(instances, count):
            groups = {i.group for i in chosen if i.group}
            split = any(
                i.group in groups and i not in chosen for i in instances
            )
            if not split and sum(i.resources['VCPU'] for i in chosen) <= room:
                best = max(best, count)
    return best


@ddt.ddt
class TestPlace(base.TestCase):
    def home(self, snapshot, **limits):
        plan = a_return(snapshot, **limits)
        self.assertEqual([], plan.violations)
        self.plan = plan
        return sorted(m.instance_name for m in plan.outcome.moves)

    @ddt.named_data(
        # name, room, expected
        ('all',         4, ['a-1', 'a-2', 'b', 'c']),
        ('group_first', 3, ['a-1', 'a-2', 'b']),
        ('group_only',  2, ['a-1', 'a-2']),
        ('no_group',    1, ['b']),
        ('none',        0, []),
    )  # fmt: skip
    @ddt.unpack
    def test_whole(self, room, expected):
        instances = [
            a_member('a-1', 'db'),
            a_member('a-2', 'db'),
            a_member('b', ''),
            a_member('c', ''),
        ]
        self.assertEqual(expected, self.home(a_case(room, instances, ['db'])))

    def test_says_why_a_group_stays(self):
        instances = [a_member('a-1', 'db', 2), a_member('a-2', 'db', 1)]
        self.assertEqual([], self.home(a_case(2, instances, ['db'])))
        [node] = self.plan.outcome.nodes
        self.assertEqual(
            {'group_stays'}, {s.findings[0].reason.value for s in node.stays}
        )

    def test_is_the_most(self):
        """Every subset of small cases is tried."""
        for seed in range(12):
            draw = random.Random(seed)
            instances = [
                a_member(
                    f'{n}', draw.choice(['', '', 'x', 'y']), draw.randint(1, 4)
                )
                for n in range(draw.randint(1, 6))
            ]
            room = draw.randint(0, 10)
            home = self.home(a_case(room, instances, ['x', 'y']))
            self.assertEqual(most(room, instances), len(home), seed)

    def test_more_groups_than_are_tried(self):
        groups = [f'g{n}' for n in range(7)]
        instances = [a_member(f'{g}-{n}', g) for g in groups for n in range(2)]
        self.assertEqual(12, len(self.home(a_case(13, instances, groups))))
        [node] = self.plan.outcome.nodes
        self.assertEqual(
            {'no_place_found'},
            {s.findings[0].reason.value for s in node.stays},
        )

    def test_not_proved(self):
        instances = [a_member(f'{n}', '', 3 + n % 4) for n in range(9)]
        limits = Limits(ejections=0, nodes=0, iterations=0)
        self.home(a_case(17, instances, []), limits=limits)
        [node] = self.plan.outcome.nodes
        self.assertEqual(
            {'no_place_found'},
            {s.findings[0].reason.value for s in node.stays},
        )
