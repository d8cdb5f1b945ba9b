# SPDX-License-Identifier: Apache-2.0

"""What a snapshot would be after a plan, or with one node changed.

A projection is a snapshot like any other, so that it can be planned on and
checked again.
"""

import collections
import dataclasses
import itertools

from collections.abc import Iterable
from collections.abc import Iterator

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
    after = after_actions(
        snapshot, (*outcome.moves, *outcome.stops, *outcome.releases)
    )
    service = dict.fromkeys(outcome.enables, ('enabled', ''))
    for hostname in (*outcome.disables, *outcome.marks):
        service[hostname] = ('disabled', MAINTAINING_REASON)
    for hostname, (status, reason) in service.items():
        node = after.by_hostname[hostname]
        changed = dataclasses.replace(
            node, status=status, disabled_reason=reason
        )
        after = with_node(after, changed)
    return after


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
    sources = {host for _uuid, host in action_of}
    hinted = dict(snapshot.hinted)
    # Nearly all stay where they are in a cluster of thousands.
    instances = [i for i in snapshot.instances if i.host not in sources]
    gone, new = [], []
    for before in itertools.chain.from_iterable(
        map(snapshot.instances_on, sorted(sources))
    ):
        after: Instance | None = before
        match action_of.get((before.uuid, before.host)):
            case Move(destination=hostname, stops_first=stops):
                # Nova names its next hypervisor in its record.
                after = dataclasses.replace(
                    before, host=hostname, hypervisor=''
                )
                if stops:
                    after = _stopped(after)
                new.append(after)
                gone.append(before)
                if before.uuid in hinted:
                    hinted[before.uuid] = hostname
            case Release():
                after = None
                gone.append(before)
            case Stop():
                after = _stopped(before)
        if after is not None:
            instances.append(after)
    hosts = {i.host for i in (*gone, *new)}
    groups = {i.group for i in (*gone, *new)}
    return dataclasses.replace(
        snapshot,
        nodes=tuple(
            _node(n, gone, new) if n.hostname in hosts else n
            for n in snapshot.nodes
        ),
        instances=tuple(instances),
        groups=tuple(
            _group(g, gone, new) if g.uuid in groups else g
            for g in snapshot.groups
        ),
        hinted=hinted,
    )


def _stopped(instance: Instance) -> Instance:
    return dataclasses.replace(
        instance, vm_state='stopped', power_state='shutdown'
    )


def _node(
    node: ComputeNode, gone: Iterable[Instance], new: Iterable[Instance]
) -> ComputeNode:
    used, count = collections.Counter(node.used), node.instance_count
    for instance in new:
        if instance.host == node.hostname:
            used.update(instance.resources)
            count += 1
    for instance in gone:
        if instance.host == node.hostname:
            used.subtract(instance.resources)
            count -= 1
    # It may hold less than it asks of its next node.
    amounts = {c: max(0, amount) for c, amount in used.items()}
    return dataclasses.replace(
        node, used=amounts, instance_count=max(0, count)
    )


def _group(
    group: ServerGroup, gone: Iterable[Instance], new: Iterable[Instance]
) -> ServerGroup:
    """Return a group with the members that moved counted where they are."""
    members = collections.Counter(group.members)
    members.update(_hosts(group, new))
    members.subtract(_hosts(group, gone))
    return dataclasses.replace(group, members=+members)


def _hosts(group: ServerGroup, instances: Iterable[Instance]) -> Iterator[str]:
    """Yield where members are; one end of a move is not one's company."""
    for instance in instances:
        is_end = instance.elsewhere and group.policy == AFFINITY
        if instance.group == group.uuid and not is_end:
            yield instance.host
