# SPDX-License-Identifier: Apache-2.0

"""Servers go where Neutron binds their ports, and nowhere else."""

import re

import ddt

from tests.functional import base
from tests.neutron import base as neutron_base


#: Hosts whose agents reach physnet1: each test drains one of its own.
SOURCES = ('compute-1', 'compute-2', 'compute-3', 'compute-4', 'compute-5')

NO_AGENT = 'no-agent has no network agent'
DEAD = 'dead: its network agents are dead: neutron-openvswitch-agent'
FAR = 'far does not reach the network lan (physnet1)'


@ddt.ddt
class TestPorts(neutron_base.NeutronTestCase):
    """Agents of SOURCES and of dead reach physnet1, that of far does not.

    All reach tunnels. The agent of dead has not reported lately; no-agent has
    none.
    """

    CHECKED = True

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        servers = {
            'web': base.on('compute-1', count=2),
            'db': base.on('compute-2'),
            'mail': base.on('compute-3'),
            'overlay': base.on('compute-4'),
            'device': base.on('compute-5'),
        }
        hosts = (*SOURCES, 'far', 'dead', 'no-agent')
        cls.share_with_neutron(
            base.description(dict.fromkeys(hosts, base.HOST), servers), {}
        )
        for host in SOURCES:
            cls.cloud.report_agent(host, ['physnet1'])
        cls.cloud.report_agent('far')
        cls.cloud.report_agent('dead', ['physnet1'], alive=False)
        cls.networks = {
            'lan': cls.neutron.create_network('lan', 'physnet1'),
            'tunnel': cls.neutron.create_network('tunnel'),
        }

    def assertNeutronRefuses(self, server: str, host: str) -> None:
        """Check that Nova does not move a server live, for its port."""
        self.assertNovaRefuses(server, host)
        self.assertIn(
            f'on host {host} could not be created or updated',
            self.cloud.logs()['neutron'],
        )

    def test_ports_are_read_and_move(self) -> None:
        ports = {
            'web-1': self.attach('web-1', 'lan'),
            'web-2': self.attach('web-2', 'tunnel'),
        }
        rows, _told = self.check_typed('compute-1')
        self.assertIn(rows['web-1']['To'], SOURCES)
        self.drain_and_execute(maintenance_node='compute-1')
        servers = self.cloud.servers()
        for server, port in ports.items():
            self.assertEqual(rows[server]['To'], servers[server].host)
            self.assertBound(port, servers[server].host)

    @ddt.data(('far', FAR), ('dead', DEAD), ('no-agent', NO_AGENT))
    @ddt.unpack
    def test_no_destination(self, host: str, why: str) -> None:
        """It is none for us, and none for Nova."""
        if not self.cloud.nova.servers.find(name='db').addresses:
            self.attach('db', 'lan')
        rows, _told = self.check_typed(
            f'compute-2 --backup-node {host}', status=2
        )
        self.assertIn(why, rows['db']['Why'])
        audit = self.drain(maintenance_node='compute-2', backup_node=host)
        self.assertRefused(audit, re.compile(re.escape(why)))
        self.assertNeutronRefuses('db', host)

    def test_agent_that_reports_again(self) -> None:
        port = self.attach('mail', 'lan')
        self.check_typed('compute-3 --backup-node dead', status=2)
        self.cloud.report_agent('dead', ['physnet1'])
        self.addCleanup(
            self.cloud.report_agent, 'dead', ['physnet1'], alive=False
        )
        rows, _told = self.check_typed('compute-3 --backup-node dead')
        self.assertEqual('dead', rows['mail']['To'])
        self.drain_and_execute(
            maintenance_node='compute-3', backup_node='dead'
        )
        self.assertBound(port, 'dead')

    def test_tunnel_needs_no_physical_network(self) -> None:
        port = self.attach('overlay', 'tunnel')
        self.drain_and_execute(maintenance_node='compute-4', backup_node='far')
        self.assertBound(port, 'far')

    def test_direct_physical(self) -> None:
        """A port that is given a whole device, which Nova cannot take along.

        There is no such device, so that Neutron alone knows of the port.
        """
        self.attach('device', 'lan')
        self.neutron.create(
            'port',
            network_id=self.networks['lan'],
            device_id=self.cloud.nova.servers.find(name='device').id,
            device_owner='compute:nova',
            **{
                'binding:host_id': 'compute-5',
                'binding:vnic_type': 'direct-physical',
                'binding:profile': {
                    'pci_slot': '0000:03:00.0',
                    'pci_vendor_info': '8086:1572',
                    'physical_network': 'physnet1',
                },
            },
        )
        why = 'device has a port of type direct-physical; it cannot move live'
        rows, told = self.check_typed('compute-5', status=2)
        self.assertEqual(why, rows['device']['Why'][0])
        self.assertIn('--disable-live-migration', told)
        audit = self.drain(maintenance_node='compute-5')
        self.assertRefused(audit, re.compile(re.escape(why)))
