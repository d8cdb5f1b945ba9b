# SPDX-License-Identifier: Apache-2.0

"""Make a placement more even: move or exchange what is on the fullest."""

import dataclasses

from watcher_host_maintenance.core.packing.loads import Load
from watcher_host_maintenance.core.packing.loads import Loads
from watcher_host_maintenance.core.packing.problem import Shape


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class _Change:
    """One instance goes from the fuller bin, another may come back.

    In the order of preference: the lowest first, then by names.

    :ivar height: of the fuller of both bins afterwards
    """

    height: float
    hostname: str
    key: str
    back: str


def even(loads: Loads, steps: int) -> None:
    """Lower the highest bin, then the next, while one exchange does it.

    Each change makes the heights, sorted from the highest, smaller; so it
    ends by itself as well.

    :param steps: how many exchanges may be looked at
    """
    work = _Evening(loads, steps)
    while work.improve():
        pass


class _Evening:
    def __init__(self, loads: Loads, steps: int):
        self.loads = loads
        self.steps = steps
        self.shapes = {s.key: s for s in loads.problem.shapes}

    def improve(self) -> bool:
        """Do one change that lowers a bin, the highest that can be."""
        touched = self.loads.touched
        heights = sorted(
            ((load.height(), name) for name, load in touched.items()),
            key=lambda pair: (-pair[0], pair[1]),
        )
        for height, name in heights:
            if self.steps <= 0:
                return False
            if self.loads.touched[name].there:
                change = self._best(touched[name], height)
                if change is not None:
                    self._apply(touched[name], change)
                    return True
        return False

    def _best(self, source: Load, before: float) -> _Change | None:
        """Find the change after which both bins are lower than one was."""
        best: _Change | None = None
        for key in sorted(source.there):
            shape = self.shapes[key]
            source.add(shape, -1)
            for found in self._changes(source, shape, before):
                if best is None or found < best:
                    best = found
            source.add(shape, 1)
        return best

    def _changes(
        self, source: Load, shape: Shape, before: float
    ) -> list[_Change]:
        """List what one instance that was taken off may do."""
        found = []
        rest = source.height()
        if rest < before:
            free = self.loads.lowest(
                shape, before, self.loads.dislikes(shape, source.members)
            )
            self.steps -= len(self.loads.touched)
            # Never back to where it was: that is as high as before.
            if free is not None:
                height = max(free[0], rest)
                found.append(_Change(height, free[1], shape.key, ''))
        for hostname, load in self.loads.touched.items():
            if load is source:
                continue
            for key in sorted(load.there):
                self.steps -= 1
                if key != shape.key:
                    both = self._exchanged(source, shape, load, key, before)
                    if both is not None:
                        found.append(_Change(both, hostname, shape.key, key))
        return found

    def _exchanged(
        self, source: Load, shape: Shape, load: Load, key: str, before: float
    ) -> float | None:
        """Return the higher of both after an exchange, if it is lower."""
        back = self.shapes[key]
        here = self.loads.after(back, source.bin, source)
        if here is None or here >= before:
            return None
        load.add(back, -1)
        there = self.loads.after(shape, load.bin, load)
        liked = self._is_liked(shape, source, load) and self._is_liked(
            back, load, source
        )
        load.add(back, 1)
        if there is None or there >= before or not liked:
            return None
        return max(here, there)

    def _is_liked(self, shape: Shape, before: Load, after: Load) -> bool:
        """Tell whether no soft group likes an instance less elsewhere.

        It has been taken off already.
        """
        dislikes = self.loads.dislikes
        return dislikes(shape, after.members) <= dislikes(
            shape, before.members
        )

    def _apply(self, source: Load, change: _Change) -> None:
        shape = self.shapes[change.key]
        source.add(shape, -1)
        if change.back:
            back = self.shapes[change.back]
            self.loads.touched[change.hostname].add(back, -1)
            source.add(back, 1)
        self.loads.put(shape, change.hostname)
