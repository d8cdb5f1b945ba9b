# SPDX-License-Identifier: Apache-2.0

"""Nodes that cannot be emptied, or sent to, whatever runs on them."""

import ddt

from tests.functional import base
from tests.functional import moves
from tests.functional.refusals import cannot_drain
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.rules.leaving import RENAMED_HYPERVISOR
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.core.rules.roles import BACKUP_DISABLED
from watcher_host_maintenance.core.rules.roles import BACKUP_DOWN
from watcher_host_maintenance.core.rules.roles import BACKUP_IS_MAINTAINED
from watcher_host_maintenance.core.rules.roles import BACKUP_MARKED
from watcher_host_maintenance.core.rules.roles import BARE_METAL
from watcher_host_maintenance.core.rules.roles import HYPERVISOR_LOST
from watcher_host_maintenance.core.rules.roles import NODE_DOWN
from watcher_host_maintenance.core.rules.targets import HYPERVISOR_NAME
from watcher_host_maintenance.core.rules.targets import NAMED_OTHERWISE
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE
from watcher_host_maintenance.request.parameters import BOTH_NODE_PARAMETERS


LOST = 'AUTO: Connection to libvirt lost: 1'
"""Nova's reason, which is no person's."""


@ddt.ddt
class TestNodes(base.SharedCloudTestCase):
    DESCRIPTION = base.description(
        hosts={
            'compute-1': base.HOST,
            'compute-2': base.HOST,
            'compute-3': base.a_host(
                hypervisor_hostname='compute-3.example.org'
            ),
            'lost': base.a_host(down=True),
            'spare': base.SPARE,
            'taken': base.SPARE,
            'broken': base.a_host(disabled_reason='fan broken'),
            'closed': base.a_host(disabled_reason=LOST),
            'marked': base.MARKED,
            'metal': base.a_host(
                hypervisor_type='ironic', hypervisor_hostname='node-42'
            ),
        },
        servers={
            'web': base.on('compute-1', count=2),
            'mail': base.on('compute-2'),
            'stuck': base.on('compute-2', state='SUSPENDED'),
            'db': base.on('lost', count=2),
            'cache': base.on('taken'),
            'file': base.on('closed'),
            'old': base.on('compute-3'),
        },
    )

    @ddt.named_data(
        # name, maintenance_node, message
        (
            'unknown',
            'compute-9',
            cannot_drain(UNKNOWN_NODE.about('compute-9')),
        ),
        (
            'fqdn',
            'compute-3.example.org',
            cannot_drain(
                HYPERVISOR_NAME.about(
                    'compute-3.example.org', host='compute-3'
                )
            ),
        ),
        (
            'fqdn_of_host',
            'compute-1.example.org',
            cannot_drain(
                NAMED_OTHERWISE.about(
                    'compute-1.example.org', host='compute-1'
                )
            ),
        ),
        (
            'down',
            'lost',
            cannot_drain(NODE_DOWN.about('lost', instances=2)),
        ),
        (
            'closed_by_nova',
            'closed',
            cannot_drain(
                HYPERVISOR_LOST.about('closed', disabled_reason=LOST)
            ),
        ),
        (
            'bare_metal',
            'metal',
            cannot_drain(BARE_METAL.about('metal')),
        ),
        (
            'bare_metal_hypervisor',
            'node-42',
            cannot_drain(BARE_METAL.about('node-42')),
        ),
    )
    @ddt.unpack
    def test_maintenance_node(self, node, message):
        self.assertRefused(
            self.drain(refresh=False, maintenance_node=node), message
        )
        # One node that is refused lets the others be refused too.
        self.assertRefused(
            self.drain(refresh=False, maintenance_nodes=['compute-1', node]),
            message,
        )

    @ddt.named_data(
        # name, backup_node, message
        (
            'itself',
            'compute-1',
            cannot_drain(BACKUP_IS_MAINTAINED.about('compute-1')),
        ),
        (
            'unknown',
            'compute-9',
            cannot_drain(UNKNOWN_NODE.about('compute-9')),
        ),
        (
            'fqdn',
            'compute-3.example.org',
            cannot_drain(
                HYPERVISOR_NAME.about(
                    'compute-3.example.org', host='compute-3'
                )
            ),
        ),
        (
            'down',
            'lost',
            cannot_drain(BACKUP_DOWN.about('lost')),
        ),
        (
            'broken',
            'broken',
            cannot_drain(
                BACKUP_DISABLED.about('broken', disabled_reason='fan broken')
            ),
        ),
        (
            'closed_by_nova',
            'closed',
            cannot_drain(
                HYPERVISOR_LOST.about('closed', disabled_reason=LOST)
            ),
        ),
        (
            'marked',
            'marked',
            cannot_drain(
                BACKUP_MARKED.about(
                    'marked', disabled_reason='watcher_maintaining'
                )
            ),
        ),
        (
            'bare_metal',
            'metal',
            cannot_drain(BARE_METAL.about('metal')),
        ),
    )
    @ddt.unpack
    def test_backup_node(self, node, message):
        audit = self.drain(
            refresh=False, maintenance_node='compute-1', backup_node=node
        )
        self.assertRefused(audit, message)

    def test_server_of_a_renamed_hypervisor(self):
        uuid = self.cloud.nova.servers.find(name='old').id
        self.cloud.faults.set_server(uuid, node='compute-3', compute_id=None)
        finding = RENAMED_HYPERVISOR.about(
            'old',
            hypervisor='compute-3',
            host='compute-3',
            hypervisors=('compute-3.example.org',),
        )
        self.assertRefused(
            self.drain(refresh=False, maintenance_node='compute-3'),
            cannot_move('compute-3', 1, 1, finding),
        )
        self.assertFalse(moves.succeeds(self.cloud, uuid, 'live', 'compute-1'))

    def test_both_parameters(self):
        audit = self.drain(
            refresh=False,
            maintenance_node='compute-1',
            maintenance_nodes=['compute-2'],
        )
        self.assertRefused(
            audit,
            cannot_drain(BOTH_NODE_PARAMETERS.about()),
        )

    def test_one_of_two_blocked(self):
        audit = self.drain(
            refresh=False, maintenance_nodes=['compute-1', 'compute-2']
        )
        report = self.assertRefused(
            audit,
            cannot_move(
                'compute-1, compute-2', 1, 4, SUSPENDED.about('stuck')
            ),
        )
        self.assertEqual(
            [
                ('compute-1', 'refused', 2, []),
                ('compute-2', 'refused', 2, ['stuck']),
            ],
            [
                (
                    n['hostname'],
                    n['verdict'],
                    n['instance_count'],
                    [s['instance_name'] for s in n['stays']],
                )
                for n in report['outcome']['nodes']
            ],
        )
