# SPDX-License-Identifier: Apache-2.0

"""Let the UUIDs of servers grow, one after the other.

Where two servers are equal, a plan goes by their UUIDs: with random ones it
would differ from run to run. Only imported in the child processes.
"""

import secrets
import threading
import time
import uuid

from typing import Any

from nova.compute import api
from oslo_utils import uuidutils


class _Uuidutils:
    """uuidutils, but for new UUIDs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest_ns = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(uuidutils, name)

    def generate_uuid(self) -> str:
        """Return one that is greater than all before, also of other runs."""
        with self._lock:
            self._newest_ns = max(self._newest_ns + 1, time.time_ns())
            text = f'{self._newest_ns:016x}{secrets.token_hex(8)}'
        return str(uuid.UUID(hex=text))


def install() -> None:
    """Let Nova's API number the servers that it creates."""
    api.uuidutils = _Uuidutils()
