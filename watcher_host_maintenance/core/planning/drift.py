# SPDX-License-Identifier: Apache-2.0

"""Whether a plan may change because nodes turned out to be different."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.rules import destination


def may_change_plan(
    before: Snapshot,
    after: Snapshot,
    hostnames: Collection[str],
    request: Request,
    sources: Collection[str] = (),
) -> bool:
    """Return True if a plan may depend on how these nodes differ.

    :param hostnames: the nodes that were read between the two snapshots
    :param sources: those of them that instances only leave
    """
    amounts = _amounts(before)
    return any(
        _view(before.by_hostname[h], amounts, request)
        != _view(after.by_hostname[h], amounts, request)
        for h in set(hostnames).difference(sources)
    ) or any(
        _may_leave(instance, before) != _may_leave(instance, after)
        for instance in before.instances
        if instance.host in sources
    )


def _may_leave(instance: Instance, snapshot: Snapshot) -> list[str]:
    """Return the classes of which a source gives what an instance holds."""
    inventory = snapshot.by_hostname[instance.host].inventory
    return [
        c
        for c, held in instance.on_source.items()
        if c not in inventory
        or (inventory[c].total and inventory[c].gives(held))
    ]


def _amounts(snapshot: Snapshot) -> dict[str, set[int]]:
    """Return resource class -> the amounts that single instances hold.

    A plan depends on these classes and on the balanced ones only.
    """
    amounts: dict[str, set[int]] = {c: set() for c in BALANCED}
    for instance in snapshot.instances:
        for resource_class, amount in instance.resources.items():
            amounts.setdefault(resource_class, set()).add(amount)
    return amounts


def _view(
    node: ComputeNode, amounts: Mapping[str, Iterable[int]], request: Request
) -> object:
    """Return all of a node that a plan may depend on.

    Placement also has limits for one instance, which Watcher's model lacks.
    Most of them are far from what any instance holds.
    """
    offers = {
        c: (
            offer.capacity,
            [n for n in wanted if offer.gives(n)],
        )
        for c, wanted in amounts.items()
        if (offer := node.inventory.get(c)) is not None
    }
    return (
        node.instance_count,
        destination.to_bin(node, request.headroom_percent).is_open,
        {c: node.used.get(c, 0) for c in amounts},
        offers,
    )
