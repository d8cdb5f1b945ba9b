# SPDX-License-Identifier: Apache-2.0

"""Run benchmarks by name; without one, all."""

import argparse
import functools

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

from benchmarks import audit_cost
from benchmarks import check_cost
from benchmarks import drains
from benchmarks import makespan
from benchmarks import makespan_real
from benchmarks import making_room
from benchmarks import plan_cost
from benchmarks import rolling
from benchmarks.solve import table as solve


BENCHMARKS: Mapping[str, Callable[[], None]] = {
    'plan_cost': plan_cost.run,
    'audit_cost': audit_cost.run,
    'check_cost': check_cost.run,
    'joint': functools.partial(drains.run, drains.JOINT),
    'dense': functools.partial(drains.run, drains.DENSE),
    'refusals': functools.partial(drains.run, drains.REFUSALS),
    'rolling': rolling.run,
    'making_room': making_room.run,
    'solve': solve.run_default,
    'makespan': makespan.run,
    'makespan_real': makespan_real.run,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for, with each benchmark's own defaults."""
    parser = argparse.ArgumentParser(prog='benchmarks', description=__doc__)
    parser.add_argument('name', nargs='*', help=', '.join(BENCHMARKS))
    names = parser.parse_args(arguments).name or [*BENCHMARKS]
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f'there is no benchmark {", ".join(unknown)}')
    for name in names:
        BENCHMARKS[name]()


if __name__ == '__main__':
    main()
