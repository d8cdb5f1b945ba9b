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
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.model.snapshot import PortRequest


REQUEST = Request()
ROUTED = Request(
    scheduler_prefilters=('query_placement_for_routed_network_aggregates',)
)
URL = 'http://neutron.test'
WEB = uuid_of('web-1')


@ddt.ddt
class TestReadPorts(base.TestCase):
    """web-1 on compute-1 has a port in lan."""

    def setUp(self):
        super().setUp()
        self.mocker = fake_nova.mocker_for(self)
        self.port = {
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
        self.answers(ports=[self.port], networks=[network], agents=[agent])

    def answers(self, **lists):
        for key, listed in lists.items():
            self.mocker.get(f'{URL}/v2.0/{key}', json={key: listed})

    def read(self, urls=None, request=REQUEST, **fields):
        adapter = fake_optional.adapter('network', urls or {'network': URL})
        return read_ports(
            [a_record(**{'has_ports': True, **fields})],
            request,
            Neutron(adapter),
        )

    def test_in_full(self):
        ports = self.read()
        self.assertEqual(
            {WEB: (Port('office', 'normal', ('physnet1',)),)}, ports.of_server
        )
        self.assertEqual(['compute-2'], list(ports.agents))
        self.assertEqual((set(), {}), (ports.unknown, ports.not_read))
        self.assertEqual(3, len(self.mocker.request_history))

    @ddt.named_data(
        # name, addresses of the port, does Nova ask, segments
        ('of_its_subnet',  ['b'], True, ('south',)),
        # Nova looks at the first alone.
        ('of_two_subnets', ['b', 'a'], True, ('south',)),
        ('of_another',     ['c'], True, ()),
        ('of_the_network', [], True, ('north', 'south')),
        ('not_asked',      ['b'], False, ()),
    )  # fmt: skip
    @ddt.unpack
    def test_routed(self, addresses, asks, expected):
        fixed_ips = [{'subnet_id': subnet} for subnet in addresses]
        self.answers(
            ports=[{**self.port, 'fixed_ips': fixed_ips}],
            subnets=[
                {'id': subnet, 'network_id': network, 'segment_id': segment}
                for subnet, network, segment in (
                    ('a', 'lan', 'north'),
                    ('b', 'lan', 'south'),
                    ('c', 'lan', None),
                    ('d', 'other', 'west'),
                )
            ],
        )
        ports = self.read(request=ROUTED if asks else REQUEST)
        [port] = ports.of_server[WEB]
        self.assertEqual(expected, port.routed)
        self.assertEqual(4 if asks else 3, len(self.mocker.request_history))

    def test_segments_are_withheld(self):
        self.answers(subnets=[{'id': 'a', 'network_id': 'lan'}])
        ports = self.read(request=ROUTED)
        self.assertEqual(({}, {WEB}), ports[:2])
        self.assertIn('get_subnet:segment_id', ports.not_read['ports'])

    def test_what_it_asks_of_placement(self):
        asked = {'resources': {'NET_BW_EGR_KILOBIT_PER_SEC': 1000}}
        self.answers(ports=[{**self.port, 'resource_request': asked}])
        [port] = self.read().of_server[WEB]
        self.assertEqual(
            (PortRequest(('NET_BW_EGR_KILOBIT_PER_SEC:1000',)),),
            port.requests,
        )

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
        ports = read_ports([a_record(has_ports=True)], REQUEST, None)
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
