# SPDX-License-Identifier: Apache-2.0

"""The planner: from a solution to the rows that the applier runs.

The graph is the one that the strategy has made and its checker has proved:
nothing is reordered here. The strategy names this planner, so that no
operator has to configure it.
"""

from collections.abc import Sequence
from typing import Any

from oslo_log import log
from watcher import objects
from watcher.common import utils
from watcher.decision_engine.planner import base

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.plugin.watcher.solution import OrderedSolution


LOG = log.getLogger(__name__)


class ClusterMaintenance(base.BasePlanner):  # type: ignore[misc]
    """Write an ordered solution into an action plan, as it is."""

    def schedule(
        self,
        context: Any,
        audit_id: int,
        solution: OrderedSolution,
    ) -> Any:
        """Create an action plan with its actions and efficacy indicators.

        :param context: Watcher's request context
        :param audit_id: the audit's number, not its UUID
        :returns: the ``watcher.objects.ActionPlan``: RECOMMENDED, or
            SUCCEEDED when there is nothing to do
        """
        actions = _graph(solution)
        created = _begin(context, audit_id, solution)
        for indicator in _indicators(solution):
            objects.EfficacyIndicator(
                context, action_plan_id=created.id, **indicator
            ).create()
        for action in actions:
            objects.Action(
                context, action_plan_id=created.id, **action
            ).create()
        created.state = _state(actions)
        created.status_message = None
        created.save()
        LOG.info('Action plan %s: %d actions', created.uuid, len(actions))
        return created


def _begin(context: Any, audit_id: int, solution: OrderedSolution) -> Any:
    """Create a plan that cannot be started.

    If writing its actions fails, it stays so: it would disable nodes from
    which nothing moves.
    """
    strategy = objects.Strategy.get_by_name(context, solution.strategy.name)
    begun = objects.ActionPlan(
        context,
        uuid=utils.generate_uuid(),
        audit_id=audit_id,
        strategy_id=strategy.id,
        state=objects.action_plan.State.CANCELLED,
        status_message=_('The decision engine has not written all of it.'),
        global_efficacy=solution.global_efficacy,
    )
    begun.create()
    return begun


def _graph(solution: OrderedSolution) -> list[dict[str, Any]]:
    """Return the fields of each action, parents before children."""
    uuids = [utils.generate_uuid() for _action in solution.actions]
    return [
        {**action, 'uuid': uuid, 'parents': [uuids[p] for p in parents]}
        for action, uuid, parents in zip(
            solution.actions, uuids, solution.parents, strict=True
        )
    ]


def _state(actions: Sequence[object]) -> str:
    state = objects.action_plan.State
    return str(state.RECOMMENDED if actions else state.SUCCEEDED)


def _indicators(solution: OrderedSolution) -> list[dict[str, Any]]:
    return [
        {
            'uuid': utils.generate_uuid(),
            'name': indicator.name,
            'description': indicator.description,
            'unit': indicator.unit,
            'value': indicator.value,
        }
        for indicator in solution.efficacy_indicators
    ]
