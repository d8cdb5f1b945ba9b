# SPDX-License-Identifier: Apache-2.0

"""Make a placement more even: move or exchange what is in the highest bin."""

import dataclasses

from collections.abc import Iterator

from watcher_host_maintenance.core.packing.state import State


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
    back: int = -1


def balance(state: State, steps: int) -> None:
    """Lower the highest bin, then the next, while one exchange does it.

    Each change makes the heights, sorted from the highest, smaller; so it
    ends by itself as well.

    :param steps: how many exchanges may be looked at
    """
    work = _Balancing(state, steps)
    while work.improve():
        pass


class _Balancing:
    def __init__(self, state: State, steps: int):
        self.state = state
        self.steps = steps

    def improve(self) -> bool:
        """Make one change that lowers a bin, the highest that can be."""
        state = self.state
        heights = {index: state.height(index) for index in state.touched}
        for source in sorted(heights, key=lambda i: (-heights[i], i)):
            if self.steps <= 0:
                return False
            change = min(self._changes(source, heights[source]), default=None)
            if change is not None:
                state.put(source, change.item, -1)
                if change.back >= 0:
                    state.put(change.target, change.back, -1)
                    state.put(source, change.back)
                state.put(change.target, change.item)
                return True
        return False

    def _changes(self, source: int, before: int) -> Iterator[_Change]:
        """Yield the changes after which both bins are lower than one was."""
        state = self.state
        for item in sorted(state.held[source]):
            state.put(source, item, -1)
            rest = state.height(source)
            if rest < before:
                self.steps -= len(state.touched)
                # Never back to where it was: that is as high as before.
                violations = state.soft_violations(source, item)
                lowest = state.lowest(item, before, violations)
                if lowest is not None:
                    yield _Change(max(lowest[0], rest), lowest[1], item)
            for target in state.touched:
                if target != source:
                    yield from self._exchanges(source, item, target, before)
            state.put(source, item)

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
            keeps_soft = all(
                state.soft_violations(to, moved)
                <= state.soft_violations(off, moved)
                for moved, off, to in (
                    (item, source, target),
                    (back, target, source),
                )
            )
            state.put(target, back)
            if there is not None and there < before and keeps_soft:
                yield _Change(max(here, there), target, item, back)
