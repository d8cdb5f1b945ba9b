# SPDX-License-Identifier: Apache-2.0

"""What is wanted of the solver, and what share of the cases has it."""

from collections.abc import Callable
from collections.abc import Sequence

from benchmarks import tables
from benchmarks.solve.trial import Trial
from watcher_host_maintenance.core.packing.answer import Status


CLOSE = 0.02
"""A gap to the optimum that counts as none."""

Wanted = tuple[str, int, Callable[[Trial], bool], Callable[[Trial], bool]]
"""What it is, the share wanted in %, of which trials, and what they need."""

ALWAYS: tuple[Wanted, ...] = (
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

WITH_EXACT: tuple[Wanted, ...] = (
    ('decided in 10 s', 99, lambda t: True, lambda t: t.decided(10)),
    *ALWAYS,
)

WITHOUT: tuple[Wanted, ...] = (
    (
        'slack 1.5',
        100,
        lambda t: t.case.slack == 1.50,
        lambda t: t.decided(10),
    ),
    (
        'fragmented',
        100,
        lambda t: t.case.kind == 'fragmented',
        lambda t: t.decided(10),
    ),
    (
        '20 instances',
        100,
        lambda t: t.case.instances == 20,
        lambda t: t.decided(10),
    ),
    (
        'planted, slack 1.1, in 1 s',
        98,
        lambda t: _planted(t, 1.10),
        lambda t: t.decided(1),
    ),
    (
        'planted, slack 1.02, 50 instances, in 10 s',
        75,
        lambda t: _planted(t, 1.02) and t.case.instances == 50,
        lambda t: t.decided(10),
    ),
    (
        'planted, slack 1.02, 100 instances, in 10 s',
        50,
        lambda t: _planted(t, 1.02) and t.case.instances == 100,
        lambda t: t.decided(10),
    ),
    *ALWAYS,
)


def reached(found: Sequence[Trial], with_exact: bool) -> str:
    """Lay out what is wanted, and what came of it."""
    rows = []
    for name, share, concerns, holds in WITH_EXACT if with_exact else WITHOUT:
        some = [t for t in found if concerns(t)]
        if some:
            got = 100 * sum(map(holds, some)) / len(some)
            rows.append([name, str(len(some)), f'{share}', f'{got:.1f}'])
    return tables.simple(['of', 'cases', 'wanted, %', 'reached, %'], rows)


def _planted(trial: Trial, slack: float) -> bool:
    return trial.case.kind == 'planted' and trial.case.slack == slack
