# SPDX-License-Identifier: Apache-2.0

"""headroom_percent: on the limit, and just past it."""

from tests.functional import base


class TestHeadroom(base.CloudTestCase):
    CHECKED = True

    def test_limit(self):
        # Eight of ten VCPU in the end.
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.a_host(vcpus=10)},
            servers={
                'web': base.on('compute-1', 'medium', count=2),
                'db': base.on('compute-2', 'medium', count=2),
            },
        )
        self.assertRefused(
            self.drain(maintenance_node='compute-1', headroom_percent=20.5),
            'Cannot drain compute-1: 1 of 2 instances cannot be moved. 2 '
            'instances need 4 VCPU, 3.9 free on compute-2. Nothing was '
            'changed. One way: keep less free: -p headroom_percent=20. One '
            'way: leave web-2: -p on_blocked=leave.',
        )
        self.drain_and_execute(
            maintenance_node='compute-1', headroom_percent=20
        )
        self.assertEnd(
            servers=base.all_on('compute-2', 'web-1', 'web-2', 'db-1', 'db-2'),
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )


class TestBeyond(base.SharedCloudTestCase):
    """A host that was beyond before takes nothing, of no class."""

    CHECKED = True

    DESCRIPTION = base.description(
        hosts={'compute-1': base.HOST, 'compute-2': base.a_host(disk_gb=40)},
        flavors={'diskless': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 0}},
        servers={
            'web': base.on('compute-1', 'diskless'),
            'old': base.on('compute-2'),
        },
    )

    def test_on_the_limit(self):
        self.assertPlanned(
            self.drain(maintenance_node='compute-1', headroom_percent=50)
        )

    def test_past_it(self):
        self.assertRefused(
            self.drain(maintenance_node='compute-1', headroom_percent=50.5),
            'Cannot drain compute-1: 1 of 1 instances cannot be moved. web '
            'fits on no destination (compute-2: 20 DISK_GB used, headroom '
            'allows 19.8). Nothing was changed. One way: '
            'keep less free: -p headroom_percent=50.',
        )
