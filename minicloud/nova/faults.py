# SPDX-License-Identifier: Apache-2.0

"""What is to go wrong on the hypervisors."""

import dataclasses
import threading
import time

from collections.abc import Callable
from typing import Any


OPERATIONS = (
    'spawn',
    'live_migration_check',
    'live_migration',
    'cold_migration',
    'finish_migration',
    'hypervisor',
)
KINDS = ('fail', 'hang', 'delay')


class Failed(Exception):
    """The operation fails, as it was told to."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    :ivar server: name or UUID of the server that it happens to
    :ivar operation: one of OPERATIONS
    :ivar kind: one of KINDS; 'hang' lasts until the fault is cleared, and
        the operation then succeeds
    :ivar seconds: how long 'delay' lasts
    """

    server: str
    operation: str
    kind: str
    seconds: float = 0

    def __post_init__(self) -> None:
        if self.operation not in OPERATIONS:
            raise ValueError(
                f'operation {self.operation!r} is none of '
                f'{", ".join(OPERATIONS)}'
            )
        if self.kind not in KINDS:
            raise ValueError(
                f'kind {self.kind!r} is none of {", ".join(KINDS)}'
            )


class Faults:
    """The faults that are set now; safe to use from any thread."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str], Fault] = {}
        self._lock = threading.Lock()

    def set(self, fault: Fault) -> None:
        """Add a fault, instead of any of the same server and operation."""
        with self._lock:
            self._faults[fault.server, fault.operation] = fault

    def clear(self, server: str | None = None) -> None:
        """Forget the faults of one server, or all."""
        with self._lock:
            self._faults = {
                key: fault
                for key, fault in self._faults.items()
                if server not in (None, fault.server)
            }

    def meet(
        self,
        operation: str,
        instance: Any,
        aborted: Callable[[], bool] = lambda: False,
    ) -> None:
        """Suffer what is set for an instance's operation, if anything.

        :param aborted: asked while waiting; true ends the wait
        :raises Failed: it is to fail, or was aborted
        """
        fault = self._find(operation, instance)
        if fault is None:
            return
        if fault.kind == 'fail':
            raise Failed(f'{operation} of {instance.display_name} fails')
        end = time.monotonic() + fault.seconds
        while self._find(operation, instance) is fault and (
            fault.kind == 'hang' or time.monotonic() < end
        ):
            if aborted():
                raise Failed(f'{operation} was aborted')
            time.sleep(0.05)

    def _find(self, operation: str, instance: Any) -> Fault | None:
        with self._lock:
            return self._faults.get(
                (instance.uuid, operation)
            ) or self._faults.get((instance.display_name, operation))
