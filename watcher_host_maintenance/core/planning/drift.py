# SPDX-License-Identifier: Apache-2.0

"""Whether a plan may change because nodes turned out to be different."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.rules import destination


def may_change_plan(
    before: Snapshot,
    after: Snapshot,
    hostnames: Collection[str],
    request: Request,
) -> bool:
    """Return True if a plan may depend on how these nodes differ.

    :param hostnames: the nodes that were read between the two snapshots
    """
    amounts = _amounts(before)
    return any(
        _differ(before.by_hostname[h], after.by_hostname[h], amounts)
        or _is_open(before.by_hostname[h], request)
        != _is_open(after.by_hostname[h], request)
        for h in hostnames
    )


def _is_open(node: ComputeNode, request: Request) -> bool:
    """Return True if a node keeps its headroom in every resource class."""
    return destination.to_bin(node, request.headroom_percent).is_open


def _amounts(snapshot: Snapshot) -> dict[str, set[int]]:
    """Return resource class -> the amounts that single instances hold.

    A plan depends on these classes and on the balanced ones only.
    """
    amounts: dict[str, set[int]] = {c: set() for c in BALANCED}
    for instance in snapshot.instances:
        for resource_class, amount in instance.resources.items():
            amounts.setdefault(resource_class, set()).add(amount)
    return amounts


def _differ(
    before: ComputeNode,
    after: ComputeNode,
    amounts: Mapping[str, Iterable[int]],
) -> bool:
    return before.instance_count != after.instance_count or any(
        before.used.get(c, 0) != after.used.get(c, 0)
        or _offers_differ(
            before.inventory.get(c), after.inventory.get(c), wanted
        )
        for c, wanted in amounts.items()
    )


def _offers_differ(
    before: Inventory | None,
    after: Inventory | None,
    amounts: Iterable[int],
) -> bool:
    """Return True if the instances are offered something else.

    Placement also has limits for one instance, which Watcher's model lacks.
    Most of them are far from what any instance holds.
    """
    if before is None or after is None:
        return before is not after
    return before.capacity != after.capacity or any(
        _gives(before, amount) != _gives(after, amount) for amount in amounts
    )


def _gives(offer: Inventory, amount: int) -> bool:
    """Return True if one instance may hold an amount, if there is room."""
    return amount <= offer.most and not offer.is_odd(amount)
