# SPDX-License-Identifier: Apache-2.0

"""Servers with ports on networks that not every host reaches.

A real Neutron binds them, and so has the last word.
"""

import collections

from benchmarks.fidelity import draft
from minicloud import cloud
from minicloud import networks as networks_of
from minicloud import waiting


Networks = collections.defaultdict[str, frozenset[str]]

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
    neutron = _neutron(lab)
    known = {one['name']: one['id'] for one in neutron.all_of('network')}
    uuid = known.get(network) or neutron.create_network(
        network, _NETWORKS[network]
    )
    port = neutron.create('port', network_id=uuid)['id']
    server = lab.nova.servers.find(name=name)
    server.interface_attach(port, None, None)

    def is_bound() -> bool:
        return [kind for _, kind, _ in neutron.bindings(port)] == ['ovs']

    waiting.until(
        is_bound, _PATIENCE_S, lambda: f'Neutron does not bind {name}'
    )


def reached(lab: cloud.Cloud) -> Networks:
    """Return host -> the networks to which its living agents bind ports."""
    found: Networks = collections.defaultdict(frozenset)
    for agent in _neutron(lab).all_of('agent') if lab.has_neutron else ():
        if not agent['alive']:
            continue
        mappings = agent['configurations']['bridge_mappings']
        names = (n for n, p in _NETWORKS.items() if not p or p in mappings)
        found[agent['host']] = frozenset(names)
    return found


def wanted(lab: cloud.Cloud) -> Networks:
    """Return UUID of a server -> the networks that it has ports on."""
    found: Networks = collections.defaultdict(frozenset)
    if lab.has_neutron:
        neutron = _neutron(lab)
        names = {one['id']: one['name'] for one in neutron.all_of('network')}
        for port in neutron.all_of('port'):
            found[port['device_id']] |= {names[port['network_id']]}
    return found


def _neutron(lab: cloud.Cloud) -> networks_of.Networks:
    return networks_of.Networks(lab.clients.neighbour('network'))
