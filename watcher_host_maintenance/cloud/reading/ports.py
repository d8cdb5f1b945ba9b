# SPDX-License-Identifier: Apache-2.0

"""The ports of servers, and what the agents of nodes reach."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.neutron import Agent
from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.neutron import Subnet
from watcher_host_maintenance.cloud.optional import PORTS
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import REQUEST_FILTERS
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import OFF
from watcher_host_maintenance.core.model.snapshot import Port


ROUTED = REQUEST_FILTERS['routed_networks_filter']


class Ports(NamedTuple):
    """What is known of ports and agents.

    :ivar of_server: UUID of a server -> its ports
    :ivar unknown: UUIDs of servers whose ports could not be read
    :ivar agents: hostname -> agents that connect ports
    :ivar not_read: what was not read at all -> why
    """

    of_server: Mapping[str, tuple[Port, ...]] = {}
    unknown: Collection[str] = ()
    agents: Mapping[str, Collection[Agent]] = {}
    not_read: Mapping[str, str] = {}


def read_ports(
    servers: Collection[Server], request: Request, neutron: Neutron | None
) -> Ports:
    """Read the ports of servers; nothing if none is in a network."""
    with_ports = [s for s in servers if s.has_ports]
    if not with_ports:
        return Ports()
    hosts = sorted({s.host for s in with_ports})
    found, why_not = optional.attempt(
        neutron,
        lambda: (
            _read(neutron, hosts, ROUTED in request.scheduler_prefilters)
            if neutron
            else None
        ),
    )
    unknown = {s.uuid for s in with_ports} if why_not != OFF else set()
    if found is None:
        return Ports(unknown=unknown, not_read={PORTS: why_not})
    # One that is bound to another host, or to none, is not known.
    return found._replace(unknown=unknown - found.of_server.keys())


def _read(
    neutron: Neutron, hosts: Collection[str], reads_subnets: bool
) -> Ports:
    ports = [
        port
        for of_host in parallel.each(neutron.ports, hosts)
        for port in of_host
    ]
    networks, listed = parallel.together(
        lambda: neutron.networks(p.network for p in ports), neutron.agents
    )
    subnets = (
        neutron.subnets(p.network for p in ports) if reads_subnets else ()
    )
    of_server: dict[str, list[Port]] = {}
    for port in ports:
        network = networks.get(port.network)
        of_server.setdefault(port.server, []).append(
            Port(
                (network and network.name) or port.network,
                port.vnic_type,
                network.segments if network else (),
                _routed(port.network, port.subnet, subnets),
                port.requests,
            )
        )
    agents: dict[str, list[Agent]] = {}
    for agent in listed:
        agents.setdefault(agent.host, []).append(agent)
    return Ports(
        {uuid: tuple(sorted(of_server[uuid])) for uuid in of_server},
        (),
        agents,
    )


def _routed(
    network: str, subnet: str, subnets: Iterable[Subnet]
) -> tuple[str, ...]:
    """Return the segments that Nova asks for, for a port, sorted.

    It looks at the subnet of the first address of a port only; at all of the
    network if the port has none.
    """
    segments = {
        one.segment
        for one in subnets
        if (one.uuid == subnet if subnet else one.network == network)
    }
    return tuple(sorted(segments - {''}))
