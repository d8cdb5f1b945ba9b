# SPDX-License-Identifier: Apache-2.0

"""A compute host that is in no cell yet, and what puts it into one."""

from tests.functional import base
from tests.functional import nova_manage
from tests.functional.refusals import cannot_drain
from watcher_host_maintenance.core.rules.roles import NO_HYPERVISOR


UNDISCOVERED = NO_HYPERVISOR.about('new')


class TestUndiscovered(base.CloudTestCase):
    """compute-1 is full of web; new is large, and in no cell."""

    CHECKED = True

    def setUp(self):
        super().setUp()
        self.start(
            hosts={
                'compute-1': base.HOST,
                'compute-2': base.a_host(vcpus=1),
                'new': base.a_host(discovered=False),
            },
            servers={'web': base.on('compute-1', 'medium')},
        )

    def discover(self):
        """Do what the advice says."""
        command = 'cell_v2 discover_hosts'
        self.assertIn(f'nova-manage {command}.', NO_HYPERVISOR.helps)
        self.assertEqual(0, nova_manage.run(self.cloud, *command.split(' ')))

    def test_node_to_empty(self):
        audit = self.drain(maintenance_node='new')
        self.assertRefused(audit, cannot_drain(UNDISCOVERED))
        self.discover()
        self.assertPlanned(self.drain(maintenance_node='new'))

    def test_backup_node(self):
        audit = self.drain(maintenance_node='compute-1', backup_node='new')
        self.assertRefused(audit, cannot_drain(UNDISCOVERED))

    def test_destination(self):
        audit = self.drain(maintenance_node='compute-1')
        report = self.assertRefused(audit, audit['status_message'])
        self.assertEqual(
            [('no_hypervisor', 'new')],
            [
                (f['reason'], f['subject'])
                for f in report['outcome']['not_destinations']
            ],
        )
        self.discover()
        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEqual('new', self.cloud.servers()['web'].host)
