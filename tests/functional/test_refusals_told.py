# SPDX-License-Identifier: Apache-2.0

"""What is told of a node, or a server, that Nova's states describe badly."""

import datetime

from tests.functional import base
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.advice.unplaced import NO_CANDIDATE
from watcher_host_maintenance.core.rules.leaving import BUSY
from watcher_host_maintenance.core.rules.leaving import STUCK
from watcher_host_maintenance.core.rules.roles import BACKUP_FORCED_DOWN
from watcher_host_maintenance.core.rules.roles import NODE_FORCED_DOWN


TWO = dict.fromkeys(('compute-1', 'compute-2'), base.HOST)


class TestForcedDown(base.SharedCloudTestCase):
    """nova-compute runs, but an administrator has forced it down."""

    DESCRIPTION = base.description(
        hosts=TWO,
        servers={'web': base.on('compute-1')},
    )

    def force_down(self, host):
        """Force the nova-compute of a host down until the test ends."""
        services = self.cloud.nova.services
        service = self.compute_service(host)
        services.force_down(service.id, True)
        self.addCleanup(services.force_down, service.id, False)

    def test_node(self):
        self.force_down('compute-1')
        self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            cannot_drain(NODE_FORCED_DOWN.about('compute-1', instances=1)),
        )

    def test_backup_node(self):
        self.force_down('compute-2')
        self.assertRefused(
            self.drain(maintenance_node='compute-1', backup_node='compute-2'),
            cannot_drain(BACKUP_FORCED_DOWN.about('compute-2')),
        )

    def test_destination(self):
        self.force_down('compute-2')
        report = self.assertRefused(
            self.drain(maintenance_node='compute-1'),
            cannot_move('compute-1', 1, 1, NO_CANDIDATE.about()),
        )
        self.assertEqual(
            [('forced_down', 'compute-2')],
            [
                (f['reason'], f['subject'])
                for f in report['outcome']['not_destinations']
            ],
        )


class TestTask(base.CloudTestCase):
    """A task state outlives what set it."""

    def busy(self, **age):
        """Drain a node with a server that has had a task for some time."""
        self.start(hosts=TWO, servers={'web': base.on('compute-1')})
        self.uuid = self.cloud.nova.servers.find(name='web').id
        now = datetime.datetime.now(datetime.UTC)
        since = now - datetime.timedelta(**age)
        self.cloud.faults.set_server(
            self.uuid,
            task_state='image_uploading',
            updated_at=since.isoformat(),
        )
        return self.drain(maintenance_node='compute-1')

    def test_of_a_minute(self):
        self.assertRefused(
            self.busy(minutes=1),
            cannot_move(
                'compute-1',
                1,
                1,
                BUSY.about('web', task_state='image_uploading'),
            ),
        )

    def test_of_hours(self):
        self.assertRefused(
            self.busy(hours=3, minutes=1),
            cannot_move(
                'compute-1',
                1,
                1,
                STUCK.about(
                    'web',
                    task_state='image_uploading',
                    hours=3,
                    uuid=self.uuid,
                ),
            ),
        )
