# SPDX-License-Identifier: Apache-2.0

"""What a plan may touch."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Protocol

from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service


class Scope(Protocol):
    """Limits on a plan, evaluated on what Nova says now."""

    def nodes(
        self, services: Iterable[Service], aggregates: Sequence[Aggregate]
    ) -> frozenset[str]:
        """Return the hosts of the services that are in scope."""

    def excluded(self, servers: Iterable[Server]) -> frozenset[str]:
        """Return the UUIDs of the servers that no plan may touch."""


class Everything:
    """The scope of a plan that may touch every node and server."""

    def nodes(
        self, services: Iterable[Service], aggregates: Sequence[Aggregate]
    ) -> frozenset[str]:
        """Return the hosts of all services."""
        return frozenset(s.host for s in services)

    def excluded(self, servers: Iterable[Server]) -> frozenset[str]:
        """Return no server."""
        return frozenset()


EVERYTHING = Everything()
