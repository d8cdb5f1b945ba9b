# SPDX-License-Identifier: Apache-2.0

"""Drains of many nodes, of dense nodes, and refusals: what each costs.

A plan, its schedule and its check, as multiples of one pass over Watcher's
model of as many nodes with 20 instances each.
"""

import functools

from collections.abc import Mapping
from typing import Any

from benchmarks import clusters
from benchmarks import snapshots
from benchmarks import tables
from benchmarks import timing
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check as checker
from watcher_host_maintenance.core.scheduling import steps


USUAL, FULL, WIDE = (0.6, 0.9), (0.965, 1.0), (0.3, 0.9)
"""The least and the most used share of the destinations."""

Cases = Mapping[str, Mapping[str, Any]]
"""Name -> arguments of :func:`.snapshots.drain`."""

JOINT: Cases = {
    '50 of 1,000': {'nodes': 1000, 'servers': 20, 'use': USUAL, 'sources': 50},
    '50 of 5,000': {'nodes': 5000, 'servers': 20, 'use': USUAL, 'sources': 50},
    '50 of 1,000, full': {
        'nodes': 1000,
        'servers': 20,
        'use': FULL,
        'sources': 50,
    },
}

DENSE: Cases = {
    '5 flavors': {'nodes': 1000, 'servers': 1000, 'use': WIDE},
    '200 flavors': {
        'nodes': 1000,
        'servers': 1000,
        'use': WIDE,
        'kinds': 200,
    },
}

REFUSALS: Cases = {
    f'{servers} from one of {nodes:,}': {
        'nodes': nodes,
        'servers': servers,
        'use': USUAL,
        'huge': 2,
    }
    for nodes in (1000, 5000)
    for servers in (20, 100)
}

HEADS = ('case', 'moves', 'left', 'pass, ms', 'plan', 'schedule', 'check')


def run(cases: Cases) -> None:
    """Print a table of some cases."""
    print(tables.simple(HEADS, [row(n, c) for n, c in cases.items()]))


def row(name: str, case: Mapping[str, Any], tries: int = 1) -> list[str]:
    """Measure one case.

    :raises SystemExit: the checker has something against the plan
    """
    root = clusters.model(case['nodes'], 20)
    snapshot, request = snapshots.drain(**case)
    outcome = drain.plan(snapshot, request)
    schedule = steps.schedule(snapshot, outcome)
    violations = checker.check(snapshot, request, outcome, schedule)
    if violations:
        raise SystemExit(f'{name}: the plan is wrong: {violations}')
    check = functools.partial(
        checker.check, snapshot, request, outcome, schedule
    )
    unit_s, times = timing.ratios(
        lambda: functools.partial(clusters.iterate, root),
        {
            'plan': lambda: functools.partial(drain.plan, snapshot, request),
            'schedule': lambda: functools.partial(
                steps.schedule, snapshot, outcome
            ),
            'check': lambda: check,
        },
        tries,
    )
    return [
        name,
        str(sum(len(node.moves) for node in outcome.nodes)),
        str(sum(len(node.stays) for node in outcome.nodes)),
        f'{unit_s * 1000:.1f}',
        *(f'{multiple:.2f}' for multiple in times.values()),
    ]
