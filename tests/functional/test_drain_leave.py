# SPDX-License-Identifier: Apache-2.0

"""on_blocked=leave: as many as possible move, the others are counted."""

from tests.functional import base
from tests.functional import plans
from tests.functional.refusals import left_behind
from watcher_host_maintenance.core.advice.unplaced import NO_ROOM_BESIDE_OTHERS
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.core.rules.room import NO_ROOM


class TestLeave(base.CloudTestCase):
    CHECKED = True

    def test_partial_room(self):
        # Room for the large one or for three others: number comes first.
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.a_host(vcpus=8)},
            servers={
                'large': base.on('compute-1', 'large'),
                'web': base.on('compute-1', 'medium', count=3),
            },
        )
        self.drain_and_execute(
            maintenance_node='compute-1',
            on_blocked='leave',
            message=(
                left_behind(
                    1,
                    4,
                    NO_ROOM_BESIDE_OTHERS.about('large'),
                    lacks=NO_ROOM.about(
                        'compute-2', wanted=8, resource_class='VCPU', free=2
                    ),
                )
            ),
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2', 'web-3'),
                'large': ('ACTIVE', 'compute-1'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )

    def test_suspended(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-1', state='SUSPENDED'),
            },
        )
        done = self.drain_and_execute(
            maintenance_node='compute-1',
            on_blocked='leave',
            message=left_behind(1, 3, SUSPENDED.about('db')),
        )
        self.assertEnd(
            servers={
                **base.all_on('compute-2', 'web-1', 'web-2'),
                'db': ('SUSPENDED', 'compute-1'),
            },
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
        self.assertEqual(
            1, plans.indicators(done.plan)['remaining_instances_count']
        )

    def test_nothing_left(self):
        # The request differs; the plan and the message do not.
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST},
            servers={'web': base.on('compute-1')},
        )
        self.drain_and_execute(
            maintenance_node='compute-1', on_blocked='leave', message=None
        )
        self.assertEnd(
            servers={'web': ('ACTIVE', 'compute-2')},
            services={'compute-1': base.MAINTAINED, 'compute-2': base.ENABLED},
        )
