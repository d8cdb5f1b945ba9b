# SPDX-License-Identifier: Apache-2.0

"""Whether Nova lets a server move to a host, were it asked now.

Written from Nova's filters and its conductor; each function says no with
the word that it returns, and yes with an empty one.
"""

import ipaddress

from collections.abc import Iterator

from benchmarks.fidelity.facts import Facts
from benchmarks.fidelity.facts import Group
from benchmarks.fidelity.facts import Host
from benchmarks.fidelity.facts import Server


_SCOPE = 'aggregate_instance_extra_specs:'
_TENANT = 'filter_tenant_id'
_FLAVORS = 'instance_type'
_CLOSED = 'COMPUTE_STATUS_DISABLED'


def refusals(facts: Facts, server: Server, host: Host) -> list[str]:
    """Say all that speaks against a move, but the service's status.

    Room is that for this server alone.
    """
    return [
        *_service(host),
        *_source(facts, server),
        *_placement(server, host),
        *_filters(server, host),
        *_hypervisor(facts, server, host),
        *_groups(facts, server, host),
        *_hints(facts, server, host),
        *_ports(server, host),
    ]


def members_there(facts: Facts, group: Group, host: str, but: str = '') -> int:
    """Count the members that are on a host, or on their way to or from."""
    there = {one.id for one in facts.servers if one.host == host}
    there |= {one.server for one in facts.moves if host in one.hosts}
    return len((there & group.members) - {but})


def _service(host: Host) -> Iterator[str]:
    if host.state != 'up':
        yield 'down'


def _source(facts: Facts, server: Server) -> Iterator[str]:
    """Say what the migration cannot claim again where the server is."""
    source = facts.hosts[server.host or '']
    for name, amount in server.wants.items():
        if amount > source.max_unit.get(name, 0):
            yield f'max_unit of {name} at the source'


def _placement(server: Server, host: Host) -> Iterator[str]:
    # A spare has it as well, until it is enabled.
    if host.status == 'enabled' and _CLOSED in host.traits:
        yield _CLOSED
    if server.pinned_zone not in (None, *host.zones):
        yield 'zone in Placement'
    for name, amount in server.wants.items():
        if amount > host.capacity.get(name, 0) - host.used.get(name, 0):
            yield f'room for {name}'
        if amount > host.max_unit.get(name, 0):
            yield f'max_unit of {name}'
    for key, value in server.extra_specs.items():
        if key.startswith('trait:'):
            has = key.removeprefix('trait:') in host.traits
            if has != (value == 'required'):
                yield f'trait {key} {value}'


def _filters(server: Server, host: Host) -> Iterator[str]:
    if server.pinned_zone not in (None, host.zone):
        yield 'zone'
    tenants = {
        value
        for key, values in host.metadata.items()
        if key.startswith(_TENANT)
        for value in values
    }
    if tenants and server.project not in tenants:
        yield 'tenant isolation'
    if server.flavor not in host.metadata.get(_FLAVORS, (server.flavor,)):
        yield 'flavor'
    for key, wanted in server.extra_specs.items():
        if key.startswith(_SCOPE):
            values = host.metadata.get(key.removeprefix(_SCOPE), ())
            if not any(_matches(value, wanted) for value in values):
                yield f'aggregate {key}'


def _matches(value: str, wanted: str) -> bool:
    """Compare as the filter does: only what the clouds here have."""
    if '<' not in wanted:
        return value == wanted
    operator, *operands = wanted.split()
    if operator != '<or>':
        raise ValueError(f'no rule for {wanted}')
    return value in operands[::2]


def _hypervisor(facts: Facts, server: Server, host: Host) -> Iterator[str]:
    """Compare hypervisors.

    Nova looks at neither when the server is stopped. Another type is said
    no to all the same: the server could not be started there.
    """
    source = facts.hosts[server.host or '']
    if source.hypervisor[0] != host.hypervisor[0]:
        yield 'hypervisor type'
    if server.status != 'SHUTOFF' and (
        source.hypervisor[1] > host.hypervisor[1]
    ):
        yield 'hypervisor version'


def _groups(facts: Facts, server: Server, host: Host) -> Iterator[str]:
    for group in facts.groups:
        if server.id not in group.members:
            continue
        there = members_there(facts, group, host.name, but=server.id)
        if group.policy == 'anti-affinity' and there >= group.limit:
            yield 'anti-affinity'
        if group.policy == 'affinity' and not any(
            one.id in group.members and one.host == host.name
            for one in facts.servers
        ):
            yield 'affinity'


def _hints(facts: Facts, server: Server, host: Host) -> Iterator[str]:
    there = {one.name for one in facts.servers if one.host == host.name}
    near = server.hints.get('same_host', ())
    if near and there.isdisjoint(near):
        yield 'same_host'
    if not there.isdisjoint(server.hints.get('different_host', ())):
        yield 'different_host'
    near = server.hints.get('build_near_host_ip')
    if near and ipaddress.ip_address(host.address) not in ipaddress.ip_network(
        near + server.hints.get('cidr', '/24'), strict=False
    ):
        yield 'build_near_host_ip'


def _ports(server: Server, host: Host) -> Iterator[str]:
    for network in sorted(server.networks - host.networks):
        yield f'network {network}'
