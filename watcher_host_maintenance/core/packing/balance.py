# SPDX-License-Identifier: Apache-2.0

"""Make a placement more even: move or exchange what is in the highest bin."""

import dataclasses

from collections.abc import Iterator

from watcher_host_maintenance.core.packing.state import Heights


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class _Change:
    """One item goes from the higher bin to another, one may come back.

    In the order of preference: the lowest first, then the earlier names.

    :ivar height: of the higher of both bins afterwards
    :ivar target: the bin that the item goes to
    :ivar back: the item that comes back, -1 is none
    """

    height: int
    target: int
    item: int
    back: int


def balance(state: Heights, steps: int) -> None:
    """Lower the highest bin, then the next, while one exchange does it.

    Each change makes the heights, sorted from the highest, smaller; so it
    ends by itself as well.

    :param steps: how many exchanges may be looked at
    """
    work = _Balancing(state, steps)
    while work.improve():
        pass


class _Balancing:
    def __init__(self, state: Heights, steps: int):
        self.state = state
        self.steps = steps

    def improve(self) -> bool:
        """Make one change that lowers a bin, the highest that can be."""
        heights = {
            index: self.state.height(index) for index in self.state.touched
        }
        for index in sorted(heights, key=lambda i: (-heights[i], i)):
            if self.steps <= 0:
                return False
            change = min(self._changes(index, heights[index]), default=None)
            if change is not None:
                self._apply(index, change)
                return True
        return False

    def _changes(self, source: int, before: int) -> Iterator[_Change]:
        """Yield the changes after which both bins are lower than one was."""
        for item in sorted(self.state.held[source]):
            self.state.put(source, item, -1)
            yield from self._moves(source, item, before)
            for target in self.state.touched:
                if target != source:
                    yield from self._exchanges(source, item, target, before)
            self.state.put(source, item)

    def _moves(self, source: int, item: int, before: int) -> Iterator[_Change]:
        """Yield the best move of an item that was taken out."""
        rest = self.state.height(source)
        if rest >= before:
            return
        self.steps -= len(self.state.touched)
        # Never back to where it was: that is as high as before.
        lowest = self.state.lowest(
            item, before, self.state.soft_violations(source, item)
        )
        if lowest is not None:
            yield _Change(max(lowest[0], rest), lowest[1], item, -1)

    def _exchanges(
        self, source: int, item: int, target: int, before: int
    ) -> Iterator[_Change]:
        """Yield each exchange of an item that was taken out."""
        state = self.state
        for back in sorted(state.held[target]):
            self.steps -= 1
            here = None if back == item else state.height_with(source, back)
            if here is None or here >= before:
                continue
            state.put(target, back, -1)
            there = state.height_with(target, item)
            keeps = self._keeps_soft(
                item, source, target
            ) and self._keeps_soft(back, target, source)
            state.put(target, back)
            if there is not None and there < before and keeps:
                yield _Change(max(here, there), target, item, back)

    def _keeps_soft(self, item: int, source: int, target: int) -> bool:
        """Return True if a soft group has no more against the other bin.

        The item has been taken out already.
        """
        violations = self.state.soft_violations
        return violations(target, item) <= violations(source, item)

    def _apply(self, source: int, change: _Change) -> None:
        self.state.put(source, change.item, -1)
        if change.back >= 0:
            self.state.put(change.target, change.back, -1)
            self.state.put(source, change.back)
        self.state.put(change.target, change.item)
