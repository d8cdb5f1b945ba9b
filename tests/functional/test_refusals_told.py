# SPDX-License-Identifier: Apache-2.0

"""What is told of a node, or a server, that Nova's states describe badly."""

import datetime

from tests.functional import base
from tests.functional import moves
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.advice.unplaced import NO_CANDIDATE
from watcher_host_maintenance.core.rules import stuck
from watcher_host_maintenance.core.rules.leaving import ARRIVING
from watcher_host_maintenance.core.rules.leaving import BUSY
from watcher_host_maintenance.core.rules.roles import BACKUP_FORCED_DOWN
from watcher_host_maintenance.core.rules.roles import HYPERVISOR_SILENT
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


class TestSilentHypervisor(base.SharedCloudTestCase):
    """libvirt goes after a node was disabled: Nova leaves its reason."""

    DESCRIPTION = base.description(
        hosts={**TWO, 'compute-1': base.MARKED},
        servers={'web': base.on('compute-1', state='SHUTOFF')},
    )

    def test_marked_node(self):
        self.cloud.faults.fail('web', 'hypervisor')
        finding = HYPERVISOR_SILENT.about('compute-1')
        self.assertRefused(
            self.drain(maintenance_node='compute-1'), cannot_drain(finding)
        )
        self.cloud.faults.clear()
        self.assertPlanned(self.drain(maintenance_node='compute-1'))


class TestTask(base.SharedCloudTestCase):
    """A task state outlives what set it; what is told to end it does so."""

    DESCRIPTION = base.description(
        hosts=dict.fromkeys(
            ('compute-1', 'compute-2', 'compute-3', 'compute-4'), base.HOST
        ),
        servers={
            'web': base.on('compute-1'),
            'cold': base.on('compute-2', state='PAUSED'),
            'moved': base.on('compute-4'),
        },
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        moved = cls.cloud.nova.servers.find(name='moved')
        assert moves.succeeds(cls.cloud, moved.id, 'live', 'compute-3')

    def busy(self, name, task_state, **age):
        """Return the facts of a server that has a task for some time."""
        server = self.cloud.nova.servers.find(name=name)
        now = datetime.datetime.now(datetime.UTC)
        since = now - datetime.timedelta(**age)
        self.cloud.faults.set_server(
            server.id, task_state=task_state, updated_at=since.isoformat()
        )
        self.addCleanup(
            self.cloud.faults.set_server, server.id, task_state=None
        )
        return {
            'task_state': task_state,
            'hours': age.get('hours'),
            'uuid': server.id,
            'host': getattr(server, 'OS-EXT-SRV-ATTR:host'),
        }

    def outlive(self, server, **age):
        """Let the last migration of a server stand as running for so long."""
        [migration] = self.cloud.nova.migrations.list(instance_uuid=server)
        self.assertEqual('completed', migration.status)
        since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(**age)
        set_migration = self.cloud.faults.set_migration
        set_migration(
            migration.id, status='running', updated_at=since.isoformat()
        )
        self.addCleanup(set_migration, migration.id, status='completed')

    def check(self, finding, host):
        """Check what keeps the server of a host there."""
        self.assertRefused(
            self.drain(maintenance_node=host), cannot_move(host, 1, 1, finding)
        )

    def test_of_a_minute(self):
        self.busy('web', 'image_uploading', minutes=1)
        self.check(
            BUSY.about('web', task_state='image_uploading'), 'compute-1'
        )

    def test_of_hours(self):
        facts = self.busy('web', 'image_uploading', hours=3, minutes=1)
        self.check(
            stuck.STUCK.about('web', vm_state='active', **facts), 'compute-1'
        )
        self.cloud.nova.servers.reset_state(facts['uuid'], 'active')
        self.assertPlanned(self.drain(maintenance_node='compute-1'))

    def test_of_a_paused_server(self):
        facts = self.busy('cold', 'image_uploading', hours=3, minutes=1)
        self.check(
            stuck.STUCK_UNTIL_RESTART.about(
                'cold', vm_state='paused', **facts
            ),
            'compute-2',
        )
        self.cloud.faults.stop_compute('compute-2')
        self.cloud.faults.start_compute('compute-2')
        self.assertEqual('PAUSED', self.cloud.servers()['cold'].status)
        self.assertPlanned(self.drain(maintenance_node='compute-2'))

    def test_of_a_migration_that_has_completed(self):
        facts = self.busy('moved', 'migrating', hours=3, minutes=1)
        [migration] = self.cloud.nova.migrations.list(
            instance_uuid=facts['uuid']
        )
        self.assertEqual('completed', migration.status)
        self.check(
            stuck.STUCK_RUNNING.about('moved', vm_state='active', **facts),
            'compute-3',
        )
        self.cloud.nova.servers.reset_state(facts['uuid'], 'active')
        self.assertPlanned(self.drain(maintenance_node='compute-3'))

    def test_of_a_migration_that_has_died(self):
        """Its record is in progress for ever, at both ends."""
        facts = self.busy('moved', 'migrating', hours=3, minutes=1)
        self.outlive(facts['uuid'], hours=2, minutes=1)
        finding = stuck.STUCK_RUNNING.about(
            'moved', vm_state='active', **facts | {'hours': 2}
        )
        self.check(finding, 'compute-3')
        self.check(finding, 'compute-4')
        self.cloud.nova.servers.reset_state(facts['uuid'], 'active')
        self.assertPlanned(self.drain(maintenance_node='compute-3'))

    def test_of_a_migration_at_work(self):
        facts = self.busy('moved', 'migrating', hours=3, minutes=1)
        self.outlive(facts['uuid'], minutes=1)
        self.check(BUSY.about('moved', task_state='migrating'), 'compute-3')
        self.check(
            ARRIVING.about('moved', elsewhere='compute-3', host='compute-4'),
            'compute-4',
        )

    def test_of_a_build_without_a_task(self):
        server = self.cloud.nova.servers.find(name='web')
        since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(
            hours=3, minutes=1
        )
        self.cloud.faults.set_server(
            server.id, vm_state='building', updated_at=since.isoformat()
        )
        self.addCleanup(
            self.cloud.nova.servers.reset_state, server.id, 'active'
        )
        self.check(
            stuck.STUCK_BUILDING.about(
                'web',
                task_state='building',
                hours=3,
                uuid=server.id,
                host='compute-1',
                vm_state='building',
            ),
            'compute-1',
        )
