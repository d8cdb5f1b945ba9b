# SPDX-License-Identifier: Apache-2.0

"""Plans of small clouds, and what to look at in them."""

from collections.abc import Iterable
from typing import Any

from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.core.findings import written
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.advice.conflict import CONFLICT
from watcher_host_maintenance.core.advice.conflict import CONFLICT_COUNT
from watcher_host_maintenance.core.advice.conflict import CONFLICT_GROUP
from watcher_host_maintenance.core.advice.conflict import CONFLICT_SUM
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.result import Limits


LEAVE = {'on_blocked': OnBlocked.LEAVE}
NO_LIVE = {'disable_live_migration': True}
NO_COLD = {'disable_cold_migration': True}
NEITHER = {**NO_LIVE, **NO_COLD}

C1, C2 = a_node('compute-1'), a_node('compute-2')


def marked(hostname: str = 'compute-1', **fields: Any) -> ComputeNode:
    """A node that the bare goal empties."""
    closed = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}
    return a_node(hostname, **{**closed, **fields})


def servers(*vcpus: int, **fields: Any) -> list[Instance]:
    """``web-1``, ``web-2``, ... that hold so many VCPUs."""
    return [
        an_instance(f'web-{n}', vcpus=wanted, **fields)
        for n, wanted in enumerate(vcpus, 1)
    ]


def plan(
    nodes: Iterable[ComputeNode],
    instances: Iterable[Instance],
    request: Request | None = None,
    steps: int = 100_000,
    advises: bool = True,
    **others: Any,
) -> Outcome:
    """What is to be done; unless told, to empty ``compute-1``.

    :param advises: also what would help, when something has no place
    :param others: groups and aggregates of the snapshot
    """
    known = a_snapshot(nodes, instances, **others)
    limits = Limits.of(steps)
    return drain.plan(known, request or a_request(), limits, advises)


def where(outcome: Outcome) -> dict[str, str]:
    """Instance's name -> how it moves, and where to."""
    return {
        m.instance_name: f'{m.kind.value} {m.destination}'
        for m in outcome.moves
    }


def remedies(outcome: Outcome, hostname: str = 'compute-1') -> list[str]:
    """What would make room for all of a node."""
    [node] = [n for n in outcome.nodes if n.hostname == hostname]
    return said(node.remedies)


def verdicts(outcome: Outcome) -> dict[str, str]:
    """Hostname -> what becomes of the node."""
    return {n.hostname: n.verdict.value for n in outcome.nodes}


def said(findings: Iterable[Finding]) -> list[str]:
    """Each finding, written as a line."""
    return [written(f) for f in findings]


def told(outcome: Outcome, hostname: str = 'compute-1') -> list[str]:
    """All that is said of a node: of it, then of its instances."""
    [node] = [n for n in outcome.nodes if n.hostname == hostname]
    stays = [f for stay in node.stays for f in stay.findings]
    return said([*node.findings, *stays])


CONFLICTS = frozenset(
    {
        CONFLICT,
        CONFLICT_COUNT,
        CONFLICT_GROUP,
        CONFLICT_SUM,
    }
)


def conflicts(outcome):
    """What is told of instances that are in each other's way."""
    return [
        f for n in outcome.nodes for f in n.findings if f.reason in CONFLICTS
    ]
