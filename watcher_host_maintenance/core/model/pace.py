# SPDX-License-Identifier: Apache-2.0

"""How much may happen at once, and how long it is thought to take."""

import dataclasses

from watcher_host_maintenance.core.model.document import InvalidDocument


STARTUP_S = 10.0
"""What any move takes beyond copying.

That is the checks, the switch, a poll, and the notices before and after it.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How fast a plan may be carried out, and whether it is verified.

    :ivar per_source: moves at once away from one node
    :ivar per_destination: moves at once to one node
    :ivar overall: moves and stops at once in the whole plan
    :ivar mib_per_s: what one move copies in a second, in MiB
    :ivar verifies: each node is looked at when all is done
    :ivar restores: when that look fails, the services that the plan has
        changed get back what they had, as far as servers allow
    """

    per_source: int = 1
    per_destination: int = 2
    overall: int = 10
    mib_per_s: int = 100
    verifies: bool = True
    restores: bool = False

    def __post_init__(self) -> None:
        for field in ('per_source', 'per_destination', 'overall', 'mib_per_s'):
            if getattr(self, field) < 1:
                raise InvalidDocument(field, 'must be at least 1')

    def move_s(self, memory_mb: int) -> float:
        """Estimate how long it takes to move an instance, in seconds.

        The memory is copied once over a network that gives each move the
        same bandwidth, and disks are shared. An instance that writes faster
        than that takes longer, as does one with a local disk. A cold move is
        taken to last as long as a live one.

        :param memory_mb: MEMORY_MB of its flavor, in MiB
        """
        return STARTUP_S + memory_mb / self.mib_per_s


DEFAULT_PACE = Pace()
