# SPDX-License-Identifier: Apache-2.0

"""Wait for what takes a while."""

import time

from collections.abc import Callable
from typing import TypeVar

from minicloud import exceptions


_POLL_S = 0.1

Result = TypeVar('Result')


def until(
    condition: Callable[[], Result],
    timeout_s: float,
    complaint: Callable[[], str],
    poll_s: float = _POLL_S,
) -> Result:
    """Ask again and again until the answer is true.

    :param complaint: what to say when it is not in time
    :param poll_s: from an answer to the next question
    :returns: the answer
    :raises CloudError: the time is up
    """
    end = time.monotonic() + timeout_s
    while not (result := condition()):
        if time.monotonic() > end:
            raise exceptions.CloudError(f'{complaint()} after {timeout_s:g} s')
        time.sleep(poll_s)
    return result
