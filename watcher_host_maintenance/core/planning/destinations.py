# SPDX-License-Identifier: Apache-2.0

"""The nodes that may take what a request moves, and the room they have."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.planning.placing import Place
from watcher_host_maintenance.core.planning.placing import Puzzle
from watcher_host_maintenance.core.rules import destination as ledger
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.hosting import Judge
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.rule import Leaver


@dataclasses.dataclass(frozen=True, eq=False)
class Destinations:
    """The destinations of one request, with what has been placed so far.

    :ivar unused: hostnames of which Method 1 may wake one, sorted
    :ivar enabled: hostnames over which Method 2 spreads, sorted
    :ivar judge: who may not go where, and why
    :ivar groups: the server groups
    :ivar secondary_moves: moves off these nodes that make room for what has
        been placed, in an order in which each has room
    """

    snapshot: Snapshot
    request: Request
    unused: tuple[str, ...]
    enabled: tuple[str, ...]
    judge: Judge
    groups: Groups
    secondary_moves: tuple[Move, ...] = ()
    # What has been worked out: each destination, each question.
    _places: dict[str, Place] = dataclasses.field(default_factory=dict)
    _puzzles: dict[tuple[tuple[str, ...], tuple[str, ...]], Puzzle] = (
        dataclasses.field(default_factory=dict, init=False)
    )

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        request: Request,
        maintained: Collection[str],
        leavers: Sequence[Leaver] = (),
        only: Collection[str] | None = None,
    ) -> 'Destinations':
        """Sort the nodes of a snapshot by what each may be used for.

        :param maintained: hostnames that the request empties
        :param leavers: the instances that have to leave those
        :param only: hostnames that may be enabled ones; None is all
        """

        def usable(use: Use) -> tuple[str, ...]:
            return tuple(
                n.hostname
                for n in snapshot.nodes
                if n.hostname != request.backup_node
                and (only is None or use is Use.WAKE or n.hostname in only)
                and roles.is_usable(n, use, request, maintained)
            )

        return cls(
            snapshot,
            request,
            usable(Use.WAKE),
            usable(Use.SPREAD),
            Judge(snapshot, request, leavers),
            Groups(snapshot.groups),
        )

    @property
    def backup(self) -> str | None:
        """The only destination, when the request names one."""
        return self.request.backup_node

    @property
    def hostnames(self) -> tuple[str, ...]:
        """Every node that some method may use."""
        if self.backup is not None:
            return (self.backup,)
        return self.unused + self.enabled

    def is_asleep(self, hostname: str) -> bool:
        """Return True if a node has to be enabled before it takes anything."""
        return self.snapshot.by_hostname[hostname].status != 'enabled'

    def place(self, hostname: str) -> Place:
        """Return what a node may take beside what has been placed."""
        if hostname not in self._places:
            node = self.snapshot.by_hostname[hostname]
            self._places[hostname] = Place(
                ledger.to_bin(
                    node, self.request.headroom_percent, self.groups
                ),
                self.judge.refused(node),
                node.inventory,
                self.judge.disliked(node),
            )
        return self._places[hostname]

    def bins(self, hostnames: Iterable[str]) -> list[Bin]:
        """Return the room of nodes beside what has been placed."""
        return [self.place(hostname).bin for hostname in hostnames]

    def destination(
        self, hostname: str, others: Iterable[Instance] = ()
    ) -> Destination:
        """Return a node as the rules look at it.

        :param others: instances that are counted in as well
        """
        return Destination(
            self.snapshot.by_hostname[hostname],
            ledger.with_taken(self.place(hostname).bin, others),
            self.groups,
        )

    def puzzle(
        self,
        instances: Sequence[Instance],
        hostnames: Sequence[str],
    ) -> Puzzle:
        """Return the question how to place instances on some nodes."""
        key = tuple(i.uuid for i in instances), tuple(hostnames)
        if key not in self._puzzles:
            places = [self.place(hostname) for hostname in hostnames]
            self._puzzles[key] = Puzzle(instances, places, self.groups)
        return self._puzzles[key]

    def with_placed(
        self,
        instances: Iterable[Instance],
        where: Mapping[str, str],
    ) -> 'Destinations':
        """Return the same destinations with an assignment counted in.

        :param where: instance UUID -> hostname
        """
        places = dict(self._places)
        for hostname, arriving in arrivals(instances, where).items():
            place = self.place(hostname)
            places[hostname] = dataclasses.replace(
                place, bin=ledger.with_taken(place.bin, arriving)
            )
        return dataclasses.replace(self, _places=places)

    def with_moved(self, moves: Sequence[Move]) -> 'Destinations':
        """Return the same destinations after secondary moves."""
        instances = [self.snapshot.by_uuid[m.instance_uuid] for m in moves]
        where = {m.instance_uuid: m.destination for m in moves}
        moved = self.with_placed(instances, where)
        for instance in instances:
            place = moved.place(instance.host)
            moved._places[instance.host] = dataclasses.replace(
                place, bin=ledger.without(place.bin, [instance])
            )
        return dataclasses.replace(
            moved, secondary_moves=(*self.secondary_moves, *moves)
        )


def arrivals(
    instances: Iterable[Instance], where: Mapping[str, str]
) -> dict[str, list[Instance]]:
    """Return hostname -> the instances that an assignment puts there."""
    arriving: dict[str, list[Instance]] = {}
    for instance in instances:
        if instance.uuid in where:
            arriving.setdefault(where[instance.uuid], []).append(instance)
    return arriving
