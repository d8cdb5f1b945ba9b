# SPDX-License-Identifier: Apache-2.0

"""The processor time of one call."""

import resource
import time

from collections.abc import Callable

from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.result import Result


def timed(
    solver: Callable[[Problem], Result], problem: Problem
) -> tuple[Result, float]:
    """Return a result and the processor seconds that it took."""
    started = _processor_s()
    result = solver(problem)
    return result, _processor_s() - started


def _processor_s() -> float:
    """Return the time of this process and of those that it has ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime
