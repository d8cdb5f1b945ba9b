# SPDX-License-Identifier: Apache-2.0

"""Servers with ports on networks that not every host reaches.

A real Neutron binds them, and so has the last word.
"""

from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import draft
from minicloud import cloud
from minicloud import waiting


#: Network -> the physical network it is on; '' for one of tunnels.
_NETWORKS = {'lan': 'physnet1', 'dmz': 'physnet2', 'tunnel': ''}
_PATIENCE_S = 60


def networks(drawn: draft.Draft) -> None:
    """Let servers of the node have ports, and hosts lack networks.

    The agent of the node reaches all; those of others are dead, or reach only
    some, or do not exist.
    """
    physical = [name for name in _NETWORKS.values() if name]
    drawn.busy.append(('agent', drawn.node, ','.join(physical), 'alive'))
    for host in drawn.hosts:
        if host == drawn.node or drawn.chance(0.15):
            continue
        reached = [name for name in physical if drawn.chance(0.7)]
        life = 'dead' if drawn.chance(0.15) else 'alive'
        drawn.busy.append(('agent', host, ','.join(reached), life))
    for name in drawn.leavers():
        for network in drawn.rng.sample(
            list(_NETWORKS), drawn.rng.randint(0, 2)
        ):
            drawn.busy.append(('port', name, network))


def report_agent(lab: cloud.Cloud, host: str, reached: str, life: str) -> None:
    """Let the agent of a host report what it reaches, now or long ago."""
    physical = [name for name in reached.split(',') if name]
    lab.report_agent(host, physical, alive=life == 'alive')


def attach(lab: cloud.Cloud, name: str, network: str) -> None:
    """Give a server a port on a network, which is made if need be."""
    server = lab.nova.servers.find(name=name)
    port = _create(lab, 'port', network_id=_network(lab, network))
    server.interface_attach(port['id'], None, None)
    path = f'/v2.0/ports/{port["id"]}'

    def is_bound() -> bool:
        found = lab.clients.neighbour('network').get(path).json()['port']
        return bool(found['binding:vif_type'] == 'ovs')

    waiting.until(
        is_bound, _PATIENCE_S, lambda: f'Neutron does not bind {name}'
    )


def reached(lab: cloud.Cloud) -> dict[str, frozenset[str]]:
    """Return host -> the networks to which its living agents bind ports."""
    found: dict[str, frozenset[str]] = {}
    for agent in _list(lab, 'agent'):
        if not agent['alive']:
            continue
        mappings = agent['configurations']['bridge_mappings']
        names = (n for n, p in _NETWORKS.items() if not p or p in mappings)
        found[agent['host']] = frozenset(names)
    return found


def wanted(lab: cloud.Cloud) -> dict[str, frozenset[str]]:
    """Return UUID of a server -> the networks that it has ports on."""
    names = {one['id']: one['name'] for one in _list(lab, 'network')}
    found: dict[str, frozenset[str]] = {}
    for port in _list(lab, 'port'):
        server = port['device_id']
        here = {names[port['network_id']]}
        found[server] = found.get(server, frozenset()) | here
    return found


def _network(lab: cloud.Cloud, name: str) -> str:
    for network in _list(lab, 'network'):
        if network['name'] == name:
            return str(network['id'])
    where = {'provider:network_type': 'vxlan'}
    if _NETWORKS[name]:
        where = {
            'provider:network_type': 'vlan',
            'provider:physical_network': _NETWORKS[name],
        }
    network = _create(lab, 'network', name=name, **where)
    _create(
        lab,
        'subnet',
        network_id=network['id'],
        ip_version=4,
        cidr='192.0.2.0/24',
        enable_dhcp=False,
    )
    return str(network['id'])


def _list(lab: cloud.Cloud, kind: str) -> list[Mapping[str, Any]]:
    """Return all of a kind, of however many pages."""
    neutron = lab.clients.neighbour('network')
    path = f'/v2.0/{kind}s'
    found: list[Mapping[str, Any]] = []
    while path:
        answer = neutron.get(path).json()
        found += answer[f'{kind}s']
        links = {
            one['rel']: one['href'] for one in answer.get(f'{kind}s_links', ())
        }
        path = links.get('next', '').removeprefix(neutron.endpoint_override)
    return found


def _create(lab: cloud.Cloud, kind: str, **fields: Any) -> Mapping[str, Any]:
    neutron = lab.clients.neighbour('network')
    answer = neutron.post(f'/v2.0/{kind}s', json={kind: fields}).json()
    created: Mapping[str, Any] = answer[kind]
    return created
