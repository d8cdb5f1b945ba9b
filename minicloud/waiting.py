# SPDX-License-Identifier: Apache-2.0

"""Wait for what takes a while."""

import time

from collections.abc import Callable
from typing import TypeVar

from minicloud import exceptions


_POLL_S = 0.05
#: What takes long is asked for less often: each question costs the services
#: as much as a part of the work that is waited for.
_SLOWER = 1.3
_SLOWEST_S = 0.8

Result = TypeVar('Result')


def until(
    condition: Callable[[], Result],
    timeout_s: float,
    complaint: Callable[[], str],
    poll_s: float = _POLL_S,
) -> Result:
    """Ask again and again until the answer is true.

    :param complaint: what to say when it is not in time
    :param poll_s: from the first answer to the next question; more later
    :returns: the answer
    :raises CloudError: the time is up
    """
    end = time.monotonic() + timeout_s
    while not (result := condition()):
        if time.monotonic() > end:
            raise exceptions.CloudError(f'{complaint()} after {timeout_s:g} s')
        time.sleep(poll_s)
        poll_s = max(poll_s, min(poll_s * _SLOWER, _SLOWEST_S))
    return result
