# SPDX-License-Identifier: Apache-2.0

"""The same drains planned by an earlier commit as well, in one run.

Run as `python -m benchmarks.before COMMIT`, in a checkout that has it.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from benchmarks import drains
from benchmarks import replan
from benchmarks import snapshots
from benchmarks import tables
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot


ROOT = pathlib.Path(__file__).parents[1]

CASES = 500


Case = tuple[Snapshot, Request]


def cases(number: int) -> Iterator[Case]:
    """Yield small drains, of which about half are impossible."""
    for seed in range(number):
        rng = random.Random(seed)
        snapshot, request = snapshots.drain(
            nodes=rng.choice((6, 15, 40)),
            servers=rng.choice((5, 12, 20)),
            use=rng.choice(((0.6, 0.9), (0.8, 1.0), (0.9, 1.0), (0.95, 1.0))),
            sources=rng.choice((1, 1, 2)),
            kinds=rng.choice((5, 5, 12)),
            huge=rng.choice((0, 0, 0, 1)),
            seed=seed,
        )
        yield (
            snapshot,
            dataclasses.replace(
                request,
                headroom_percent=rng.choice((0.0, 0.0, 5.0, 10.0)),
                on_blocked=rng.choice(
                    (OnBlocked.FAIL, OnBlocked.FAIL, OnBlocked.LEAVE)
                ),
            ),
        )


class Planner:
    """The version of one tree, in a process of its own."""

    def __init__(self, tree: pathlib.Path):
        code = pathlib.Path(replan.__file__).read_text()
        environ = {**os.environ, 'PYTHONPATH': str(tree)}
        self._process = subprocess.Popen(
            [sys.executable, '-c', code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=tree,
            env=environ,
            text=True,
        )

    def answer(self, case: Case) -> dict[str, Any]:
        """Return what :func:`replan.answer` makes of a case."""
        snapshot, request = case
        assert self._process.stdin and self._process.stdout
        plain = {
            'snapshot': document.to_plain(snapshot),
            'request': document.to_plain(request),
        }
        self._process.stdin.write(json.dumps(plain) + '\n')
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


class Quality(NamedTuple):
    """How good an answer is; less is better, and the first decides.

    :ivar refused: nodes that are not emptied
    :ivar left: instances without a place
    :ivar memory_mb: of those that stay, in MiB
    :ivar height: the fullest destination, in millionths
    """

    refused: int
    left: int
    memory_mb: int
    height: int


def quality(case: Case, answer: Mapping[str, Any]) -> Quality:
    """Judge an answer by its moves alone."""
    snapshot, _request = case
    moves = answer['moves']
    used = {n.hostname: dict(n.used) for n in snapshot.nodes}
    staying_mb = 0
    for instance in snapshot.instances:
        hostname = moves.get(instance.uuid)
        if hostname is None:
            staying_mb += instance.memory_mb
            continue
        for c, amount in instance.resources.items():
            used[hostname][c] = used[hostname].get(c, 0) + amount
    nodes = {n.hostname: n for n in snapshot.nodes}
    height = max(
        (
            1_000_000 * amount // nodes[hostname].inventory[c].capacity
            for hostname in {*moves.values()}
            for c, amount in used[hostname].items()
        ),
        default=0,
    )
    return Quality(
        len(answer['refused']), answer['left'], staying_mb, int(height)
    )


def compared(before: Planner, now: Planner, number: int) -> str:
    """Lay out how many answers are equal, and which are not."""
    counts = dict.fromkeys(('the same plan', 'as good', 'better', 'worse'), 0)
    listed = []
    for seed, case in enumerate(cases(number)):
        old, new = before.answer(case), now.answer(case)
        if new['violations']:
            raise SystemExit(f'{seed}: the plan is wrong')
        then, good = quality(case, old), quality(case, new)
        if new['moves'] == old['moves'] and then == good:
            verdict = 'the same plan'
        elif then == good:
            verdict = 'as good'
        else:
            verdict = 'better' if good < then else 'worse'
            listed.append(f'* {verdict}, seed {seed}: {_change(then, good)}')
        counts[verdict] += 1
    rows = [[name, str(count)] for name, count in counts.items()]
    table = tables.simple(['answer', 'cases'], rows)
    return '\n'.join([table, '', *listed])


def _change(then: Quality, good: Quality) -> str:
    return ', '.join(
        f'{name} {after} instead of {before}'
        for name, before, after in zip(
            Quality._fields, then, good, strict=True
        )
        if before != after
    )


def costs(before: Planner, now: Planner) -> str:
    """Lay out the processor time of the large drains."""
    rows = []
    every = {**drains.JOINT, **drains.DENSE, **drains.REFUSALS}
    for name, arguments in every.items():
        case = snapshots.drain(**arguments)
        old, new = before.answer(case), now.answer(case)
        ratio = new['seconds'] / old['seconds']
        seconds = [f'{answer["seconds"]:.2f}' for answer in (old, new)]
        lefts = [str(answer['left']) for answer in (old, new)]
        rows.append([name, *lefts, *seconds, f'{ratio:.3f}'])
    heads = ['case', 'left then', 'left now', 'then, s', 'now, s', 'ratio']
    return tables.simple(heads, rows)


def run(commit: str, number: int, with_costs: bool) -> None:
    """Print the tables beside an earlier commit."""
    with tempfile.TemporaryDirectory() as directory:
        tree = pathlib.Path(directory) / 'tree'
        git = ['git', '-C', str(ROOT), 'worktree']
        add = [*git, 'add', '--quiet', '--detach', str(tree), commit]
        subprocess.run(add, check=True)
        before, now = Planner(tree), Planner(ROOT)
        try:
            print(compared(before, now, number))
            if with_costs:
                print(costs(before, now))
        finally:
            before.close()
            now.close()
            remove = [*git, 'remove', '--force', str(tree)]
            subprocess.run(remove, check=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('commit', help='what to compare with')
    parser.add_argument('--cases', type=int, default=CASES)
    parser.add_argument(
        '--costs', action='store_true', help='the large drains as well'
    )
    asked = parser.parse_args(arguments)
    run(asked.commit, asked.cases, asked.costs)


if __name__ == '__main__':
    main()
