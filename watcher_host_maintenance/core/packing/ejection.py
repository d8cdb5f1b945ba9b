# SPDX-License-Identifier: Apache-2.0

"""Place what does not fit by ejecting what is easier to place elsewhere.

After Nagata and Braysy's guided ejection search: a shape that has to eject
others becomes dearer, so the hardest are ejected last. The ejected are placed
again; in between instances change places where there is room, so that the
search does not go round in circles. Chance is a fixed sequence of numbers:
the same board gives the same placement.
"""

from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.state import State


DEEPEST = 3
"""The most instances ejected for one."""

STIR = 5
"""Exchanges tried for each bin after an ejection, to leave a dead end."""

MOST_STIRRED = 50
"""The most exchanges tried after an ejection."""

FIRST_ROUND = 60_000
"""Things looked at before it starts again from empty bins."""


class Ejection:
    """One search, which can be continued.

    :ivar state: what the bins hold
    :ivar pool: shapes of the instances that have no place now, without
        those that fit nowhere
    :ivar best: for each bin, shape -> count: the most that had a place
    :ivar fewest: how many instances had no place then
    :ivar steps: how many things it may still look at
    """

    def __init__(self, board: Board):
        self.board = board
        self.state = State(board)
        self.hardness: list[int] = []
        self.pool: list[int] = []
        self.best: list[dict[int, int]] = [{} for _ in board.hosts]
        self.fewest = sum(board.counts) + 1
        self.steps = 0
        self._chance = 1
        self._round = FIRST_ROUND
        self._until = 0
        self._room = [
            max(sum(room[r] for room in board.rooms), 1)
            for r in range(len(board.resources))
        ]
        self._share = [
            sum(a / f for a, f in zip(size, self._room, strict=True))
            for size in board.sizes
        ]
        self._start()
        self._hopeless = sum(board.counts) - len(self.pool)

    def run(self, steps: int) -> bool:
        """Go on until all are placed, or for so many steps.

        :param steps: how many things may be looked at
        :returns: all have a place
        """
        self.steps = steps
        self._until = steps - self._round
        while self.pool and self.steps > 0:
            self.pool.sort(key=self._share.__getitem__)
            shape = self.pool.pop()
            if self._insert(shape):
                continue
            self._keep(1)
            self.hardness[shape] += 1
            self._eject_for(shape)
            self._stir()
            if self.steps < self._until:
                self._start()
        self._keep(0)
        return not self.fewest

    def _start(self) -> None:
        """Begin with empty bins; each round is half as long again."""
        self.state = State(self.board)
        self.hardness = [1] * len(self.board.shapes)
        self.pool = [
            shape
            for shape, count in enumerate(self.board.counts)
            for _one in range(count)
            if self.state.able[shape]
        ]
        self._until = self.steps - self._round
        self._round += self._round // 2

    def _keep(self, more: int) -> None:
        """Remember this placement if none had more instances."""
        fewest = len(self.pool) + more + self._hopeless
        if fewest < self.fewest:
            self.fewest = fewest
            self.best = [dict(there) for there in self.state.there]

    def _random(self, below: int) -> int:
        """Return the next number of a fixed sequence (Knuth's MMIX)."""
        self._chance = (
            self._chance * 6364136223846793005 + 1442695040888963407
        ) & 0xFFFFFFFFFFFFFFFF
        return (self._chance >> 33) % below

    def _insert(self, shape: int) -> bool:
        """Put one where it fits most tightly."""
        state, least, chosen = self.state, 0.0, -1
        self.steps -= len(state.able[shape])
        for index in state.able[shape]:
            if state.fits(index, shape):
                left = 0.0
                for free, room in zip(
                    state.free[index], self._room, strict=True
                ):
                    left += free / room
                if chosen < 0 or left < least:
                    least, chosen = left, index
        if chosen >= 0:
            state.put(chosen, shape)
        return chosen >= 0

    def _eject_for(self, shape: int) -> None:
        """Put one where those that must leave for it are easiest to place."""
        able = self.state.able[shape]
        first = self._random(len(able))
        cheapest: tuple[int, int, list[int]] | None = None
        for index in able[first:] + able[:first]:
            self.steps -= 1
            most = cheapest[0] if cheapest else None
            found = self._cheapest_set(index, shape, most)
            if found and (most is None or found[0] < most or self._random(2)):
                cheapest = (found[0], index, found[1])
        if cheapest is None:
            index = able[first]
            cheapest = (0, index, self._enough(index, shape))
        _cost, index, ejected = cheapest
        for other in ejected:
            self.state.take(index, other)
            self.pool.append(other)
        self.state.put(index, shape)

    def _cheapest_set(
        self, index: int, shape: int, most: int | None
    ) -> tuple[int, list[int]] | None:
        """Find the few that are cheapest to eject from a bin for one.

        :param most: the cost that is no use to exceed
        :returns: cost and shapes, or None
        """
        state, hardness = self.state, self.hardness
        there, sizes, groups = state.there[index], state.sizes, state.groups
        group = groups[shape]
        apart = group if group >= 0 and state.left[index][group] <= 0 else -1
        others = sorted(
            (s for s in there if s != shape), key=lambda s: (hardness[s], s)
        )
        best: list[int] = []
        limit = most

        def descend(
            start: int, need: list[int], apart: int, cost: int, out: list[int]
        ) -> None:
            nonlocal best, limit
            for position in range(start, len(others)):
                other = others[position]
                total = cost + hardness[other]
                if limit is not None and total > limit:
                    return
                if out.count(other) >= there[other]:
                    continue
                self.steps -= 1
                still = [
                    n - a for n, a in zip(need, sizes[other], strict=True)
                ]
                kept = -1 if groups[other] == apart else apart
                if kept < 0 and max(still) <= 0:
                    if not best or limit is None or total < limit:
                        best, limit = [*out, other], total
                    elif self._random(2):
                        best = [*out, other]
                elif len(out) + 1 < DEEPEST:
                    descend(position, still, kept, total, [*out, other])

        need = [
            a - f for a, f in zip(sizes[shape], state.free[index], strict=True)
        ]
        descend(0, need, apart, 0, [])
        return (limit, best) if best and limit is not None else None

    def _enough(self, index: int, shape: int) -> list[int]:
        """Name as many as must leave a bin for one, the easiest first."""
        state = self.state
        out: list[int] = []
        while not state.fits(index, shape):
            there = state.there[index]
            other = min(there, key=lambda s: (self.hardness[s], s))
            state.take(index, other)
            out.append(other)
        for other in out:
            state.put(index, other)
        return out

    def _stir(self) -> None:
        """Move or exchange instances at random where that fits."""
        state = self.state
        for _try in range(min(MOST_STIRRED, STIR * len(state.free))):
            self.steps -= 1
            index = self._random(len(state.free))
            there = state.there[index]
            if not there:
                continue
            shapes = sorted(there)
            shape = shapes[self._random(len(shapes))]
            able = state.able[shape]
            other = able[self._random(len(able))]
            if other != index:
                self._change(index, shape, other)

    def _change(self, index: int, shape: int, other: int) -> None:
        """Move one to another bin, or exchange it for one that is there."""
        state = self.state
        state.take(index, shape)
        if state.fits(other, shape):
            state.put(other, shape)
            return
        for back in sorted(state.there[other]):
            if back == shape or not self.board.most[index][back]:
                continue
            self.steps -= 1
            state.take(other, back)
            if state.fits(other, shape) and state.fits(index, back):
                state.put(other, shape)
                state.put(index, back)
                return
            state.put(other, back)
        state.put(index, shape)
