# SPDX-License-Identifier: Apache-2.0

"""Tell which small faults in core its unit tests do not notice.

    python -m tools.mutate [--jobs N] [--sample N] [MODULE ...]

Each fault runs the tests that reach its lines, the fastest first, until one
fails, in a process forked for it. The survivors are listed; the exit status
is not zero when fewer than 80 % of the faults were noticed.
"""

import argparse
import dataclasses
import importlib.abc
import importlib.util
import os
import pathlib
import random
import resource
import sys
import types
import unittest

from collections.abc import Iterable
from collections.abc import Iterator
from importlib import machinery

import hypothesis

from tools import mutants
from tools import reach


ROOT = pathlib.Path(__file__).resolve().parent.parent
CORE = ROOT / 'watcher_host_maintenance' / 'core'
TESTS = (ROOT / 'tests/unit/core', ROOT / 'tests/property/core')
NEEDED_PERCENT = 80
# A sample is the same each time.
SEED = 0
MEMORY_BYTES = 2 << 30
# A fault may make a loop endless: three times the usual, and some seconds of
# processor time, so that a busy machine gives the same answer.
PATIENCE = 3
PATIENCE_S = 5


@dataclasses.dataclass(frozen=True)
class Fault:
    """A mutant and the module that it stands for."""

    path: pathlib.Path
    mutant: mutants.Mutant

    @property
    def module(self) -> str:
        return '.'.join(self.path.relative_to(ROOT).with_suffix('').parts)

    def __str__(self) -> str:
        where = f'{self.path.relative_to(ROOT)}:{self.mutant.line}'
        return f'{where}\n- {self.mutant.before}\n+ {self.mutant.after}\n'


class Impostor(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the faulty module in place of the real one."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> machinery.ModuleSpec | None:
        if fullname != self.fault.module:
            return None
        return importlib.util.spec_from_loader(
            fullname, self, origin=str(self.fault.path)
        )

    def exec_module(self, module: types.ModuleType) -> None:
        exec(self.fault.mutant.code, vars(module))


def faults(names: Iterable[str]) -> Iterator[Fault]:
    """The faults of some modules of core, or of all."""
    paths = [CORE / f'{name}.py' for name in names]
    for path in paths or sorted(CORE.rglob('*.py')):
        for mutant in mutants.mutants(path.read_text(), str(path)):
            yield Fault(path, mutant)


def is_noticed(fault: Fault, tests: Iterable[str]) -> bool:
    """Whether one of the tests fails with the fault in place."""
    sys.meta_path.insert(0, Impostor(fault))
    for name in tests:
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromName(name).run(result)
        if not result.wasSuccessful():
            return True
    return False


def fork(fault: Fault, reached: reach.Reach) -> int:
    """Try one fault in a process of its own.

    :returns: the process, which exits with 0 when the fault survives
    """
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        tests = reached.tests(str(fault.path), fault.mutant.lines)
        usual_s = sum(reached.seconds[test] for test in tests)
        limit_s = round(PATIENCE * usual_s + PATIENCE_S)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        status = int(is_noticed(fault, tests))
    finally:
        os._exit(status)


def survivors(
    tried: Iterable[Fault], reached: reach.Reach, jobs: int
) -> list[Fault]:
    """Those of the faults that no test notices."""
    running: dict[int, Fault] = {}
    survived: list[Fault] = []

    def wait() -> None:
        pid, status = os.wait()
        fault = running.pop(pid)
        if status == 0:
            survived.append(fault)

    for number, fault in enumerate(tried):
        if number % 100 == 0:
            print(f'{number} faults tried', file=sys.stderr)
        if len(running) == jobs:
            wait()
        running[fork(fault, reached)] = fault
    while running:
        wait()
    return sorted(survived, key=lambda fault: (fault.path, fault.mutant.line))


def main() -> int:
    """Try every fault, list the survivors, say the share."""
    parser = argparse.ArgumentParser(
        description='Tell which small faults in core no unit test notices.'
    )
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument(
        '--sample', type=int, metavar='N', help='try N faults, drawn evenly'
    )
    parser.add_argument('module', nargs='*', help='module of core, as ledger')
    args = parser.parse_args()

    # No search for a smaller example: one failure is all we ask for.
    hypothesis.settings.register_profile(
        'mutation',
        database=None,
        deadline=None,
        derandomize=True,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    hypothesis.settings.load_profile('mutation')

    reached = reach.measure(TESTS, ROOT, CORE)
    tried = list(faults(args.module))
    if args.sample is not None and args.sample < len(tried):
        tried = random.Random(SEED).sample(tried, args.sample)
    survived = survivors(tried, reached, args.jobs)
    for fault in survived:
        print(fault)
    noticed = len(tried) - len(survived)
    percent = 100 * noticed / len(tried)
    print(f'{noticed} of {len(tried)} faults noticed: {percent:.1f} %')
    return int(percent < NEEDED_PERCENT)


if __name__ == '__main__':
    sys.exit(main())
