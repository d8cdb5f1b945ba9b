# SPDX-License-Identifier: Apache-2.0

"""headroom_percent: on the limit, and just past it."""

from tests.functional import base
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import LOWER_HEADROOM
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.rules.room import BEYOND_HEADROOM


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
        # Of equal ones the first by UUID goes, whatever their names are.
        servers = self.cloud.nova.servers.list()
        _, left = max((s.id, s.name) for s in servers if 'web' in s.name)
        self.assertRefused(
            self.drain(maintenance_node='compute-1', headroom_percent=20.5),
            cannot_move(
                'compute-1',
                1,
                2,
                SUM_TOO_LARGE.about(
                    instances=2,
                    wanted=4,
                    resource_class='VCPU',
                    free=3.95,
                    hosts=('compute-2',),
                ),
                ways=[
                    LOWER_HEADROOM.about(percent=20),
                    LEAVE_SOME.about(names=(left,)),
                    ADD_ROOM.about(
                        'compute-2', amount=1, resource_class='VCPU'
                    ),
                ],
                # There is no room to say so.
                changed='',
            ),
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
            cannot_move(
                'compute-1',
                1,
                1,
                NO_DESTINATION.about('web'),
                lacks=BEYOND_HEADROOM.about(
                    'compute-2', used=20, resource_class='DISK_GB', limit=19.8
                ),
                ways=[LOWER_HEADROOM.about(percent=50)],
            ),
        )
