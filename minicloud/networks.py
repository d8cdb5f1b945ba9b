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

    def create(self, kind: str, path: str = '', **fields: Any) -> Resource:
        """Create a resource.

        :param kind: 'network', 'subnet', 'port' or another
        :param path: of its collection; '' is that of the kind
        """
        url = f'/v2.0/{path or kind + "s"}'
        answer = self._neutron.post(url, json={kind: fields})
        created: Resource = answer.json()[kind]
        return created

    def create_network(
        self, name: str, physical: str = '', is_routed: bool = False
    ) -> str:
        """Create a network with a subnet, and return its UUID.

        :param physical: the physical network of its VLAN; '' is a tunnel
        :param is_routed: its subnet is on its segment
        """
        where = {'provider:network_type': 'vxlan'}
        if physical:
            where = {
                'provider:network_type': 'vlan',
                'provider:physical_network': physical,
            }
        network = self.create('network', name=name, **where)
        on_segment = {}
        if is_routed:
            query = f'segments?network_id={network["id"]}'
            [segment] = self._neutron.get(f'/v2.0/{query}').json()['segments']
            on_segment['segment_id'] = segment['id']
        self.create(
            'subnet',
            network_id=network['id'],
            ip_version=4,
            cidr='192.0.2.0/24',
            enable_dhcp=False,
            **on_segment,
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
