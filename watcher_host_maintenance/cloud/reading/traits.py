# SPDX-License-Identifier: Apache-2.0

"""Which nodes have the traits that servers ask about."""

from collections.abc import Collection
from collections.abc import Iterable

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.core.model.nova import OWNER_TRAIT
from watcher_host_maintenance.core.model.nova import TPM_SECURITY_TRAIT
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.rules import traits


def having(
    instances: Iterable[Instance], placement: Placement, request: Request
) -> dict[str, frozenset[str]]:
    """Return trait -> UUIDs of the nodes that have it, if a server asks.

    Placement looks only at the providers that give something. So the trait of
    a device below a node counts if all servers that ask for it hold something
    of a device; none of those can be proved to fit. A trait of shared storage
    never counts, since a move to a named host gets nothing of it.
    """
    of_devices: dict[str, bool] = {}
    for instance in instances:
        for trait, text in traits.asked_about(instance, request).items():
            of_device = bool(instance.nested) and text == 'required'
            of_devices[trait] = of_devices.get(trait, True) and of_device
    return {
        trait: bearers.own | (bearers.below if of_devices[trait] else set())
        for trait, bearers in placement.with_traits(of_devices).items()
    }


def of_sources(
    nodes: Iterable[ComputeNode],
    hostnames: Collection[str],
    placement: Placement,
) -> dict[str, frozenset[str]]:
    """Return hostname -> the traits that show what Nova requires by itself.

    Nova requires them once every nova-compute is new enough to set them,
    which it does on the provider of its node.
    """
    uuids = {
        n.hostname: n.uuid for n in nodes if n.hostname in hostnames and n.uuid
    }
    read = parallel.by_item(placement.traits_of_node, uuids.values())
    return {
        host: frozenset(
            trait
            for trait in read[uuid]
            if trait == OWNER_TRAIT or trait.startswith(TPM_SECURITY_TRAIT)
        )
        for host, uuid in uuids.items()
    }
