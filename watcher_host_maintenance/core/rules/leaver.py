# SPDX-License-Identifier: Apache-2.0

"""An instance that has to leave, and how it would move."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot


class Leaver(NamedTuple):
    """An instance that has to leave, and how it would move."""

    instance: Instance
    kind: MoveKind


Rule = Callable[[Leaver, ComputeNode, Snapshot, Request], Iterator[Finding]]
