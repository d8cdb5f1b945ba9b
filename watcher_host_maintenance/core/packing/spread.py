# SPDX-License-Identifier: Apache-2.0

"""The ordinary pass: largest first, each where it fills a bin least."""

from collections.abc import Mapping

from watcher_host_maintenance.core.packing.loads import Loads
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.problem import Shape


SAMPLE = 50
"""How many bins tell what a usual bin is like."""


def spread(problem: Problem) -> Loads | None:
    """Put every instance, or give up at the first that has no room."""
    loads = Loads(problem)
    for shape in by_size(loads):
        for _one in range(shape.count):
            found = loads.lowest(shape)
            if found is None:
                return None
            loads.put(shape, found[1])
    return loads


def by_size(loads: Loads) -> list[Shape]:
    """Order shapes by their largest share of a usual bin, descending.

    Those that choose last come last, whatever their size.
    """
    capacity: dict[str, float] = {}
    for there in loads.lowest_bins(SAMPLE):
        for resource_class, amount in there.capacity.items():
            capacity[resource_class] = capacity.get(resource_class, 0) + amount

    def size(resources: Mapping[str, int]) -> float:
        return max(
            (
                amount / capacity[c] if capacity.get(c) else float('inf')
                for c, amount in resources.items()
                if amount
            ),
            default=0.0,
        )

    return sorted(
        loads.problem.shapes,
        key=lambda s: (s.last, -size(s.resources), -s.memory_mb, s.key),
    )
