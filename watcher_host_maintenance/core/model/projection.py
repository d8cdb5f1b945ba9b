# SPDX-License-Identifier: Apache-2.0

"""What a snapshot would be after a plan, or with one node changed.

A projection is a snapshot like any other, so that it can be planned on and
checked again.
"""

import collections
import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot


def with_node(snapshot: Snapshot, node: ComputeNode) -> Snapshot:
    """Return a snapshot with another record of one of its nodes."""
    others = (n for n in snapshot.nodes if n.hostname != node.hostname)
    return dataclasses.replace(snapshot, nodes=(*others, node))


def after_outcome(snapshot: Snapshot, outcome: Outcome) -> Snapshot:
    """Return a snapshot as a plan leaves it, if every step succeeds.

    Nodes are closed or opened, and instances are where they go to, with what
    they ask of a node; what is released is gone.
    """
    service = dict.fromkeys(outcome.enables, ('enabled', ''))
    for hostname in (*outcome.disables, *outcome.marks):
        service[hostname] = ('disabled', MAINTAINING_REASON)
    for hostname, (status, reason) in service.items():
        node = snapshot.by_hostname[hostname]
        changed = dataclasses.replace(
            node, status=status, disabled_reason=reason
        )
        snapshot = with_node(snapshot, changed)
    return after_actions(
        snapshot, (*outcome.moves, *outcome.stops, *outcome.releases)
    )


def after_actions(
    snapshot: Snapshot, actions: Iterable[Move | Stop | Release]
) -> Snapshot:
    """Return a snapshot in which these instances have moved, or stopped.

    What is known of an instance only as an amount in ``used`` stays so: an
    instance takes what it asks for from one node's amounts and adds it to
    the other's.

    :param actions: at most one for each instance on a node
    """
    action_of = {(a.instance_uuid, a.host): a for a in actions}
    instances, left, arrived = [], [], []
    for before in snapshot.instances:
        match action_of.get((before.uuid, before.host)):
            case Move(destination=hostname):
                after = dataclasses.replace(before, host=hostname)
                left.append(before)
                arrived.append(after)
                instances.append(after)
            case Stop():
                instances.append(
                    dataclasses.replace(
                        before, vm_state='stopped', power_state='shutdown'
                    )
                )
            case Release():
                left.append(before)
            case None:
                instances.append(before)
    return dataclasses.replace(
        snapshot,
        nodes=tuple(_node(n, left, arrived) for n in snapshot.nodes),
        instances=tuple(instances),
        groups=tuple(_group(g, left, arrived) for g in snapshot.groups),
    )


def _node(
    node: ComputeNode, left: Iterable[Instance], arrived: Iterable[Instance]
) -> ComputeNode:
    used = collections.Counter(node.used)
    gone = [i for i in left if i.host == node.hostname]
    new = [i for i in arrived if i.host == node.hostname]
    for instance in new:
        used.update(instance.resources)
    for instance in gone:
        used.subtract(instance.resources)
    if not gone and not new:
        return node
    return dataclasses.replace(
        node,
        # It may hold less than it asks of its next node.
        used={c: max(0, amount) for c, amount in used.items()},
        instance_count=max(0, node.instance_count + len(new) - len(gone)),
    )


def _group(
    group: ServerGroup, left: Iterable[Instance], arrived: Iterable[Instance]
) -> ServerGroup:
    """Return a group with the members that moved counted where they are."""
    members = collections.Counter(group.members)
    members.update(_hosts(group, arrived))
    members.subtract(_hosts(group, left))
    return dataclasses.replace(
        group, members={h: n for h, n in members.items() if n > 0}
    )


def _hosts(
    group: ServerGroup, instances: Iterable[Instance]
) -> Mapping[str, int]:
    """Count where members are; one end of a move is not one's company."""
    return collections.Counter(
        i.host
        for i in instances
        if i.group == group.uuid
        and not (i.elsewhere and group.policy == AFFINITY)
    )
