# SPDX-License-Identifier: Apache-2.0


"""Tests of the records of compute nodes, from services and the model."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud.reading import nodes
from watcher_host_maintenance.cloud.reading import zones
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.plugin.watcher import scope


EVERYWHERE = scope.Scope(None, ())
ZONE_2 = scope.Scope(
    [{'compute': [{'availability_zones': [{'name': 'az-2'}]}]}], ()
)


def made(model, *services, inside=EVERYWHERE, aggregates=()):
    """Hostname -> record of the node."""
    found = nodes.nodes(
        {s.host: s for s in services},
        nodes.modelled(model),
        inside,
        zones.Zones(aggregates),
    )
    return {node.hostname: node for node in found}


def one_node(servers=(), service=None, **fields):
    """The record when there is only compute-1."""
    return made(a_model((a_node(**fields), servers)), service or a_service())[
        'compute-1'
    ]


@ddt.ddt
class TestNode(base.TestCase):
    def test_in_full(self):
        self.assertEqual(
            ComputeNode(
                hostname='compute-1',
                uuid=uuid_of('compute-1'),
                status='enabled',
                state='up',
                disabled_reason='',
                in_scope=True,
                hypervisor_type='QEMU',
                hypervisor_version=8002000,
                hypervisors=('c1.example',),
                zone='az-2',
                instance_count=1,
                inventory={
                    'VCPU': Inventory(8, 1, 4.0),
                    'MEMORY_MB': Inventory(16384, 512, 1.5),
                    'DISK_GB': Inventory(100, 10, 1.0),
                },
                used={'VCPU': 1, 'MEMORY_MB': 1024, 'DISK_GB': 10},
            ),
            one_node(
                [a_server()],
                a_service(zone='az-2', hypervisors=['c1.example']),
                vcpus=8,
                vcpu_reserved=1,
                vcpu_ratio=4.0,
                memory=16384,
                memory_mb_reserved=512,
                memory_ratio=1.5,
                disk=100,
                disk_gb_reserved=10,
                disk_ratio=1.0,
            ),
        )

    def test_zone_is_that_of_an_aggregate(self):
        found = made(
            a_model((a_node(), ()), (a_node('compute-2'), ())),
            a_service(),
            a_service('compute-2'),
            aggregates=[an_aggregate(availability_zone='nova')],
        )
        self.assertEqual(['nova', ''], [n.zone for n in found.values()])

    def test_statuses_are_novas(self):
        node = one_node(
            status='enabled',
            state='up',
            disabled_reason=None,
            service=disabled('compute-1', 'fan broken', state='down'),
        )
        self.assertEqual(
            ('disabled', 'down', 'fan broken'),
            (node.status, node.state, node.disabled_reason),
        )

    def test_statuses_of_the_model_are_stale(self):
        node = one_node(
            status='disabled', state='down', disabled_reason='watcher_disabled'
        )
        self.assertEqual(
            ('enabled', 'up', ''),
            (node.status, node.state, node.disabled_reason),
        )

    @ddt.named_data(
        # name, servers, (VCPU, MEMORY_MB, DISK_GB) used, count
        ('empty',       [], (0, 0, 0), 0),
        ('one',         [a_server(vcpus=2, memory=512, disk=5)],
         (2, 512, 5), 1),
        ('two',         [a_server(), a_server('db-1', disk=0)],
         (2, 2048, 10), 2),
        ('stopped',     [a_server(state='stopped')], (1, 1024, 10), 1),
        ('excluded',    [a_server(watcher_exclude=True)], (1, 1024, 10), 1),
        ('soft_delete', [a_server(state='soft-delete')], (1, 1024, 10), 1),
        ('ghost',       [a_server(state='deleted')], (0, 0, 0), 0),
        ('offloaded',   [a_server(state='shelved_offloaded')], (0, 0, 0), 0),
    )  # fmt: skip
    @ddt.unpack
    def test_used(self, servers, used, count):
        node = one_node(servers)
        self.assertEqual(
            dict(zip(('VCPU', 'MEMORY_MB', 'DISK_GB'), used, strict=True)),
            node.used,
        )
        self.assertEqual(count, node.instance_count)

    def test_ratio_of_nothing(self):
        # As of a node with cpu_allocation_ratio = 0, which Nova accepts.
        offer = one_node(vcpu_ratio=0.0).inventory['VCPU']
        self.assertEqual(0, offer.capacity)

    @ddt.named_data(
        # name, hypervisors, kind, expected kind and version
        ('one',          ['compute-1'],           'QEMU',   ('QEMU', 7)),
        ('fqdn',         ['compute-1.example'],   'QEMU',   ('QEMU', 7)),
        ('bare_metal',   ['node-1', 'node-2'],    'ironic', ('ironic', 7)),
        ('none',         [],                      'QEMU',   ('', 0)),
    )  # fmt: skip
    @ddt.unpack
    def test_hypervisors(self, hypervisors, kind, expected):
        node = one_node(
            service=a_service(hypervisors=hypervisors, kind=kind, version=7)
        )
        self.assertEqual(tuple(hypervisors), node.hypervisors)
        self.assertEqual(
            expected, (node.hypervisor_type, node.hypervisor_version)
        )

    @ddt.named_data(
        # name, hypervisors, UUID of
        ('same',       ['compute-1.example'],   'compute-1'),
        ('bare_metal', ['node-1', 'node-2'],    'node-1'),
        ('none',       [],                      'made before'),
    )  # fmt: skip
    @ddt.unpack
    def test_uuid(self, hypervisors, name):
        # A node that was made anew has another one than the model knows.
        node = one_node(
            service=a_service(hypervisors=hypervisors),
            uuid=uuid_of('made before'),
        )
        self.assertEqual(uuid_of(name), node.uuid)


@ddt.ddt
class TestModel(base.TestCase):
    @ddt.named_data(
        # name, zone of the node, scope, in scope
        ('no_scope', 'az-1', EVERYWHERE, True),
        ('inside',   'az-2', ZONE_2,     True),
        ('outside',  'az-1', ZONE_2,     False),
    )  # fmt: skip
    @ddt.unpack
    def test_service_without_model_node(self, zone, inside, in_scope):
        node = made(
            a_model((a_node(), ())),
            a_service(),
            a_service('compute-2', hypervisors=['c2.example'], zone=zone),
            inside=inside,
        )['compute-2']
        self.assertEqual(in_scope, node.in_scope)
        self.assertEqual(uuid_of('compute-2'), node.uuid)
        self.assertEqual(
            ({}, {'VCPU': 0, 'MEMORY_MB': 0, 'DISK_GB': 0}, 0),
            (node.inventory, node.used, node.instance_count),
        )

    def test_service_that_nobody_else_knows(self):
        node = made(
            a_model((a_node(), ())), a_service('compute-2', hypervisors=[])
        )['compute-2']
        self.assertEqual(('', {}), (node.uuid, node.inventory))

    @ddt.data(EVERYWHERE, ZONE_2)
    def test_node_of_the_model_is_in_scope(self, inside):
        # The model has been through Watcher's own reading of the scope.
        node = made(
            a_model((a_node(), ())), a_service(zone='az-1'), inside=inside
        )['compute-1']
        self.assertTrue(node.in_scope)

    def test_node_without_service(self):
        # Somebody deleted it in Nova after the model was built.
        self.assertEqual(
            ['compute-1'],
            list(
                made(
                    a_model(
                        (a_node(), ()), (a_node('compute-2'), [a_server()])
                    ),
                    a_service(),
                )
            ),
        )

    def test_bare_metal_outside_the_model(self):
        # Watcher leaves such nodes out of its compute model.
        node = made(
            a_model((a_node(), ())),
            a_service(),
            a_service('ironic-1', kind='ironic', hypervisors=['n1', 'n2']),
        )['ironic-1']
        self.assertEqual('ironic', node.hypervisor_type)
        self.assertEqual(('n1', 'n2'), node.hypervisors)

    def test_by_hostname(self):
        hosts = ['compute-3', 'compute-1', 'compute-2']
        model = a_model(*((a_node(host), ()) for host in hosts))
        self.assertEqual(
            sorted(hosts), list(made(model, *map(a_service, hosts)))
        )
