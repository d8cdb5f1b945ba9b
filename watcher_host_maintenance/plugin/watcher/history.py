# SPDX-License-Identifier: Apache-2.0

"""What Watcher's database has of the maintenance of compute nodes.

Nothing is ever written.
"""

import datetime
import itertools

from collections.abc import Collection
from collections.abc import Iterator
from typing import Any

from watcher import objects
from watcher.common import context
from watcher.common import exception

from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.request import closings
from watcher_host_maintenance.request import windows
from watcher_host_maintenance.request.closings import STRATEGIES
from watcher_host_maintenance.request.closings import Action
from watcher_host_maintenance.request.closings import Plan


MAX_PLANS = 5000
"""How many plans that contain actions are looked at, newest first.

Each run of a CONTINUOUS audit writes a plan, almost always an empty one.
"""

PAGE = 1000
"""Actions in one query."""


def recorded(hosts: Collection[str]) -> tuple[Closing, ...]:
    """Return what is recorded of the newest maintenance of some nodes."""
    return closings.closings(_plans(), hosts, _tells_since)


def _plans() -> Iterator[Plan]:
    """Yield the plans of our strategies, newest first."""
    request = context.make_context()
    for number in itertools.islice(_numbers(request), MAX_PLANS):
        try:
            plan = objects.ActionPlan.get_by_id(request, number, eager=True)
        except exception.ActionPlanNotFound:
            # It is being deleted.
            continue
        if plan.strategy.name in STRATEGIES:
            actions = objects.Action.list(
                request, filters={'action_plan_uuid': plan.uuid}
            )
            yield Plan(
                seconds(plan.created_at),
                tuple(map(_action, actions)),
                plan.audit.uuid if plan.audit else '',
            )


def _tells_since(uuid: str) -> int | None:
    try:
        audit = objects.Audit.get_by_uuid(context.make_context(), uuid)
    except exception.AuditNotFound:
        return None
    tells = windows.tells_owners(audit.parameters)
    return seconds(audit.created_at) if tells else None


def _numbers(request: Any) -> Iterator[int]:
    """Yield the IDs of the plans that contain actions, newest first."""
    numbers: set[int] = set()
    marker = None
    while True:
        page = objects.Action.list(
            request, PAGE, marker, sort_key='id', sort_dir='desc'
        )
        for action in page:
            if action.action_plan_id not in numbers:
                numbers.add(action.action_plan_id)
                yield action.action_plan_id
        if len(page) < PAGE:
            return
        marker = page[-1]


def _action(action: Any) -> Action:
    succeeded = objects.action.State.SUCCEEDED
    return Action(
        action.action_type, action.input_parameters, action.state == succeeded
    )


def seconds(time: datetime.datetime) -> int:
    """Return a time of Watcher's, which is in UTC, as seconds since 1970."""
    return int(time.replace(tzinfo=datetime.UTC).timestamp())
