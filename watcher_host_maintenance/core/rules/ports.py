# SPDX-License-Identifier: Apache-2.0

"""Ports: whether they can move, and whether a node reaches their networks.

Nova has Neutron bind each port on the destination, which its mechanism
drivers do only where an agent is alive that reaches the network.
"""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.nova import ACCELERATOR_VNICS
from watcher_host_maintenance.core.model.nova import DEVICE_VNICS
from watcher_host_maintenance.core.model.nova import NORMAL_VNIC
from watcher_host_maintenance.core.model.nova import PHYSICAL_VNIC
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


PORT_NEVER_MOVES = Of.INSTANCE.declare(
    'port_never_moves',
    says=N_('{subject} has a port of type {vnic_type}; Nova cannot move it'),
    helps=N_('Detach the port, or stop it and use -p on_blocked=leave.'),
)

PORT_NOT_LIVE = Of.INSTANCE.declare(
    'port_not_live',
    says=N_('{subject} has a port of type {vnic_type}; it cannot move live'),
    helps=N_('Detach the port, or: -p disable_live_migration=true'),
)

AGENTS_DEAD = Of.PAIR.declare(
    'agents_dead',
    says=N_('{subject}: its network agents are dead: {agents}'),
    helps=N_('Start the agents of {subject}.'),
)

NO_AGENT = Of.PAIR.declare(
    'no_agent',
    says=N_('{subject} has no network agent'),
    helps=N_('Start a network agent on {subject}.'),
)

NETWORK_UNREACHED = Of.PAIR.declare(
    'network_unreached',
    says=N_('{subject} does not reach the network {network} ({segments})'),
    helps=N_('Add a node whose network agent reaches it.'),
)


def blockers(instance: Instance, kind: MoveKind) -> Iterator[Finding]:
    """Yield the ports with which an instance moves to no node at all."""
    types = sorted({port.vnic_type for port in instance.ports})
    for vnic_type in types:
        if vnic_type in ACCELERATOR_VNICS:
            yield PORT_NEVER_MOVES.about(instance.name, vnic_type=vnic_type)
        elif vnic_type == PHYSICAL_VNIC and kind is MoveKind.LIVE:
            yield PORT_NOT_LIVE.about(instance.name, vnic_type=vnic_type)


def claimed(instance: Instance) -> tuple[str, ...]:
    """Return the types of ports whose devices no API proves, sorted."""
    types = {port.vnic_type for port in instance.ports} & DEVICE_VNICS
    return tuple(sorted(types))


def requested(instance: Instance) -> tuple[str, ...]:
    """Return the resource classes that ports ask providers below a node for.

    Placement proves that one server fits, but how much of them several leave
    for one another is not counted here.
    """
    classes = {
        resource.partition(':')[0]
        for port in instance.ports
        for request in port.requests
        for resource in request.resources
    }
    return tuple(sorted(classes))


@rule(
    gives=(AGENTS_DEAD, NO_AGENT, NETWORK_UNREACHED),
    looks_at=(
        'instance.ports',
        'source.node.reaches',
        'source.node.dead_agents',
        'destination.node.reaches',
        'destination.node.dead_agents',
    ),
)
def reaches_networks(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node that does not reach the networks of the server's ports.

    Neutron binds no port where its agent is dead, or where the agent does not
    reach one of the network's segments. Where no agent of the source tells of
    a network, it is not one of the networks that agents connect. Ports with
    a device are not looked at.
    """
    source, node = move.source.node, move.destination.node
    if source.reaches is None and not source.dead_agents:
        return
    networks = {
        (port.network, port.segments)
        for port in move.instance.ports
        if _is_connected_by_agents(port, source.reaches)
    }
    if not networks:
        return
    if node.reaches is None:
        if node.dead_agents:
            yield AGENTS_DEAD.about(node.hostname, agents=node.dead_agents)
        else:
            yield NO_AGENT.about(node.hostname)
        return
    for network, segments in sorted(networks):
        if set(segments).isdisjoint(node.reaches):
            yield NETWORK_UNREACHED.about(
                node.hostname, network=network, segments=segments
            )


def _is_connected_by_agents(
    port: Port, of_source: tuple[str, ...] | None
) -> bool:
    """Return True if the agent of a node is what connects a port.

    :param of_source: what the agents of its own node reach; None if they are
        dead
    """
    if port.vnic_type != NORMAL_VNIC or not port.segments:
        return False
    return of_source is None or not set(port.segments).isdisjoint(of_source)
