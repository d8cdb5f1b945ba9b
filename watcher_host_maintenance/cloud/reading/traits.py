# SPDX-License-Identifier: Apache-2.0

"""Which nodes have the traits that servers ask about."""

from collections.abc import Iterable

from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.rules import traits


def having(
    instances: Iterable[Instance], placement: Placement
) -> dict[str, frozenset[str]]:
    """Return trait -> UUIDs of the nodes that have it, of those asked about.

    Placement looks at the providers that give something, and at no other. So
    the trait of a device below a node counts if all who ask for it hold
    something of a device; none of those can be proved to fit. That of shared
    storage never counts, since a move to a named host gets nothing of it.
    """
    asked: dict[str, set[bool]] = {}
    for instance in instances:
        for trait, text in traits.asked_about(instance.extra_specs).items():
            of_device = bool(instance.nested) and text == 'required'
            asked.setdefault(trait, set()).add(of_device)
    return {
        trait: found.own | found.below if asked[trait] == {True} else found.own
        for trait, found in placement.with_traits(asked).items()
    }
