# SPDX-License-Identifier: Apache-2.0

"""The return of the nodes of a rolling maintenance whose work is over."""

import dataclasses

from collections.abc import Mapping
from typing import NamedTuple

from watcher_host_maintenance.cloud.reading import decisions
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import returning
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.telling.rolls import findings_of


class Returned(NamedTuple):
    """A return of those that can return.

    :ivar snapshot: what it was decided on
    :ivar request: of the nodes that return; of all if none can
    :ivar refused: hostname -> why another one does not return
    """

    snapshot: Snapshot
    request: ReturnRequest
    outcome: Outcome
    refused: Mapping[str, Finding]


def to_request(
    request: RollRequest, hostnames: tuple[str, ...]
) -> ReturnRequest:
    """Return the request to return nodes to service, as they were."""
    shared = {
        field.name: getattr(request, field.name)
        for field in dataclasses.fields(ReturnRequest)
        if hasattr(request, field.name)
    }
    shared['maintenance_nodes'] = hostnames
    shared['window'] = request.any_time
    # Who cannot come home stays where it is.
    shared['on_blocked'] = OnBlocked.LEAVE
    # Notices are deleted, and none is written.
    shared['owners'] = Owners.IGNORE
    return ReturnRequest(**shared)


def decide(
    snapshot: Snapshot,
    request: ReturnRequest,
    limits: Limits,
    refresh: Refresh,
) -> Returned:
    """Return nodes together, without those that cannot return."""

    def decided(request: ReturnRequest) -> tuple[Snapshot, Outcome]:
        return decisions.decide(
            returning.decide, snapshot, request, limits, refresh
        )

    def of(*hostnames: str) -> ReturnRequest:
        return dataclasses.replace(request, maintenance_nodes=hostnames)

    snapshot, outcome = decided(request)
    refused: dict[str, Finding] = {}
    if outcome.failed:
        for hostname in request.maintenance_nodes:
            snapshot, alone = decided(of(hostname))
            if alone.failed:
                refused[hostname] = _why(alone)
    able = [h for h in request.maintenance_nodes if h not in refused]
    if able and refused:
        request = of(*able)
        snapshot, outcome = decided(request)
    return Returned(snapshot, request, outcome, refused)


def _why(outcome: Outcome) -> Finding:
    """Return the first reason of a refusal."""
    of_nodes = (f for node in outcome.nodes for f in findings_of(node))
    return next(iter((*outcome.findings, *of_nodes)))
