# SPDX-License-Identifier: Apache-2.0

"""Networks and ports of a real Neutron, through its API."""

from collections.abc import Mapping
from typing import Any

from keystoneauth1 import adapter


Resource = Mapping[str, Any]


class Networks:
    """What an administrator does with Neutron."""

    def __init__(self, neutron: adapter.Adapter) -> None:
        self._neutron = neutron

    def create(self, kind: str, **fields: Any) -> Resource:
        """Create a resource.

        :param kind: 'network', 'subnet' or 'port'
        """
        answer = self._neutron.post(f'/v2.0/{kind}s', json={kind: fields})
        created: Resource = answer.json()[kind]
        return created

    def create_network(self, name: str, physical: str = '') -> str:
        """Create a network with a subnet, and return its UUID.

        :param physical: the physical network of its VLAN; '' is a tunnel
        """
        where = {'provider:network_type': 'vxlan'}
        if physical:
            where = {
                'provider:network_type': 'vlan',
                'provider:physical_network': physical,
            }
        network = self.create('network', name=name, **where)
        self.create(
            'subnet',
            network_id=network['id'],
            ip_version=4,
            cidr='192.0.2.0/24',
            enable_dhcp=False,
        )
        return str(network['id'])

    def all_of(self, kind: str) -> list[Resource]:
        """Return all resources of a kind, of however many pages."""
        path = f'/v2.0/{kind}s'
        found: list[Resource] = []
        while path:
            answer = self._neutron.get(path).json()
            found += answer[f'{kind}s']
            links = {
                one['rel']: one['href']
                for one in answer.get(f'{kind}s_links', ())
            }
            next_page = links.get('next', '')
            path = next_page.removeprefix(self._neutron.endpoint_override)
        return found

    def bindings(self, port: str) -> list[tuple[str, str, str]]:
        """Return host, type and status of each binding of a port."""
        answer = self._neutron.get(f'/v2.0/ports/{port}/bindings').json()
        return [
            (one['host'], one['vif_type'], one['status'])
            for one in answer['bindings']
        ]
