# SPDX-License-Identifier: Apache-2.0


"""A plan that is right, to be made wrong by exactly one thing."""

import dataclasses

from typing import Any

from tests.unit.core import builders
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules.leaving import SUSPENDED
from watcher_host_maintenance.core.scheduling import steps as schedule


#: No step comes after the moves.
PACE = Pace(verifies=False)


@dataclasses.dataclass(frozen=True)
class Plan:
    """All that the checker is given."""

    known: Snapshot
    request: Request
    outcome: Outcome
    steps: Schedule

    @property
    def violations(self) -> list[str]:
        """What the checker says."""
        return list(
            check.check(self.known, self.request, self.outcome, self.steps)
        )

    def but(self, **changes: Any) -> 'Plan':
        """The same with other fields of the outcome, scheduled anew."""
        outcome = dataclasses.replace(self.outcome, **changes)
        steps = schedule.schedule(self.known, outcome, PACE)
        return Plan(self.known, self.request, outcome, steps)

    def but_node(self, hostname: str = 'compute-1', **changes: Any) -> 'Plan':
        """The same with another outcome of one node."""
        return self.but(
            nodes=tuple(
                dataclasses.replace(n, **changes)
                if n.hostname == hostname
                else n
                for n in self.outcome.nodes
            )
        )

    def but_known(self, **changes: Any) -> 'Plan':
        """The same on another snapshot."""
        known = dataclasses.replace(self.known, **changes)
        return dataclasses.replace(self, known=known)

    def but_asked(self, **changes: Any) -> 'Plan':
        """The same for another request."""
        request = dataclasses.replace(self.request, **changes)
        return dataclasses.replace(self, request=request)

    def but_steps(self, *steps: Any) -> 'Plan':
        """The same with another schedule."""
        return dataclasses.replace(self, steps=steps)


def a_plan(
    nodes: Any = None,
    instances: Any = None,
    request: Request | None = None,
    pace: Pace | None = None,
    **others: Any,
) -> Plan:
    """What the planner makes of a snapshot and a request.

    :param others: groups and aggregates of the snapshot
    """
    known = builders.a_snapshot(nodes, instances, **others)
    request = request or builders.a_request()
    outcome = drain.plan(known, request)
    pace = pace or PACE
    steps = schedule.schedule(known, outcome, pace)
    return Plan(known, request, outcome, steps)


def a_move(
    name: str = 'web-1',
    destination: str = 'compute-2',
    kind: MoveKind = MoveKind.LIVE,
    host: str = 'compute-1',
) -> Move:
    """A live migration of ``web-1`` from ``compute-1`` to ``compute-2``."""
    return Move(
        instance_uuid=f'uuid-{name}',
        instance_name=name,
        kind=kind,
        host=host,
        destination=destination,
    )


def a_stop(name: str = 'web-1', host: str = 'compute-1') -> Stop:
    """A stop of ``web-1`` on ``compute-1``."""
    return Stop(instance_uuid=f'uuid-{name}', instance_name=name, host=host)


def a_stay(
    name: str = 'web-1',
    host: str = 'compute-1',
    *,
    as_asked: bool = False,
    findings: tuple[Finding, ...] = (Finding(SUSPENDED),),
) -> Stay:
    """``web-1`` is left on ``compute-1``, blocked."""
    return Stay(
        instance_uuid=f'uuid-{name}',
        instance_name=name,
        host=host,
        as_asked=as_asked,
        findings=findings,
    )
