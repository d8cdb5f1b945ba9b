# SPDX-License-Identifier: Apache-2.0


"""Tests of correcting nodes; Nova's and Placement's APIs are faked."""

import dataclasses

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.fake_placement import an_inventory
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot


HOSTS = ('compute-1', 'compute-2', 'compute-3')

SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}


def a_node(hostname, **fields):
    """A node as the model has it: 2 of 16 VCPU in use."""
    return ComputeNode(
        **{
            'hostname': hostname,
            'uuid': uuid_of(hostname),
            'inventory': {'VCPU': Inventory(16)},
            'used': {'VCPU': 2},
            'instance_count': 1,
            **fields,
        }
    )


def an_instance(name='web-1', **resources):
    return Instance(uuid_of(name), name, 'compute-1', 'active', resources)


class TestCase(base.TestCase):
    """Three nodes; Placement agrees with the model on them.

    :ivar known: the snapshot
    :ivar truth: what corrects it
    """

    def setUp(self):
        super().setUp()
        cloud = clouds.Cloud(self)
        self.nova, self.placement = cloud.nova, cloud.placement
        for host in HOSTS:
            self.placement.hold(
                f'on {host}', self.placement.add(host, VCPU=16), VCPU=2
            )
        self.known = Snapshot(tuple(map(a_node, HOSTS)))
        self.truth = Refresh(*clouds.connect(), Request(('compute-1',)))

    def change(self, hostname, **fields):
        """Let the snapshot have other fields of a node."""
        self.known = dataclasses.replace(
            self.known,
            nodes=tuple(
                dataclasses.replace(n, **fields)
                if n.hostname == hostname
                else n
                for n in self.known.nodes
            ),
        )

    def read(self, *hostnames):
        self.known = self.truth.read(self.known, hostnames)
        return self.known.by_hostname

    def read_of_placement(self):
        """Hostnames of which Placement was asked for inventories."""
        names = {uuid_of(host): host for host in HOSTS}
        return sorted(
            names[r.split('/')[2]]
            for r in self.placement.asked('/inventories')
        )


class TestRead(TestCase):
    def test_nothing_has_drifted(self):
        before = self.known
        self.read('compute-2')
        self.assertEqual(before, self.known)
        self.assertEqual('', self.log.output)

    def test_drift_of_use(self):
        self.placement.hold('web-9', uuid_of('compute-2'), VCPU=5)
        found = self.read('compute-2')
        self.assertEqual([2, 7, 2], [n.used['VCPU'] for n in found.values()])
        self.assertEqual(
            'Estimated 2 of 16.0 VCPU in use on compute-2; Placement has '
            '7 of 16.0.\n',
            self.log.output,
        )

    def test_drift_of_capacity(self):
        self.placement.providers[uuid_of('compute-2')].inventories[
            'VCPU'
        ].update(reserved=4, allocation_ratio=2.0, max_unit=8)
        found = self.read('compute-2')
        self.assertEqual(
            Inventory(16, 4, 2.0, 8), found['compute-2'].inventory['VCPU']
        )
        self.assertIn('Placement has 2 of 24.0.', self.log.output)

    def test_what_the_model_does_not_know_is_no_drift(self):
        inventories = self.placement.providers[
            uuid_of('compute-2')
        ].inventories
        inventories['VCPU']['max_unit'] = 8
        inventories['CUSTOM_FPGA'] = inventories['VCPU']
        found = self.read('compute-2')['compute-2']
        self.assertEqual({'VCPU', 'CUSTOM_FPGA'}, set(found.inventory))
        self.assertEqual('', self.log.output)

    def test_nothing_used_is_not_told_by_the_model(self):
        self.change('compute-2', used={})
        self.read('compute-2')
        self.assertIn('Estimated 0 of 16.0 VCPU', self.log.output)

    def test_provider_that_is_gone(self):
        del self.placement.providers[uuid_of('compute-2')]
        found = self.read('compute-2')['compute-2']
        self.assertEqual(({}, {}), (found.inventory, found.used))
        self.assertIn('Placement has 0 of 0.', self.log.output)

    def test_node_without_uuid(self):
        self.change('compute-2', uuid='')
        self.assertEqual({}, self.read('compute-2')['compute-2'].inventory)
        self.assertEqual([], self.placement.requests)

    def test_others_stay_as_they_are(self):
        for host in HOSTS:
            self.placement.hold('web-9', uuid_of(host), VCPU=5)
        found = self.read('compute-2', 'compute-3')
        self.assertEqual([2, 7, 7], [n.used['VCPU'] for n in found.values()])

    def test_each_node_once(self):
        self.read('compute-2', 'compute-2')
        self.read('compute-2', 'compute-3')
        self.assertEqual(['compute-2', 'compute-3'], self.read_of_placement())
        self.assertEqual({'compute-2', 'compute-3'}, self.truth.fresh)

    def test_nothing_to_read(self):
        before = self.known
        self.read()
        self.assertEqual(before, self.known)
        self.assertEqual([], self.placement.requests)


@ddt.ddt
class TestSpares(TestCase):
    @ddt.named_data(
        # name, fields of the node, servers in Nova, count
        ('empty',    SPARE, [], 0),
        ('in_use',   SPARE, [a_server('web-1', 'compute-2'),
                             a_server('web-2', 'compute-2')], 2),
        ('deleted',  SPARE, [a_server('web-1', 'compute-2',
                                      state='soft-delete')], 1),
        ('enabled',  {}, [], 1),
        ('broken',   {'status': 'disabled', 'disabled_reason': 'fan'}, [], 1),
    )  # fmt: skip
    @ddt.unpack
    def test_are_counted(self, fields, servers, count):
        self.change('compute-2', **fields)
        self.nova.servers = servers
        found = self.read('compute-2')['compute-2']
        self.assertEqual(count, found.instance_count)

    def test_only_they_are(self):
        self.change('compute-2', **SPARE)
        self.read(*HOSTS)
        [asked] = self.nova.asked('/servers')
        self.assertIn('host=compute-2', asked)


class TestFirst(TestCase):
    def first(self):
        self.known = self.truth.first(self.known)
        return self.known.by_hostname

    def test_nothing_is_read_without_need(self):
        before = self.known
        self.first()
        self.assertEqual(before, self.known)
        self.assertEqual([], self.placement.requests)

    def test_node_that_the_model_lacks(self):
        self.change('compute-3', inventory={}, used={})
        found = self.first()['compute-3']
        self.assertEqual(
            ({'VCPU': Inventory(16)}, {'VCPU': 2}),
            (found.inventory, found.used),
        )
        self.assertEqual(['compute-3'], self.read_of_placement())
        self.assertEqual({'compute-3'}, self.truth.fresh)

    def test_node_that_the_model_lacks_out_of_scope(self):
        self.change('compute-3', inventory={}, in_scope=False)
        self.assertEqual({}, self.first()['compute-3'].inventory)
        self.assertEqual([], self.placement.requests)

    def test_node_that_nobody_knows(self):
        self.change('compute-3', inventory={}, uuid='')
        self.assertEqual({}, self.first()['compute-3'].inventory)
        self.assertEqual([], self.placement.requests)


class TestOtherClasses(TestCase):
    """What the model does not count is taken at Placement's word."""

    def setUp(self):
        super().setUp()
        for host, total in (('compute-2', 4), ('compute-3', 1)):
            uuid = uuid_of(host)
            self.placement.providers[uuid].inventories['PCPU'] = an_inventory(
                total
            )
        self.known = dataclasses.replace(
            self.known,
            instances=(
                an_instance('web-1', PCPU=2),
                an_instance('web-2', PCPU=3),
                an_instance('web-3', VCPU=1),
            ),
        )

    def test_who_has_any(self):
        found = self.truth.first(self.known).by_hostname
        # Room for the smallest of them; enough for all, till it is read.
        self.assertEqual(
            {'compute-1': None, 'compute-2': Inventory(5), 'compute-3': None},
            {h: n.inventory.get('PCPU') for h, n in found.items()},
        )
        self.assertEqual(
            ['/resource_providers?resources=PCPU:2'], self.placement.requests
        )

    def test_until_it_is_read(self):
        self.known = self.truth.first(self.known)
        self.placement.hold('else', uuid_of('compute-2'), PCPU=1)
        found = self.read('compute-2')['compute-2']
        self.assertEqual(Inventory(4), found.inventory['PCPU'])
        self.assertEqual(1, found.used['PCPU'])

    def test_what_is_read_is_not_guessed(self):
        self.change('compute-2', inventory={})
        found = self.truth.first(self.known).by_hostname['compute-2']
        self.assertEqual(Inventory(4), found.inventory['PCPU'])

    def test_node_without_inventory_has_none(self):
        self.change('compute-2', inventory={}, in_scope=False)
        found = self.truth.first(self.known).by_hostname['compute-2']
        self.assertEqual({}, found.inventory)

    def test_other_classes_of_the_node_stay(self):
        found = self.truth.first(self.known).by_hostname['compute-2']
        self.assertEqual(Inventory(16), found.inventory['VCPU'])

    def test_one_request_for_each_class(self):
        self.known = dataclasses.replace(
            self.known,
            instances=(
                an_instance('web-1', PCPU=1, VGPU=1),
                an_instance('web-2', PCPU=1, VCPU=1),
            ),
        )
        self.truth.first(self.known)
        self.assertEqual(
            [
                '/resource_providers?resources=PCPU:1',
                '/resource_providers?resources=VGPU:1',
            ],
            self.placement.requests,
        )
