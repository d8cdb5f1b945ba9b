# SPDX-License-Identifier: Apache-2.0

"""Processor time, so that what else the machine does counts for little."""

import gc
import statistics
import time

from collections.abc import Callable
from collections.abc import Mapping


Work = Callable[[], object]

Prepare = Callable[[], Work]
"""Makes what is timed anew for each try, in time that does not count."""


def seconds(prepare: Prepare) -> float:
    """Return the processor time of one call, with no garbage before it."""
    work = prepare()
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def ratios(
    unit: Prepare, works: Mapping[str, Prepare], tries: int
) -> tuple[float, dict[str, float]]:
    """Time each work beside a unit, again and again.

    :returns: seconds of the unit, and name -> multiple of it; medians
    """
    units: list[float] = []
    found: dict[str, list[float]] = {name: [] for name in works}
    for _try in range(tries):
        for name, work in works.items():
            # Right before it, since a machine is not always equally fast.
            units.append(seconds(unit))
            found[name].append(seconds(work) / units[-1])
    return (
        statistics.median(units),
        {name: statistics.median(many) for name, many in found.items()},
    )
