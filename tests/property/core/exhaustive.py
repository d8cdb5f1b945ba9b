# SPDX-License-Identifier: Apache-2.0

"""What is true of a small case, by trying every assignment.

Written without the planner: room is one sum, rules are the checker's.
"""

import itertools

from collections.abc import Iterator

from watcher_host_maintenance.core.checking import scheduler
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot


def holds(
    case: tuple[Snapshot, Request],
    node: ComputeNode,
    coming: tuple[Instance, ...],
) -> bool:
    """Tell whether a node can hold these instances as well, in one sum."""
    known, request = case
    headroom = request.headroom_percent
    for c in {c for i in coming for c in i.resources} | (
        set(node.inventory) if headroom and coming else set()
    ):
        offer = node.inventory.get(c, Inventory(0))
        sizes = [i.resources.get(c, 0) for i in coming]
        free = offer.capacity * (100 - headroom) / 100 - node.used.get(c, 0)
        if sum(sizes) > free or not all(is_given(offer, n) for n in sizes):
            return False
    return not crowds(known, node, coming) and not any(
        refused(known, request, node, i) for i in coming
    )


def is_given(offer: Inventory, amount: int) -> bool:
    """Tell whether Placement gives one instance such an amount."""
    most = amount if offer.max_unit is None else offer.max_unit
    within = offer.min_unit <= amount <= most
    return not amount or (within and amount % offer.step_size == 0)


def crowds(
    known: Snapshot, node: ComputeNode, coming: tuple[Instance, ...]
) -> bool:
    """Tell whether these would be too many of some group there."""
    return any(
        group.members.get(node.hostname, 0) + joining
        > group.max_server_per_host
        for group in known.groups
        if group.policy == 'anti-affinity'
        for joining in [sum(i.group == group.uuid for i in coming)]
        if joining
    )


def refused(
    known: Snapshot, request: Request, node: ComputeNode, instance: Instance
) -> bool:
    """Tell whether the checker lets an instance not go there at all."""
    move = Move(
        instance_uuid=instance.uuid,
        instance_name=instance.name,
        kind=MoveKind.LIVE,
        host=instance.host,
        destination=node.hostname,
    )
    planned = NodeOutcome(instance.host, Verdict.PLANNED, 1, moves=(move,))
    found = scheduler.violations(
        Case(known, request, Outcome(nodes=(planned,)))
    )
    return any(found)


def placements(
    case: tuple[Snapshot, Request], hosts: list[ComputeNode]
) -> Iterator[tuple[Instance, ...]]:
    """Every set of instances that some assignment puts on these hosts."""
    known, _request = case
    may = [
        [None, *(h for h in hosts if holds(case, h, (i,)))]
        for i in known.instances
    ]
    for where in itertools.product(*may):
        pairs = list(zip(known.instances, where, strict=True))
        if all(
            holds(case, h, tuple(i for i, w in pairs if w is h)) for h in hosts
        ):
            yield tuple(i for i, w in pairs if w is not None)


def score(moved: tuple[Instance, ...]) -> tuple[int, int]:
    """How good it is to move these: how many, and how much memory."""
    return len(moved), sum(i.memory_mb for i in moved)


def spares(known: Snapshot) -> list[ComputeNode]:
    """The nodes of a small case that Method 1 may enable."""
    return [
        n
        for n in known.nodes
        if n.disabled_reason == 'watcher_disabled' and not n.instance_count
    ]


def spreads(known: Snapshot) -> list[ComputeNode]:
    """The nodes of a small case that Method 2 may use."""
    return [
        n
        for n in known.nodes
        if n.status == 'enabled' and n.hostname != 'compute-1'
    ]
