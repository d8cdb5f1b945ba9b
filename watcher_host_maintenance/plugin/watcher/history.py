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

from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.request import closings
from watcher_host_maintenance.request.closings import Action
from watcher_host_maintenance.request.closings import Plan


MAX_PLANS = 500
"""How many plans of each strategy are looked at, newest first."""

STRATEGIES = (names.STRATEGY, names.RETURN_STRATEGY, names.ROLL_STRATEGY)


def recorded(hosts: Collection[str]) -> tuple[Closing, ...]:
    """Return what is recorded of the newest maintenance of some nodes."""
    return closings.closings(_plans(), hosts)


def _plans() -> Iterator[Plan]:
    """Yield the plans of our strategies, newest first."""
    request = context.make_context()
    listed = itertools.chain.from_iterable(
        objects.ActionPlan.list(
            request,
            filters={'strategy_name': name},
            limit=MAX_PLANS,
            sort_key='id',
            sort_dir='desc',
        )
        for name in STRATEGIES
    )
    for plan in sorted(listed, key=lambda p: p.id, reverse=True):
        actions = objects.Action.list(
            request, filters={'action_plan_uuid': plan.uuid}
        )
        yield Plan(seconds(plan.created_at), tuple(map(_action, actions)))


def _action(action: Any) -> Action:
    succeeded = objects.action.State.SUCCEEDED
    return Action(
        action.action_type, action.input_parameters, action.state == succeeded
    )


def seconds(time: datetime.datetime) -> int:
    """Return a time of Watcher's, which is in UTC, as seconds since 1970."""
    return int(time.replace(tzinfo=datetime.UTC).timestamp())
