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

"""Results by kind of cloud, as a table of the documentation."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from benchmarks.fidelity import cases


Records = list[Mapping[str, Any]]


def rst(records: Iterable[Mapping[str, Any]]) -> str:
    """Lay out results: a row for each kind, a column for each run.

    A run is a strategy on clouds as Watcher has seen them, or on ones that
    have changed since.
    """
    runs: dict[str, Records] = {}
    for record in records:
        runs.setdefault(_name(record), []).append(record)
    rows = [['kind', *(f'{name}: {part}' for name in runs
                       for part in ('possible', 'impossible'))]]
    for kind in cases.KINDS:
        of_kind = [[one for one in run if one['kind'] == kind]
                   for run in runs.values()]
        if any(of_kind):
            rows.append([kind, *_cells(of_kind)])
    rows.append(['**all**', *_cells(runs.values())])
    return _grid(rows)


def _name(record: Mapping[str, Any]) -> str:
    return record['strategy'] + (', stale' if record['stale'] else '')


def _cells(runs: Iterable[Records]) -> list[str]:
    """Count the right ones among the possible, and the impossible."""
    cells = []
    for run in runs:
        for possible in (True, False):
            some = [one for one in run if one.get('possible') is possible]
            right = sum(one['right'] for one in some)
            cells.append(f'{right} of {len(some)}')
    return cells


def _grid(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    line = '  '.join('=' * width for width in widths)
    texts = ['  '.join(cell.ljust(width) for cell, width
                       in zip(row, widths, strict=True)).rstrip()
             for row in rows]
    return '\n'.join([line, texts[0], line, *texts[1:], line])
