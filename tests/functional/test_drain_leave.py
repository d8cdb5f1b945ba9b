# SPDX-License-Identifier: Apache-2.0

"""on_blocked=leave: as many as possible move, the others are counted."""

from tests.functional import base
from tests.functional import plans


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
                '1 of 4 left: large has no room beside the others '
                '(compute-2: needs 8 VCPU, 2 free).'
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
            message='1 of 3 left: db is SUSPENDED.',
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
