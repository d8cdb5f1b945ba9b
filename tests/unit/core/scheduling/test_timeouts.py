# SPDX-License-Identifier: Apache-2.0
"""Servers that are too large for the time that an action has are told."""

import ddt

from tests.unit import base
from tests.unit.core import plans
from tests.unit.core.builders import an_instance
from tests.unit.core.findings import all_written
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.scheduling import timeouts


PACE = Pace(mib_per_s=10)


def found(*sizes_mb, limit_s=100, vm_state='active'):
    plan = plans.a_plan(
        instances=[
            an_instance(f'web-{n}', memory_mb=size, vm_state=vm_state)
            for n, size in enumerate(sizes_mb)
        ]
    )
    return timeouts.too_slow(plan.known, plan.outcome, PACE, limit_s)


@ddt.ddt
class TestSlow(base.TestCase):
    @ddt.named_data(
        ('none', (), []),
        ('just_in_time', (1000,), []),
        ('too_late', (1001,), ['may_time_out web-0 copy_s=100 limit_s=100']),
        (
            'slowest_first',
            (2000, 1000, 3000, 2000),
            [
                'may_time_out web-2 copy_s=300 limit_s=100',
                'may_time_out web-0 copy_s=200 limit_s=100',
                'may_time_out web-3 copy_s=200 limit_s=100',
            ],
        ),
    )
    @ddt.unpack
    def test_found(self, sizes_mb, expected):
        self.assertEqual(expected, all_written(found(*sizes_mb)))

    def test_seconds_are_rounded(self):
        [finding] = found(1236, limit_s=100.4)
        self.assertEqual({'copy_s': 124, 'limit_s': 100}, finding.facts)

    def test_cold_ones_copy_no_memory(self):
        self.assertEqual((), found(2000, vm_state='stopped'))
