# SPDX-License-Identifier: Apache-2.0

"""How long a plan takes, as a multiple of the shortest time there can be.

Durations are simulated, in proportion to memory. Beside ours stands
Watcher's ``weight`` planner, its real code, with as many at once.
"""

import dataclasses
import math
import random
import statistics

from collections.abc import Mapping
from collections.abc import Sequence

import prettytable

from watcher.common import utils
from watcher.decision_engine.planner import weight

from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import steps as schedule


MOVES = (20, 50, 100)
AT_ONCE = (2, 4, 8)
DRAWS = 20

LIMITS = {2: 1.10, 4: 1.25, 8: 1.25}
"""At once -> the most that ours may take, in ideal times."""

SIZES_GIB = {
    'mixed': (2, 4, 4, 8, 8, 16, 32),
    'small, few large': (2, 2, 2, 2, 2, 2, 4, 4, 8, 64),
    'any': tuple(range(1, 33)),
}
"""Name of a cloud -> memory of its flavors, in GiB, as often as they are."""

SOURCE = 'compute-0'

Durations = Mapping[str, float]
Parents = Mapping[str, Sequence[str]]


@dataclasses.dataclass(eq=False)
class Action:
    """What the ``weight`` planner looks at of an action."""

    uuid: str
    parents: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Measured:
    """One draw, in ideal times.

    :ivar least: a time that no plan can beat, see :func:`bound_s`
    """

    ours: float
    least: float
    weight: float


def run() -> None:
    """Print a table; fail when ours takes longer than it may.

    A draw in which no plan keeps the limit is named with its proof.
    """
    table = prettytable.PrettyTable(
        ['cloud', 'moves', 'at once', 'ours', 'worst', 'weight', 'limit']
    )
    table.align = 'r'
    beyond = []
    for cloud in SIZES_GIB:
        for count in MOVES:
            for at_once in AT_ONCE:
                measured = _measured(cloud, count, at_once)
                table.add_row(
                    [cloud, count, at_once, *_row(measured, at_once)]
                )
                name = f'{cloud}, {count} moves, {at_once} at once'
                beyond += _beyond(name, measured, LIMITS[at_once])
    print(f'Time of a plan, in ideal times, of {DRAWS} draws: the median of')
    print('ours, the worst of ours, and the median of the weight planner:')
    print(table)
    for text, _proved in beyond:
        print(text)
    if not all(proved for _text, proved in beyond):
        raise SystemExit('a plan takes longer than it may')


def _row(measured: Sequence[Measured], at_once: int) -> tuple[str, ...]:
    """Return the figures of one row."""
    ours = [one.ours for one in measured]
    weight = statistics.median(one.weight for one in measured)
    return (
        f'{statistics.median(ours):.3f}',
        f'{max(ours):.3f}',
        f'{weight:.2f}',
        f'{LIMITS[at_once]:.2f}',
    )


def _beyond(
    name: str, measured: Sequence[Measured], limit: float
) -> list[tuple[str, bool]]:
    """Tell of each draw beyond the limit, and whether any plan is within."""
    return [
        (
            f'{name}, draw {n}: {one.ours:.3f}; no plan takes less than '
            f'{one.least:.3f}',
            math.isclose(one.ours, one.least),
        )
        for n, one in enumerate(measured)
        if one.ours > limit
    ]


def simulated(parents: Parents, took_s: Durations) -> float:
    """Return when all is done, if each starts when its parents have ended.

    :param parents: key -> keys, in an order in which they may run
    """
    ends: dict[str, float] = {}
    for key, before in parents.items():
        start = max((ends[k] for k in before), default=0.0)
        ends[key] = start + took_s[key]
    return max(ends.values(), default=0.0)


def ideal_s(took_s: Durations, at_once: int) -> float:
    """Return a time that no plan can beat: the sum shared, or the longest."""
    durations = took_s.values()
    return max(sum(durations) / at_once, *durations)


def bound_s(took_s: Durations, at_once: int) -> float:
    """Return a longer time that no plan can beat either.

    With one more than run at once, two of the longest have to share a lane:
    at least the two shortest among them. A plan that takes no longer is the
    best there is.
    """
    longest = sorted(took_s.values(), reverse=True)
    pair = longest[at_once - 1 : at_once + 1]
    return max(ideal_s(took_s, at_once), sum(pair) if len(pair) > 1 else 0)


def ours(took_s: Durations, at_once: int) -> Parents:
    """Let our schedule order moves away from one node."""
    moves = tuple(
        Move(
            instance_uuid=key,
            instance_name=key,
            kind=MoveKind.LIVE,
            host=SOURCE,
            destination=f'compute-{n % 8 + 1}',
        )
        for n, key in enumerate(took_s)
    )
    node = NodeOutcome(
        SOURCE, Verdict.PLANNED, len(moves), Method.SPREAD, moves
    )
    known = Snapshot(
        (ComputeNode(SOURCE),),
        tuple(
            Instance(
                key, key, SOURCE, 'active', {'MEMORY_MB': round(duration_s)}
            )
            for key, duration_s in took_s.items()
        ),
    )
    pace = Pace(at_once, at_once, at_once, verifies=False)
    steps = schedule.schedule(known, Outcome(nodes=(node,)), pace)
    names = {step.key: step.key.removeprefix('move ') for step in steps}
    return {
        names[step.key]: [names[key] for key in step.after] for step in steps
    }


def watchers(took_s: Durations, at_once: int) -> Parents:
    """Let Watcher's planner order them, as they come."""
    planner = weight.WeightPlanner(
        utils.Struct(
            weights={'migrate': 30}, parallelization={'migrate': at_once}
        )
    )
    actions = [Action(key) for key in took_s]
    graph = planner.compute_action_graph([(30, actions)])
    return {action.uuid: action.parents for action in graph.nodes()}


def _measured(cloud: str, count: int, at_once: int) -> list[Measured]:
    """Measure each draw of one row."""
    found = []
    for seed in range(DRAWS):
        took_s = _draw(cloud, count, seed)
        ideal = ideal_s(took_s, at_once)
        found.append(
            Measured(
                simulated(ours(took_s, at_once), took_s) / ideal,
                bound_s(took_s, at_once) / ideal,
                simulated(watchers(took_s, at_once), took_s) / ideal,
            )
        )
    return found


def _draw(cloud: str, count: int, seed: int) -> dict[str, float]:
    """Draw servers: name -> seconds, one for each MiB."""
    # Nothing here is a secret, and each run has to draw the same.
    rng = random.Random(f'{cloud} {count} {seed}')
    return {
        f'server-{n:03}': rng.choice(SIZES_GIB[cloud]) * 1024.0
        for n in range(count)
    }
