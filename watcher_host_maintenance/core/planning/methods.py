# SPDX-License-Identifier: Apache-2.0

"""Method 1, one unused node takes everything; Method 2, a spread."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.planning import placing
from watcher_host_maintenance.core.planning.placing import Assignment
from watcher_host_maintenance.core.rules import destination as ledger
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules.destination import Destination
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.leaver import Leaver


Asked = tuple[tuple[str, ...], tuple[str, ...]]
"""UUIDs of instances, and the hostnames that may take them."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """One method with its destinations, and what it can place.

    :ivar destinations: hostnames, sorted
    :ivar wakes: hostname of the unused node it enables, if it does
    """

    method: Method
    destinations: tuple[str, ...]
    wakes: str | None = None


class Candidates:
    """The destinations of one request; they count what a plan has taken.

    :ivar backup: the only destination, when the request names one
    :ivar unused: hostnames of which Method 1 may wake one, sorted
    :ivar enabled: hostnames over which Method 2 spreads, sorted
    :ivar asleep: hostnames that have to be enabled before they take any
    :ivar judge: says who may not go where, and why
    :ivar groups: the server groups
    """

    def __init__(
        self,
        known: Snapshot,
        request: Request,
        maintained: frozenset[str],
        leavers: Sequence[Leaver] = (),
        only: Collection[str] | None = None,
    ):
        """Sort the nodes of a snapshot into what each may be used for.

        :param maintained: hostnames that the request empties
        :param leavers: the instances that have to leave those
        :param only: hostnames that may be enabled ones; None is all
        """
        self._known = known
        self._headroom_percent = request.headroom_percent
        self.judge = hosting.Judge(known, request, leavers)
        self.groups = Groups(known.groups)
        self.backup = request.backup_node
        self.unused = tuple(
            n.hostname for n in known.nodes if may_wake(n, request, maintained)
        )
        self.enabled = tuple(
            n.hostname
            for n in known.nodes
            if n.hostname != self.backup
            and (only is None or n.hostname in only)
            and not any(hosting.node_objections(n, request, maintained))
        )
        self.asleep = self._asleep()
        self._places: dict[str, placing.Place] = {}
        self._puzzles: dict[Asked, placing.Puzzle] = {}

    def _asleep(self) -> frozenset[str]:
        asleep, backup = set(self.unused), self.backup
        if backup and self._known.by_hostname[backup].status != 'enabled':
            asleep.add(backup)
        return frozenset(asleep)

    @property
    def hostnames(self) -> tuple[str, ...]:
        """Every node that some method may use."""
        if self.backup is not None:
            return (self.backup,)
        return self.unused + self.enabled

    def choices(self, instances: Sequence[Instance]) -> Iterator[Choice]:
        """Offer the methods in the order of preference.

        Among unused nodes the tightest fit comes first: the one whose
        fullest class would be used most, then the hostname.
        """
        if self.backup is not None:
            yield self._choice(Method.BACKUP, self.backup)
            return

        def rank(hostname: str) -> tuple[float, str]:
            full = ledger.with_taken(self.place(hostname).bin, instances)
            return -full.utilisation(), hostname

        for spare in sorted(self.unused, key=rank):
            yield self._choice(Method.UNUSED_HOST, spare)
        yield Choice(Method.SPREAD, self.enabled)

    def _choice(self, method: Method, only: str) -> Choice:
        return Choice(method, (only,), only if only in self.asleep else None)

    def place(self, hostname: str) -> placing.Place:
        """Say what a node may take, by now."""
        found = self._places.get(hostname)
        if found is None:
            node = self._known.by_hostname[hostname]
            found = placing.Place(
                ledger.to_bin(node, self._headroom_percent, self.groups),
                self.judge.refused(node),
                node.inventory,
            )
            self._places[hostname] = found
        return found

    def bins(self, hostnames: Iterable[str]) -> list[Bin]:
        """Say what nodes have room for, by now."""
        return [self.place(hostname).bin for hostname in hostnames]

    def destination(
        self, hostname: str, others: Iterable[Instance] = ()
    ) -> Destination:
        """Look at a node for the reasons.

        :param others: instances that are counted in as well
        """
        there = self.place(hostname).bin
        return Destination(
            self._known.by_hostname[hostname],
            ledger.with_taken(there, others),
            self.groups,
        )

    def puzzle(
        self,
        instances: Sequence[Instance],
        hostnames: Sequence[str],
    ) -> placing.Puzzle:
        """Ask for an assignment of these instances on these nodes, by now."""
        asked = tuple(i.uuid for i in instances), tuple(hostnames)
        if asked not in self._puzzles:
            places = [self.place(hostname) for hostname in hostnames]
            puzzle = placing.Puzzle(instances, places, self.groups)
            self._puzzles[asked] = puzzle
        return self._puzzles[asked]

    def take(
        self,
        instances: Iterable[Instance],
        where: Mapping[str, str],
    ) -> None:
        """Count an assignment in, for all that is asked from now on."""
        self._puzzles.clear()
        for hostname, arriving in arrivals(instances, where).items():
            place = self.place(hostname)
            self._places[hostname] = dataclasses.replace(
                place, bin=ledger.with_taken(place.bin, arriving)
            )


def arrivals(
    instances: Iterable[Instance], where: Mapping[str, str]
) -> dict[str, list[Instance]]:
    """Return hostname -> the instances that an assignment puts there."""
    found: dict[str, list[Instance]] = {}
    for instance in instances:
        if instance.uuid in where:
            found.setdefault(where[instance.uuid], []).append(instance)
    return found


def may_wake(
    node: ComputeNode,
    request: Request,
    maintained: frozenset[str],
) -> bool:
    """Tell whether Method 1 may enable this node and fill it."""
    return (
        roles.is_unused(node, request)
        and node.in_scope
        and not roles.is_bare_metal(node)
        and node.hostname not in maintained
        and node.hostname != request.backup_node
    )


def place(
    instances: Sequence[Instance],
    offered: Candidates,
    limits: Limits,
) -> tuple[Choice, Assignment]:
    """Place everything by the first method that can, or say what is known.

    :returns: when nothing can, the last method with an empty assignment; when
        the time was up, the method that it was up for
    """
    undecided = False
    for choice in offered.choices(instances):
        puzzle = offered.puzzle(instances, choice.destinations)
        assignment = placing.place_all(puzzle, limits)
        if assignment.status is Status.PLACED or assignment.late:
            return choice, assignment
        undecided |= assignment.status is Status.UNDECIDED
    status = Status.UNDECIDED if undecided else Status.IMPOSSIBLE
    return choice, Assignment({}, status, assignment.proof)


def place_most(
    instances: Sequence[Instance],
    offered: Candidates,
    limits: Limits,
) -> tuple[Choice, Assignment]:
    """Place as many as any one method can; ties: memory, then the method.

    :returns: when the time was up, the method that it was up for, with an
        empty assignment
    """
    memory = {i.uuid: i.memory_mb for i in instances}
    tried = []
    for choice in offered.choices(instances):
        puzzle = offered.puzzle(instances, choice.destinations)
        assignment = placing.place_most(puzzle, limits)
        if assignment.late:
            return choice, assignment
        tried.append((choice, assignment))
    return max(
        tried,
        key=lambda t: (len(t[1].where), sum(memory[u] for u in t[1].where)),
    )
