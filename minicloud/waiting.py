# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Wait for what takes a while."""

import time

from collections.abc import Callable
from typing import TypeVar

from minicloud import exceptions


_POLL_S = 0.1

Result = TypeVar('Result')


def until(condition: Callable[[], Result], timeout_s: float,
          complaint: Callable[[], str], poll_s: float = _POLL_S) -> Result:
    """Ask again and again until the answer is true.

    :param complaint: what to say when it is not in time
    :param poll_s: from an answer to the next question
    :returns: the answer
    :raises CloudError: the time is up
    """
    end = time.monotonic() + timeout_s
    while not (result := condition()):
        if time.monotonic() > end:
            raise exceptions.CloudError(
                f'{complaint()} after {timeout_s:g} s')
        time.sleep(poll_s)
    return result
