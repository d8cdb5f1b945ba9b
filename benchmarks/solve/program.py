# SPDX-License-Identifier: Apache-2.0

"""The plain integer program of a problem, all at once.

One whole variable for each item and each bin that can take one: how many go
there. Solvers get it as it is, with no proof and no placement before it.
"""

import dataclasses
import math

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem


@dataclasses.dataclass(frozen=True)
class Row:
    """A sum that is limited.

    :ivar terms: column -> coefficient
    """

    terms: Mapping[int, int]
    least: int
    most: int


@dataclasses.dataclass(frozen=True)
class Program:
    """Columns and rows.

    :ivar columns: item's key and hostname of each column
    :ivar upper: the most of each column; the least is 0
    """

    columns: Sequence[tuple[str, str]]
    upper: Sequence[int]
    rows: Sequence[Row]

    def where(self, values: Sequence[float]) -> dict[str, dict[str, int]]:
        """Return item's key -> hostname -> count."""
        found: dict[str, dict[str, int]] = {}
        for (key, host), value in zip(self.columns, values, strict=False):
            if round(value):
                found.setdefault(key, {})[host] = round(value)
        return found


def of(problem: Problem) -> Program:
    """Write the program of a problem."""
    fitting = [
        (item, there, most)
        for there in problem.bins
        for item in problem.items
        if (most := _most(problem, item, there)) > 0
    ]
    numbers = {
        (item.key, there.hostname): column
        for column, (item, there, _most) in enumerate(fitting)
    }
    rows = [
        *_all_placed(problem, numbers),
        *_room(problem, numbers),
        *_groups(problem, numbers),
    ]
    return Program(list(numbers), [most for _s, _b, most in fitting], rows)


Numbers = Mapping[tuple[str, str], int]
"""Item's key and hostname -> column."""


def _most(problem: Problem, item: Item, there: Bin) -> int:
    most = [item.count]
    most += [there.free(c) // a for c, a in item.resources.items() if a]
    if item.group is not None:
        most.append(problem.group_room(item.group, there))
    return min(most)


def _all_placed(problem: Problem, numbers: Numbers) -> Iterator[Row]:
    of_key: dict[str, dict[int, int]] = {s.key: {} for s in problem.items}
    for (key, _host), column in numbers.items():
        of_key[key][column] = 1
    for item in problem.items:
        yield Row(of_key[item.key], item.count, item.count)


def _room(problem: Problem, numbers: Numbers) -> Iterator[Row]:
    for there in problem.bins:
        here = [
            (numbers[item.key, there.hostname], item)
            for item in problem.items
            if (item.key, there.hostname) in numbers
        ]
        for c in there.limit:
            terms = {n: item.resources.get(c, 0) for n, item in here}
            used = {n: amount for n, amount in terms.items() if amount}
            if used:
                yield Row(used, 0, math.floor(there.free(c)))


def _groups(problem: Problem, numbers: Numbers) -> Iterator[Row]:
    groups = sorted({s.group for s in problem.items if s.group is not None})
    for group in groups:
        members = [s.key for s in problem.items if s.group == group]
        for there in problem.bins:
            terms = {
                numbers[key, there.hostname]: 1
                for key in members
                if (key, there.hostname) in numbers
            }
            if terms:
                yield Row(terms, 0, problem.group_room(group, there))
