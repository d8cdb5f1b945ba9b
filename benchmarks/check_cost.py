# SPDX-License-Identifier: Apache-2.0

"""A check without Watcher beside a whole audit of the same cloud.

Nova and Placement answer both at no cost.
"""

import functools

from typing import Any

from watcher.decision_engine.model import model_root

from benchmarks import answers
from benchmarks import audits
from benchmarks import clusters
from benchmarks import tables
from benchmarks import timing
from watcher_host_maintenance.client import check
from watcher_host_maintenance.cloud.optional import NOTHING
from watcher_host_maintenance.request import config


SIZES = ((1000, 20, 3), (5000, 20, 3))
"""Nodes, instances on each, and how often both are tried."""

NODE = 'compute-00000'

HEADS = ('nodes', 'each', 'check, s', 'audit, s', 'ratio')


def run() -> None:
    """Print a table: how long a check takes, and what part of an audit."""
    audits.configure()
    rows = [
        row(nodes, instances, *measured(nodes, instances, tries))
        for nodes, instances, tries in SIZES
    ]
    print(tables.simple(HEADS, rows))


def measured(
    nodes: int, instances: int, tries: int
) -> tuple[float, float, float]:
    """Measure checks and audits of one node.

    :returns: seconds of a check and of an audit, and the check as a multiple
    """
    root = clusters.model(nodes, instances)
    with audits.cloud(root):
        # The first of a process also imports what it loads.
        _audit()()
        audit_s, ratios = timing.ratios(
            _audit, {'check': lambda: _check(root)}, tries
        )
    return audit_s * ratios['check'], audit_s, ratios['check']


def row(nodes: int, instances: int, *figures: float) -> list[str]:
    """Lay out what was measured of one size."""
    return [str(nodes), str(instances), *(f'{f:.3f}' for f in figures)]


def _audit() -> timing.Work:
    return functools.partial(audits.loaded(audits.OURS, NODE).execute)


def _check(root: model_root.ModelRoot) -> timing.Work:
    nova: Any = answers.Nova(root)
    placement: Any = answers.Placement(root)
    return functools.partial(
        check.check_cloud,
        nova,
        placement,
        NOTHING,
        check.named([NODE]),
        config.read().values,
    )
