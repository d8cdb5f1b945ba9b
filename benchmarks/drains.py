# SPDX-License-Identifier: Apache-2.0

"""Drains of many nodes, of dense nodes, and refusals: what each costs.

A plan, its schedule and its check, as multiples of one pass over Watcher's
model of as many nodes with 20 instances each; and the memory that they take
at most, in a process of their own, above what the snapshot takes.
"""

import concurrent.futures
import functools
import gc
import multiprocessing
import pathlib
import re

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

HEADS = (
    'case',
    'moves',
    'left',
    'pass, ms',
    'plan',
    'schedule',
    'check',
    'MiB',
)


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
        f'{memory_of_its_own(case):.0f}',
    ]


def memory_mib(case: Mapping[str, Any]) -> float:
    """Return the most memory of one case above that of its snapshot."""
    snapshot, request = snapshots.drain(**case)
    gc.collect()
    before_mib = _resident_mib('VmRSS')
    outcome = drain.plan(snapshot, request)
    schedule = steps.schedule(snapshot, outcome)
    checker.check(snapshot, request, outcome, schedule)
    return _resident_mib('VmHWM') - before_mib


def _resident_mib(name: str) -> float:
    """Return how much memory this process has, or had at most (``VmHWM``)."""
    status = pathlib.Path('/proc/self/status').read_text()
    [kib] = re.findall(rf'{name}:\s+(\d+) kB', status)
    return int(kib) / 1024


def memory_of_its_own(case: Mapping[str, Any]) -> float:
    """Return the same, measured in a new process.

    Memory that this one has used before would be used again, and not count.
    """
    spawn = multiprocessing.get_context('spawn')
    with concurrent.futures.ProcessPoolExecutor(1, spawn) as executor:
        return executor.submit(memory_mib, case).result()
