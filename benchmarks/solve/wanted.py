# SPDX-License-Identifier: Apache-2.0

"""What is wanted of the solver, and what share of the cases has it."""

from collections.abc import Callable
from collections.abc import Sequence

from benchmarks import tables
from benchmarks.solve.trial import Trial
from watcher_host_maintenance.core.packing.result import Status


CLOSE = 0.02
"""A gap to the optimum that counts as none."""

Wanted = tuple[str, int, Callable[[Trial], bool], Callable[[Trial], bool]]
"""What it is, the share wanted in %, of which trials, and what they need."""

WANTED: tuple[Wanted, ...] = (
    ('decided in 10 s', 99, lambda t: True, lambda t: t.decided(10)),
    (
        'impossible, proved without search in 10 ms',
        75,
        lambda t: t.status is Status.IMPOSSIBLE,
        lambda t: t.quick,
    ),
    (
        'fullest node within 2 % of the optimum, where that is known',
        95,
        lambda t: t.gap is not None,
        lambda t: t.gap is not None and t.gap <= CLOSE,
    ),
)


def reached(found: Sequence[Trial]) -> str:
    """Lay out what is wanted, and what came of it."""
    rows = []
    for name, share, concerns, holds in WANTED:
        some = [t for t in found if concerns(t)]
        if some:
            got = 100 * sum(map(holds, some)) / len(some)
            rows.append([name, str(len(some)), f'{share}', f'{got:.1f}'])
    return tables.simple(['of', 'cases', 'wanted, %', 'reached, %'], rows)
