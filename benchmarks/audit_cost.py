# SPDX-License-Identifier: Apache-2.0

"""A whole audit of ours beside upstream's on the same model.

Each gets at the model and applies the scope in its own way; Nova and Placement
answer at no cost.
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

SCOPES = {
    'none': [],
    'project': [
        {'compute': [{'exclude': [{'projects': [{'uuid': clusters.OTHERS}]}]}]}
    ],
}
"""Name -> scope of the audits."""

HEADS = ('nodes', 'each', 'scope', 'ours, s', 'host_maintenance, s', 'ratio')


def run() -> None:
    """Print a table: how long an audit takes, and what part of upstream's."""
    audits.configure()
    rows = [
        row(nodes, instances, scope, *figures)
        for nodes, instances, tries in SIZES
        for scope, figures in measured(nodes, instances, tries).items()
    ]
    print(tables.simple(HEADS, rows))


def measured(
    nodes: int, instances: int, tries: int
) -> dict[str, tuple[float, float, float]]:
    """Measure audits that empty one node.

    :returns: name of a scope -> seconds of ours and of upstream's, and ours
        as a multiple
    """
    root = clusters.model(nodes, instances)
    with audits.cloud(root):
        # The first of a process also imports what it loads.
        _audit(audits.OURS, 'none')()
        return {scope: _measured(scope, tries) for scope in SCOPES}


def _measured(scope: str, tries: int) -> tuple[float, float, float]:
    upstream_s, ratios = timing.ratios(
        lambda: _audit(audits.MAINTENANCE, scope),
        {'ours': lambda: _audit(audits.OURS, scope)},
        tries,
    )
    return upstream_s * ratios['ours'], upstream_s, ratios['ours']


def row(nodes: int, instances: int, scope: str, *figures: float) -> list[str]:
    """Lay out what was measured of one size."""
    sizes = [str(nodes), str(instances), scope]
    return [*sizes, *(f'{f:.3f}' for f in figures)]


def _audit(name: str, scope: str) -> timing.Work:
    strategy = audits.loaded(name, 'compute-00000', SCOPES[scope])
    return functools.partial(strategy.execute)
