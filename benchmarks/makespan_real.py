# SPDX-License-Identifier: Apache-2.0

"""A plan is executed, and takes as long as its estimate says.

Nova's migrations are slowed down in proportion to memory; all else is real.
"""

import datetime
import math

from typing import Any

from benchmarks import makespan
from minicloud import cloud


MIB_PER_S = 64

SIZES_MB = (512, 1024, 1024, 2048, 4096)
"""Memory of the servers on each of the two nodes to empty."""

TOLERANCE = 0.15

HOST = {'vcpus': 32, 'memory_mb': 65536, 'disk_gb': 1000}


def run() -> None:
    """Print how long it took beside the estimate; fail when they differ."""
    with cloud.Cloud(_description(), watcher_options=_options()) as lab:
        for name, took_s in _durations().items():
            lab.faults.delay(name, took_s)
        actions = _executed(lab)
    real_s = _lasted(actions)
    simulated_s = _simulated(actions)
    off = real_s / simulated_s - 1
    print(
        f'{len(_durations())} moves: {simulated_s:.1f} s simulated, '
        f'{real_s:.1f} s on a cloud, {off:+.1%}'
    )
    if math.fabs(off) > TOLERANCE:
        raise SystemExit(f'more than {TOLERANCE:.0%} off')


def _description() -> dict[str, Any]:
    return {
        'hosts': {f'compute-{n}': HOST for n in (1, 2, 3)},
        'flavors': {
            f'm{size}': {'vcpus': 1, 'memory_mb': size, 'disk_gb': 1}
            for size in SIZES_MB
        },
        'servers': {
            f'server-{node}-{n}': {
                'host': f'compute-{node}',
                'flavor': f'm{size}',
            }
            for node in (1, 2)
            for n, size in enumerate(SIZES_MB)
        },
    }


def _options() -> dict[str, dict[str, Any]]:
    return {
        'nova': {'migration_max_retries': 3000},
        'watcher_workflow_engines.taskflow': {'max_workers': 4},
    }


def _durations() -> dict[str, float]:
    """Return server name -> seconds that its migration takes more."""
    return {
        f'server-{node}-{n}': size / MIB_PER_S
        for node in (1, 2)
        for n, size in enumerate(SIZES_MB)
    }


def _executed(lab: cloud.Cloud) -> list[dict[str, Any]]:
    lab.refresh_model()
    audit = lab.run_audit(
        'cluster_maintenance',
        'cluster_host_maintenance',
        {'maintenance_nodes': ['compute-1', 'compute-2']},
    )
    plan = lab.action_plans(audit)[0]
    ended = lab.execute(plan, timeout_s=900)
    actions = lab.actions(plan)
    if ended['state'] != 'SUCCEEDED':
        raise SystemExit(f'the plan ended {ended["state"]}')
    return actions


def _lasted(actions: list[dict[str, Any]]) -> float:
    """Return the seconds from the last disable to the last arrival."""
    ends: dict[str, datetime.datetime] = {}
    for action in actions:
        kind = action['action_type']
        end = datetime.datetime.fromisoformat(action['updated_at'])
        ends[kind] = max(end, ends.get(kind, end))
    span = ends['migrate'] - ends['change_nova_service_state']
    return span.total_seconds()


def _simulated(actions: list[dict[str, Any]]) -> float:
    """Simulate the graph that was executed, with the delays alone."""
    names = {
        a['uuid']: a['input_parameters']['resource_name']
        for a in actions
        if a['action_type'] == 'migrate'
    }
    return makespan.simulated(
        {
            names[a['uuid']]: [names[p] for p in a['parents'] if p in names]
            for a in actions
            if a['uuid'] in names
        },
        _durations(),
    )
