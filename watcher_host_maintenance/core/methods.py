#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Method 1, one unused node takes everything; Method 2, a spread."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core import hosting
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import request as requests
from watcher_host_maintenance.core import roles
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core import solver
from watcher_host_maintenance.core.ledger import Destination
from watcher_host_maintenance.core.outcome import Method
from watcher_host_maintenance.core.rules.leaver import Leaver


@dataclasses.dataclass(frozen=True)
class Choice:
    """One method with its destinations, and what it can place.

    :ivar wakes: hostname of the unused node it enables, if it does
    """

    method: Method
    destinations: tuple[Destination, ...]
    wakes: str | None = None


@dataclasses.dataclass(frozen=True)
class Candidates:
    """The destinations of one request; they count what a plan has taken.

    :ivar backup: the only destination, when the request names one
    :ivar unused: nodes of which Method 1 may wake one, by hostname
    :ivar enabled: nodes over which Method 2 spreads, by hostname
    :ivar asleep: hostnames that have to be enabled before they take any
    :ivar judge: says who may not go where, and why
    """

    backup: Destination | None
    unused: tuple[Destination, ...]
    enabled: tuple[Destination, ...]
    asleep: frozenset[str]
    judge: hosting.Judge

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """Every node that some method may use."""
        if self.backup is not None:
            return (self.backup,)
        return self.unused + self.enabled

    def choices(
        self, instances: Sequence[snapshot.Instance]
    ) -> Iterator[Choice]:
        """Offer the methods in the order of preference.

        Among unused nodes the tightest fit comes first: the one whose
        fullest class would be used most, then the hostname.
        """
        if self.backup is not None:
            yield self._choice(Method.BACKUP, self.backup)
            return
        wanted = ledger.total(i.resources for i in instances)
        for spare in sorted(
            self.unused, key=lambda d: (-d.utilisation(wanted), d.hostname)
        ):
            yield self._choice(Method.UNUSED_HOST, spare)
        yield Choice(Method.SPREAD, self.enabled)

    def _choice(self, method: Method, only: Destination) -> Choice:
        wakes = only.hostname if only.hostname in self.asleep else None
        return Choice(method, (only,), wakes)


def candidates(
    known: snapshot.Snapshot,
    request: requests.Request,
    maintained: frozenset[str],
    leavers: Sequence[Leaver] = (),
) -> Candidates:
    """Sort the nodes of a snapshot into what each may be used for.

    :param maintained: hostnames that the request empties
    :param leavers: the instances that have to leave those
    """
    judge = hosting.Judge(known, request, leavers)
    groups = ledger.Groups(known.groups)

    def destination(node: snapshot.ComputeNode) -> Destination:
        return Destination(
            node, request.headroom_percent, groups, judge.refused(node)
        )

    unused, enabled, asleep = [], [], []
    backup = None
    for node in known.nodes:
        if node.hostname == request.backup_node:
            backup = destination(node)
            if node.status == 'disabled':
                asleep.append(node.hostname)
        elif may_wake(node, request, maintained):
            unused.append(destination(node))
            asleep.append(node.hostname)
        elif not any(hosting.node_objections(node, request, maintained)):
            enabled.append(destination(node))
    return Candidates(
        backup, tuple(unused), tuple(enabled), frozenset(asleep), judge
    )


def may_wake(
    node: snapshot.ComputeNode,
    request: requests.Request,
    maintained: frozenset[str],
) -> bool:
    """Tell whether Method 1 may enable this node and fill it."""
    return (
        roles.is_unused(node, request)
        and node.in_scope
        and not roles.is_bare_metal(node)
        and node.hostname not in maintained
    )


def place(
    instances: Sequence[snapshot.Instance],
    offered: Candidates,
    steps: int,
) -> tuple[Choice, solver.Placement]:
    """Place everything by the first method that can, or say what is known.

    :returns: when nothing can, the last method with an empty placement
    """
    undecided = False
    for choice in offered.choices(instances):
        placement = solver.place_all(instances, choice.destinations, steps)
        if placement.proof is solver.Proof.PLACED:
            return choice, placement
        undecided |= placement.proof is solver.Proof.UNDECIDED
    proof = solver.Proof.UNDECIDED if undecided else solver.Proof.IMPOSSIBLE
    return choice, solver.Placement({}, proof)


def place_most(
    instances: Sequence[snapshot.Instance],
    offered: Candidates,
    steps: int,
) -> tuple[Choice, solver.Placement]:
    """Place as many as any one method can; ties: memory, then the method."""
    memory = {i.uuid: i.memory_mb for i in instances}
    tried = [
        (choice, solver.place_most(instances, choice.destinations, steps))
        for choice in offered.choices(instances)
    ]
    return max(
        tried,
        key=lambda t: (len(t[1].where), sum(memory[u] for u in t[1].where)),
    )
