# SPDX-License-Identifier: Apache-2.0

"""What Placement answers to nova-scheduler, and why it says no."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud import parallel
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.placement import Provider
from watcher_host_maintenance.cloud.reading.zones import KEY
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.planning.questions import Ask
from watcher_host_maintenance.core.rules.aggregates import TENANT_KEY


TENANTS_REQUIRED = 'placement_aggregate_required_for_tenants'
"""Nova's option by which a project without an aggregate has no host."""

NOTHING = Provider({}, {})


class Condition(NamedTuple):
    """A part of a demand that a trait or an aggregate may not meet.

    :ivar providers: UUIDs of the providers with the trait, or in the
        aggregate
    :ivar is_wanted: these meet it; otherwise all others do
    """

    part: Demand
    providers: frozenset[str]
    is_wanted: bool = True

    def is_missed_by(self, node: ComputeNode) -> bool:
        """Return True if a node is a destination that does not meet it."""
        if self.part.zone and node.zone != self.part.zone:
            return False
        if self.part.root_forbidden and node.status != 'enabled':
            # Enabled by a plan, it loses the trait.
            return False
        return bool(node.uuid) and self.is_wanted != (
            node.uuid in self.providers
        )


class Scheduler:
    """Asks Placement as nova-scheduler does.

    What explains a no is looked up for all nodes at once: a trait or an
    aggregate that one lacks is often lacked by many, and each of them would
    cost another plan.
    """

    def __init__(self, placement: Placement, request: Request):
        self._placement = placement
        self._request = request
        self._of_segment: dict[str, frozenset[str]] = {}

    def with_refusals(
        self, snapshot: Snapshot, asks: Collection[Ask]
    ) -> Snapshot:
        """Return a snapshot with what Placement refuses of these asks.

        Of an ask without resources, only traits and aggregates are looked at:
        Placement gives no candidate to who asks for nothing.
        """
        self._read_segments(ask.demand for ask in asks)
        without = sorted(ask for ask in asks if not ask.demand.resources)
        answers = parallel.by_item(
            lambda ask: self._is_refused(ask, snapshot),
            sorted(ask for ask in asks if ask.demand.resources),
        )
        refused = [ask for ask, is_no in answers.items() if is_no]
        demands = list(dict.fromkeys(a.demand for a in (*refused, *without)))
        conditions = {
            condition.part: condition
            for demand in demands
            for condition in self._conditions(demand, snapshot.aggregates)
        } | self._of_devices(refused, snapshot)
        refusals = {
            Refusal(node.hostname, condition.part)
            for condition in conditions.values()
            for node in snapshot.nodes
            if condition.is_missed_by(node)
        }
        for ask in refused:
            node = snapshot.by_hostname[ask.hostname]
            if not any(
                condition.is_missed_by(node)
                for part, condition in conditions.items()
                if ask.demand.includes(part)
            ):
                refusals.add(self._unexplained(ask, node))
        new = sorted(refusals - set(snapshot.refusals))
        return dataclasses.replace(
            snapshot, refusals=(*snapshot.refusals, *new)
        )

    def _read_segments(self, demands: Iterable[Demand]) -> None:
        """Read the aggregates of each segment that is asked for, once."""
        segments = {
            segment
            for demand in demands
            for text in demand.routed
            for segment in text.split(',')
        }
        if new := segments - self._of_segment.keys():
            self._of_segment |= parallel.by_item(
                self._placement.aggregates, sorted(new)
            )

    def _is_refused(self, ask: Ask, snapshot: Snapshot) -> bool:
        sets = self._aggregates(ask.demand, snapshot.aggregates)
        if not all(sets.values()):
            return True
        node = snapshot.by_hostname[ask.hostname]
        return not self._placement.can_take(
            node.uuid, ask.demand, sets.values()
        )

    def _aggregates(
        self, demand: Demand, aggregates: Sequence[Aggregate]
    ) -> dict[Demand, tuple[str, ...]]:
        """Return zone, project, or segments -> UUIDs of its aggregates.

        Nova demands none of a project without one, unless it is told to. It
        finds no host for a segment that is in none.
        """
        sets = {}
        if demand.zone:
            sets[Demand(zone=demand.zone)] = _uuids(
                a for a in aggregates if a.metadata.get(KEY) == demand.zone
            )
        of_project = _uuids(
            a
            for a in aggregates
            for key, value in a.metadata.items()
            if key.startswith(TENANT_KEY) and value == demand.project
        )
        required = TENANTS_REQUIRED in self._request.scheduler_prefilters
        if demand.project and (of_project or required):
            sets[Demand(project=demand.project)] = of_project
        for text in demand.routed:
            found = [self._of_segment[one] for one in text.split(',')]
            every = frozenset().union(*found) if all(found) else frozenset()
            sets[Demand(routed=(text,))] = tuple(sorted(every))
        return sets

    def _conditions(
        self, demand: Demand, aggregates: Sequence[Aggregate]
    ) -> Iterator[Condition]:
        fields = ('required', 'forbidden', 'root_required', 'root_forbidden')
        traits = {t for field in fields for t in getattr(demand, field)}
        having = self._placement.with_traits(traits)
        for field in fields:
            for trait in getattr(demand, field):
                providers = having[trait].own
                if not field.startswith('root'):
                    # A device below the node may have it.
                    providers |= having[trait].below
                one: dict[str, Any] = {field: (trait,)}
                part = Demand(**one)
                yield Condition(part, providers, 'required' in field)
        for part, uuids in self._aggregates(demand, aggregates).items():
            members = self._placement.members(uuids) if uuids else frozenset()
            yield Condition(part, members)

    def _of_devices(
        self, refused: Iterable[Ask], snapshot: Snapshot
    ) -> dict[Demand, Condition]:
        """Return what only a device below a node can give, and which can.

        Otherwise a plan would try one node without such a device after the
        other.
        """
        parts = {
            part: text
            for ask in refused
            for part, text in _device_parts(
                ask.demand, snapshot.by_hostname[ask.hostname]
            )
        }
        nodes = parallel.by_item(
            lambda part: self._placement.nodes_with(*parts[part]),
            sorted(parts),
        )
        return {part: Condition(part, nodes[part]) for part in parts}

    def _unexplained(self, ask: Ask, node: ComputeNode) -> Refusal:
        """Return a refusal with what is free now of what is asked for."""
        provider = self._placement.providers([node.uuid]).get(
            node.uuid, NOTHING
        )
        free = []
        for text in ask.demand.resources:
            resource_class = text.partition(':')[0]
            offer = provider.inventory.get(resource_class)
            used = provider.used.get(resource_class, 0)
            amount = offer.capacity - used if offer is not None else 0
            free.append(f'{resource_class}:{amount:g}')
        return Refusal(ask.hostname, ask.demand, tuple(free))


def _device_parts(
    demand: Demand, node: ComputeNode
) -> Iterator[tuple[Demand, tuple[str, str]]]:
    """Yield parts of a demand that the provider of a node cannot meet itself.

    :returns: the part; its resources and its traits, as a query has them
    """
    for text in demand.resources:
        if node.inventory and text.partition(':')[0] not in node.inventory:
            yield Demand(resources=(text,)), (text, '')
    of_group = dict(query.split('=', 1) for query in demand.groups)
    for key, resources in of_group.items():
        suffix = key.removeprefix('resources')
        if suffix == key:
            continue
        required = f'required{suffix}'
        keys = [k for k in (required, key) if k in of_group]
        part = Demand(groups=tuple(f'{k}={of_group[k]}' for k in keys))
        yield part, (resources, of_group.get(required, ''))


def _uuids(aggregates: Iterator[Aggregate]) -> tuple[str, ...]:
    return tuple(sorted({a.uuid for a in aggregates if a.uuid}))
