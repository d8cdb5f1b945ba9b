# SPDX-License-Identifier: Apache-2.0

"""Results by kind of cloud, as a table of the documentation."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import cases


Records = list[Mapping[str, Any]]

_GAP = '  '


def rst(records: Iterable[Mapping[str, Any]]) -> str:
    """Lay out results: a row for each kind, columns for each run.

    A run is a way of emptying a node, on clouds as Watcher has seen them, or
    on ones that have changed since. A cell says how many of how many were
    right, of the clouds of which a host could be emptied, and of the others.
    The last row counts the moves that Nova refused.
    """
    runs: dict[str, Records] = {}
    for record in records:
        runs.setdefault(_name(record), []).append(record)
    rows = [['kind', *runs, *runs]]
    for kind in cases.ALL_KINDS:
        of_kind = [
            [one for one in run if one['kind'] == kind]
            for run in runs.values()
        ]
        if any(of_kind):
            rows.append([kind, *_cells(of_kind)])
    rows.append(['**all**', *_cells(list(runs.values()))])
    rows.append(['moves refused', *_counts(list(runs.values()))])
    return _laid_out(rows)


def _name(record: Mapping[str, Any]) -> str:
    way: str = record['way']
    return way + (', stale' if record['stale'] else '')


def _cells(runs: list[Records]) -> list[str]:
    """Count the right ones among the possible, then the impossible."""
    return [
        f'{sum(one["right"] for one in some)} of {len(some)}'
        for some in _halves(runs)
    ]


def _counts(runs: list[Records]) -> list[str]:
    """Count the moves that Nova refused."""
    return [
        str(sum(len(one['refused']) for one in some)) for some in _halves(runs)
    ]


def _halves(runs: list[Records]) -> list[Records]:
    """The possible ones of each run, then the impossible ones."""
    return [
        [one for one in run if one.get('possible') is possible]
        for possible in (True, False)
        for run in runs
    ]


def _laid_out(rows: list[list[str]]) -> str:
    """Draw a simple table, with a row above that spans the runs."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    half = (len(widths) - 1) // 2
    line = _GAP.join('=' * width for width in widths)
    spans = [
        widths[0],
        *(
            sum(part) + len(_GAP) * (half - 1)
            for part in (widths[1 : half + 1], widths[half + 1 :])
        ),
    ]
    texts = [_row(row, widths) for row in rows]
    return '\n'.join(
        [
            line,
            _row(['..', 'possible', 'impossible'], spans),
            _GAP.join('-' * width for width in spans),
            texts[0],
            line,
            *texts[1:],
            line,
        ]
    )


def _row(cells: list[str], widths: list[int]) -> str:
    return _GAP.join(
        cell.ljust(width) for cell, width in zip(cells, widths, strict=True)
    ).rstrip()
