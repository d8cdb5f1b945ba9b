# SPDX-License-Identifier: Apache-2.0

"""Corrections of estimated nodes by what Placement and Nova have now."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import NOTHING
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.placement import Provider
from watcher_host_maintenance.cloud.reading.collect import add_servers
from watcher_host_maintenance.cloud.reading.scheduler import Scheduler
from watcher_host_maintenance.cloud.reading.scope import EVERYTHING
from watcher_host_maintenance.cloud.reading.scope import Scope
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.planning.questions import Question
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import roles


LOG = logs.get_logger(__name__)


class Refresh:
    """Corrects nodes of a snapshot, each once.

    :ivar fresh: hostnames that have been read
    """

    def __init__(
        self,
        nova: Nova,
        placement: Placement,
        request: Request,
        scope: Scope = EVERYTHING,
        services: OptionalServices = NOTHING,
    ):
        self._nova = nova
        self._placement = placement
        self._request = request
        self._scope = scope
        self._services = services
        self._scheduler = Scheduler(placement, request)
        self.fresh: set[str] = set()

    def first(self, snapshot: Snapshot) -> Snapshot:
        """Read what must be known before anything can be planned.

        Those are nodes in scope without an estimate, and which nodes have any
        of a resource class that estimates do not count. A node is assumed to
        have enough of such a class until it is read.
        """
        unknown = [
            n.hostname
            for n in snapshot.nodes
            if n.in_scope and n.uuid and not n.inventory
        ]
        return self._with_other_classes(self.read(snapshot, unknown))

    def answer(self, question: Question) -> Snapshot:
        """Read nodes, or the servers on them, or ask about moves."""
        snapshot = self.read(question.snapshot, question.hostnames)
        if question.asks:
            self._nova.deadline.check()
            return self._scheduler.with_refusals(snapshot, question.asks)
        if not question.servers_on:
            return snapshot
        try:
            return add_servers(
                snapshot,
                question.servers_on,
                self._nova,
                self._placement,
                self._request,
                self._scope,
                self._services,
            )
        except NotPlanned as exc:
            if self._request.max_secondary_moves:
                raise
            # A refusal stands without what might help.
            LOG.warning('Nothing to advise: %s', exc)
            return snapshot

    def read(self, snapshot: Snapshot, hostnames: Iterable[str]) -> Snapshot:
        """Correct these nodes, unless they have been, and log what differs.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read
            failed, or the time for it is over
        """
        self._nova.deadline.check()
        unread = sorted(set(hostnames) - self.fresh)
        self.fresh.update(unread)
        nodes = [snapshot.by_hostname[h] for h in unread]
        providers = self._placement.providers(n.uuid for n in nodes if n.uuid)
        spares = [
            n.hostname
            for n in nodes
            if roles.has_spare_reason(n, self._request)
        ]
        servers = parallel.by_item(self._nova.servers, spares)
        counts = {host: len(on_host) for host, on_host in servers.items()}
        held = _held_on(unread, snapshot)
        corrected = {}
        for node in nodes:
            provider = providers.get(node.uuid, Provider({}, {}))
            corrected[node.hostname] = dataclasses.replace(
                node,
                inventory=provider.inventory
                and held[node.hostname] | provider.inventory,
                used=provider.used,
                instance_count=counts.get(node.hostname, node.instance_count),
            )
            _log_drift(node, corrected[node.hostname])
        return _replaced(snapshot, corrected)

    def _with_other_classes(self, snapshot: Snapshot) -> Snapshot:
        sizes = [i.resources for i in snapshot.instances]
        wanted = destination.total(sizes)
        offers, having = {}, {}
        for c in sorted(wanted.keys() - BALANCED):
            least = min(size[c] for size in sizes if c in size)
            offers[c] = Inventory(wanted[c])
            having[c] = self._placement.with_room(c, least)
        if not having:
            return snapshot
        corrected = {}
        for node in snapshot.nodes:
            if node.inventory and node.hostname not in self.fresh:
                more = {c: offers[c] for c in having if node.uuid in having[c]}
                corrected[node.hostname] = dataclasses.replace(
                    node, inventory={**node.inventory, **more}
                )
        return _replaced(snapshot, corrected)


def _held_on(
    hostnames: Iterable[str], snapshot: Snapshot
) -> dict[str, dict[str, Inventory]]:
    """Return hostname -> what instances hold there, as if none was offered.

    Of a node without a provider nothing at all is known.
    """
    held: dict[str, dict[str, Inventory]] = {h: {} for h in hostnames}
    for instance in snapshot.instances:
        if instance.host in held:
            nothing = dict.fromkeys(instance.on_source, Inventory(0))
            held[instance.host] |= nothing
    return held


def _log_drift(estimated: ComputeNode, actual: ComputeNode) -> None:
    for resource_class in sorted(estimated.inventory):
        uses = [_use(node, resource_class) for node in (estimated, actual)]
        if uses[0] != uses[1]:
            LOG.info(
                'Estimated %s of %s %s in use on %s; Placement has %s of %s.',
                *uses[0],
                resource_class,
                actual.hostname,
                *uses[1],
            )


def _use(node: ComputeNode, resource_class: str) -> tuple[float, float]:
    """Return how much is in use, and the capacity."""
    offer = node.inventory.get(resource_class)
    used = node.used.get(resource_class, 0)
    return used, offer.capacity if offer is not None else 0


def _replaced(
    snapshot: Snapshot, nodes: Mapping[str, ComputeNode]
) -> Snapshot:
    return dataclasses.replace(
        snapshot, nodes=tuple(nodes.get(n.hostname, n) for n in snapshot.nodes)
    )
