# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: it fits, in every order in which it may run.

Each move is judged at its start, in the worst case: everything that may
have come to its destination by then is there or on its way, and only what
has left for certain is gone. A move holds both of its ends until it has
ended, so that only a move that waits for it may use the room that it frees:
whenever that one has come, the other has left.
"""

import collections

from collections.abc import Iterator

from watcher_host_maintenance.core.checking import order
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import ANTI_AFFINITY
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance


MOST_MOMENTS = 64
"""The most sets of departures that are told apart at one start."""


def violations(case: Case) -> Iterator[str]:
    """Yield what has no room when the schedule is run.

    A schedule that cannot be ordered is not replayed.
    """
    if order.can_be_ordered(case.schedule):
        yield from _Replay(case).violations()


class _Replay:
    """All moves of a schedule, by where they come from and go to."""

    def __init__(self, case: Case):
        self.snapshot = case.snapshot
        self.headroom_percent = case.request.headroom_percent
        self.ended = order.ended(case.schedule)
        # hostname -> key of the step -> the instance that it moves
        self.arrivals: dict[str, dict[str, Instance]]
        self.departures: dict[str, dict[str, Instance]]
        self.arrivals = collections.defaultdict(dict)
        self.departures = collections.defaultdict(dict)
        for step in case.schedule:
            move = step.action
            if isinstance(move, Move):
                instance = case.snapshot.by_uuid.get(move.instance_uuid)
                if instance is not None:
                    self.arrivals[move.destination][step.key] = instance
                    self.departures[instance.host][step.key] = instance

    def violations(self) -> Iterator[str]:
        """Yield what each destination has no room for."""
        for hostname, arrivals in self.arrivals.items():
            node = self.snapshot.by_hostname.get(hostname)
            if node is None:
                continue
            if self.headroom_percent > 0:
                yield from self._beyond(node)
            for key, instance in arrivals.items():
                for problem in (
                    *_bad_amount(node, instance),
                    *self._no_room(node, key, instance),
                    *self._ungrouped(node, key, instance),
                ):
                    yield f'{instance.name}: to {hostname}, {problem}'

    def _beyond(self, node: ComputeNode) -> Iterator[str]:
        """With a headroom, a node that is beyond it takes nothing at all."""
        for resource_class in node.inventory:
            used = node.used.get(resource_class, 0)
            limit = self._limit(node, resource_class)
            if used > limit:
                yield (
                    f'{node.hostname}: a destination, but beyond its headroom '
                    f'before: {used} {resource_class} used of {limit:.12g}'
                )

    def _no_room(
        self, node: ComputeNode, key: str, instance: Instance
    ) -> Iterator[str]:
        """Judge the classes that the instance holds, as Placement does."""
        for resource_class in instance.resources:
            load = node.used.get(resource_class, 0) + max(
                sum(i.resources.get(resource_class, 0) for i in come)
                - sum(i.resources.get(resource_class, 0) for i in gone)
                for come, gone in self._moments(node, key)
            )
            limit = self._limit(node, resource_class)
            if load > limit:
                yield f'{load} {resource_class} may be used of {limit:.12g}'

    def _ungrouped(
        self, node: ComputeNode, key: str, instance: Instance
    ) -> Iterator[str]:
        """Judge the server group, by the members that may be there by then.

        Of an anti-affinity group, one that leaves the node counts until its
        move has ended: Nova looks at both ends of a migration until then. Of
        an affinity group, members must not leave while others come; whether
        there are any at first is judged by the move alone.
        """
        group = self.snapshot.group_by_uuid.get(instance.group)
        if group is None:
            return

        def members(instances: list[Instance]) -> int:
            return sum(i.group == group.uuid for i in instances)

        here = group.members.get(node.hostname, 0)
        leaving = members(self._leaving(node, key))
        there = here + max(
            members(come) - members(gone)
            for come, gone in self._moments(node, key)
        )
        if group.policy == ANTI_AFFINITY and there > group.max_server_per_host:
            yield f'{there} of anti-affinity group {group.name} may be there'
        if group.policy == AFFINITY and leaving and here <= leaving:
            yield f'which all of affinity group {group.name} may have left'

    def _moments(
        self, node: ComputeNode, key: str
    ) -> Iterator[tuple[list[Instance], list[Instance]]]:
        """Yield what may have come when a step starts, and what has left then.

        What has come includes the step's own instance. What it has waited for
        has left; everything else that may leave is still there.
        """
        leaving = self.departures[node.hostname]
        arriving = {
            other: instance
            for other, instance in self.arrivals[node.hostname].items()
            if key not in self.ended[other]
        }
        waited = {k: self.ended[k].intersection(leaving) for k in arriving}
        left = {waited[key]}
        for needed in sorted(set(waited.values()), key=len):
            left |= {some | needed for some in left}
            if len(left) > MOST_MOMENTS:
                # The worst of all at once, which may be worse than any.
                gone = [leaving[k] for k in waited[key]]
                yield [*arriving.values()], gone
                return
        for some in left:
            come = [i for k, i in arriving.items() if waited[k] <= some]
            yield come, [leaving[k] for k in some]

    def _leaving(self, node: ComputeNode, key: str) -> list[Instance]:
        """Return what may have left the node by then."""
        departures = self.departures[node.hostname].items()
        return [i for other, i in departures if key not in self.ended[other]]

    def _limit(self, node: ComputeNode, resource_class: str) -> float:
        """Return the most of a class that may be used on a node.

        The numbers are multiplied in Placement's order: rounded another
        way, a node that is exactly full there could be too full here.
        """
        offer = node.inventory.get(resource_class)
        if offer is None:
            return 0
        capacity = (offer.total - offer.reserved) * offer.allocation_ratio
        return capacity * (100 - self.headroom_percent) / 100


def _bad_amount(node: ComputeNode, instance: Instance) -> Iterator[str]:
    """No instance gets an amount that the node gives to none."""
    for resource_class, wanted in instance.resources.items():
        offer = node.inventory.get(resource_class)
        if offer is None:
            continue
        needs = f'needs {wanted} {resource_class}, one may have'
        if offer.max_unit is not None and wanted > offer.max_unit:
            yield f'{needs} {offer.max_unit}'
        if wanted < offer.min_unit:
            yield f'{needs} {offer.min_unit} or more'
        if wanted // offer.step_size * offer.step_size != wanted:
            yield f'{needs} multiples of {offer.step_size}'
