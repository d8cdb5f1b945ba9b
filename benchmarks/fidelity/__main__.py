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

"""Drain made-up clouds of real Nova, and count how often it goes right."""

import argparse
import json
import sys

from benchmarks.fidelity import cases
from benchmarks.fidelity import judge
from benchmarks.fidelity import runs
from benchmarks.fidelity import table


def main() -> int:
    """Run what the command line asks for; 1 if something was not right."""
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.fidelity', description=__doc__)
    commands = parser.add_subparsers(dest='command', required=True)
    _add_run(commands.add_parser('run', help='drain a cloud of each seed'))
    shown = commands.add_parser('table', help='compare runs')
    shown.add_argument('files', nargs='+', help='written by run --out')
    arguments = parser.parse_args()
    return {'run': _run, 'table': _table}[arguments.command](arguments)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--seeds', type=runs.seeds, default='0-19',
                        help="such as '0-199' or '3,5' (%(default)s)")
    parser.add_argument('--kinds', nargs='+', choices=list(cases.KINDS),
                        help='draw each seed once for each of these; by '
                        'default the kinds take turns')
    parser.add_argument('--stale', action='store_true',
                        help="change the cloud after Watcher's look at it")
    parser.add_argument('--strategy', choices=list(judge.STRATEGIES),
                        default='ours')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--out', help='append a JSON line for each here')


def _run(arguments: argparse.Namespace) -> int:
    tasks = [runs.Task(seed, kind, arguments.strategy, arguments.stale)
             for seed in arguments.seeds
             for kind in arguments.kinds or [None]]
    records = []
    for record in runs.run(tasks, arguments.jobs):
        records.append(record)
        if arguments.out:
            with open(arguments.out, 'a') as out:
                out.write(json.dumps(record) + '\n')
        if not record['right']:
            print(json.dumps(record, indent=2), flush=True)
    print(table.rst(records))
    return int(not all(record['right'] for record in records))


def _table(arguments: argparse.Namespace) -> int:
    records = [record for path in arguments.files
               for record in runs.lines(path)]
    print(table.rst(records))
    return 0


if __name__ == '__main__':
    sys.exit(main())
