# SPDX-License-Identifier: Apache-2.0

"""Nodes that cannot be emptied, or sent to, whatever runs on them."""

import ddt

from tests.functional import base


FIND_HOST = 'Use a host from "openstack compute service list".'


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
        },
    )

    @ddt.named_data(
        # name, maintenance_node, message
        (
            'unknown',
            'compute-9',
            'Cannot drain: there is no compute node compute-9. Nothing was '
            f'changed. {FIND_HOST}',
        ),
        (
            'fqdn',
            'compute-3.example.org',
            'Cannot drain: compute-3.example.org is a hypervisor name; the '
            'service host is compute-3. Nothing was changed. Use compute-3.',
        ),
        (
            'fqdn_of_host',
            'compute-1.example.org',
            'Cannot drain: there is no compute node compute-1.example.org, but '
            'there is compute-1. Nothing was changed. Use compute-1 if that is '
            'the node you mean.',
        ),
        (
            'down',
            'lost',
            'Cannot drain: lost: nova-compute is down, instances on it: 2. '
            'Nothing was changed. Start nova-compute there, or evacuate the '
            'host with Nova.',
        ),
        (
            'bare_metal',
            'metal',
            'Cannot drain: metal is a bare metal (Ironic) node, not a compute '
            'host. Nothing was changed. Maintain it through Ironic.',
        ),
        (
            'bare_metal_hypervisor',
            'node-42',
            'Cannot drain: node-42 is a bare metal (Ironic) node, not a compute '
            'host. Nothing was changed. Maintain it through Ironic.',
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
            'Cannot drain: backup_node compute-1 is itself to be emptied. '
            'Nothing was changed. Name another backup_node.',
        ),
        (
            'unknown',
            'compute-9',
            'Cannot drain: there is no compute node compute-9. Nothing was '
            f'changed. {FIND_HOST}',
        ),
        (
            'fqdn',
            'compute-3.example.org',
            'Cannot drain: compute-3.example.org is a hypervisor name; the '
            'service host is compute-3. Nothing was changed. Use compute-3.',
        ),
        (
            'down',
            'lost',
            'Cannot drain: nova-compute on backup_node lost is down. Nothing '
            'was changed. Start it, or name another backup_node.',
        ),
        (
            'broken',
            'broken',
            'Cannot drain: backup_node broken is disabled: "fan broken". '
            'Nothing was changed. Find out why; enable it only if it is '
            'healthy.',
        ),
        (
            'marked',
            'marked',
            'Cannot drain: backup_node marked is marked for maintenance: '
            '"watcher_maintaining". Nothing was changed. Name another '
            'backup_node, or none.',
        ),
        (
            'bare_metal',
            'metal',
            'Cannot drain: metal is a bare metal (Ironic) node, not a compute '
            'host. Nothing was changed. Maintain it through Ironic.',
        ),
    )
    @ddt.unpack
    def test_backup_node(self, node, message):
        audit = self.drain(
            refresh=False, maintenance_node='compute-1', backup_node=node
        )
        self.assertRefused(audit, message)

    def test_both_parameters(self):
        audit = self.drain(
            refresh=False,
            maintenance_node='compute-1',
            maintenance_nodes=['compute-2'],
        )
        self.assertRefused(
            audit,
            'Cannot drain: maintenance_node and maintenance_nodes are '
            'both given. Nothing was changed. Give one of them.',
        )

    def test_one_of_two_blocked(self):
        audit = self.drain(
            refresh=False, maintenance_nodes=['compute-1', 'compute-2']
        )
        report = self.assertRefused(
            audit,
            'Cannot drain compute-1, compute-2: 1 of 4 instances '
            'cannot be moved. stuck is SUSPENDED. Nothing was changed. Its '
            'owner can resume it; an administrator can shelve it.',
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
