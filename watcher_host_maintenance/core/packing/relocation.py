# SPDX-License-Identifier: Apache-2.0

"""Which few of the items that bins hold have to move for others to fit.

A move holds room in both of its bins until it has ended. So each is made in a
round: it fits beside all that has come by the end of its round, and only what
left in an earlier round makes room for it. The new items come last.
"""

import dataclasses
import math

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.problem import Bin
from watcher_host_maintenance.core.packing.problem import Item
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.program import LARGEST
from watcher_host_maintenance.core.packing.program import Ending
from watcher_host_maintenance.core.packing.program import Model
from watcher_host_maintenance.core.packing.program import Term
from watcher_host_maintenance.core.packing.result import Limits


MOST_ROUNDS = 4
"""The longest chain of moves that each need room made by the one before."""

MOST_VARIABLES = 2_000
"""The most variables of a program with chains.

A chain may put anything nearly anywhere. HiGHS takes up to 80 KiB for each
variable of 7,000, and less than 15 KiB for each of 2,000.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Settled:
    """An item that a bin holds, as often as it is counted.

    :ivar item: with a key that differs from all others
    :ivar hostname: the bin; what it uses includes the item
    """

    item: Item
    hostname: str


@dataclasses.dataclass(frozen=True, slots=True)
class Relocation:
    """Moves that make room, and where the new items go after them.

    :ivar moves: key of a settled item and the hostname that one of it moves
        to, in an order in which each has room
    :ivar placement: key of a new item -> hostname -> count
    """

    moves: tuple[tuple[str, str], ...]
    placement: Mapping[str, Mapping[str, int]]


def cheapest(
    problem: Problem,
    settled: Sequence[Settled],
    most: int,
    limits: Limits = solve.DEFAULT,
) -> Relocation | None:
    """Place all items with the fewest of them where that costs most.

    Ties, also in what costs less, as :func:`relocate` has them. If nothing
    need cost anything, nothing does.
    """
    items = (*problem.items, *(s.item for s in settled))
    dearest = max((c for i in items for c in i.avoided.values()), default=0)
    if not dearest:
        return relocate(problem, settled, most, limits)
    found = relocate(problem, settled, most, limits, 0)
    if found is not None:
        return found
    found = relocate(problem, settled, most, limits)
    if found is None:
        return None
    least, number = 0, _cost(items, found) // dearest
    while least < number:
        half = (least + number) // 2
        most_cost = (half + 1) * dearest - 1
        better = relocate(problem, settled, most, limits, most_cost)
        if better is None:
            least = half + 1
        else:
            found, number = better, _cost(items, better) // dearest
    return found


def _cost(items: Iterable[Item], relocation: Relocation) -> int:
    """Return what it costs where the items of a relocation go."""
    avoided = {item.key: item.avoided for item in items}
    return sum(
        avoided[key].get(hostname, 0) for key, hostname in relocation.moves
    ) + sum(
        avoided[key].get(hostname, 0) * count
        for key, counts in relocation.placement.items()
        for hostname, count in counts.items()
    )


def relocate(
    problem: Problem,
    settled: Sequence[Settled],
    most: int,
    limits: Limits = solve.DEFAULT,
    most_cost: float = math.inf,
) -> Relocation | None:
    """Place all items after the fewest moves; ties: the least memory moved.

    :param problem: items that have no placement as the bins are
    :param settled: those of the bins that matter most first: where there are
        too many for one program, the last stay
    :param most: how many moves are allowed
    :param most_cost: how much it may cost where all of these go
    :returns: None when there is no such relocation, or the search ended before
        it knew
    """
    if lacks_in_all(problem):
        return None

    def best(
        most: int, rounds: int, most_memory_mb: float = math.inf
    ) -> Relocation | None:
        """Return the best relocation in so many rounds, if it is certain."""
        program = _Program(problem, settled, most, rounds, limits)
        if program.is_too_large:
            return None
        program.limit_cost(most_cost)
        program.limit_memory(most_memory_mb)
        return program.solve()

    found, excluded = None, 0
    for cap in _caps(most):
        # Without a chain first: few variables, and mostly enough.
        found = best(cap, 1)
        fewer = cap if found is None else len(found.moves) - 1
        if fewer > max(excluded, 1):
            rounds = min(fewer, MOST_ROUNDS)
            found = best(fewer, rounds) or found
        if found is not None:
            break
        excluded = cap
    if found is None or len(found.moves) < 2:
        return found
    # As many may move less memory in a chain.
    count = len(found.moves)
    rounds = min(count, MOST_ROUNDS)
    lighter = _memory_mb(settled, found) - 1
    return best(count, rounds, lighter) or found


def lacks_in_all(problem: Problem) -> bool:
    """Return True if all bins together have too little: no move adds any."""
    bins = [bin_ for bin_ in problem.bins if bin_.is_open]
    return any(
        sum(item.resources.get(c, 0) * item.count for item in problem.items)
        > sum(max(bin_.free(c), 0) for bin_ in bins)
        for c in {c for item in problem.items for c in item.resources}
    )


def _caps(most: int) -> Iterator[int]:
    """Yield how many moves to try with: a small program is solved sooner."""
    cap = 1
    while cap < most:
        yield cap
        cap *= 2
    if most > 0:
        yield most


def _memory_mb(settled: Iterable[Settled], relocation: Relocation) -> int:
    memory_mb = {s.item.key: s.item.memory_mb for s in settled}
    return sum(memory_mb[key] for key, _hostname in relocation.moves)


Field = tuple[str, str]
"""What room is counted in: 'class' or 'group', and its name."""


class _Arrival(NamedTuple):
    """A variable of the program: how many of an item go to a bin.

    :ivar number: of the variable
    :ivar round: of a move; new items come after all rounds
    :ivar source: the bin that it leaves; '' is a new item
    """

    number: int
    item: Item
    hostname: str
    round: int
    source: str = ''


class _Program:
    """One whole variable for each item, bin and round.

    :ivar is_too_large: the new items alone need too many
    """

    def __init__(
        self,
        problem: Problem,
        settled: Sequence[Settled],
        most: int,
        rounds: int,
        limits: Limits,
    ):
        self._problem = problem
        self._model = Model(limits)
        self._arrivals: list[_Arrival] = []
        self._memory_unit = math.gcd(*(s.item.memory_mb for s in settled)) or 1
        items = [*problem.items, *(s.item for s in settled)]
        self._fields = [
            *(
                ('class', c)
                for c in sorted({c for i in items for c in i.resources})
            ),
            *(
                ('group', g)
                for g in sorted({i.group for i in items if i.group})
            ),
        ]
        self._settled: dict[str, list[Settled]] = {}
        for one in settled:
            self._settled.setdefault(one.hostname, []).append(one)
        for item in problem.items:
            own = [*self._add(item, item.count, rounds)]
            self._model.bound(own, item.count, item.count)
        self.is_too_large = len(self._arrivals) > LARGEST
        if self.is_too_large:
            return
        heaviest = max((s.item.memory_mb for s in settled), default=0)
        weight = most * (heaviest // self._memory_unit) + 1
        for one in settled:
            if (
                len(self._arrivals) + rounds * len(problem.bins)
                > MOST_VARIABLES
            ):
                break
            own = [
                term
                for number in range(rounds)
                for term in self._add(
                    one.item,
                    min(one.item.count, most),
                    number,
                    one.hostname,
                    weight + one.item.memory_mb // self._memory_unit,
                )
            ]
            if rounds > 1 or one.item.count < most:
                self._model.bound(own, 0, one.item.count)
        self._model.bound([(a.number, 1) for a in self._moves()], 0, most)
        arrivals: dict[str, list[_Arrival]] = {}
        departures: dict[str, list[_Arrival]] = {}
        for arrival in self._arrivals:
            arrivals.setdefault(arrival.hostname, []).append(arrival)
            departures.setdefault(arrival.source, []).append(arrival)
        for bin_ in problem.bins:
            self._bound_bin(
                bin_,
                arrivals.get(bin_.hostname, []),
                departures.get(bin_.hostname, []),
            )

    def _moves(self) -> list[_Arrival]:
        return [a for a in self._arrivals if a.source]

    def limit_cost(self, most: float) -> None:
        """Accept only places that cost at most so much together."""
        if most < math.inf:
            terms = [
                (a.number, cost)
                for a in self._arrivals
                if (cost := a.item.avoided.get(a.hostname, 0))
            ]
            self._model.bound(terms, 0, most)

    def limit_memory(self, most_mb: float) -> None:
        """Accept only moves of at most so much memory together."""
        if most_mb == math.inf:
            return
        terms = [
            (a.number, a.item.memory_mb // self._memory_unit)
            for a in self._moves()
        ]
        self._model.bound(terms, 0, most_mb // self._memory_unit)

    def _add(
        self,
        item: Item,
        most: int,
        number: int,
        source: str = '',
        cost: int = 0,
    ) -> Iterator[Term]:
        """Add a variable for each bin that may take an item in a round."""
        for bin_ in self._problem.bins:
            if bin_.hostname != source and self._takes(bin_, item, number):
                variable = self._model.whole(most, cost)
                self._arrivals.append(
                    _Arrival(variable, item, bin_.hostname, number, source)
                )
                yield variable, 1

    def _takes(self, bin_: Bin, item: Item, number: int) -> bool:
        """Return True if a bin has room for one, once enough has left it."""
        is_allowed = item.allowed is None or bin_.hostname in item.allowed
        leaving = self._settled.get(bin_.hostname, ()) if number else ()
        return (
            bin_.is_open
            and is_allowed
            and all(
                n <= bin_.max_unit.get(c, n) for c, n in item.resources.items()
            )
            and all(
                amount
                <= self._free(bin_, field)
                + sum(_held(s.item, field) * s.item.count for s in leaving)
                for field in self._fields
                if (amount := _held(item, field))
            )
        )

    def _free(self, bin_: Bin, field: Field) -> int:
        """Return what may be taken of a field; negative is overcommitted."""
        kind, name = field
        if kind == 'class':
            return bin_.free(name)
        limit = self._problem.group_limits.get(name, 1)
        return limit - bin_.members.get(name, 0)

    def _bound_bin(
        self,
        bin_: Bin,
        arrivals: Sequence[_Arrival],
        departures: Sequence[_Arrival],
    ) -> None:
        """Bound what a bin holds at the end of each round, and at last."""
        for field in self._fields:
            free = self._free(bin_, field)
            for number in sorted({a.round for a in arrivals}):
                arriving = [
                    (a.number, amount)
                    for a in arrivals
                    if a.round <= number and (amount := _held(a.item, field))
                ]
                leaving = [
                    (a.number, -amount)
                    for a in departures
                    if a.round < number and (amount := _held(a.item, field))
                ]
                self._bound_room(arriving, leaving, free)

    def _bound_room(
        self, arriving: list[Term], leaving: list[Term], free: int
    ) -> None:
        """Let as much arrive as is free, and leaves.

        Overcommitted keeps out only what holds some of the class: whether
        anything of it arrives is a variable of its own.
        """
        most = self._model.most(arriving)
        if not arriving or most <= free:
            return
        if free >= 0 or not leaving:
            self._model.bound([*arriving, *leaving], -math.inf, max(free, 0))
            return
        any_arrives = self._model.whole(1)
        self._model.bound([*arriving, (any_arrives, -most)], -math.inf, 0)
        self._model.bound(
            [*arriving, *leaving, (any_arrives, most - free)],
            -math.inf,
            most,
        )

    def solve(self) -> Relocation | None:
        """Return the best relocation, if it is certain."""
        if self._model.minimize() is not Ending.BEST:
            return None
        counts = self._model.values()
        placement: dict[str, dict[str, int]] = {}
        moves = []
        for arrival in self._arrivals:
            count = counts[arrival.number]
            if not count:
                continue
            key, hostname = arrival.item.key, arrival.hostname
            if arrival.source:
                moves += count * [(arrival.round, key, hostname)]
            else:
                placement.setdefault(key, {})[hostname] = count
        ordered = tuple((k, h) for _round, k, h in sorted(moves))
        return Relocation(ordered, placement)


def _held(item: Item, field: Field) -> int:
    """Return what one of an item holds of a field."""
    kind, name = field
    if kind == 'class':
        return item.resources.get(name, 0)
    return int(item.group == name)
