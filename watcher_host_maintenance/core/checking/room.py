# SPDX-License-Identifier: Apache-2.0


"""Check of a plan: it fits, in every order in which it may run.

Each move is judged at its start, in the worst case: everything that may
have come to its destination by then is there or on its way, and only what
has left for certain is gone. A move holds both of its ends until it has
ended, so that only a move that waits for it may use the room that it frees.
"""

from collections.abc import Iterator

from watcher_host_maintenance.core.checking import order
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.nova import ANTI_AFFINITY
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot


def violations(
    snapshot: Snapshot, request: Request, schedule: Schedule
) -> Iterator[str]:
    """Yield what has no room when the schedule is run.

    A schedule that cannot be ordered is not replayed.
    """
    if order.can_be_ordered(schedule):
        yield from _Replay(snapshot, request, schedule).violations()


class _Replay:
    """All moves of a schedule, by where they come from and go to."""

    def __init__(
        self, snapshot: Snapshot, request: Request, schedule: Schedule
    ):
        self.snapshot = snapshot
        self.headroom_percent = request.headroom_percent
        self.ended = order.ended(schedule)
        # hostname -> key of the step -> the instance that it moves
        self.arrivals: dict[str, dict[str, Instance]] = {}
        self.departures: dict[str, dict[str, Instance]] = {}
        for step in schedule:
            move = step.action
            if (
                isinstance(move, Move)
                and move.instance_uuid in snapshot.by_uuid
            ):
                instance = snapshot.by_uuid[move.instance_uuid]
                to = self.arrivals.setdefault(move.destination, {})
                to[step.key] = instance
                away = self.departures.setdefault(instance.host, {})
                away[step.key] = instance

    def violations(self) -> Iterator[str]:
        """Yield what each destination has no room for."""
        for hostname, arrivals in self.arrivals.items():
            node = self.snapshot.by_hostname.get(hostname)
            if node is None:
                continue
            if self.headroom_percent > 0:
                yield from self._beyond(node)
            for key, instance in arrivals.items():
                yield from _bad_amount(node, instance)
                yield from self._no_room(node, key, instance)
                yield from self._crowded(node, key, instance)
                yield from self._left_alone(node, key, instance)

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
        come, gone = self._come(node, key), self._gone(node, key)
        for resource_class in instance.resources:
            load = node.used.get(resource_class, 0)
            load += sum(i.resources.get(resource_class, 0) for i in come)
            load -= sum(i.resources.get(resource_class, 0) for i in gone)
            limit = self._limit(node, resource_class)
            if load > limit:
                yield (
                    f'{instance.name}: to {node.hostname}, {load} '
                    f'{resource_class} may be used of {limit:.12g}'
                )

    def _crowded(
        self, node: ComputeNode, key: str, instance: Instance
    ) -> Iterator[str]:
        """Count a group's members, with all that may have come by then.

        One that leaves the node counts until its move has ended: Nova looks
        at both ends of a migration until then.
        """
        for group in self.snapshot.groups:
            if group.uuid != instance.group or group.policy != ANTI_AFFINITY:
                continue
            come = sum(i.group == group.uuid for i in self._come(node, key))
            gone = sum(i.group == group.uuid for i in self._gone(node, key))
            there = group.members.get(node.hostname, 0) + come - gone
            if there > group.max_server_per_host:
                yield (
                    f'{instance.name}: to {node.hostname}, {there} of '
                    f'anti-affinity group {group.name} may be there'
                )

    def _left_alone(
        self, node: ComputeNode, key: str, instance: Instance
    ) -> Iterator[str]:
        """An affinity group's members do not leave while others come.

        Whether there are any at first is judged by the move alone.
        """
        departures = self.departures.get(node.hostname, {}).items()
        leaving = [
            i for other, i in departures if key not in self.ended[other]
        ]
        for group in self.snapshot.groups:
            if group.uuid != instance.group or group.policy != AFFINITY:
                continue
            there = group.members.get(node.hostname, 0)
            gone = sum(i.group == group.uuid for i in leaving)
            if gone and there <= gone:
                yield (
                    f'{instance.name}: to {node.hostname}, which all of '
                    f'affinity group {group.name} may have left'
                )

    def _come(self, node: ComputeNode, key: str) -> list[Instance]:
        """Return what may be on the node then, with the instance itself."""
        arrivals = self.arrivals[node.hostname].items()
        return [i for other, i in arrivals if key not in self.ended[other]]

    def _gone(self, node: ComputeNode, key: str) -> list[Instance]:
        """Return what has surely left the node by then."""
        departures = self.departures.get(node.hostname, {}).items()
        return [i for other, i in departures if other in self.ended[key]]

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
        said = (
            f'{instance.name}: to {node.hostname}, needs {wanted} '
            f'{resource_class}, one may have'
        )
        if offer.max_unit is not None and wanted > offer.max_unit:
            yield f'{said} {offer.max_unit}'
        if wanted < offer.min_unit:
            yield f'{said} {offer.min_unit} or more'
        if wanted // offer.step_size * offer.step_size != wanted:
            yield f'{said} multiples of {offer.step_size}'
