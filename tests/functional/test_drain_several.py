# SPDX-License-Identifier: Apache-2.0

"""Several hosts, emptied by one joint plan: all of them or none."""

from tests.functional import base
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.rules.leaving import SUSPENDED


NODES = ['compute-1', 'compute-2']


class TestSeveral(base.CloudTestCase):
    CHECKED = True

    def test_never_onto_each_other(self):
        # compute-2 is the emptiest of all.
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.HOST,
            },
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-2', state='SHUTOFF'),
                'busy': base.on('compute-3', 'large', count=2),
            },
        )
        self.drain_and_execute(maintenance_nodes=NODES)
        self.assertEnd(
            servers={
                **base.all_on(
                    'compute-3', 'web-1', 'web-2', 'busy-1', 'busy-2'
                ),
                'db': ('SHUTOFF', 'compute-3'),
            },
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.MAINTAINED,
                'compute-3': base.ENABLED,
            },
        )

    def test_onto_one_unused(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.HOST,
                'compute-3': base.HOST,
                'compute-4': base.SPARE,
            },
            servers={
                'web': base.on('compute-1', count=2),
                'db': base.on('compute-2'),
            },
        )
        self.drain_and_execute(maintenance_nodes=NODES)
        self.assertEnd(
            servers=base.all_on('compute-4', 'web-1', 'web-2', 'db'),
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.MAINTAINED,
                'compute-3': base.ENABLED,
                'compute-4': base.ENABLED,
            },
        )


class TestAllOrNothing(base.SharedCloudTestCase):
    CHECKED = True

    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.HOST,
            'compute-2': base.HOST,
            'compute-3': base.HOST,
            'compute-4': base.a_host(vcpus=2),
        },
        servers={
            'web': base.on('compute-1'),
            'db': base.on('compute-2', state='SUSPENDED'),
            'job': base.on('compute-3', 'medium'),
        },
    )

    def test_one_blocked(self):
        report = self.assertRefused(
            self.drain(maintenance_nodes=NODES),
            cannot_move('compute-1, compute-2', 1, 2, SUSPENDED.about('db')),
        )
        self.assertEqual(
            ['compute-1', 'compute-2'],
            [n['hostname'] for n in report['outcome']['nodes']],
        )

    def test_room_for_one_only(self):
        # Each alone fits on compute-4.
        for node in ('compute-1', 'compute-3'):
            self.assertPlanned(
                self.drain(maintenance_nodes=[node], backup_node='compute-4')
            )
        self.assertRefused(
            self.drain(
                maintenance_nodes=['compute-1', 'compute-3'],
                backup_node='compute-4',
            ),
            cannot_move(
                'compute-1, compute-3',
                1,
                2,
                SUM_TOO_LARGE.about(
                    instances=2,
                    wanted=3,
                    resource_class='VCPU',
                    free=2,
                    hosts=('compute-4',),
                ),
                ways=[
                    LEAVE_SOME.about(names=('web',)),
                    ADD_ROOM.about(
                        'compute-4', amount=1, resource_class='VCPU'
                    ),
                ],
            ),
        )
