# SPDX-License-Identifier: Apache-2.0

"""Tests of reading Neutron: its answers come from requests-mock."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_optional
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.neutron import AT_ONCE
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.neutron import Port
from watcher_host_maintenance.core.model.snapshot import PortRequest


URL = 'http://neutron.test'
OVS, OVN = 'Open vSwitch agent', 'OVN Controller agent'


PORT = {
    'device_id': 'web-1',
    'network_id': 'lan',
    'binding:vnic_type': 'normal',
}
BANDWIDTH = {
    'resources': {'NET_B': 7, 'NET_A': 5},
    'required': ['CUSTOM_Q', 'CUSTOM_P'],
}
FLAT = {
    'provider:network_type': 'flat',
    'provider:physical_network': 'physnet1',
}
VXLAN = {
    'provider:network_type': 'vxlan',
    'provider:physical_network': None,
}


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.mocker = fake_nova.mocker_for(self)
        self.neutron = Neutron(
            fake_optional.adapter('network', {'network': URL})
        )

    def answers(self, path, **body):
        self.mocker.get(f'{URL}/v2.0/{path}', json=body)


@ddt.ddt
class TestPorts(TestCase):
    def test_of_a_host(self):
        self.answers('ports?binding:host_id=compute-1', ports=[PORT])
        self.assertEqual(
            [Port('web-1', 'lan', 'normal')], self.neutron.ports('compute-1')
        )
        self.assertEqual(
            ['compute-1'], self.mocker.last_request.qs['binding:host_id']
        )

    def test_in_pages(self):
        self.answers(
            'ports?binding:host_id=compute-1',
            ports=[PORT],
            ports_links=[
                {'rel': 'previous', 'href': f'{URL}/v2.0/none'},
                {'rel': 'next', 'href': f'{URL}/v2.0/second'},
            ],
        )
        self.answers('second', ports=[{**PORT, 'device_id': 'web-2'}])
        self.assertEqual(
            ['web-1', 'web-2'],
            [p.server for p in self.neutron.ports('compute-1')],
        )

    @ddt.named_data(
        # name, fields of the port, what it asks of Placement
        ('nothing',  {}, ()),
        ('null',     {'resource_request': None}, ()),
        ('no_group', {'resource_request': {'request_groups': []}}, ()),
        ('before_yoga', {'resource_request': BANDWIDTH},
         (PortRequest(('NET_A:5', 'NET_B:7'), ('CUSTOM_P', 'CUSTOM_Q')),)),
        ('groups', {
            'resource_request': {
                'request_groups': [
                    {'id': '2', **BANDWIDTH},
                    {'id': '1', 'resources': {'NET_A': 1}},
                ],
                'same_subtree': ['1', '2'],
            },
         },
         (PortRequest(('NET_A:1',)),
          PortRequest(('NET_A:5', 'NET_B:7'), ('CUSTOM_P', 'CUSTOM_Q')))),
    )  # fmt: skip
    @ddt.unpack
    def test_resource_request(self, fields, expected):
        self.answers('ports', ports=[{**PORT, **fields}])
        [port] = self.neutron.ports('compute-1')
        self.assertEqual(expected, port.requests)

    @ddt.named_data(
        # name, fields of the port, reason why it is refused
        ('hidden', {}, True),
        # Its quality of service was taken away since.
        ('none',   {'resource_request': None}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_resource_request_is_withheld(self, fields, is_refused):
        profile = {'allocation': {'group': 'provider'}}
        port = {**PORT, 'binding:profile': profile, **fields}
        self.answers('ports', ports=[port])
        if is_refused:
            error = self.assertRaises(
                NotPlanned, self.neutron.ports, 'compute-1'
            )
            self.assertIs(CALL_REFUSED, error.finding.reason)
        else:
            [read] = self.neutron.ports('compute-1')
            self.assertEqual((), read.requests)

    def test_type_is_withheld(self):
        port = {'device_id': 'web-1', 'network_id': 'lan'}
        self.answers('ports?binding:host_id=compute-1', ports=[port])
        error = self.assertRaises(NotPlanned, self.neutron.ports, 'compute-1')
        self.assertIs(CALL_REFUSED, error.finding.reason)


@ddt.ddt
class TestAgents(TestCase):
    @ddt.named_data(
        # name, type, configurations, what it reaches
        ('bridges', OVS, {'bridge_mappings': {'physnet1': 'br-ex'}},
         {'local', 'physnet1'}),
        ('tunnels', OVS, {'tunnel_types': ['vxlan', 'gre']},
         {'local', 'vxlan', 'gre'}),
        ('interfaces', 'Linux bridge agent',
         {'interface_mappings': {'physnet2': 'eth1'}}, {'local', 'physnet2'}),
        ('of_ovn', OVN, {'bridge-mappings': 'physnet1:br-ex, physnet2:br-b'},
         {'local', 'physnet1', 'physnet2', 'geneve', 'gre', 'vxlan'}),
        ('no_mapping', OVN, {'bridge-mappings': ''},
         {'local', 'geneve', 'gre', 'vxlan'}),
        ('nothing', OVS, {}, {'local'}),
    )  # fmt: skip
    @ddt.unpack
    def test_reaches(self, kind, configurations, expected):
        agent = {
            'agent_type': kind,
            'binary': 'neutron-agent',
            'host': 'compute-1',
            'alive': True,
            'configurations': configurations,
        }
        others = [
            {**agent, 'agent_type': other}
            for other in ('DHCP agent', 'L3 agent', 'NIC Switch agent')
        ]
        self.answers('agents', agents=[agent, *others])
        [read] = self.neutron.agents()
        self.assertEqual(expected, read.reaches)
        self.assertEqual(
            ('neutron-agent', 'compute-1', True),
            (read.binary, read.host, read.alive),
        )


@ddt.ddt
class TestNetworks(TestCase):
    @ddt.named_data(
        # name, fields, segments
        ('flat',    FLAT,                        ('physnet1',)),
        ('tunnel',  VXLAN,                       ('vxlan',)),
        ('several', {'segments': [VXLAN, FLAT]}, ('physnet1', 'vxlan')),
    )  # fmt: skip
    @ddt.unpack
    def test_segments(self, fields, expected):
        network = {'id': 'lan', 'name': 'office', **fields}
        self.answers('networks?id=lan', networks=[network])
        [read] = self.neutron.networks(['lan', 'lan']).values()
        self.assertEqual(('office', expected), (read.name, read.segments))

    def test_type_is_withheld(self):
        self.answers('networks?id=lan', networks=[{'id': 'lan'}])
        error = self.assertRaises(NotPlanned, self.neutron.networks, ['lan'])
        self.assertIs(CALL_REFUSED, error.finding.reason)

    @ddt.data((0, 0), (1, 1), (AT_ONCE, 1), (AT_ONCE + 1, 2))
    @ddt.unpack
    def test_so_many_at_once(self, count, requests):
        self.answers('networks', networks=[])
        self.neutron.networks(str(n) for n in range(count))
        self.assertEqual(requests, len(self.mocker.request_history))
