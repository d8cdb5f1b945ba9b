# SPDX-License-Identifier: Apache-2.0

"""What the processes of a service hold, and what of it has grown."""

import collections
import contextlib
import pathlib

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple


GROWTH_MIB = 40.0
"""MiB that a service may grow by.

openstacksdk keeps its last 256 calls (``Proxy._extract_name``) and with them
the connections of as many of Watcher's actions, some 0.1 MiB each. Python
keeps what it has used once.
"""

GROWTH = 2
"""Sockets and files that may be more than before."""

PROCESS = {'starter': 'the process'}
"""The note of the first thread of a process."""

LIBRARY = {'starter': 'a library that is not of Python'}
"""The note of a thread that Python has not started."""


class Threads(NamedTuple):
    """The living threads that one function has started.

    :ivar pools: how many pools they belong to; 0 if to none
    :ivar size: the most threads that these pools may have together
    """

    count: int
    pools: int
    size: int

    def __str__(self) -> str:
        if not self.pools:
            return str(self.count)
        many = f' in {self.pools} pools' if self.pools > 1 else ''
        return f'{self.count} of {self.size}{many}'


class Held(NamedTuple):
    """What the processes of a service hold together.

    :ivar memory_mib: their resident memory
    :ivar threads: function -> the threads that it has started
    """

    memory_mib: float
    threads: Mapping[str, Threads]
    sockets: int
    files: int

    def __str__(self) -> str:
        count = sum(threads.count for threads in self.threads.values())
        return (
            f'{self.memory_mib:.1f} MiB, {count} threads, '
            f'{self.sockets} sockets, {self.files} files'
        )


def held_by(
    pids: Iterable[int], notes: Mapping[int, Mapping[str, Any]]
) -> Held:
    """Return what some processes hold together.

    :param notes: id of a thread -> what was noted when it was started
    """
    memory_kib = sockets = files = 0
    threads: list[Mapping[str, Any]] = []
    for pid in pids:
        process = pathlib.Path(f'/proc/{pid}')
        status = dict(
            line.split(':', 1)
            for line in (process / 'status').read_text().splitlines()
        )
        memory_kib += int(status['VmRSS'].split()[0])
        named = {**notes, pid: PROCESS}
        threads += [
            named.get(int(path.name), LIBRARY)
            for path in (process / 'task').iterdir()
        ]
        targets = list(_open_files(process))
        sockets += sum(target.startswith('socket:') for target in targets)
        files += len(targets)
    return Held(memory_kib / 1024, by_starter(threads), sockets, files)


def _open_files(process: pathlib.Path) -> Iterator[str]:
    for path in (process / 'fd').iterdir():
        # It may have been closed meanwhile.
        with contextlib.suppress(FileNotFoundError):
            yield str(path.readlink())


def by_starter(notes: Iterable[Mapping[str, Any]]) -> dict[str, Threads]:
    """Group threads by what has started them, the most first."""
    counts: collections.Counter[str] = collections.Counter()
    pools: dict[str, dict[str, int]] = collections.defaultdict(dict)
    for note in notes:
        counts[note['starter']] += 1
        if 'pool' in note:
            pools[note['starter']][note['pool']] = note['size']
    return {
        starter: Threads(
            count, len(pools[starter]), sum(pools[starter].values())
        )
        for starter, count in counts.most_common()
    }


def fillings(before: Held, after: Held) -> list[str]:
    """Return a line for each starter that has more threads in its pools."""
    return [
        f'{starter}: {then.count} threads became {now}'
        for starter, then, now in _changes(before, after)
        if now.count > then.count and not _is_growth(then, now)
    ]


def growths(before: Held, after: Held) -> list[str]:
    """Return a line for each thing that grows without a bound."""
    lines = [
        f'{starter}: {then} threads became {now}'
        for starter, then, now in _changes(before, after)
        if _is_growth(then, now)
    ]
    if after.memory_mib - before.memory_mib > GROWTH_MIB:
        lines.append(
            f'{before.memory_mib:.1f} MiB became {after.memory_mib:.1f}'
        )
    if after.sockets - before.sockets > GROWTH:
        lines.append(f'{before.sockets} sockets became {after.sockets}')
    if after.files - before.files > GROWTH:
        lines.append(f'{before.files} files became {after.files}')
    return lines


def _changes(
    before: Held, after: Held
) -> Iterator[tuple[str, Threads, Threads]]:
    """Yield each starter with its threads before and after."""
    for starter, threads in after.threads.items():
        yield starter, before.threads.get(starter, Threads(0, 0, 0)), threads


def _is_growth(before: Threads, after: Threads) -> bool:
    """Return True if nothing bounds how many threads a starter has.

    A pool has a greatest size; but there may be more and more pools.
    """
    is_bounded = after.pools and after.size <= before.size
    return after.count > before.count and not is_bounded
