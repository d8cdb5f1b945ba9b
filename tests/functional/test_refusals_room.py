# SPDX-License-Identifier: Apache-2.0

"""Nothing fits: each resource class alone fails the plan, with numbers."""

import ddt

from tests.functional import base
from tests.functional import plans


#: Half of a destination: 4 VCPU, 8192 MEMORY_MB and 50 DISK_GB are left.
HALF = {'vcpus': 4, 'memory_mb': 8192, 'disk_gb': 50}
DESTINATION = base.a_host(vcpus=8, memory_mb=16384, disk_gb=100)
#: It has no room for any server here.
SPARE = base.a_host(disk_gb=1, disabled_reason='watcher_disabled')
#: Disabled, so that no source takes anything from another one.
SOURCE = base.a_host(disabled_reason='fan broken')
# Three servers of each are on the source of the same name.
FLAVORS = {
    'disk': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 34},
    'memory': {'vcpus': 1, 'memory_mb': 5462, 'disk_gb': 5},
    'vcpu': {'vcpus': 3, 'memory_mb': 1024, 'disk_gb': 5},
    'pieces': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 33},
    'large': {'vcpus': 1, 'memory_mb': 8193, 'disk_gb': 5},
    'exact': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 25},
}


@ddt.ddt
class TestRoom(base.SharedCloudTestCase):
    CHECKED = True

    DESCRIPTION = base.description(
        hosts={
            'compute-1': DESTINATION,
            'compute-2': DESTINATION,
            'spare': SPARE,
            **dict.fromkeys(FLAVORS, SOURCE),
        },
        flavors={'half': HALF, **FLAVORS},
        servers={
            'here': base.on('compute-1', 'half'),
            'there': base.on('compute-2', 'half'),
            **{f'{name}-s': base.on(name, name, count=3) for name in FLAVORS},
        },
    )

    @ddt.named_data(
        # name and source, message
        (
            'disk',
            'Cannot drain disk: 1 of 3 instances cannot be moved. 3 instances '
            'need 102 DISK_GB, 100 free on 2 destinations. Nothing was changed. '
            'One way: leave disk-s-3: -p on_blocked=leave. One way: free or add '
            '18 DISK_GB on compute-1.',
        ),
        (
            'memory',
            'Cannot drain memory: 1 of 3 instances cannot be moved. 3 instances '
            'need 16386 MEMORY_MB, 16384 free on 2 destinations. Nothing was '
            'changed. One way: leave memory-s-3: -p on_blocked=leave. One way: '
            'free or add 2732 MEMORY_MB on compute-1.',
        ),
        (
            'vcpu',
            'Cannot drain vcpu: 1 of 3 instances cannot be moved. 3 instances '
            'need 9 VCPU, 8 free on 2 destinations. Nothing was changed. One '
            'way: leave vcpu-s-3: -p on_blocked=leave. One way: free or add 2 '
            'VCPU on compute-1.',
        ),
        (
            'pieces',
            'Cannot drain pieces: 1 of 3 instances cannot be moved. At most 2 of '
            'these 3 fit on compute-1, compute-2: pieces-s-1, pieces-s-2, '
            'pieces-s-3. Nothing was changed. One way: leave pieces-s-3: -p '
            'on_blocked=leave. One way: free or add 16 DISK_GB on compute-1.',
        ),
        (
            'large',
            'Cannot drain large: 3 of 3 instances cannot be moved. large-s-1 '
            'fits on no destination (compute-1: needs 8193 MEMORY_MB, 8192 '
            'free; and 2 more). Nothing was changed. One way: free or add 16387 '
            'MEMORY_MB on compute-1.',
        ),
    )
    @ddt.unpack
    def test_no_room(self, message):
        node = self.id().rpartition('_')[2]
        report = self.assertRefused(
            self.drain(refresh=False, maintenance_node=node), message
        )
        self.assertIn(
            'spare',
            {f['subject'] for f in report['outcome']['not_destinations']},
        )

    @ddt.named_data(
        # name, source, headroom_percent, what is said
        (
            'small',
            'pieces',
            0,
            '2 of 3 instances cannot be moved. 3 instances need 99 DISK_GB, 50 '
            'free on compute-1. Nothing was changed. One way: leave pieces-s-2, '
            'pieces-s-3: -p on_blocked=leave. One way: free or add 49 DISK_GB '
            'on compute-1.',
        ),
        (
            'too_large',
            'large',
            0,
            '3 of 3 instances cannot be moved. large-s-1 fits on no destination '
            '(compute-1: needs 8193 MEMORY_MB, 8192 free). Nothing was changed. '
            'One way: free or add 16387 MEMORY_MB on compute-1.',
        ),
        (
            'headroom',
            'exact',
            50,
            '3 of 3 instances cannot be moved. exact-s-1 fits on no destination '
            '(compute-1: needs 25 DISK_GB, 0 free). Nothing was '
            'changed. Free the room named, or: -p on_blocked=leave. More is in '
            'the way: see the decision engine log.',
        ),
    )
    @ddt.unpack
    def test_backup(self, node, headroom_percent, said):
        audit = self.drain(
            refresh=False,
            maintenance_node=node,
            backup_node='compute-1',
            headroom_percent=headroom_percent,
        )
        self.assertRefused(audit, f'Cannot drain {node}: {said}')

    def test_just_room(self):
        # 75 of 100 DISK_GB, and 25 + 25 of 50 on one of the two.
        plan = self.assertPlanned(
            self.drain(refresh=False, maintenance_node='exact')
        )
        steps = plans.steps(self.cloud.actions(plan))
        destinations = [destination for *_what, destination in steps]
        self.assertEqual(3, len(destinations))
        self.assertEqual({'compute-1', 'compute-2'}, set(destinations))
