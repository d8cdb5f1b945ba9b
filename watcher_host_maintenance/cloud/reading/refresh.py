# SPDX-License-Identifier: Apache-2.0

"""Capacity as Placement has it, for the nodes that matter."""

import dataclasses
import logging

from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.placement import Provider
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import roles


LOG = logging.getLogger(__name__)


class Refresh:
    """Corrects nodes of a snapshot, each once.

    :ivar fresh: hostnames that have been read
    """

    def __init__(
        self,
        nova: Nova,
        placement: Placement,
        request: Request,
    ):
        self._nova = nova
        self._placement = placement
        self._request = request
        self.fresh: set[str] = set()

    def first(self, known: Snapshot) -> Snapshot:
        """Read what must be known before anything can be planned.

        Those are nodes in scope that the model lacks, and which nodes have
        any of a resource class that the model does not count. Of such a
        class a node is taken to have enough until it is chosen.
        """
        lost = [
            n.hostname
            for n in known.nodes
            if n.in_scope and n.uuid and not n.inventory
        ]
        return self._with_other_classes(self.read(known, lost))

    def read(self, known: Snapshot, hostnames: Iterable[str]) -> Snapshot:
        """Correct some nodes, and log what had drifted."""
        asked = sorted(set(hostnames) - self.fresh)
        self.fresh.update(asked)
        nodes = [known.by_hostname[h] for h in asked]
        found = self._placement.providers(n.uuid for n in nodes if n.uuid)
        spares = [
            n.hostname
            for n in nodes
            if roles.has_spare_reason(n, self._request)
        ]
        counts = dict(
            zip(spares, parallel.each(self._count, spares), strict=True)
        )
        corrected = {
            n.hostname: _corrected(
                n,
                found.get(n.uuid, Provider({}, {})),
                counts.get(n.hostname, n.instance_count),
            )
            for n in nodes
        }
        return _replaced(known, corrected)

    def _count(self, hostname: str) -> int:
        return len(self._nova.servers(hostname))

    def _with_other_classes(self, known: Snapshot) -> Snapshot:
        wanted = destination.total(i.resources for i in known.instances)
        others = sorted(set(wanted).difference(BALANCED))
        if not others:
            return known
        least = {
            c: min(i.resources[c] for i in known.instances if c in i.resources)
            for c in others
        }
        having = {c: self._placement.with_room(c, least[c]) for c in others}
        offers = {c: Inventory(wanted[c]) for c in others}
        return _replaced(
            known,
            {
                n.hostname: _with_offers(
                    n, {c: offers[c] for c in others if n.uuid in having[c]}
                )
                for n in known.nodes
                if n.inventory and n.hostname not in self.fresh
            },
        )


def _with_offers(
    node: ComputeNode, offers: Mapping[str, Inventory]
) -> ComputeNode:
    return dataclasses.replace(node, inventory={**node.inventory, **offers})


def _corrected(node: ComputeNode, found: Provider, count: int) -> ComputeNode:
    _log_drift(node, found)
    return dataclasses.replace(
        node,
        inventory=found.inventory,
        used=found.used,
        instance_count=count,
    )


def _log_drift(node: ComputeNode, found: Provider) -> None:
    for resource_class in sorted(node.inventory):
        before = (
            node.inventory[resource_class].capacity,
            node.used.get(resource_class, 0),
        )
        offer = found.inventory.get(resource_class)
        after = (
            offer.capacity if offer else 0,
            found.used.get(resource_class, 0),
        )
        if before != after:
            LOG.info(
                'Estimated %s of %s %s in use on %s; Placement has %s of %s.',
                before[1],
                before[0],
                resource_class,
                node.hostname,
                after[1],
                after[0],
            )


def _replaced(
    known: Snapshot,
    nodes: Mapping[str, ComputeNode],
) -> Snapshot:
    return dataclasses.replace(
        known, nodes=tuple(nodes.get(n.hostname, n) for n in known.nodes)
    )
