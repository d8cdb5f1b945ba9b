# SPDX-License-Identifier: Apache-2.0

"""One node to empty, and the answer about it."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.advice import obstacles
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING
from watcher_host_maintenance.core.rules.leaving import Departures


@dataclasses.dataclass(frozen=True)
class Work:
    """One node to empty, with what is to become of its instances.

    :ivar is_to_close: the node could be filled again as it is
    """

    node: ComputeNode
    departures: Departures
    is_to_close: bool

    @property
    def hostname(self) -> str:
        """The node's."""
        return self.node.hostname

    @property
    def moving(self) -> tuple[Instance, ...]:
        """The instances that need a place elsewhere."""
        return tuple(x.instance for x in self.departures.moving)

    def planned(
        self,
        method: Method,
        where: Mapping[str, str],
        unplaced: tuple[Stay, ...],
    ) -> NodeOutcome:
        """Answer with what is done.

        :param where: instance UUID -> hostname
        :param unplaced: instances without a place, those of other nodes too
        """
        moves = tuple(self._moves(where))
        stops = tuple(
            Stop(i.uuid, i.name, self.hostname)
            for i in self.departures.stopping
        )
        releases = tuple(
            Release(i.uuid, i.name, kind, self.hostname)
            for i, kind in self.departures.releasing
        )
        stays = self.departures.staying + self._own(unplaced)
        does = moves or stops or releases or stays or self.is_to_close
        return NodeOutcome(
            self.hostname,
            Verdict.PLANNED if does else Verdict.FINISHED,
            self._count(),
            method if moves else Method.NONE,
            moves,
            stops,
            stays,
            releases=releases,
        )

    def refused(
        self,
        found: obstacles.Obstacles,
        findings: tuple[Finding, ...] = (),
    ) -> NodeOutcome:
        """Answer with what is in the way.

        :param found: of rooms and places, that of other nodes too
        :param findings: what is wrong with the node itself
        """
        return NodeOutcome(
            self.hostname,
            Verdict.REFUSED,
            self._count(),
            stays=self.departures.blocked + self._own(found.stays),
            findings=findings + found.findings,
            remedies=found.remedies,
        )

    def _moves(self, where: Mapping[str, str]) -> Iterator[Move]:
        for instance, kind in self.departures.moving:
            if instance.uuid in where:
                yield Move(
                    instance.uuid,
                    instance.name,
                    kind,
                    self.hostname,
                    where[instance.uuid],
                    bool(unproved.asked_for(instance)),
                )

    def _own(self, stays: tuple[Stay, ...]) -> tuple[Stay, ...]:
        return tuple(s for s in stays if s.host == self.hostname)

    def _count(self) -> int:
        parts = self.departures
        going = len(parts.moving) + len(parts.releasing) + len(parts.stopping)
        return going + len(parts.staying)


def judged(
    node: ComputeNode,
    known: Snapshot,
    request: Request,
) -> Work:
    """Judge each instance of a node to empty."""
    instances = tuple(
        i
        for i in known.instances_on(node.hostname)
        if i.vm_state not in HOLDS_NOTHING
    )
    is_open = node.status == 'enabled' and node.state == 'up'
    return Work(
        node,
        leaving.departures(instances, known, request),
        is_open or roles.has_spare_reason(node, request),
    )
