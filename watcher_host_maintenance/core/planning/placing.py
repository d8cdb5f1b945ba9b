# SPDX-License-Identifier: Apache-2.0

"""Instances and destinations as a packing problem, and its result back."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.nova import SOFT_AFFINITY
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.packing import most
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


Resources = tuple[tuple[str, int], ...]


@dataclasses.dataclass(frozen=True)
class Assignment:
    """Where each instance goes.

    :ivar where: instance UUID -> hostname
    :ivar status: PLACED when every instance is in it; IMPOSSIBLE when it is
        proved that no larger number can be placed; UNDECIDED when the
        search ended before it knew
    :ivar proof: why not every instance can be placed, as far as known
    :ivar timed_out: the time was up; what follows from it would depend on the
        machine
    """

    where: dict[str, str]
    status: Status
    proof: Proof | None = None
    timed_out: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A node that may take instances.

    :ivar bin: its room beside what has been placed
    :ivar refused: UUIDs of the instances that a rule keeps away, whatever
        room there is
    :ivar inventory: resource class -> what the node offers
    """

    bin: Bin
    refused: frozenset[str]
    inventory: Mapping[str, Inventory]


class Puzzle:
    """A packing problem in which instances that look alike are one item.

    Results are kept: a refusal asks for the same several times.

    :ivar problem: what is to be packed
    :ivar alike: item's key -> its instances, by name, then UUID
    """

    def __init__(
        self,
        instances: Iterable[Instance],
        places: Sequence[Place],
        groups: Groups,
    ):
        self._groups = groups
        self._by_refused = _by_refused(places)
        self._odd = list(_odd(places))
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
        self._solved: dict[Limits, Result] = {}

    def solved(self, limits: Limits) -> Result:
        """Return a placement of everything, or why there is none."""
        if limits not in self._solved:
            self._solved[limits] = solve.solve(self.problem, limits)
        return self._solved[limits]

    def instances(self, counts: Mapping[str, int]) -> list[Instance]:
        """Return instances of a conflict or a remedy: the last of each item.

        :param counts: item's key -> how many
        """
        return [i for k, n in counts.items() for i in self.alike[k][-n:]]

    def where(self, result: Result) -> dict[str, str]:
        """Return instance UUID -> hostname; of those alike, by name."""
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
        for instance in sorted(instances, key=lambda i: (i.name, i.uuid)):
            kinds.setdefault(self._kind(instance), []).append(instance)
        # By the first name, so that ties go to the earlier one.
        return {f'{f[0].name} {f[0].uuid}': f for f in kinds.values()}

    def _kind(self, instance: Instance) -> object:
        """Return what two instances share when one stands for the other."""
        group = instance.group
        return (
            _size(instance),
            group in self._groups.apart and group,
            group in self._groups.soft and group,
            tuple(instance.uuid in refused for refused in self._by_refused),
            bool(unproved.asked_for(instance)),
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
            bool(unproved.asked_for(first)),
        )

    def _allowed(self, instance: Instance) -> frozenset[str] | None:
        """Return the hostnames that may take it; None is all."""
        refusing = [r for r in self._by_refused if instance.uuid in r]
        odd = {
            place.bin.hostname
            for place in self._odd
            if _is_odd(place.inventory, instance)
        }
        if not refusing and not odd:
            return None
        return frozenset(
            hostname
            for refused, hostnames in self._by_refused.items()
            if instance.uuid not in refused
            for hostname in hostnames
            if hostname not in odd
        )


def place_all(puzzle: Puzzle, limits: Limits = solve.DEFAULT) -> Assignment:
    """Place every instance so that the fullest destination stays low.

    :returns: PLACED with every instance, or an empty one with the proof
    """
    return _assignment(puzzle, puzzle.solved(limits))


def place_most(puzzle: Puzzle, limits: Limits = solve.DEFAULT) -> Assignment:
    """Place the largest number of instances; ties: more memory, then name."""
    result = most.place_most(puzzle.problem, limits, puzzle.solved(limits))
    return _assignment(puzzle, result)


def _assignment(puzzle: Puzzle, result: Result) -> Assignment:
    return Assignment(
        puzzle.where(result), result.status, result.proof, result.timed_out
    )


def fits(instance: Instance, place: Place, groups: Groups) -> bool:
    """Return True if a node may take an instance, if nothing else moves.

    The same judgement as that of the rules, without reasons.
    """
    assignment = place_all(Puzzle([instance], [place], groups))
    return assignment.status is Status.PLACED


def _size(instance: Instance) -> Resources:
    return tuple(sorted(instance.resources.items()))


def _by_refused(
    places: Iterable[Place],
) -> dict[frozenset[str], list[str]]:
    """Return the hostnames of all places that refuse the same instances."""
    hostnames: dict[frozenset[str], list[str]] = {}
    for place in places:
        hostnames.setdefault(place.refused, []).append(place.bin.hostname)
    return hostnames


def _odd(places: Iterable[Place]) -> Iterator[Place]:
    """Yield the places that do not give every amount."""
    for place in places:
        if any(
            offer.min_unit > 1 or offer.step_size > 1
            for offer in place.inventory.values()
        ):
            yield place


def _is_odd(inventory: Mapping[str, Inventory], instance: Instance) -> bool:
    return any(
        inventory[c].is_odd(wanted)
        for c, wanted in instance.resources.items()
        if c in inventory
    )
