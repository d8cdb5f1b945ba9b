# SPDX-License-Identifier: Apache-2.0

"""Drain made-up clouds of real Nova, and count how often it goes right."""

import argparse
import collections
import json
import sys

from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import cases
from benchmarks.fidelity import runs
from benchmarks.fidelity import table
from benchmarks.fidelity import verdicts
from benchmarks.fidelity import ways


def main() -> int:
    """Run what the command line asks for; 1 if something was not right."""
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.fidelity', description=__doc__
    )
    commands = parser.add_subparsers(dest='command', required=True)
    drained = commands.add_parser('run', help='drain a cloud of each seed')
    _add_seeds(drained)
    drained.add_argument(
        '--stale',
        action='store_true',
        help="change the cloud after Watcher's look at it",
    )
    drained.add_argument('--way', choices=list(ways.WAYS), default='ours')
    drained.add_argument(
        '--python',
        default=sys.executable,
        help='an interpreter with another version of the plugin, for Watcher',
    )
    drained.add_argument(
        '--label', help='the column of the table (default: the way)'
    )
    _add_seeds(
        commands.add_parser(
            'verdicts', help='ask our rules and Nova about every single move'
        )
    )
    _add_seeds(
        commands.add_parser('back', help='drain a cloud, and return its node')
    )
    _add_seeds(
        commands.add_parser(
            'room', help='drain a crowded cloud, where others move first'
        )
    )
    shown = commands.add_parser('table', help='compare runs')
    shown.add_argument('files', nargs='+', help='written by run --out')
    arguments = parser.parse_args()
    return {
        'run': _run,
        'back': _back,
        'room': _room,
        'verdicts': _verdicts,
        'table': _table,
    }[arguments.command](arguments)


def _add_seeds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--seeds',
        type=runs.seeds,
        default='0-19',
        help="such as '0-199' or '3,5' (%(default)s)",
    )
    parser.add_argument(
        '--kinds',
        nargs='+',
        choices=[*cases.ALL_KINDS],
        default=[None],
        metavar='KIND',
        help='draw each seed once for each of these '
        f'({", ".join(cases.ALL_KINDS)}); by default those of the range of '
        f'the seed, which begin at {", ".join(map(str, cases.RANGES))}, take '
        'turns',
    )
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--out', help='append a JSON line for each here')


def _run(arguments: argparse.Namespace) -> int:
    tasks = [
        runs.Task(seed, kind, arguments.way, arguments.stale, arguments.python)
        for seed in arguments.seeds
        for kind in arguments.kinds
    ]
    records = []
    for record in runs.run(tasks, arguments.jobs, arguments.python):
        record['way'] = arguments.label or arguments.way
        records.append(record)
        _keep(arguments, record, record['right'])
    print(table.rst(records))
    return int(not all(record['right'] for record in records))


def _back(arguments: argparse.Namespace) -> int:
    tasks = [
        (seed, kind) for seed in arguments.seeds for kind in arguments.kinds
    ]
    records = []
    for record in runs.spread(runs.there_and_back, tasks, arguments.jobs):
        records.append(record)
        _keep(arguments, record, record['right'])
    right = [record for record in records if record['right']]
    print(
        f'{len(right)} of {len(records)} clouds right; '
        f'{sum(r["left"] for r in right)} servers left, '
        f'{sum(r["home"] for r in right)} are home; '
        f'{sum(r["drained"] for r in right)} migrations there, '
        f'{sum(r["returned"] for r in right)} back'
    )
    return int(len(right) < len(records))


def _room(arguments: argparse.Namespace) -> int:
    records = []
    for record in runs.spread(runs.in_room, arguments.seeds, arguments.jobs):
        records.append(record)
        _keep(arguments, record, record['right'])
    right = [record for record in records if record['right']]
    counts = collections.Counter(str(r.get('needed')) for r in right)
    told = ', '.join(f'{n}: {c}' for n, c in sorted(counts.items()))
    print(
        f'{len(right)} of {len(records)} clouds right; servers of other hosts '
        f'that have to move: {told}'
    )
    return int(len(right) < len(records))


def _verdicts(arguments: argparse.Namespace) -> int:
    tasks = [
        (seed, kind) for seed in arguments.seeds for kind in arguments.kinds
    ]
    records = []
    for found in runs.spread(verdicts.attempt, tasks, arguments.jobs):
        for record in found:
            records.append(record)
            _keep(arguments, record, record['sense'] in verdicts.FINE)
    print(verdicts.summary(records))
    return int(not all(one['sense'] in verdicts.FINE for one in records))


def _keep(
    arguments: argparse.Namespace, record: Mapping[str, Any], is_fine: bool
) -> None:
    """Append a record to the file, and show it when something is wrong."""
    if arguments.out:
        with open(arguments.out, 'a') as out:
            out.write(json.dumps(record) + '\n')
    if not is_fine:
        print(json.dumps(record, indent=2), flush=True)


def _table(arguments: argparse.Namespace) -> int:
    records = [
        record for path in arguments.files for record in runs.lines(path)
    ]
    print(table.rst(records))
    return 0


if __name__ == '__main__':
    sys.exit(main())
