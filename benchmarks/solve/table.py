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

"""How many cases are decided, by what, and how quickly.

Run as `python -m benchmarks.solve`; `--help` tells what can be chosen.
"""

import argparse
import collections
import itertools
import time

from collections.abc import Iterator

import prettytable

from benchmarks.solve import cases
from benchmarks.solve import greedies
from benchmarks.solve.cases import Case
from benchmarks.solve.verify import verify
from watcher_host_maintenance.core.packing import board
from watcher_host_maintenance.core.packing import exact
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.answer import Limits
from watcher_host_maintenance.core.packing.answer import Status


KINDS = ('planted', 'random', 'fragmented')
INSTANCES = (20, 50, 100)
HOSTS = (10, 100, 1000)
SLACKS = (1.02, 1.10, 1.50)
GROUPS = (False, True)

WITHIN_S = (1, 10)
"""Processor seconds within which decided cases are counted."""

SEARCHED = frozenset({'linear', 'search'})
"""Kinds of proofs that need a solver or a search."""


class Tally:
    """What came of the cases of one row."""

    def __init__(self) -> None:
        self.cases = 0
        self.counts: collections.Counter[str] = collections.Counter()
        self.proofs: collections.Counter[str] = collections.Counter()
        self.slowest = 0.0

    def row(self, *names: object) -> list[str]:
        """Write a row of the table."""
        shares = [
            f'{100 * self.counts[c] / self.cases:.0f}'
            for c in (
                *greedies.PEERS,
                'placed',
                'impossible',
                *map(str, WITHIN_S),
            )
        ]
        return [*map(str, names), *shares, f'{self.slowest:.2f}']


def decide(case: Case, limits: Limits, tally: Tally) -> Status:
    """Solve one case, verify the answer and count it."""
    problem = cases.build(case)
    started = time.process_time()
    answer = solve.solve(problem, limits)
    taken = time.process_time() - started
    verify(problem, answer, case.kind == 'planted')
    tally.cases += 1
    tally.slowest = max(tally.slowest, taken)
    tally.counts[answer.status.value] += 1
    if answer.status is not Status.UNDECIDED:
        tally.counts.update(str(w) for w in WITHIN_S if taken <= w)
    if answer.proof is not None:
        tally.proofs[answer.proof.kind.value] += 1
        started = time.process_time()
        quick = solve.prove(board.board(problem), limits)
        taken = time.process_time() - started
        tally.proofs['in 10 ms'] += quick is not None and taken <= 0.01
    for name, (score, largest_first) in greedies.PEERS.items():
        tally.counts[name] += greedies.places(problem, score, largest_first)
    return answer.status


def drawn(
    kinds: list[str], seeds: range, odd: bool
) -> Iterator[tuple[tuple[object, ...], Iterator[Case]]]:
    """Yield the cases of each row, with the names of the row."""
    for names in itertools.product(kinds, INSTANCES, HOSTS, SLACKS, GROUPS):
        yield names, (Case(*names, seed, odd) for seed in seeds)


def run(kinds: list[str], seeds: range, odd: bool, with_exact: bool) -> None:
    """Print the tables of all rows."""
    limits = Limits(exact=with_exact)
    if with_exact:
        # What an import costs is no part of any case.
        exact.library()
    table = prettytable.PrettyTable(
        [
            'kind',
            'instances',
            'hosts',
            'slack',
            'groups',
            *greedies.PEERS,
            'placed',
            'impossible',
            *(f'in {w} s' for w in WITHIN_S),
            'slowest, s',
        ]
    )
    table.align = 'r'
    proofs: collections.Counter[str] = collections.Counter()
    undecided = []
    for names, row in drawn(kinds, seeds, odd):
        tally = Tally()
        undecided += [
            c for c in row if decide(c, limits, tally) is Status.UNDECIDED
        ]
        proofs += tally.proofs
        table.add_row(tally.row(*names))
    print('Cases, in % of each row:')
    print(table)
    _print_rest(proofs, undecided)


def _print_rest(
    proofs: collections.Counter[str], undecided: list[Case]
) -> None:
    quick = proofs.pop('in 10 ms', 0)
    number = sum(proofs.values()) or 1
    print(f'Proofs: {dict(proofs)}')
    print(f'Without search and in 10 ms: {100 * quick / number:.1f} %')
    print(f'Undecided: {len(undecided)}')
    for case in undecided:
        print(f'  {case}')


def run_both() -> None:
    """Print the tables with the exact solver and without it."""
    for with_exact in (True, False):
        print(f'\nExact solver: {with_exact}')
        run(list(KINDS), range(2), False, with_exact)


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kind', action='append', choices=KINDS)
    parser.add_argument('--first', type=int, default=0, help='first seed')
    parser.add_argument('--seeds', type=int, default=5, help='how many')
    parser.add_argument('--odd', action='store_true', help='any sizes')
    parser.add_argument(
        '--without', action='store_true', help='without the exact solver'
    )
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    run(asked.kind or list(KINDS), seeds, asked.odd, not asked.without)
