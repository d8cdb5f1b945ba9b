# SPDX-License-Identifier: Apache-2.0

"""What a plan is checked against."""

import dataclasses
import functools

from watcher_host_maintenance.core.model.pace import DEFAULT_PACE
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot


@dataclasses.dataclass(frozen=True)
class Case:
    """An outcome with its schedule, and what they were made from."""

    snapshot: Snapshot
    request: Request
    outcome: Outcome
    schedule: Schedule = ()
    pace: Pace = DEFAULT_PACE

    @functools.cached_property
    def planned(self) -> frozenset[str]:
        """Hostnames of the nodes that are emptied."""
        return frozenset(
            n.hostname
            for n in self.outcome.nodes
            if n.verdict is Verdict.PLANNED
        )
