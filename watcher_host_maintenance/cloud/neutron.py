# SPDX-License-Identifier: Apache-2.0

"""Reads from Neutron: whether the network of a compute node works."""

import dataclasses

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from typing import TypeVar
from urllib import parse

from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud.answers import Record
from watcher_host_maintenance.cloud.answers import of
from watcher_host_maintenance.cloud.answers import value
from watcher_host_maintenance.cloud.api import OptionalApi
from watcher_host_maintenance.cloud.errors import NEUTRON
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings


Item = TypeVar('Item')

MOST_PAGES = 1000
"""Pages that no list has more of."""

AT_ONCE = 100
"""Networks that are asked for in one request, whose URL is not endless."""

SWITCHES = frozenset(
    {
        'Linux bridge agent',
        'Macvtap agent',
        'OVN Controller Gateway agent',
        'OVN Controller agent',
        'Open vSwitch agent',
    }
)
"""Types of agents that connect normal ports to networks."""

OVN = 'OVN '
"""What the types of OVN's agents begin with: these reach every tunnel."""

TUNNELS = ('geneve', 'gre', 'vxlan')

MAPPINGS = ('bridge_mappings', 'bridge-mappings', 'interface_mappings')
"""Where agents of different types say which physical networks they reach."""


@dataclasses.dataclass(frozen=True, slots=True)
class Port(Record):
    """A port of a server.

    :ivar server: UUID of the server
    :ivar network: UUID of the network
    """

    server: str = of('device_id')
    network: str = of('network_id')
    vnic_type: str = of('binding:vnic_type')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Network(Record):
    """A network.

    :ivar segments: physical network of each segment that has one, and the
        type of each that has none, such as 'vxlan'
    """

    uuid: str = of('id')
    name: str = of('name', '')
    segments: tuple[str, ...]

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        # Of several segments the list is shown, of one its fields are.
        segments = body.get('segments') or [body]
        return {'segments': tuple(sorted(set(map(_segment, segments))))}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Record):
    """A network agent.

    :ivar reaches: physical networks and types of tunnels
    """

    binary: str = of('binary')
    host: str = of('host')
    alive: bool = of('alive')
    kind: str = of('agent_type')
    reaches: frozenset[str]

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        configurations = body.get('configurations') or {}
        reaches = {'local', *(configurations.get('tunnel_types') or ())}
        if body['agent_type'].startswith(OVN):
            reaches.update(TUNNELS)
        for key in MAPPINGS:
            reaches.update(_physical_networks(configurations.get(key)))
        return {'reaches': frozenset(reaches)}


class Neutron(OptionalApi):
    """Reads from Neutron."""

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        super().__init__(NEUTRON, adapter, settings)

    def dead_agents(self, host: str) -> list[str]:
        """Return the binaries of the agents of a host that do not report.

        :returns: sorted; empty when there is no Neutron
        """
        if not self.exists():
            return []
        return self._get(
            f'/v2.0/agents?host={host}',
            lambda body: sorted(
                agent['binary']
                for agent in body['agents']
                if agent['host'] == host and not agent['alive']
            ),
        )

    def ports(self, host: str) -> list[Port]:
        """Return the ports that are bound to a host."""
        query = parse.urlencode({'binding:host_id': host})
        return self._list(f'/v2.0/ports?{query}', 'ports', _port)

    def agents(self) -> list[Agent]:
        """Return the agents that connect ports, of all hosts."""
        agents = self._list('/v2.0/agents', 'agents', Agent.read)
        return [agent for agent in agents if agent.kind in SWITCHES]

    def networks(self, uuids: Iterable[str]) -> dict[str, Network]:
        """Return UUID -> network, of those that exist."""
        wanted = sorted(set(uuids))
        networks: list[Network] = []
        for first in range(0, len(wanted), AT_ONCE):
            ids = [('id', uuid) for uuid in wanted[first : first + AT_ONCE]]
            path = f'/v2.0/networks?{parse.urlencode(ids)}'
            networks += self._list(path, 'networks', Network.read)
        return {network.uuid: network for network in networks}

    def _list(
        self, path: str, key: str, clean: Callable[[Any], Item]
    ) -> list[Item]:
        """Read all pages of a list.

        :param clean: makes a record of one of its objects
        """
        items: list[Item] = []
        for _page in range(MOST_PAGES):
            body = self._get(path, lambda body: body)
            with self.calling(f'GET {path}'):
                items += map(clean, body[key])
                links = body.get(f'{key}_links') or ()
                following = [x['href'] for x in links if x['rel'] == 'next']
            if not following:
                return items
            path = following[0]
        with self.calling(f'GET {path}'):
            raise ValueError(f'the list has more than {MOST_PAGES} pages')


def _port(body: Any) -> Port:
    if 'binding:vnic_type' not in body:
        # Neutron leaves out, without an error, what its policy hides.
        raise Withheld(
            'ports come without their type: see the policy of '
            'get_port:binding:vif_type'
        )
    return Port.read(body)


def _segment(body: Any) -> str:
    if 'provider:network_type' not in body:
        raise Withheld(
            'networks come without their type: see the policy of '
            'get_network:provider:network_type'
        )
    physical = value(body, 'provider:physical_network', str | None)
    return physical or str(value(body, 'provider:network_type', str))


def _physical_networks(mappings: Any) -> Iterable[str]:
    """Return the names in a mapping of an agent.

    OVN's are a text, such as 'physnet1:br-ex,physnet2:br-data'.
    """
    if isinstance(mappings, str):
        pairs = (pair.partition(':') for pair in mappings.split(','))
        return [name.strip() for name, colon, _bridge in pairs if colon]
    return [str(name) for name in mappings or ()]
