# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.packing import builders
from tests.unit.core.packing.builders import heights
from watcher_host_maintenance.core.packing.bisect_peak import bisect_peak
from watcher_host_maintenance.core.packing.bisect_peak import lowered


class TestBisectPeak(base.TestCase):
    def test_finds_what_no_exchange_leads_to(self):
        # 7 + 5 + 4 and 6 + 6 + 4 are even; largest first ends at 17 to 15.
        problem = builders.a_problem(
            [
                builders.an_item(f's{n}', count, VCPU=n)
                for n, count in ((8, 1), (7, 1), (6, 1), (5, 2), (4, 1))
            ],
            [builders.a_bin(h, VCPU=40) for h in ('h1', 'h2')],
        )
        found = bisect_peak(
            builders.heights_of(
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
        self.assertEqual(
            [18 / 40, 17 / 40], heights(problem, found.placement())
        )


@ddt.ddt
class TestSoftGroups(base.TestCase):
    @ddt.named_data(
        # name, soft_group, how high the highest ends
        ('none', None, 0.4),
        ('apart', 'far', 0.4),
        ('together', 'near', 0.8),
    )
    @ddt.unpack
    def test_a_lower_peak_is_not_at_their_cost(self, soft_group, expected):
        problem = builders.a_problem(
            [builders.an_item('a', 2, soft_group=soft_group, VCPU=4)],
            [builders.a_bin('h1', VCPU=10), builders.a_bin('h2', VCPU=10)],
            soft_affinity_groups=['near'],
        )
        found = bisect_peak(
            builders.heights_of(problem, {'a': {'h1': 2}}), 0, 20_000
        )
        self.assertEqual([expected], [heights(problem, found.placement())[0]])


@ddt.ddt
class TestLowered(base.TestCase):
    @ddt.named_data(
        # name, height, limit of VCPU with a capacity of 10, of VGPU with 4
        ('above',     1_000_001, {'VCPU': 10, 'VGPU': 4}),
        ('at_all',    1_000_000, {'VCPU': 10, 'VGPU': 4}),
        ('just_less', 999_999,   {'VCPU': 9, 'VGPU': 4}),
        ('half',      500_000,   {'VCPU': 5, 'VGPU': 4}),
        ('none',      0,         {'VCPU': 0, 'VGPU': 4}),
    )  # fmt: skip
    @ddt.unpack
    def test_limit(self, height, expected):
        """What is not balanced keeps its limit."""
        found = lowered(builders.a_bin(VCPU=10, VGPU=4), height)
        self.assertEqual(expected, found.limit)
