# SPDX-License-Identifier: Apache-2.0

"""How many cases are decided, by what, and how quickly.

Run as `python -m benchmarks.solve`; `--help` tells what can be chosen.
"""

import argparse
import collections
import itertools

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from benchmarks import tables
from benchmarks.solve import evenness
from benchmarks.solve import trial as trials
from benchmarks.solve import wanted
from benchmarks.solve.cases import Case
from benchmarks.solve.trial import Trial
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Status
from watcher_host_maintenance.core.packing.solve import DEFAULT


KINDS = ('planted', 'random', 'fragmented')
INSTANCES = (20, 50, 100)
HOSTS = (10, 100, 1000)
SLACKS = (1.02, 1.10, 1.50)
GROUPS = (False, True)


def drawn(
    seeds: range,
    kinds: Iterable[str] = KINDS,
    hosts: Iterable[int] = HOSTS,
    odd: bool = False,
) -> Iterator[Case]:
    """Yield the cases, those of a row of the table after one another."""
    for kind, instances, slack in itertools.product(kinds, INSTANCES, SLACKS):
        for names in itertools.product(hosts, GROUPS, seeds):
            number, apart, seed = names
            yield Case(kind, instances, number, slack, apart, seed, odd)


ENGINES = {
    'HiGHS': Limits(program=False),
    'ejections': Limits(ejections=0),
}
"""Name of each engine -> the limits without it."""

IN_TIME_S = 10.0
"""Processor seconds in which a case has to be decided."""


def run(cases: Iterable[Case], with_others: bool = True) -> None:
    """Print what comes of some cases.

    :param with_others: beside the peers, and the optima
    """
    peers = trials.peers() if with_others else {}
    found = [trials.attempt(c, DEFAULT, peers, with_others) for c in cases]
    print(decided(found), end='\n\n')
    print(wanted.reached(found), end='\n\n')
    print(told(found))


def run_engines(cases: Iterable[Case]) -> None:
    """Print what is decided without each engine, and by which alone."""
    cases = list(cases)
    every = {'all': DEFAULT, **ENGINES}
    trials_of = {
        name: [trials.attempt(c, limits, {}, optima=False) for c in cases]
        for name, limits in every.items()
    }
    print(engines(trials_of))


def engines(trials_of: Mapping[str, Sequence[Trial]]) -> str:
    """Lay out what is decided in time by all engines, and without each.

    :param trials_of: 'all' and the name of each engine that is left out ->
        the same cases
    """
    every = trials_of['all']
    rows, cases = [], []
    for name, found in trials_of.items():
        alone = [
            t.case
            for t, without in zip(every, found, strict=True)
            if t.decided(IN_TIME_S) and not without.decided(IN_TIME_S)
        ]
        number = sum(t.decided(IN_TIME_S) for t in found)
        seconds = f'{sum(t.taken_s for t in found):.1f}'
        row = [name if name == 'all' else f'without {name}']
        row += [str(len(found)), str(number), str(len(alone)), seconds]
        rows.append(row)
        cases += [f'* only with {name}: ``{case}``' for case in alone]
    heads = ['engines', 'cases', 'in 10 s', 'only with it', 'processor s']
    return '\n'.join([tables.simple(heads, rows), '', *cases])


def decided(found: Iterable[Trial]) -> str:
    """Lay out which share of each row was decided, in %."""
    rows = []
    names: list[str] = []
    for row, members in itertools.groupby(found, _row):
        of_row = list(members)
        names = list(of_row[0].peers)
        statuses = collections.Counter(t.status for t in of_row)
        counts = [
            *(sum(t.peers[name].decided for t in of_row) for name in names),
            statuses[Status.PLACED],
            statuses[Status.IMPOSSIBLE],
            *(sum(t.decided(limit_s) for t in of_row) for limit_s in (1, 10)),
        ]
        shares = [f'{100 * count / len(of_row):.0f}' for count in counts]
        slowest = f'{max(t.taken_s for t in of_row):.2f}'
        rows.append([*map(str, row), str(len(of_row)), *shares, slowest])
    heads = ['kind', 'instances', 'slack', 'cases', *names]
    ours = ['placed', 'impossible', 'in 1 s', 'in 10 s', 'slowest, s']
    return tables.simple([*heads, *ours], rows)


def told(found: Sequence[Trial]) -> str:
    """Name the kinds of proofs, what it all took, what is not decided."""
    proofs = collections.Counter(t.proof for t in found if t.proof)
    kinds = ', '.join(f'{kind} {n}' for kind, n in proofs.most_common())
    undecided = [t.case for t in found if t.status is Status.UNDECIDED]
    return '\n'.join(
        [
            f'* proofs: {kinds}',
            f'* processor time of all: {_times(found)}',
            f'* undecided: {len(undecided)}',
            *(f'* ``{case}``' for case in undecided),
        ]
    )


def run_default() -> None:
    """Print the tables of one seed, beside the peers."""
    run(drawn(range(1)))


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kind', action='append', choices=KINDS)
    parser.add_argument('--hosts', action='append', choices=HOSTS, type=int)
    parser.add_argument('--first', type=int, default=0, help='first seed')
    parser.add_argument('--seeds', type=int, default=5, help='how many')
    parser.add_argument('--odd', action='store_true', help='any sizes')
    parser.add_argument(
        '--engines', action='store_true', help='without each engine'
    )
    parser.add_argument(
        '--even', action='store_true', help='how even without each search'
    )
    parser.add_argument(
        '--alone', action='store_true', help='without peers and optima'
    )
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    cases = drawn(seeds, asked.kind or KINDS, asked.hosts or HOSTS, asked.odd)
    if asked.even:
        evenness.run(cases)
    elif asked.engines:
        run_engines(cases)
    else:
        run(cases, not asked.alone)


def _times(found: Sequence[Trial]) -> str:
    taken_s = {'ours': sum(t.taken_s for t in found)}
    for name in found[0].peers:
        taken_s[name] = sum(t.peers[name].taken_s for t in found)
    return ', '.join(f'{name} {s:.1f} s' for name, s in taken_s.items())


def _row(trial: Trial) -> tuple[object, ...]:
    return trial.case.kind, trial.case.instances, trial.case.slack
