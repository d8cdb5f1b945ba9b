# SPDX-License-Identifier: Apache-2.0

"""What Watcher's API has of the maintenance of compute nodes."""

import functools
import itertools

from collections.abc import Collection
from collections.abc import Iterator

from watcher_host_maintenance.client import records
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud.reading.departures import History
from watcher_host_maintenance.cloud.times import seconds
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.request import closings
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request import windows
from watcher_host_maintenance.request.closings import STRATEGIES
from watcher_host_maintenance.request.closings import Action
from watcher_host_maintenance.request.closings import Plan


MAX_PLANS = 1000
"""How many plans that contain actions are looked at, newest first."""


def history(watcher: Watcher) -> History:
    """Return what reads the newest maintenance of some nodes.

    It raises :class:`.errors.ClientError`.
    """
    return functools.partial(_recorded, watcher)


def _recorded(watcher: Watcher, hosts: Collection[str]) -> tuple[Closing, ...]:
    def tells_since(uuid: str) -> int | None:
        try:
            audit = watcher.audit(uuid)
        except NotFound:
            return None
        tells = windows.tells_owners(audit.parameters)
        return seconds(audit.created_at) if tells else None

    return closings.closings(_plans(watcher), hosts, tells_since)


def _plans(watcher: Watcher) -> Iterator[Plan]:
    for plan in itertools.islice(watcher.filled_plans(), MAX_PLANS):
        if plan.strategy in STRATEGIES:
            yield Plan(
                seconds(plan.created_at),
                tuple(map(_action, watcher.actions(plan.uuid))),
                plan.audit_uuid,
            )


def _action(action: records.Action) -> Action:
    return Action(
        action.kind, action.parameters, action.state == states.SUCCEEDED
    )
