# SPDX-License-Identifier: Apache-2.0

"""Search everything, bin by bin, within a number of steps."""

import dataclasses

from collections.abc import Iterator

from watcher_host_maintenance.core.packing.board import Amounts
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.rounding import Rounding


Counts = tuple[int, ...]
"""How many of each shape."""

Score = tuple[int, ...]
"""What a placement is worth; more is better, the first number decides."""


@dataclasses.dataclass(slots=True)
class Found:
    """What a search came to.

    :ivar where: for each bin of the board, shape -> count; the best there is
        or, when it is not complete, the best so far; None is none
    :ivar complete: nothing better exists
    """

    where: list[dict[int, int]] | None
    complete: bool


def place(board: Board, steps: int) -> Found:
    """Look for a placement of all instances.

    :returns: None with complete when no placement exists
    """
    return _Search(board, steps, everything=True).run()


def place_most(board: Board, steps: int, least: int) -> Found:
    """Look for the largest number; ties: more memory, then earlier keys.

    :param least: how many are known to have a place; fewer are of no use
    """
    return _Search(board, steps, everything=False, least=least).run()


class _Search:
    """Depth first over the bins, the smallest first, without recursion.

    Only what fills a bin is tried: an instance that could still come may as
    well come. What is left over after the same bins need not be seen twice.
    """

    def __init__(
        self, board: Board, steps: int, everything: bool, least: int = 0
    ):
        self.board = board
        self.steps = steps
        self.everything = everything
        self.resources = range(len(board.resources))
        rounding = Rounding()
        lowered = [
            rounding.lowered(board.sizes, most, room)
            for room, most in zip(board.rooms, board.most, strict=True)
        ]
        self.order = sorted(
            range(len(board.hosts)), key=lambda b: (sum(board.most[b]), b)
        )
        self.after = [tuple(0 for _r in self.resources)]
        for index in reversed(self.order):
            self.after.append(
                tuple(map(int.__add__, self.after[-1], lowered[index]))
            )
        self.after.reverse()
        self.best: list[Counts] | None = None
        self.best_score: Score = (least - 1,)
        self.total = sum(board.counts)

    def run(self) -> Found:
        """Search until it is known or the steps are used up."""
        start = tuple(self.board.counts)
        stack = [self._fillings(0, start)]
        chosen: list[Counts] = []
        seen: set[tuple[int, Counts]] = set()
        while stack and self.steps > 0:
            filling = next(stack[-1], None)
            if filling is None:
                stack.pop()
                if chosen:
                    chosen.pop()
                continue
            chosen.append(filling)
            rest = tuple(
                n - sum(c)
                for n, c in zip(start, zip(*chosen, strict=True), strict=True)
            )
            depth = len(chosen)
            if self._ends(depth, rest, chosen):
                return Found(self._where(), True)
            state = (depth, rest)
            if state in seen or not self._promises(depth, rest):
                chosen.pop()
                continue
            seen.add(state)
            stack.append(self._fillings(depth, rest))
        return Found(self._where(), self.steps > 0)

    def _ends(self, depth: int, rest: Counts, chosen: list[Counts]) -> bool:
        """Keep what is better; True when nothing can be better still."""
        done = not any(rest)
        if done or (depth == len(self.order) and not self.everything):
            score = self._score(rest)
            if score > self.best_score:
                self.best_score = score
                self.best = list(chosen)
        return done

    def _score(self, rest: Counts) -> Score:
        """Value a placement by what it leaves."""
        memory = sum(
            n * s.memory_mb
            for n, s in zip(rest, self.board.shapes, strict=True)
        )
        return (self.total - sum(rest), -memory, *(-n for n in rest))

    def _promises(self, depth: int, rest: Counts) -> bool:
        """Tell whether the bins that are left can make a better placement."""
        if depth == len(self.order):
            return False
        after = self.after[depth]
        sizes = self.board.sizes
        if self.everything:
            return all(
                sum(n * size[r] for n, size in zip(rest, sizes, strict=True))
                <= after[r]
                for r in self.resources
            )
        more = min(
            (self._number(rest, after, r) for r in self.resources),
            default=sum(rest),
        )
        return self.total - sum(rest) + more >= self.best_score[0]

    def _number(self, rest: Counts, after: Amounts, resource: int) -> int:
        """Count how many fit one resource class, the smallest first."""
        room, number = after[resource], 0
        for size, count in sorted(
            (size[resource], n)
            for n, size in zip(rest, self.board.sizes, strict=True)
        ):
            fitting = min(count, room // size) if size else count
            number += fitting
            room -= fitting * size
            if fitting < count:
                break
        return number

    def _where(self) -> list[dict[int, int]] | None:
        if self.best is None:
            return None
        where: list[dict[int, int]] = [{} for _bin in self.order]
        for index, filling in zip(self.order, self.best, strict=False):
            where[index] = {s: n for s, n in enumerate(filling) if n}
        return where

    def _fillings(self, depth: int, rest: Counts) -> Iterator[Counts]:
        """Yield what fills a bin, the most of the largest shapes first."""
        if depth == len(self.order):
            return
        index = self.order[depth]
        most = tuple(map(min, self.board.most[index], rest))
        order = sorted(
            (s for s, n in enumerate(most) if n),
            key=lambda s: (tuple(-a for a in self.board.sizes[s]), s),
        )
        chosen = [0] * len(rest)
        left = list(self.board.left[index])
        yield from self._choose(
            order, 0, self.board.rooms[index], left, most, chosen
        )

    def _choose(
        self,
        order: list[int],
        position: int,
        room: Amounts,
        left: list[int],
        most: Counts,
        chosen: list[int],
    ) -> Iterator[Counts]:
        self.steps -= 1
        if self.steps <= 0:
            return
        if position == len(order):
            if not self._takes_more(order, room, left, most, chosen):
                yield tuple(chosen)
            return
        shape = order[position]
        size, group = self.board.sizes[shape], self.board.groups[shape]
        number = most[shape]
        for amount, free in zip(size, room, strict=True):
            if amount and number * amount > free:
                number = free // amount
        if group >= 0:
            number = min(number, left[group])
        least = number if position == len(order) - 1 else 0
        for n in range(number, least - 1, -1):
            chosen[shape] = n
            if group >= 0:
                left[group] -= n
            rest = tuple(f - n * a for f, a in zip(room, size, strict=True))
            yield from self._choose(
                order, position + 1, rest, left, most, chosen
            )
            if group >= 0:
                left[group] += n
        chosen[shape] = 0

    def _takes_more(
        self,
        order: list[int],
        room: Amounts,
        left: list[int],
        most: Counts,
        chosen: list[int],
    ) -> bool:
        for shape in order:
            group = self.board.groups[shape]
            if (
                chosen[shape] < most[shape]
                and (group < 0 or left[group] > 0)
                and all(map(int.__le__, self.board.sizes[shape], room))
            ):
                return True
        return False
