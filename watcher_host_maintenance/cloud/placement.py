# SPDX-License-Identifier: Apache-2.0

"""Reads from Placement, in clean records."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud import errors
from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.answers import value
from watcher_host_maintenance.cloud.api import Api
from watcher_host_maintenance.cloud.errors import PLACEMENT
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.snapshot import Inventory


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

OF_STATE = frozenset({'COMPUTE_STATUS_DISABLED', 'MISC_SHARES_VIA_AGGREGATE'})
"""Traits that say how a provider is, and that no image asks for."""

SUMMARIES_VERSION = '1.27'
"""The first microversion whose summaries have every resource class."""


FORBIDDEN_VERSION = '1.22'
"""The first microversion that lists providers without a trait."""

CANDIDATES_VERSION = '1.36'
"""The microversion in which nova-scheduler asks for candidates."""


class Placement(Api):
    """Reads from Placement."""

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        super().__init__(PLACEMENT, adapter, settings)
        self._adapter = adapter

    def providers(self, uuids: Iterable[str]) -> dict[str, Provider]:
        """Return UUID -> provider, of those that exist."""
        providers = parallel.by_item(self._provider, sorted(uuids))
        return {uuid: p for uuid, p in providers.items() if p is not None}

    def allocations(self, consumers: Iterable[str]) -> dict[str, Allocation]:
        """Return consumer -> what it holds; nothing is an empty mapping."""
        return parallel.by_item(
            lambda consumer: self._get(f'/allocations/{consumer}', _held),
            sorted(consumers),
        )

    def below(self, uuid: str) -> frozenset[str]:
        """Return the UUIDs of the providers below that of a compute node."""
        path = f'/resource_providers?in_tree={uuid}'
        return self._get(path, _uuids) - {uuid}

    def consumers(
        self, uuid: str, below: Iterable[str] | None = None
    ) -> dict[str, str]:
        """Return consumer -> provider, of what holds something of a node.

        A consumer of several providers has the node's own, if it is one.

        :param uuid: of the node's provider
        :param below: UUIDs of the providers below it; None is to be asked
        """
        if below is None:
            below = self.below(uuid)
        held: dict[str, str] = {}
        for provider in (uuid, *sorted(below)):
            for consumer in self._holders(provider):
                held.setdefault(consumer, provider)
        return held

    def _holders(self, uuid: str) -> frozenset[str]:
        path = f'/resource_providers/{uuid}/allocations'
        held = self._find(path, lambda body: frozenset(_held(body)))
        return held if held is not None else frozenset()

    def with_traits(self, traits: Iterable[str]) -> dict[str, Bearers]:
        """Return trait -> the providers that have it."""
        wanted = sorted(set(traits))
        if not wanted:
            return {}
        path = f'/traits?name=in:{",".join(wanted)}'
        existing = self._get(path, _traits)

        def having(trait: str) -> Bearers:
            if trait not in existing:
                return Bearers(frozenset(), frozenset())
            path = f'/resource_providers?required={trait}'
            return self._get(path, _bearers)

        return parallel.by_item(having, wanted)

    def inventories(
        self, uuids: Iterable[str]
    ) -> dict[str, Mapping[str, Inventory]]:
        """Return UUID -> what a provider offers; nothing if it is gone."""
        offered = parallel.by_item(self._inventories, sorted(uuids))
        return {uuid: offers or {} for uuid, offers in offered.items()}

    def traits(self, uuid: str) -> frozenset[str]:
        """Return the traits of a provider."""
        path = f'/resource_providers/{uuid}/traits'
        return self._get(path, _traits)

    def traits_of_node(self, uuid: str) -> frozenset[str]:
        """Return the traits of a provider; none of one that is not there."""
        path = f'/resource_providers/{uuid}/traits'
        found = self._find(path, _traits)
        return found if found is not None else frozenset()

    def with_traits_of(self, uuid: str) -> frozenset[str]:
        """Return the UUIDs of the providers with every trait of another.

        Traits that tell of its state do not count: whether its node is
        disabled, and whether it is one that shares something.
        """
        traits = sorted(self.traits(uuid) - OF_STATE)
        if not traits:
            return self._get('/resource_providers', _uuids)
        path = f'/resource_providers?required={",".join(traits)}'
        return self._get(path, _uuids)

    def with_room(self, resource_class: str, amount: int) -> frozenset[str]:
        """Return the UUIDs of the providers with that much left."""
        wanted = f'{resource_class}:{amount}'
        return self._get(f'/resource_providers?resources={wanted}', _uuids)

    def nodes_with(self, resources: str, traits: str = '') -> frozenset[str]:
        """Return the UUIDs of the nodes where one provider has all of this.

        Their own provider, or one below it.

        :param resources: ``CLASS:AMOUNT``, with commas between them
        :param traits: that this provider has, or with a ``!`` lacks
        """
        path = f'/resource_providers?resources={resources}'
        if traits:
            path = f'{path}&required={traits}'
        # Refused if there is no such class, or no such trait.
        found = self._find(
            path,
            lambda listed: frozenset(
                value(p, 'root_provider_uuid', str)
                for p in listed['resource_providers']
            ),
            errors.BAD_REQUEST,
            version=FORBIDDEN_VERSION,
        )
        return found if found is not None else frozenset()

    def summaries(self) -> dict[str, Summary]:
        """Return UUID -> summary of each provider with 1 MiB of memory left.

        Placement's ``max_allocation_candidates`` may leave some out.
        """
        path = '/allocation_candidates?resources=MEMORY_MB:1'
        return self._get(path, _summaries, version=SUMMARIES_VERSION)

    def can_take(
        self, uuid: str, demand: Demand, aggregates: Iterable[Iterable[str]]
    ) -> bool:
        """Return True if Placement has a candidate on a compute node.

        :param uuid: of the node's provider
        :param aggregates: UUIDs of aggregates, of each of which sets the
            provider is in one
        """
        roots = [*demand.root_required, *_without(demand.root_forbidden)]
        own = [*demand.required, *_without(demand.forbidden)]
        query = [
            f'in_tree={uuid}',
            'limit=1',
            f'resources={",".join(demand.resources)}',
            *([f'root_required={",".join(roots)}'] if roots else []),
            *([f'required={",".join(own)}'] if own else []),
            *(f'member_of=in:{",".join(sorted(of))}' for of in aggregates),
            *demand.groups,
        ]
        path = f'/allocation_candidates?{"&".join(query)}'
        # nova-scheduler takes a refusal for a no.
        candidates = self._find(
            path,
            lambda body: body['allocation_requests'],
            errors.BAD_REQUEST,
            version=CANDIDATES_VERSION,
        )
        return bool(candidates)

    def aggregates(self, uuid: str) -> frozenset[str]:
        """Return the UUIDs of the aggregates that a provider is in.

        One that does not exist is in none.
        """
        found = self._find(
            f'/resource_providers/{uuid}/aggregates',
            lambda body: frozenset(value(body, 'aggregates', tuple[str, ...])),
        )
        return found if found is not None else frozenset()

    def members(self, aggregates: Iterable[str]) -> frozenset[str]:
        """Return the UUIDs of the providers in one of these aggregates."""
        uuids = ','.join(sorted(aggregates))
        return self._get(f'/resource_providers?member_of=in:{uuids}', _uuids)

    def _provider(self, uuid: str) -> Provider | None:
        offered = self._inventories(uuid)
        held = self._find(
            f'/resource_providers/{uuid}/usages',
            lambda body: _amounts(body, 'usages'),
        )
        if offered is None or held is None:
            return None
        return Provider(offered, held)

    def _inventories(self, uuid: str) -> dict[str, Inventory] | None:
        path = f'/resource_providers/{uuid}/inventories'
        return self._find(path, _inventories)

    def _fetch(self, path: str, **parameters: Any) -> Any:
        """Return what Placement answers to GET, decoded from JSON."""
        version = parameters.get('version', VERSION)
        return self._adapter.get(path, microversion=version).json()


def _without(traits: Iterable[str]) -> list[str]:
    """Return traits as a query forbids them."""
    return [f'!{trait}' for trait in traits]


def _traits(body: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(value(body, 'traits', tuple[str, ...]))


def _uuids(listed: Mapping[str, Any]) -> frozenset[str]:
    providers = listed['resource_providers']
    return frozenset(value(p, 'uuid', str) for p in providers)


def _bearers(listed: Mapping[str, Any]) -> Bearers:
    roots = {
        value(p, 'uuid', str): value(p, 'root_provider_uuid', str)
        for p in listed['resource_providers']
    }
    below = (root for uuid, root in roots.items() if uuid != root)
    return Bearers(frozenset(roots), frozenset(below))


def _held(body: Mapping[str, Any]) -> Allocation:
    held = body['allocations']
    return {uuid: _amounts(held[uuid], 'resources', 1) for uuid in held}


def _amounts(
    body: Mapping[str, Any], key: str, least: int = 0
) -> dict[str, int]:
    amounts: dict[str, int] = value(body, key, Mapping[str, int], least)
    return amounts


def _inventories(body: Mapping[str, Any]) -> dict[str, Inventory]:
    for c, plain in body['inventories'].items():
        # Placement has a value for each: a default would be a guess.
        for field in dataclasses.fields(Inventory):
            if field.name not in plain:
                path = f'inventories.{c}.{field.name}'
                raise InvalidDocument(path, 'is missing')
    offered = value(body, 'inventories', Mapping[str, Inventory])
    return {
        c: dataclasses.replace(inventory, max_unit=None)
        if inventory.max_unit == UNLIMITED
        else inventory
        for c, inventory in offered.items()
    }


def _summaries(body: Mapping[str, Any]) -> dict[str, Summary]:
    return {
        uuid: {
            c: (value(amounts, 'capacity', int), value(amounts, 'used', int))
            for c, amounts in summary['resources'].items()
        }
        for uuid, summary in body['provider_summaries'].items()
    }
