# SPDX-License-Identifier: Apache-2.0

"""What was refused works once the obstacle is gone."""

from tests.functional import base


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
            'Cannot drain compute-1: 1 of 1 instances cannot be moved. web '
            'is SUSPENDED. Nothing was changed. Its owner can resume it; an '
            'administrator can shelve it.',
        )
        servers['web'].resume()
        self.assertEventually(
            'ACTIVE', lambda: self.cloud.servers()['web'].status
        )
        self.drain_and_execute(maintenance_node='compute-1')

        self.assertRefused(
            self.drain(maintenance_node='compute-2'),
            'Cannot drain: compute-2: nova-compute is down, instances on '
            'it: 1. Nothing was changed. Start nova-compute there, or '
            'evacuate the host with Nova.',
        )
        self.cloud.faults.start_compute('compute-2')

        self.assertRefused(
            self.drain(maintenance_node='compute-2'),
            'Cannot drain compute-2: 1 of 1 instances cannot be moved. db '
            'fits on no destination (compute-3: needs 20 DISK_GB, 0 free). '
            'Nothing was changed. One way: free or add 20 DISK_GB on '
            'compute-3.',
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
