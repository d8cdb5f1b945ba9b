# SPDX-License-Identifier: Apache-2.0

"""Place what does not fit by ejecting what is easier to place elsewhere.

After Nagata and Braysy's guided ejection search: an item that has to eject
others becomes dearer, so the hardest are ejected last. The ejected are placed
again; in between instances change places where there is room, so that the
search does not go round in circles. Chance is a fixed sequence of numbers:
the same board gives the same placement.
"""

from collections.abc import Callable

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.result import unlimited
from watcher_host_maintenance.core.packing.state import State


DEEPEST = 3
"""The most items ejected for one."""

STIR = 5
"""Exchanges tried for each bin after an ejection, to leave a dead end."""

MOST_STIRRED = 50
"""The most exchanges tried after an ejection."""

FIRST_ROUND = 90_000
"""Things looked at before it starts again from empty bins."""


class Ejection:
    """One search, which can be continued.

    :ivar state: what the bins hold
    :ivar pool: the items that have no place now, without those that fit
        nowhere
    :ivar best: for each bin, item -> count: the most that had a place
    :ivar fewest: how many items had no place then
    :ivar steps: how many things it has looked at
    """

    def __init__(self, board: Board):
        self.board = board
        self.state = State(board)
        self.hardness: list[int] = []
        self.pool: list[int] = []
        self.best: list[dict[int, int]] = [{} for _bin in board.bins]
        self.fewest = sum(board.counts) + 1
        self.steps = 0
        self._chance = 1
        self._round = FIRST_ROUND
        self._until = 0
        self._start()
        self._hopeless = sum(board.counts) - len(self.pool)

    def run(self, steps: int, left_s: Callable[[], float] = unlimited) -> bool:
        """Go on until all are placed, or so many things were looked at.

        :param steps: how many in all, by this run and those before
        :param left_s: raises an exception when the search has to end, as
            :attr:`Limits.left_s` does
        :returns: all have a place
        """
        while self.pool and self.steps < steps:
            left_s()
            # Above all, a packed size has the share of all room.
            self.pool.sort(key=self._share)
            item = self.pool.pop()
            if self._insert(item):
                continue
            self._keep(1)
            self.hardness[item] += 1
            self._eject_for(item)
            self._stir()
            if self.steps > self._until:
                self._start()
        self._keep(0)
        return not self.fewest

    def _share(self, item: int) -> int:
        return self.board.sizes[item] >> self.board.slack

    def _start(self) -> None:
        """Begin with empty bins; each round is half as long again."""
        self.state = State(self.board)
        self.hardness = [1] * len(self.board.items)
        self.pool = [
            item
            for item, count in enumerate(self.board.counts)
            for _one in range(count)
            if self.board.able[item]
        ]
        self._until = self.steps + self._round
        self._round += self._round // 2

    def _keep(self, more: int) -> None:
        """Remember this placement if none had more items."""
        fewest = len(self.pool) + more + self._hopeless
        if fewest < self.fewest:
            self.fewest = fewest
            self.best = [dict(held) for held in self.state.held]

    def _random(self, below: int) -> int:
        """Return the next number of a fixed sequence (Knuth's MMIX)."""
        self._chance = (
            self._chance * 6364136223846793005 + 1442695040888963407
        ) & 0xFFFFFFFFFFFFFFFF
        return (self._chance >> 33) % below

    def _insert(self, item: int) -> bool:
        """Put one where it fits most tightly."""
        free, guard = self.state.free, self.board.guard
        size, slack = self.board.sizes[item], self.board.slack
        able = self.board.able[item]
        self.steps += len(able)
        least, chosen = 0, -1
        for index in able:
            room = free[index]
            if (room - size) & guard == guard:
                left = room >> slack
                if chosen < 0 or left < least:
                    least, chosen = left, index
        if chosen >= 0:
            self.state.put(chosen, item)
        return chosen >= 0

    def _eject_for(self, item: int) -> None:
        """Put one where those that must leave for it are easiest to place."""
        able = self.board.able[item]
        first = self._random(len(able))
        chosen = able[first]
        cheapest: tuple[int, list[int]] | None = None
        for index in able[first:] + able[:first]:
            self.steps += 1
            most = cheapest[0] if cheapest else None
            found = self._cheapest_set(index, item, most)
            if found and (most is None or found[0] < most or self._random(2)):
                chosen, cheapest = index, found
        ejected = cheapest[1] if cheapest else self._enough(chosen, item)
        for other in ejected:
            self.state.put(chosen, other, -1)
            self.pool.append(other)
        self.state.put(chosen, item)

    def _cheapest_set(
        self, index: int, item: int, most: int | None
    ) -> tuple[int, list[int]] | None:
        """Find the few that are cheapest to eject from a bin for one.

        :param most: the cost that is no use to exceed
        :returns: cost and items, or None
        """
        hardness, held = self.hardness, self.state.held[index]
        sizes, guard = self.board.sizes, self.board.guard
        others = sorted(
            (other for other in held if other != item),
            key=lambda other: (hardness[other], other),
        )
        best: list[int] = []
        limit = most

        def descend(start: int, rest: int, cost: int, out: list[int]) -> None:
            nonlocal best, limit
            for position in range(start, len(others)):
                other = others[position]
                total = cost + hardness[other]
                if limit is not None and total > limit:
                    return
                if out.count(other) >= held[other]:
                    continue
                self.steps += 1
                left = rest + sizes[other]
                if left & guard == guard:
                    if not best or limit is None or total < limit:
                        best, limit = [*out, other], total
                    elif self._random(2):
                        best = [*out, other]
                elif len(out) + 1 < DEEPEST:
                    descend(position, left, total, [*out, other])

        descend(0, self.state.free[index] - sizes[item], 0, [])
        return (limit, best) if best and limit is not None else None

    def _enough(self, index: int, item: int) -> list[int]:
        """Name as many as must leave a bin for one, the easiest first."""
        guard, held = self.board.guard, self.state.held[index]
        rest = self.state.free[index] - self.board.sizes[item]
        out: list[int] = []
        for other in sorted(held, key=lambda o: (self.hardness[o], o)):
            for _one in range(held[other]):
                if rest & guard == guard:
                    return out
                rest += self.board.sizes[other]
                out.append(other)
        return out

    def _stir(self) -> None:
        """Move or exchange items at random where that fits."""
        state, able = self.state, self.board.able
        for _try in range(min(MOST_STIRRED, STIR * len(state.free))):
            self.steps += 1
            index = self._random(len(state.free))
            held = state.held[index]
            if not held:
                continue
            items = sorted(held)
            item = items[self._random(len(items))]
            other = able[item][self._random(len(able[item]))]
            if other != index:
                self._change(index, item, other)

    def _change(self, index: int, item: int, other: int) -> None:
        """Move one to another bin, or exchange it for one that is there."""
        state = self.state
        state.put(index, item, -1)
        if state.fits(other, item):
            state.put(other, item)
            return
        for back in sorted(state.held[other]):
            if back == item or not self.board.takes(index, back):
                continue
            self.steps += 1
            state.put(other, back, -1)
            if state.fits(other, item) and state.fits(index, back):
                state.put(other, item)
                state.put(index, back)
                return
            state.put(other, back)
        state.put(index, item)
