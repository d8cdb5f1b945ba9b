# SPDX-License-Identifier: Apache-2.0


"""Tests of the records of compute nodes, from services and estimates."""

import dataclasses

import ddt

from tests.unit import base
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import disabled
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.cloud.reading.estimates import Estimate
from watcher_host_maintenance.cloud.reading.estimates import inventory
from watcher_host_maintenance.cloud.reading.nodes import nodes
from watcher_host_maintenance.cloud.reading.scope import Everything
from watcher_host_maintenance.cloud.reading.zones import Zones
from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Inventory


NO_CLASSES = {'VCPU': 0, 'MEMORY_MB': 0, 'DISK_GB': 0}


def an_estimate(hostname='compute-1', **fields):
    return Estimate(
        **{
            'uuid': uuid_of(hostname),
            'inventory': inventory((8, 1, 4.0), (16384, 0, 1.0), (9, 0, 1.0)),
            'instance_count': 0,
            'used': NO_CLASSES,
            **fields,
        }
    )


def made(estimates, *services, in_scope=None, aggregates=()):
    """Hostname -> record of the node."""
    found = nodes(
        {s.host: s for s in services},
        estimates,
        Everything().nodes(services, ()) if in_scope is None else in_scope,
        Zones(map(Aggregate.read, aggregates)),
    )
    return {node.hostname: node for node in found}


def one_node(service=None, **fields):
    """The record when there is only compute-1."""
    return made({'compute-1': an_estimate(**fields)}, service or a_service())[
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
                    'MEMORY_MB': Inventory(16384, 0, 1.0),
                    'DISK_GB': Inventory(9, 0, 1.0),
                },
                used={'VCPU': 1, 'MEMORY_MB': 1024, 'DISK_GB': 10},
            ),
            one_node(
                a_service(zone='az-2', hypervisors=['c1.example']),
                instance_count=1,
                used={'VCPU': 1, 'MEMORY_MB': 1024, 'DISK_GB': 10},
            ),
        )

    def test_zone_is_that_of_an_aggregate(self):
        found = made(
            {},
            a_service(),
            a_service('compute-2'),
            aggregates=[an_aggregate(availability_zone='nova')],
        )
        self.assertEqual(['nova', ''], [n.zone for n in found.values()])

    def test_statuses(self):
        node = one_node(disabled('compute-1', 'fan broken', state='down'))
        self.assertEqual(
            ('disabled', 'down', 'fan broken'),
            (node.status, node.state, node.disabled_reason),
        )

    @ddt.data(True, False)
    def test_forced_down(self, forced_down):
        service = a_service(state='down')
        service = dataclasses.replace(service, forced_down=forced_down)
        self.assertIs(forced_down, one_node(service).forced_down)

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
            a_service(hypervisors=hypervisors, kind=kind, version=7)
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
        # A node that was rebuilt has another one than the estimate has.
        node = one_node(
            a_service(hypervisors=hypervisors),
            uuid=uuid_of('made before'),
        )
        self.assertEqual(uuid_of(name), node.uuid)


class TestEstimates(base.TestCase):
    def test_service_without_an_estimate(self):
        node = made(
            {'compute-1': an_estimate()},
            a_service(),
            a_service('compute-2', hypervisors=['c2.example']),
        )['compute-2']
        self.assertEqual(
            (uuid_of('compute-2'), {}, NO_CLASSES, 0),
            (node.uuid, node.inventory, node.used, node.instance_count),
        )

    def test_service_without_a_hypervisor(self):
        node = made({}, a_service('compute-2', hypervisors=[]))['compute-2']
        self.assertEqual(('', {}), (node.uuid, node.inventory))

    def test_scope(self):
        found = made(
            {},
            a_service('compute-1'),
            a_service('compute-2'),
            in_scope={'compute-2'},
        )
        self.assertEqual([False, True], [n.in_scope for n in found.values()])

    def test_estimate_without_a_service(self):
        # An operator deleted it in Nova after the estimate was made.
        estimates = {h: an_estimate(h) for h in ('compute-1', 'compute-2')}
        self.assertEqual(['compute-1'], list(made(estimates, a_service())))

    def test_bare_metal(self):
        node = made(
            {}, a_service('ironic-1', kind='ironic', hypervisors=['n1', 'n2'])
        )['ironic-1']
        self.assertEqual('ironic', node.hypervisor_type)
        self.assertEqual(('n1', 'n2'), node.hypervisors)

    def test_by_hostname(self):
        hosts = ['compute-3', 'compute-1', 'compute-2']
        self.assertEqual(sorted(hosts), list(made({}, *map(a_service, hosts))))
