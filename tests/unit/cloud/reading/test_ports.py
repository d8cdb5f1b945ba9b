# SPDX-License-Identifier: Apache-2.0

"""Tests of the ports of servers; Neutron's API is faked."""

import ddt

from tests.unit.cloud.reading.records import a_record
from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_optional
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.reading.ports import Ports
from watcher_host_maintenance.cloud.reading.ports import read_ports
from watcher_host_maintenance.core.model.snapshot import Port


URL = 'http://neutron.test'
WEB = uuid_of('web-1')


@ddt.ddt
class TestReadPorts(base.TestCase):
    """web-1 on compute-1 has a port in lan."""

    def setUp(self):
        super().setUp()
        self.mocker = fake_nova.mocker_for(self)
        port = {
            'device_id': WEB,
            'network_id': 'lan',
            'binding:vnic_type': 'normal',
        }
        network = {
            'id': 'lan',
            'name': 'office',
            'provider:network_type': 'flat',
            'provider:physical_network': 'physnet1',
        }
        agent = {
            'agent_type': 'Open vSwitch agent',
            'binary': 'neutron-ovs',
            'host': 'compute-2',
            'alive': False,
            'configurations': {},
        }
        self.answers(ports=[port], networks=[network], agents=[agent])

    def answers(self, **lists):
        for key, listed in lists.items():
            self.mocker.get(f'{URL}/v2.0/{key}', json={key: listed})

    def read(self, urls=None, **fields):
        adapter = fake_optional.adapter('network', urls or {'network': URL})
        return read_ports(
            [a_record(**{'has_ports': True, **fields})], Neutron(adapter)
        )

    def test_in_full(self):
        ports = self.read()
        self.assertEqual(
            {WEB: (Port('office', 'normal', ('physnet1',)),)}, ports.of_server
        )
        self.assertEqual(['compute-2'], list(ports.agents))
        self.assertEqual((set(), {}), (ports.unknown, ports.not_read))
        self.assertEqual(3, len(self.mocker.request_history))

    def test_nobody_has_a_port(self):
        self.assertEqual(Ports(), self.read(has_ports=False))
        self.assertEqual([], self.mocker.request_history)

    def test_network_is_gone(self):
        self.answers(networks=[])
        self.assertEqual({WEB: (Port('lan'),)}, self.read().of_server)

    def test_bound_elsewhere(self):
        self.answers(ports=[])
        self.assertEqual({WEB}, self.read().unknown)

    def test_off(self):
        ports = read_ports([a_record(has_ports=True)], None)
        self.assertEqual(
            Ports(unknown=set(), not_read={'ports': 'off'}), ports
        )

    def test_absent(self):
        ports = self.read({'image': URL})
        self.assertEqual(
            Ports(unknown={WEB}, not_read={'ports': 'absent'}), ports
        )

    @ddt.data('ports', 'networks', 'agents')
    def test_no_answer(self, key):
        self.mocker.get(f'{URL}/v2.0/{key}', status_code=503)
        ports = self.read()
        self.assertEqual(({}, {WEB}), ports[:2])
        self.assertIn('Neutron, GET', ports.not_read['ports'])
