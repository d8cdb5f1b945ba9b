# SPDX-License-Identifier: Apache-2.0

"""One node to empty, and the answer about it."""

import dataclasses

from collections.abc import Iterable
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

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
class NodeWork:
    """One node to empty, with what is to become of its instances.

    :ivar instance_count: how many instances it has
    :ivar is_to_close: the node could be filled again as it is
    """

    hostname: str
    departures: Departures
    instance_count: int
    is_to_close: bool

    @property
    def blocked(self) -> tuple[Stay, ...]:
        """The instances that cannot leave, whatever room there is."""
        return self.departures.blocked

    @property
    def moving(self) -> tuple[Instance, ...]:
        """The instances that need a place elsewhere."""
        return tuple(x.instance for x in self.departures.moving)

    def planned(
        self,
        method: Method = Method.NONE,
        where: Mapping[str, str] = MappingProxyType({}),
        unplaced: Iterable[Stay] = (),
    ) -> NodeOutcome:
        """Return the outcome of a node that is emptied.

        :param where: instance UUID -> hostname
        :param unplaced: instances without a place, those of other nodes too
        """
        moves = tuple(
            Move(
                **_identity(instance),
                kind=kind,
                destination=where[instance.uuid],
                unproved=unproved.is_unproved(instance),
                stops_first=instance.uuid in self.departures.stopped_first,
            )
            for instance, kind in self.departures.moving
            if instance.uuid in where
        )
        stops = tuple(Stop(**_identity(i)) for i in self.departures.stopping)
        releases = tuple(
            Release(**_identity(instance), kind=kind)
            for instance, kind in self.departures.releasing
        )
        stays = self.departures.staying + self._own(unplaced)
        does = moves or stops or releases or stays or self.is_to_close
        return NodeOutcome(
            self.hostname,
            Verdict.PLANNED if does else Verdict.FINISHED,
            self.instance_count,
            method if moves else Method.NONE,
            moves,
            stops,
            stays,
            releases=releases,
        )

    def refused(
        self,
        findings: tuple[Finding, ...],
        unplaced: Iterable[Stay] = (),
        remedies: tuple[Finding, ...] = (),
    ) -> NodeOutcome:
        """Return the outcome of a node that is left as it is.

        :param findings: what is wrong beyond single instances
        :param unplaced: instances without a place, those of other nodes too
        """
        return NodeOutcome(
            self.hostname,
            Verdict.REFUSED,
            self.instance_count,
            stays=self.blocked + self._own(unplaced),
            findings=findings,
            remedies=remedies,
        )

    def _own(self, stays: Iterable[Stay]) -> tuple[Stay, ...]:
        return tuple(s for s in stays if s.host == self.hostname)


def _identity(instance: Instance) -> dict[str, Any]:
    """Return the fields that every outcome of an instance has."""
    return {
        'instance_uuid': instance.uuid,
        'instance_name': instance.name,
        'host': instance.host,
    }


def judge(
    node: ComputeNode,
    snapshot: Snapshot,
    request: Request,
) -> NodeWork:
    """Decide what is to become of each instance of a node to empty."""
    instances = tuple(
        i
        for i in snapshot.instances_on(node.hostname)
        if i.vm_state not in HOLDS_NOTHING
    )
    is_open = node.status == 'enabled' and node.state == 'up'
    return NodeWork(
        node.hostname,
        leaving.departures(instances, snapshot, request),
        len(instances),
        is_open or roles.has_spare_reason(node, request),
    )


def moving(works: Iterable[NodeWork]) -> list[Instance]:
    """Return the instances of several nodes that need a place elsewhere."""
    return [i for work in works for i in work.moving]
