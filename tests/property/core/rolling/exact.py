# SPDX-License-Identifier: Apache-2.0

"""The best order of waves of a small set, by trying every one.

Written without the planner and the checker. It allows more than they do: a
spare may take some servers of a wave, not only all of them.
"""

import collections
import heapq
import itertools

from collections.abc import Iterator

from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot


Where = tuple[str, ...]
"""Of each server, in the order of the snapshot, its hostname."""


class Exact:
    """A set with all that may happen to it."""

    def __init__(self, snapshot: Snapshot, request: RollRequest):
        self.snapshot = snapshot
        self.request = request
        self.servers = snapshot.instances
        self.set = frozenset(request.maintenance_nodes)
        self.hosts = [n.hostname for n in snapshot.nodes if is_usable(n)]
        self.load = {
            n.hostname: collections.Counter(n.used) for n in snapshot.nodes
        }
        for server in self.servers:
            self.load[server.host].subtract(server.resources)

    def fewest_moves(self) -> int | None:
        """Return the fewest moves of any order; None if none can end."""
        start: Where = tuple(server.host for server in self.servers)
        queue = [(0, 0, start, self.set)]
        count, seen = itertools.count(1), set()
        while queue:
            cost, _number, where, undone = heapq.heappop(queue)
            if not undone:
                return cost
            if (where, undone) in seen:
                continue
            seen.add((where, undone))
            for size in range(1, self.request.parallel + 1):
                for wave in itertools.combinations(sorted(undone), size):
                    if not self.may_be_out({*wave}, undone):
                        continue
                    leaving = [
                        n for n, host in enumerate(where) if host in wave
                    ]
                    for after in self.placements(where, leaving, wave):
                        heapq.heappush(
                            queue,
                            (
                                cost + len(leaving),
                                next(count),
                                after,
                                undone.difference(wave),
                            ),
                        )
        return None

    def may_be_out(self, wave: set[str], undone: frozenset[str]) -> bool:
        """Return True if no more nodes are out than may be.

        Those that are out already are in any case.
        """
        out = {h for h in undone if self.is_out(h)}
        return wave <= out or len(wave | out) <= self.request.parallel

    def is_out(self, hostname: str) -> bool:
        """Return True if a node is marked beforehand."""
        node = self.snapshot.by_hostname[hostname]
        return node.disabled_reason == 'watcher_maintaining'

    def placements(
        self, where: Where, leaving: list[int], wave: tuple[str, ...]
    ) -> Iterator[Where]:
        """Yield every way to put those that leave somewhere else."""
        if not leaving:
            yield where
            return
        first, *rest = leaving
        for host in self.hosts:
            if host not in wave and self.takes(host, first, where):
                after = (*where[:first], host, *where[first + 1 :])
                yield from self.placements(after, rest, wave)

    def takes(self, host: str, number: int, where: Where) -> bool:
        """Return True if a node can take one more server."""
        server, node = self.servers[number], self.snapshot.by_hostname[host]
        held = [
            self.servers[n] for n, other in enumerate(where) if other == host
        ]
        return (
            server.pinned_zone in (None, node.zone)
            and all(
                self.load[host][c]
                + sum(i.resources.get(c, 0) for i in held)
                + amount
                <= node.inventory[c].capacity
                for c, amount in server.resources.items()
            )
            and not self.is_crowded(server, held)
        )

    def is_crowded(self, server: Instance, held: list[Instance]) -> bool:
        """Return True if a group of a server has no room beside these."""
        if not server.group:
            return False
        group = self.snapshot.group_by_uuid[server.group]
        members = sum(i.group == server.group for i in held)
        return members >= group.max_server_per_host


def is_usable(node: ComputeNode) -> bool:
    """Return True if a node may ever take a server."""
    return node.status == 'enabled' or node.disabled_reason in (
        'watcher_disabled',
        'watcher_maintaining',
    )
