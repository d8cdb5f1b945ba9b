# SPDX-License-Identifier: Apache-2.0

"""Instances and destinations as a packing problem, and its result back."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.nova import SOFT_AFFINITY
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Proof
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules.destination import Groups


@dataclasses.dataclass(frozen=True)
class Assignment:
    """Where each instance goes.

    :ivar where: instance UUID -> hostname
    :ivar status: PLACED when every instance is in it; IMPOSSIBLE when it is
        proved that no larger number can be placed; UNDECIDED when the
        search ended before it knew
    :ivar proof: why not every instance can be placed, as far as known
    :ivar timed_out: the time was up; a faster machine may know more
    :ivar more: how many more could have a place, at most
    :ivar cost: of all instances that are where they are disliked
    """

    where: dict[str, str]
    status: Status
    proof: Proof | None = None
    timed_out: bool = False
    more: int = 0
    cost: int = 0


OddOffers = tuple[tuple[str, Inventory], ...]
"""Resource classes of which a node does not give every amount."""


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A node that may take instances.

    :ivar bin: its room beside what has been placed
    :ivar refused: UUIDs of the instances that a rule keeps away, whatever
        room there is
    :ivar inventory: resource class -> what the node offers
    :ivar disliked: UUID of an instance that should go elsewhere -> cost of
        placing it here
    """

    bin: Bin
    refused: frozenset[str]
    inventory: Mapping[str, Inventory]
    disliked: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def odd_offers(self) -> OddOffers:
        """Return the offers that do not include every amount."""
        return tuple(
            (c, offer)
            for c, offer in sorted(self.inventory.items())
            if offer.min_unit > 1 or offer.step_size > 1
        )


class Puzzle:
    """A packing problem in which instances that look alike are one item.

    Results are kept: a refusal needs the same several times.

    :ivar problem: what is to be packed
    :ivar alike: item's key -> its instances, by name, then UUID
    """

    def __init__(
        self,
        instances: Sequence[Instance],
        places: Sequence[Place],
        groups: Groups,
    ):
        self._groups = groups
        # What refuses the same instances -> hostnames.
        self._refusing: dict[tuple[frozenset[str], OddOffers], list[str]] = {}
        for place in places:
            key = place.refused, place.odd_offers()
            self._refusing.setdefault(key, []).append(place.bin.hostname)
        self._disliking = [place for place in places if place.disliked]
        self.alike = self._alike(instances)
        self.problem = Problem(
            tuple(self._item(k, f) for k, f in self.alike.items()),
            tuple(place.bin for place in places),
            {u: g.max_server_per_host for u, g in groups.apart.items()},
            frozenset(
                uuid
                for uuid, group in groups.soft.items()
                if group.policy == SOFT_AFFINITY
            ),
        )
        self._everything: dict[Limits, Result] = {}
        self._most: dict[Limits, Result] = {}

    def everything(self, limits: Limits) -> Result:
        """Place all so that the fullest bin stays low, or prove why not."""
        if limits not in self._everything:
            self._everything[limits] = solve.solve(self.problem, limits)
        return self._everything[limits]

    def most(self, limits: Limits) -> Result:
        """Place the largest number; ties: more memory, then earlier names."""
        if limits not in self._most:
            everything = self.everything(limits)
            most = solve.place_most(self.problem, limits, everything)
            self._most[limits] = most
        return self._most[limits]

    def place_all(self, limits: Limits) -> Assignment:
        """Place every instance, or none."""
        return self._assignment(self.everything(limits))

    def place_most(self, limits: Limits) -> Assignment:
        """Place the largest number of instances."""
        return self._assignment(self.most(limits))

    def _assignment(self, result: Result) -> Assignment:
        where = self.where(result)
        bound = result.bound
        if bound is None:
            bound = sum(map(len, self.alike.values()))
        return Assignment(
            where,
            result.status,
            result.proof,
            result.timed_out,
            0 if result.complete else bound - len(where),
            self.problem.cost_of(result.placement),
        )

    def instances(self, counts: Mapping[str, int]) -> list[Instance]:
        """Return instances of a conflict or a remedy: the last of each item.

        :param counts: item's key -> how many
        """
        return [i for k, n in counts.items() for i in self.alike[k][-n:]]

    def where(self, result: Result) -> dict[str, str]:
        """Return instance UUID -> hostname; of those alike, by UUID."""
        where = {}
        for key, counts in result.placement.items():
            hosts = (h for h in sorted(counts) for _ in range(counts[h]))
            for instance, hostname in zip(
                self.alike[key], hosts, strict=False
            ):
                where[instance.uuid] = hostname
        return where

    def _alike(
        self, instances: Iterable[Instance]
    ) -> dict[str, list[Instance]]:
        kinds: dict[object, list[Instance]] = {}
        for instance in sorted(instances, key=lambda i: i.uuid):
            kinds.setdefault(self._kind(instance), []).append(instance)
        # By the first UUID: what an owner writes decides no tie.
        return {f[0].uuid: f for f in kinds.values()}

    def _kind(self, instance: Instance) -> object:
        """Return what two instances share when one stands for the other."""
        group = instance.group
        return (
            tuple(sorted(instance.resources.items())),
            group in self._groups.apart and group,
            group in self._groups.soft and group,
            tuple(instance.uuid in refused for refused, _ in self._refusing),
            unproved.is_unproved(instance),
            tuple(self._avoided(instance).items()),
        )

    def _item(self, key: str, alike: Sequence[Instance]) -> Item:
        first = alike[0]
        return Item(
            key,
            first.resources,
            len(alike),
            first.group if first.group in self._groups.apart else None,
            self._allowed(first),
            first.group if first.group in self._groups.soft else None,
            unproved.is_unproved(first),
            self._avoided(first),
        )

    def _avoided(self, instance: Instance) -> dict[str, int]:
        """Return the hostnames that should not take an instance -> cost."""
        return {
            place.bin.hostname: place.disliked[instance.uuid]
            for place in self._disliking
            if instance.uuid in place.disliked
        }

    def _allowed(self, instance: Instance) -> frozenset[str] | None:
        """Return the hostnames that may take an instance; None is all."""
        allowing = {
            key: hostnames
            for key, hostnames in self._refusing.items()
            if instance.uuid not in key[0]
            and not any(
                c in instance.resources and offer.is_odd(instance.resources[c])
                for c, offer in key[1]
            )
        }
        if len(allowing) == len(self._refusing):
            return None
        return frozenset(h for names in allowing.values() for h in names)
