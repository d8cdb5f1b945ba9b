# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Planning time as a multiple of one pass over Watcher's model."""

import functools
import statistics
import time

from collections.abc import Callable

import prettytable

from benchmarks import answers
from benchmarks import clusters
from watcher_host_maintenance.core import checker
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core import schedule
from watcher_host_maintenance.core.request import Request
from watcher_host_maintenance.plugin import collect


SIZES = ((10, 20), (100, 20), (1000, 20), (100, 100))
"""Nodes, and instances on each."""

REPEATS = 5


def run() -> None:
    """Print a table: how many passes over the model each part costs."""
    table = prettytable.PrettyTable(
        ['nodes', 'each', 'pass, ms', 'collect', 'plan', 'check', 'all']
    )
    table.align = 'r'
    for nodes, instances in SIZES:
        table.add_row(measured(nodes, instances))
    print('Cost of a drain of one node, in passes over the model:')
    print(table)


def measured(nodes: int, instances: int) -> list[str]:
    """Measure one size; times of one run are medians of several tries."""
    root = clusters.model(nodes, instances)
    request = Request(('compute-00000',))
    # What the APIs take is not ours to measure.
    reads, rooms = answers.Reads(root), answers.Rooms(root)
    read = functools.partial(
        collect.collect, root, reads, rooms, request, None, 0
    )
    known = read()
    outcome = drain.plan(known, request)
    order = schedule.schedule(known, outcome)
    violations = checker.check(known, request, outcome, order)
    if outcome.failed or violations:
        raise SystemExit(f'no plan for {nodes} x {instances}: {violations}')
    unit = _seconds(lambda: clusters.iterate(root))
    parts = [
        _seconds(read),
        _seconds(lambda: drain.plan(known, request)),
        _seconds(lambda: checker.check(known, request, outcome, order)),
    ]
    ratios = [*parts, sum(parts)]
    return [
        str(nodes),
        str(instances),
        f'{unit * 1000:.1f}',
        *(f'{part / unit:.2f}' for part in ratios),
    ]


def _seconds(work: Callable[[], object]) -> float:
    """Return the median processor time of some tries."""
    times = []
    for _try in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)
