# SPDX-License-Identifier: Apache-2.0

"""What each search that makes a placement even is worth, and costs."""

import functools

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from benchmarks import tables
from benchmarks.solve import cases
from benchmarks.solve.cases import Case
from benchmarks.solve.clock import timed
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.state import State


SEARCHES = {
    'balance': Limits(exchanges=0),
    'bisect_peak': Limits(peak_steps=0),
    'both': Limits(exchanges=0, peak_steps=0),
}
"""Name of each search -> the limits without it."""

Heights = tuple[int, ...]
"""Of the nodes that receive something, in millionths, the fullest first."""

HEADS = ('searches', 'placed', 'fullest fuller', 'less even', 'processor s')


def run(drawn: Iterable[Case]) -> None:
    """Print what is less even without each search."""
    problems = [cases.build(case) for case in drawn]
    every = {'all': Limits(), **SEARCHES}
    print(
        table({name: measured(problems, lim) for name, lim in every.items()})
    )


def measured(
    problems: Iterable[Problem], limits: Limits
) -> tuple[list[Heights], float]:
    """Return the heights of what is placed, and processor seconds of all."""
    heights, seconds = [], 0.0
    for problem in problems:
        work = functools.partial(solve.solve, limits=limits)
        result, taken_s = timed(work, problem)
        seconds += taken_s
        if result.status is Status.PLACED:
            heights.append(_heights(problem, result))
    return heights, seconds


def table(
    found: Mapping[str, tuple[Sequence[Heights], float]],
) -> str:
    """Lay out what is worse without each search.

    :param found: 'all' and the name of each search that is left out -> what
        :func:`measured` says of the same problems
    """
    every, _seconds = found['all']
    rows = []
    for name, (heights, seconds) in found.items():
        pairs = [*zip(heights, every, strict=True)]
        rows.append(
            [
                name if name == 'all' else f'without {name}',
                str(len(heights)),
                str(sum(own[:1] > best[:1] for own, best in pairs)),
                str(sum(own > best for own, best in pairs)),
                f'{seconds:.1f}',
            ]
        )
    return tables.simple(HEADS, rows)


def _heights(problem: Problem, result: Result) -> Heights:
    state = State(Board(problem), result.placement)
    used = (index for index in state.touched if state.held[index])
    return tuple(sorted(map(state.height, used), reverse=True))
