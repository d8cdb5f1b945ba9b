# SPDX-License-Identifier: Apache-2.0

"""The planner: from a solution to the rows that the applier runs.

The graph is the one that the strategy has made and its checker has proved:
nothing is reordered here. The strategy names this planner, so that no
operator has to configure it.
"""

from typing import Any

from watcher import objects
from watcher.common import utils
from watcher.decision_engine.planner import base

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs


LOG = logs.get_logger(__name__)


class ClusterMaintenance(base.BasePlanner):  # type: ignore[misc]
    """Write a solution into an action plan, as it is."""

    def schedule(self, context: Any, audit_id: int, solution: Any) -> Any:
        """Create an action plan with its actions and efficacy indicators.

        :param context: Watcher's request context
        :param audit_id: the audit's number, not its UUID
        :param solution: Watcher's, with actions as :mod:`.emit` writes them
        :returns: the ``watcher.objects.ActionPlan``: RECOMMENDED, or
            SUCCEEDED when there is nothing to do
        """
        strategy = objects.Strategy.get_by_name(
            context, solution.strategy.name
        )
        state = objects.action_plan.State
        # It cannot be started until all of it is written, or ever if that
        # fails: it would disable nodes from which nothing moves.
        plan = objects.ActionPlan(
            context,
            uuid=utils.generate_uuid(),
            audit_id=audit_id,
            strategy_id=strategy.id,
            state=state.CANCELLED,
            status_message=_('The decision engine has not written all of it.'),
            global_efficacy=solution.global_efficacy,
        )
        plan.create()
        for indicator in solution.efficacy_indicators:
            objects.EfficacyIndicator(
                context,
                uuid=utils.generate_uuid(),
                action_plan_id=plan.id,
                name=indicator.name,
                description=indicator.description,
                unit=indicator.unit,
                value=indicator.value,
            ).create()
        uuids = [utils.generate_uuid() for _action in solution.actions]
        for uuid, action in zip(uuids, solution.actions, strict=True):
            parents = [uuids[position] for position in action['parents']]
            fields = {**action, 'uuid': uuid, 'parents': parents}
            objects.Action(context, action_plan_id=plan.id, **fields).create()
        plan.state = state.RECOMMENDED if solution.actions else state.SUCCEEDED
        plan.status_message = None
        plan.save()
        LOG.info(
            'Action plan %s: %d actions', plan.uuid, len(solution.actions)
        )
        return plan
