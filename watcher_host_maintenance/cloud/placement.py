# SPDX-License-Identifier: Apache-2.0

"""Reads from Placement, in clean records."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple
from typing import TypeVar

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.errors import PLACEMENT
from watcher_host_maintenance.cloud.errors import calling
from watcher_host_maintenance.cloud.sessions import limit_timeout
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.snapshot import Inventory


Record = TypeVar('Record')

VERSION = '1.18'
"""The first microversion that lists resource providers by trait."""

UNLIMITED = 2147483647
"""What Placement stores as max_unit when it is not limited."""


class Provider(NamedTuple):
    """The resource provider of a compute node.

    :ivar inventory: resource class -> what it offers
    :ivar used: resource class -> what is held of it
    """

    inventory: dict[str, Inventory]
    used: dict[str, int]


class Bearers(NamedTuple):
    """The providers that have a trait.

    :ivar own: UUIDs of the providers that have it
    :ivar below: UUIDs of compute nodes below which a provider has it
    """

    own: frozenset[str]
    below: frozenset[str]


Allocation = Mapping[str, Mapping[str, int]]
"""Provider UUID -> resource class -> amount, of one server."""


Summary = Mapping[str, tuple[int, int]]
"""Resource class -> capacity, and what is held of it, of one provider.

The capacity is what the allocation ratio makes of what is not reserved.
"""

SUMMARIES_VERSION = '1.27'
"""The first microversion whose summaries have every resource class."""


class Placement:
    """Reads from Placement.

    Every method raises :class:`.errors.NotPlanned`, which names the call, when
    Placement does not answer it.
    """

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        limit_timeout(adapter, settings.timeout_s)
        self._adapter = adapter

    def providers(self, uuids: Iterable[str]) -> dict[str, Provider]:
        """Return UUID -> provider, of those that exist."""
        wanted = sorted(set(uuids))
        pairs = zip(wanted, parallel.each(self._provider, wanted), strict=True)
        return {uuid: p for uuid, p in pairs if p is not None}

    def allocations(self, consumers: Iterable[str]) -> dict[str, Allocation]:
        """Return consumer -> what it holds; nothing is an empty mapping."""
        wanted = sorted(set(consumers))
        allocations = parallel.each(self._allocation, wanted)
        return dict(zip(wanted, allocations, strict=True))

    def tree(self, uuid: str) -> frozenset[str]:
        """Return the UUIDs of a compute node's provider and those below."""
        return self._get(f'/resource_providers?in_tree={uuid}', _uuids)

    def consumers(self, uuid: str) -> frozenset[str]:
        """Return the UUIDs of what holds something of a compute node.

        :param uuid: of the node's provider; those below it count too
        """
        consumers: set[str] = set()
        for provider in sorted(self.tree(uuid)):
            path = f'/resource_providers/{provider}/allocations'
            consumers |= self._get(path, lambda body: set(body['allocations']))
        return frozenset(consumers)

    def with_traits(self, traits: Iterable[str]) -> dict[str, Bearers]:
        """Return trait -> the providers that have it."""
        wanted = sorted(set(traits))
        if not wanted:
            return {}
        path = f'/traits?name=in:{",".join(wanted)}'
        existing = self._get(path, lambda body: frozenset(body['traits']))

        def having(trait: str) -> Bearers:
            if trait not in existing:
                return Bearers(frozenset(), frozenset())
            path = f'/resource_providers?required={trait}'
            return self._get(path, _bearers)

        bearers = parallel.each(having, wanted)
        return dict(zip(wanted, bearers, strict=True))

    def with_room(self, resource_class: str, amount: int) -> frozenset[str]:
        """Return the UUIDs of the providers with that much left."""
        wanted = f'{resource_class}:{amount}'
        return self._get(f'/resource_providers?resources={wanted}', _uuids)

    def summaries(self) -> dict[str, Summary]:
        """Return UUID -> summary of each provider with 1 MiB of memory left.

        Placement's ``max_allocation_candidates`` may leave some out.
        """
        path = '/allocation_candidates?resources=MEMORY_MB:1'
        with calling(PLACEMENT, f'GET {path}'):
            answer = self._adapter.get(path, microversion=SUMMARIES_VERSION)
            return {
                uuid: {
                    c: (amounts['capacity'], amounts['used'])
                    for c, amounts in summary['resources'].items()
                }
                for uuid, summary in answer.json()[
                    'provider_summaries'
                ].items()
            }

    def _provider(self, uuid: str) -> Provider | None:
        path = f'/resource_providers/{uuid}'
        offered = self._find(f'{path}/inventories', _inventories)
        held = self._find(f'{path}/usages', _usages)
        if offered is None or held is None:
            return None
        return Provider(offered, held)

    def _allocation(self, consumer: str) -> Allocation:
        return self._get(f'/allocations/{consumer}', _held)

    def _find(
        self, path: str, clean: Callable[[Any], Record]
    ) -> Record | None:
        """Get what may not exist; None if it does not."""
        with calling(PLACEMENT, f'GET {path}'):
            try:
                return clean(self._read(path))
            except keystone_exceptions.NotFound:
                return None

    def _get(self, path: str, clean: Callable[[Any], Record]) -> Record:
        with calling(PLACEMENT, f'GET {path}'):
            return clean(self._read(path))

    def _read(self, path: str) -> Any:
        return self._adapter.get(path, microversion=VERSION).json()


def _uuids(listed: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(p['uuid'] for p in listed['resource_providers'])


def _bearers(listed: Mapping[str, Any]) -> Bearers:
    providers = listed['resource_providers']
    roots = {p['uuid']: p['root_provider_uuid'] for p in providers}
    below = (root for uuid, root in roots.items() if uuid != root)
    return Bearers(frozenset(roots), frozenset(below))


def _held(body: Mapping[str, Any]) -> Allocation:
    held = body['allocations']
    return {uuid: held[uuid]['resources'] for uuid in held}


def _usages(body: Mapping[str, Any]) -> dict[str, int]:
    return dict(sorted(body['usages'].items()))


def _inventories(body: Mapping[str, Any]) -> dict[str, Inventory]:
    offered = sorted(body['inventories'].items())
    return {c: _inventory(inventory) for c, inventory in offered}


def _inventory(record: Mapping[str, Any]) -> Inventory:
    max_unit = record['max_unit']
    return Inventory(
        total=record['total'],
        reserved=record['reserved'],
        allocation_ratio=record['allocation_ratio'],
        max_unit=None if max_unit >= UNLIMITED else max_unit,
        min_unit=record['min_unit'],
        step_size=record['step_size'],
    )
