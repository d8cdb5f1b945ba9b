# SPDX-License-Identifier: Apache-2.0

"""Planning time as a multiple of one pass over Watcher's model."""

import functools

from collections.abc import Mapping
from typing import Any

from watcher.decision_engine.model import model_root

from benchmarks import answers
from benchmarks import audits
from benchmarks import clusters
from benchmarks import tables
from benchmarks import timing
from watcher_host_maintenance.cloud.reading.collect import collect
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check as checker
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import steps
from watcher_host_maintenance.plugin.watcher import estimates
from watcher_host_maintenance.plugin.watcher.scope import AuditScope


SIZES = ((10, 20), (100, 20), (1000, 20), (5000, 20), (100, 100))
"""Nodes, and instances on each."""

TRIES = 5

CONSOLIDATED = 1000
"""The most nodes that are consolidated: of more it takes too long."""

NODE = 'compute-00000'

TIMED = (
    'collect',
    'plan',
    'check',
    audits.OURS,
    audits.MAINTENANCE,
    audits.CONSOLIDATION,
)


def run() -> None:
    """Print a table: how many passes over the model each part costs."""
    audits.configure()
    rows = [row(*size, *measured(*size)) for size in SIZES]
    print(tables.simple(['nodes', 'each', 'pass, ms', *TIMED], rows))


def measured(
    nodes: int, instances: int, tries: int = TRIES
) -> tuple[float, dict[str, float]]:
    """Measure a drain of one node, and what Watcher's strategies cost.

    :returns: seconds of one pass over the model, and each of TIMED that was
        tried as a multiple of it
    """
    root = clusters.model(nodes, instances)
    with audits.cloud(root, copied=False):
        unit_s, times = timing.ratios(
            lambda: functools.partial(clusters.iterate, root),
            {
                **_parts(root),
                audits.OURS: lambda: _execution(audits.OURS),
                audits.MAINTENANCE: lambda: _execution(audits.MAINTENANCE),
            },
            tries,
        )
        if nodes <= CONSOLIDATED:
            # Once, at last: it moves what is in the model.
            taken_s = timing.seconds(lambda: _execution(audits.CONSOLIDATION))
            times[audits.CONSOLIDATION] = taken_s / unit_s
    return unit_s, times


def row(
    nodes: int, instances: int, unit_s: float, times: Mapping[str, float]
) -> list[str]:
    """Lay out what was measured of one size."""
    return [
        str(nodes),
        str(instances),
        f'{unit_s * 1000:.1f}',
        *(f'{times[name]:.2f}' if name in times else '-' for name in TIMED),
    ]


def _parts(root: model_root.ModelRoot) -> Mapping[str, timing.Prepare]:
    """Return the parts of our strategy that are worth a look."""
    request = Request((NODE,))
    # What the APIs take is not ours to measure.
    nova: Any = answers.Nova(root)
    placement: Any = answers.Placement(root)

    def read() -> Snapshot:
        modelled = estimates.of_model(root)
        scope = AuditScope(None)
        return collect(nova, placement, request, modelled, scope)

    known = read()
    outcome = drain.plan(known, request)
    order = steps.schedule(known, outcome)
    violations = checker.check(known, request, outcome, order)
    if outcome.failed or violations:
        raise SystemExit(f'there is no plan: {violations}')
    check = functools.partial(checker.check, known, request, outcome, order)
    return {
        'collect': lambda: read,
        'plan': lambda: functools.partial(drain.plan, known, request),
        'check': lambda: check,
    }


def _execution(name: str) -> timing.Work:
    """Return what a strategy does once it has the model."""
    strategy: Any = audits.loaded(name, NODE)
    strategy.compute_model  # noqa: B018 a property that reads
    return functools.partial(strategy.do_execute)
