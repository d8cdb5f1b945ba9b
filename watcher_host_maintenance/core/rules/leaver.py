# SPDX-License-Identifier: Apache-2.0

"""An instance that has to leave, and how it would move."""

from typing import NamedTuple

from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.snapshot import Instance


class Leaver(NamedTuple):
    """An instance that has to leave, and how it would move."""

    instance: Instance
    kind: MoveKind
