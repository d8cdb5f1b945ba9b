# SPDX-License-Identifier: Apache-2.0

"""Everything that fits one bin, and the most weight of it."""

import dataclasses
import math

from collections.abc import Sequence

from watcher_host_maintenance.core.packing.board import Amounts
from watcher_host_maintenance.core.packing.board import Board


Pattern = tuple[int, ...]
"""How many of each kind."""


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """What makes bins alike, when members of a group are not told apart.

    :ivar room: what is left of each resource class, in units
    :ivar caps: how many of each kind a bin could take alone
    :ivar times: how many bins look like this
    :ivar patterns: what fits one of them such that no further instance
        does; None when it is too much to list
    """

    room: Amounts
    caps: Pattern
    times: int
    patterns: tuple[Pattern, ...] | None = None

    def holds(self, sizes: Sequence[Amounts], weights: Sequence[int]) -> int:
        """Return the most weight that one of these bins may hold, or more.

        :param sizes: of each kind
        :param weights: of one instance of each kind, 0 or more
        """
        if self.patterns is None:
            return self._relaxed(sizes, weights)
        return max(
            sum(map(int.__mul__, weights, pattern))
            for pattern in self.patterns
        )

    def _relaxed(
        self, sizes: Sequence[Amounts], weights: Sequence[int]
    ) -> int:
        """Look at one resource class at a time, and let the last be cut."""
        kinds = [k for k, n in enumerate(self.caps) if n and weights[k]]
        least = sum(self.caps[k] * weights[k] for k in kinds)
        for resource, room in enumerate(self.room):
            dense = sorted(
                (
                    -weights[k] / size if size else -math.inf,
                    size,
                    self.caps[k],
                    weights[k],
                )
                for k in kinds
                for size in [sizes[k][resource]]
            )
            least = min(least, _densest(dense, room))
        return least


def _densest(dense: list[tuple[float, int, int, int]], room: int) -> int:
    """Return the most weight in a room if the last one may be cut.

    :param dense: for each kind its order, size, number and weight
    """
    held = 0
    for _order, size, count, weight in dense:
        number = min(count, room // size) if size else count
        held += number * weight
        room -= number * size
        if number < count:
            return held + room * weight // size
    return held


@dataclasses.dataclass(frozen=True, slots=True)
class Kinds:
    """The shapes of a board that differ without their groups, and the bins.

    What is proved of them holds for the shapes as well: it only forgets
    which members must be apart, not how many members a bin may take.

    :ivar members: for each kind, the indices of its shapes
    :ivar sizes: of each kind
    :ivar counts: how many there are of each kind
    :ivar looks: the bins that can take any
    """

    members: list[list[int]]
    sizes: list[Amounts]
    counts: list[int]
    looks: list[Look]


def kinds(board: Board) -> Kinds:
    """Gather the shapes and the bins of a board that look alike."""
    number: dict[tuple[Amounts, object], int] = {}
    members: list[list[int]] = []
    for index, shape in enumerate(board.shapes):
        key = (board.sizes[index], shape.allowed)
        if number.setdefault(key, len(members)) == len(members):
            members.append([])
        members[number[key]].append(index)
    times: dict[tuple[Amounts, Pattern], int] = {}
    for room, most, left in zip(
        board.rooms, board.most, board.left, strict=True
    ):
        caps = tuple(_cap(board, room, most, left, m) for m in members)
        look = (room, caps)
        times[look] = times.get(look, 0) + 1
    return Kinds(
        members,
        [board.sizes[m[0]] for m in members],
        [sum(board.counts[i] for i in m) for m in members],
        [Look(room, caps, n) for (room, caps), n in sorted(times.items())],
    )


def _cap(
    board: Board,
    room: Amounts,
    most: Sequence[int],
    left: Sequence[int],
    members: Sequence[int],
) -> int:
    """Count how many of one kind a bin could take alone."""
    alone = 0
    grouped: dict[int, int] = {}
    for index in members:
        if board.groups[index] < 0:
            alone += most[index]
        elif most[index]:
            group = board.groups[index]
            grouped[group] = grouped.get(group, 0) + most[index]
    alone += sum(min(n, left[g]) for g, n in grouped.items())
    for size, free in zip(board.sizes[members[0]], room, strict=True):
        if size and alone * size > free:
            alone = free // size
    return alone


def listed(found: Kinds, most_patterns: int) -> Kinds:
    """List the patterns of as many looks as it may, smallest bins first.

    :param most_patterns: how many steps listing may take, for all together
    """
    left = most_patterns
    looks = []
    for look in sorted(
        found.looks, key=lambda look: (sum(look.caps), look.room)
    ):
        patterns = maximal(found.sizes, look, left)
        if patterns is not None:
            left -= len(patterns)
        looks.append(dataclasses.replace(look, patterns=patterns))
    return dataclasses.replace(found, looks=looks)


def maximal(
    sizes: Sequence[Amounts], look: Look, most_steps: int
) -> tuple[Pattern, ...] | None:
    """List what fits a bin such that no further instance does.

    :returns: None when that takes more steps than it may
    """
    order = [k for k, n in enumerate(look.caps) if n]
    order.sort(key=lambda k: (tuple(-a for a in sizes[k]), k))
    found: list[Pattern] = []
    steps = most_steps
    chosen = [0] * len(look.caps)

    def descend(position: int, room: Amounts) -> bool:
        nonlocal steps
        steps -= 1
        if steps < 0:
            return False
        if position == len(order):
            if _is_full(sizes, look.caps, order, chosen, room):
                found.append(tuple(chosen))
            return True
        kind = order[position]
        number = _fitting(sizes[kind], room, look.caps[kind])
        # The last kind is taken as often as it fits, or more would fit.
        least = number if position == len(order) - 1 else 0
        for n in range(number, least - 1, -1):
            chosen[kind] = n
            left = tuple(
                f - n * a for f, a in zip(room, sizes[kind], strict=True)
            )
            if not descend(position + 1, left):
                return False
        chosen[kind] = 0
        return True

    return tuple(found) if descend(0, look.room) else None


def _fitting(size: Amounts, room: Amounts, most: int) -> int:
    for amount, free in zip(size, room, strict=True):
        if amount and most * amount > free:
            most = free // amount
    return most


def _is_full(
    sizes: Sequence[Amounts],
    caps: Pattern,
    order: Sequence[int],
    chosen: Sequence[int],
    room: Amounts,
) -> bool:
    return not any(
        chosen[k] < caps[k]
        and all(a <= f for a, f in zip(sizes[k], room, strict=True))
        for k in order
    )
