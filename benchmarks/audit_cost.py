# SPDX-License-Identifier: Apache-2.0

"""A whole audit of ours beside upstream's on the same model.

Both copy the model and apply the scope, as Watcher does for each strategy;
Nova and Placement answer at no cost.
"""

import functools

from benchmarks import audits
from benchmarks import clusters
from benchmarks import tables
from benchmarks import timing


SIZES = (
    (10, 20, 5),
    (100, 20, 5),
    (1000, 20, 3),
    (5000, 20, 1),
    (100, 100, 3),
)
"""Nodes, instances on each, and how often both are tried."""

HEADS = ('nodes', 'each', 'ours, s', 'host_maintenance, s', 'ratio')


def run() -> None:
    """Print a table: how long an audit takes, and what part of upstream's."""
    audits.configure()
    rows = [row(*size, *measured(*size)) for size in SIZES]
    print(tables.simple(HEADS, rows))


def measured(
    nodes: int, instances: int, tries: int
) -> tuple[float, float, float]:
    """Measure audits that empty one node.

    :returns: seconds of ours and of upstream's, and ours as a multiple
    """
    root = clusters.model(nodes, instances)
    with audits.cloud(root):
        # The first of a process also imports what it loads.
        _audit(audits.OURS)()
        upstream_s, ratios = timing.ratios(
            lambda: _audit(audits.MAINTENANCE),
            {'ours': lambda: _audit(audits.OURS)},
            tries,
        )
    return upstream_s * ratios['ours'], upstream_s, ratios['ours']


def row(nodes: int, instances: int, tries: int, *figures: float) -> list[str]:
    """Lay out what was measured of one size."""
    return [str(nodes), str(instances), *(f'{f:.2f}' for f in figures)]


def _audit(name: str) -> timing.Work:
    return functools.partial(audits.loaded(name, 'compute-00000').execute)
