# SPDX-License-Identifier: Apache-2.0

"""A description becomes what Nova, Placement and Watcher show."""

from typing import Any
from typing import ClassVar

import testtools

from minicloud import closing
from tests.functional.minicloud import base


STATES = (
    'ACTIVE',
    'SHUTOFF',
    'PAUSED',
    'SUSPENDED',
    'RESCUE',
    'SHELVED',
    'SHELVED_OFFLOADED',
    'SOFT_DELETED',
    'ERROR',
    'BUILD',
)
SERVICES = {
    **dict.fromkeys(
        ('compute-1', 'compute-2', 'compute-3'), ('enabled', 'up', None)
    ),
    'broken': ('disabled', 'up', 'fan broken'),
}


class TestStates(base.TestCase):
    """A server in every state that can be described."""

    DESCRIPTION: ClassVar[dict[str, Any]] = {
        'hosts': {
            'compute-1': {**base.HOST, 'vcpus': 32},
            'compute-2': base.HOST,
            'compute-3': base.HOST,
            'broken': {**base.HOST, 'disabled_reason': 'fan broken'},
        },
        'flavors': {'small': base.FLAVOR, 'tiny': {**base.FLAVOR, 'vcpus': 1}},
        'servers': {
            **{
                state.lower(): {
                    'host': 'compute-1',
                    'flavor': 'small',
                    'state': state,
                }
                for state in STATES
            },
            'migrated': {
                'host': 'compute-2',
                'flavor': 'small',
                'state': 'VERIFY_RESIZE',
                'resized_from': {'host': 'compute-1'},
            },
            'resized': {
                'host': 'compute-2',
                'flavor': 'small',
                'state': 'VERIFY_RESIZE',
                'resized_from': {'host': 'compute-3', 'flavor': 'tiny'},
            },
        },
    }

    def test_states(self):
        servers = self.cloud.servers()
        for state in STATES:
            # Nova shows a soft-deleted server only to who asks for it.
            if state != 'SOFT_DELETED':
                host = 'compute-1' if state != 'SHELVED_OFFLOADED' else None
                self.assertEqual((state, host), servers[state.lower()])
        self.assertNotIn('soft_deleted', servers)
        deleted = self.cloud.nova.servers.list(
            search_opts={'all_tenants': True, 'deleted': True}
        )
        self.assertEqual(['soft_deleted'], [one.name for one in deleted])

    def test_uuids_grow(self):
        servers = self.cloud.nova.servers.list(
            search_opts={'all_tenants': True}
        )
        ids = {server.name: server.id for server in servers}
        described = [
            ids[name.lower()] for name in STATES if name.lower() in ids
        ]
        self.assertGreater(len(described), 5)
        self.assertEqual(sorted(described), described)

    def test_building(self):
        server = next(
            one
            for one in self.cloud.nova.servers.list()
            if one.name == 'build'
        )
        self.assertEqual('spawning', getattr(server, 'OS-EXT-STS:task_state'))

    def test_unconfirmed(self):
        servers = self.cloud.servers()
        self.assertEqual(('VERIFY_RESIZE', 'compute-2'), servers['migrated'])
        self.assertEqual(('VERIFY_RESIZE', 'compute-2'), servers['resized'])
        self.assertEqual(
            {
                ('migration', 'compute-1', 'finished'),
                ('resize', 'compute-3', 'finished'),
            },
            {
                (one.migration_type, one.source_compute, one.status)
                for one in self.cloud.nova.migrations.list()
            },
        )

    def test_all_hosts_open_again(self):
        self.assertEqual(SERVICES, self.cloud.services())

    def test_closed_for_a_while(self):
        with (
            testtools.ExpectedException(ZeroDivisionError),
            closing.all_but(self.cloud.nova, 'compute-1'),
        ):
            self.assertEqual(
                ['compute-1'],
                [
                    host
                    for host, service in self.cloud.services().items()
                    if service.status == 'enabled'
                ],
            )
            raise ZeroDivisionError
        self.assertEqual(SERVICES, self.cloud.services())


class TestHosts(base.TestCase):
    """Hosts with all their properties, zones, aggregates and groups."""

    DESCRIPTION: ClassVar[dict[str, Any]] = {
        'hosts': {
            'compute-1': {
                **base.HOST,
                'zone': 'east',
                'hypervisor_hostname': 'compute-1.example.org',
                'cpu_allocation_ratio': 4,
                'ram_allocation_ratio': 1.5,
                'disk_allocation_ratio': 2,
                'reserved_vcpus': 1,
                'reserved_memory_mb': 512,
                'reserved_disk_gb': 10,
            },
            'compute-2': {**base.HOST, 'hypervisor_version': 7000},
            'compute-3': {**base.HOST, 'down': True},
            'compute-4': {**base.HOST, 'hypervisor_type': 'ironic'},
        },
        'aggregates': {
            'fast': {'hosts': ['compute-1'], 'metadata': {'ssd': True}}
        },
        'flavors': {'small': {**base.FLAVOR, 'extra_specs': {'ssd': True}}},
        'groups': {
            'apart': {'policy': 'anti-affinity', 'max_server_per_host': 2},
            'split': {'policy': 'affinity', 'enforced': False},
        },
        'servers': {
            'web': {
                'host': 'compute-1',
                'flavor': 'small',
                'count': 2,
                'group': 'apart',
                'zone': 'east',
                'project': 'customer',
                'metadata': {'tier': 'web'},
                'locked': True,
            },
            'db-1': {'host': 'compute-1', 'flavor': 'small', 'group': 'split'},
            'db-2': {'host': 'compute-2', 'flavor': 'small', 'group': 'split'},
        },
    }

    def test_inventory(self):
        node = self._node('compute-1.example.org')
        inventories = self.cloud.placement.get(
            f'/resource_providers/{node.id}/inventories'
        ).json()['inventories']
        self.assertEqual(
            {
                'VCPU': (16, 1, 4, 16),
                'MEMORY_MB': (65536, 512, 1.5, 65536),
                'DISK_GB': (1000, 10, 2, 1000),
            },
            {
                name: (
                    one['total'],
                    one['reserved'],
                    one['allocation_ratio'],
                    one['max_unit'],
                )
                for name, one in inventories.items()
            },
        )

    def test_hypervisors(self):
        self.assertEqual('down', self._node('compute-3').state)
        self.assertEqual(7000, self._node('compute-2').hypervisor_version)
        self.assertEqual('ironic', self._node('compute-4').hypervisor_type)
        service = self._node('compute-1.example.org').service
        self.assertEqual('compute-1', service['host'])

    def test_server(self):
        server = self._server('web-1')
        self.assertEqual('east', server.pinned_availability_zone)
        self.assertEqual('customer', server.tenant_id)
        self.assertEqual({'tier': 'web'}, server.metadata)
        self.assertEqual('true', server.flavor['extra_specs']['ssd'])
        self.assertTrue(server.locked)
        self.assertIsNone(self._server('db-1').pinned_availability_zone)

    def test_groups(self):
        groups = {
            one.name: one
            for one in self.cloud.nova.server_groups.list(all_projects=True)
        }
        self.assertEqual({'max_server_per_host': 2}, groups['apart'].rules)
        self.assertEqual(
            {self._server('db-1').id, self._server('db-2').id},
            set(groups['split'].members),
        )
        self.assertEqual('compute-1', self.cloud.servers()['db-1'].host)
        self.assertEqual('compute-2', self.cloud.servers()['db-2'].host)

    def test_aggregates(self):
        found = {
            one.name: (one.availability_zone, one.hosts)
            for one in self.cloud.nova.aggregates.list()
        }
        self.assertEqual(
            {
                'fast': (None, ['compute-1']),
                'zone-east': ('east', ['compute-1']),
            },
            found,
        )

    def _node(self, name):
        return next(
            one
            for one in self.cloud.nova.hypervisors.list()
            if one.hypervisor_hostname == name
        )

    def _server(self, name):
        return next(
            one
            for one in self.cloud.nova.servers.list(
                search_opts={'all_tenants': True}
            )
            if one.name == name
        )
