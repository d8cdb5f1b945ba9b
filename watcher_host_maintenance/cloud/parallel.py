# SPDX-License-Identifier: Apache-2.0

"""Reads that do not wait for one another."""

from collections.abc import Callable
from collections.abc import Iterable
from concurrent import futures
from typing import Any
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


def by_item(
    read: Callable[[Item], Answer], items: Iterable[Item]
) -> dict[Item, Answer]:
    """Return item -> answer, each item once, in order; see :func:`each`."""
    unique = list(dict.fromkeys(items))
    return dict(zip(unique, each(read, unique), strict=True))


def together(*reads: Callable[[], Any]) -> list[Any]:
    """Make different reads at once; see :func:`each`."""
    return each(lambda read: read(), reads)
