# SPDX-License-Identifier: Apache-2.0

"""Reads that do not wait for one another."""

from collections.abc import Callable
from collections.abc import Iterable
from concurrent import futures
from typing import TypeVar


Item = TypeVar('Item')
Answer = TypeVar('Answer')

AT_ONCE = 8
"""Requests that are under way together: one audit is not to flood an API."""


def each(
    read: Callable[[Item], Answer], items: Iterable[Item]
) -> list[Answer]:
    """Call a function for every item, several at once.

    :returns: one answer per item, in the order of the items
    :raises Exception: whatever the first call that fails raises
    """
    with futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(read, items))


class Reads:
    """Different reads, started at once and waited for one by one."""

    def __init__(self) -> None:
        self._pool = futures.ThreadPoolExecutor(AT_ONCE)

    def __enter__(self) -> 'Reads':
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, read: Callable[[], Answer]) -> Callable[[], Answer]:
        """Start a read; what is returned waits for it, and raises for it."""
        return self._pool.submit(read).result
