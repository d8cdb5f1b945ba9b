# SPDX-License-Identifier: Apache-2.0

"""What was refused works once the obstacle is gone."""

from tests.functional import base
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.core.rules.roles import NODE_DOWN
from watcher_host_maintenance.core.rules.room import NO_ROOM


class TestAgain(base.CloudTestCase):
    def test_again(self):
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.a_host(down=True),
                'compute-3': base.a_host(disk_gb=40),
            },
            servers={
                'web': base.on('compute-1', state='SUSPENDED'),
                'db': base.on('compute-2'),
                'log': base.on('compute-3'),
            },
        )
        servers = {s.name: s for s in self.cloud.nova.servers.list()}

        self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            cannot_move('compute-1', 1, 1, SUSPENDED.about('web')),
        )
        servers['web'].resume()
        self.assertEventually(
            'ACTIVE', lambda: self.cloud.servers()['web'].status
        )
        self.drain_and_execute(maintenance_node='compute-1')

        self.assertRefused(
            self.drain(maintenance_node='compute-2'),
            cannot_drain(NODE_DOWN.about('compute-2', instances=1)),
        )
        self.cloud.faults.start_compute('compute-2')

        self.assertRefused(
            self.drain(maintenance_node='compute-2'),
            cannot_move(
                'compute-2',
                1,
                1,
                NO_DESTINATION.about('db'),
                lacks=NO_ROOM.about(
                    'compute-3', wanted=20, resource_class='DISK_GB', free=0
                ),
                ways=[
                    ADD_ROOM.about(
                        'compute-3', amount=20, resource_class='DISK_GB'
                    )
                ],
            ),
        )
        servers['log'].force_delete()
        self.assertEventually({'web', 'db'}, lambda: set(self.cloud.servers()))
        self.drain_and_execute(maintenance_node='compute-2')

        self.assertEnd(
            servers=base.all_on('compute-3', 'web', 'db'),
            services={
                'compute-1': base.MAINTAINED,
                'compute-2': base.MAINTAINED,
                'compute-3': base.ENABLED,
            },
        )
