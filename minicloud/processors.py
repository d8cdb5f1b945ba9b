# SPDX-License-Identifier: Apache-2.0

"""Which processor each process of a cloud runs on."""

import contextlib
import itertools
import os
import socket

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping


#: Who has most to do, by far, comes first.
_ORDER = ('nova', 'watcher', 'neutron', 'keystone')
#: No more are told from one another on one processor.
_CLOUDS_EACH = 50


class Processors(contextlib.ExitStack):
    """A processor that is this cloud's before any other takes it too.

    Until it is closed. It is no fixture: an interrupt just before one is set up
    by another ends in a TypeError.

    What tells the others is a socket with a name of its own, without a file:
    the kernel takes it back however its owner ends.
    """

    def __init__(self) -> None:
        """Take the first that is free."""
        super().__init__()
        self._cpus: list[int] = []
        if hasattr(os, 'sched_getaffinity'):
            self._cpus = sorted(os.sched_getaffinity(0))
            self._first = next(
                filter(self._take, self._seats()), (0, self._cpus[0])
            )[1]

    def of(self, names: Iterable[str]) -> Mapping[str, int | None]:
        """Give each process one in turn, the busiest first.

        :returns: name -> processor; None where none can be chosen
        """
        ordered = sorted(names, key=_ORDER.index)
        if not self._cpus:
            return dict.fromkeys(ordered)
        turns = itertools.islice(
            itertools.cycle(self._cpus), self._cpus.index(self._first), None
        )
        return dict(zip(ordered, turns, strict=False))

    def _seats(self) -> Iterator[tuple[int, int]]:
        """All processors, then all once more for a second cloud on each."""
        return itertools.product(range(_CLOUDS_EACH), self._cpus)

    def _take(self, seat: tuple[int, int]) -> bool:
        """Take a seat, unless another cloud has it."""
        taken = socket.socket(socket.AF_UNIX)
        try:
            taken.bind('\0minicloud-{}-{}'.format(*seat))
        except OSError:
            taken.close()
            return False
        self.callback(taken.close)
        return True
