# SPDX-License-Identifier: Apache-2.0

"""Reads from Neutron: whether the network of a compute node works."""

import dataclasses

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
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
from watcher_host_maintenance.core.model.snapshot import PortRequest


Item = TypeVar('Item')

MOST_PAGES = 1000
"""Pages that no list has more of."""

AT_ONCE = 100
"""Networks that one request is about, whose URL is not endless."""

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
    :ivar subnet: UUID of the subnet of its first address; '' if it has none
    :ivar requests: what it asks of providers in Placement
    """

    server: str = of('device_id')
    network: str = of('network_id')
    vnic_type: str = of('binding:vnic_type')
    subnet: str = ''
    requests: tuple[PortRequest, ...] = ()

    @classmethod
    def _others(cls, body: Any) -> dict[str, Any]:
        addresses = body.get('fixed_ips') or [{'subnet_id': ''}]
        asked = body.get('resource_request') or {}
        # Neutron has shown several groups since Yoga, before it one.
        groups = asked.get('request_groups', [asked] if asked else ())
        return {
            'subnet': value(addresses[0], 'subnet_id', str),
            'requests': tuple(sorted(map(_request, groups))),
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Subnet(Record):
    """A subnet.

    :ivar network: UUID of the network
    :ivar segment: UUID of the segment that it is on; '' if it is on each
    """

    uuid: str = of('id')
    network: str = of('network_id')
    segment: str = of('segment_id', '')


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
        return {
            network.uuid: network
            for query in _queries('id', uuids)
            for network in self._list(
                f'/v2.0/networks?{query}', 'networks', Network.read
            )
        }

    def subnets(self, networks: Iterable[str]) -> list[Subnet]:
        """Return the subnets of networks, which are given by UUID."""
        fields = ('id', 'network_id', 'segment_id')
        return [
            subnet
            for query in _queries('network_id', networks)
            for subnet in self._list(
                f'/v2.0/subnets?{query}&'
                + parse.urlencode([('fields', field) for field in fields]),
                'subnets',
                _subnet,
            )
        ]

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


def _queries(key: str, uuids: Iterable[str]) -> Iterator[str]:
    """Yield queries for some things, at most :data:`AT_ONCE` in each."""
    wanted = sorted(set(uuids))
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        yield parse.urlencode([(key, uuid) for uuid in some])


def _port(body: Any) -> Port:
    if 'binding:vnic_type' not in body:
        # Neutron leaves out, without an error, what its policy hides.
        raise Withheld(
            'ports come without their type: see the policy of '
            'get_port:binding:vif_type'
        )
    profile = body.get('binding:profile') or {}
    if 'allocation' in profile and 'resource_request' not in body:
        raise Withheld(
            'ports come without what they ask of Placement: see the policy of '
            'get_port:resource_request'
        )
    return Port.read(body)


def _request(group: Any) -> PortRequest:
    amounts = value(group, 'resources', Mapping[str, int])
    required = group.get('required') or ()
    return PortRequest(
        tuple(f'{c}:{amount}' for c, amount in sorted(amounts.items())),
        tuple(sorted(map(str, required))),
    )


def _subnet(body: Any) -> Subnet:
    if 'segment_id' not in body:
        raise Withheld(
            'subnets come without their segment: see the policy of '
            'get_subnet:segment_id; if there are no segments, scheduler_'
            'prefilters has an option too many'
        )
    return Subnet.read(body)


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
