# SPDX-License-Identifier: Apache-2.0

"""What a rolling maintenance waits for before its next wave begins.

What the snapshot has of its nodes is judged by :mod:`.core.rolling.gate`.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from watcher import objects
from watcher.common import context

from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.core.model.nova import DISABLED_TRAIT
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.plugin.watcher import connections


STILL_CLOSED = Of.WAVE.declare(
    'still_closed',
    says=N_(
        '{subject} came back, but its provider in Placement has the trait '
        '{trait}'
    ),
    helps=N_('Restart nova-compute there.'),
)

AGENT_DEAD_AGAIN = Of.WAVE.declare(
    'agent_dead_again',
    says=N_('{subject} came back, but its agents are dead: {agents}'),
    helps=N_('Start them.'),
)

QUERY_RETURNS_AGAIN = Of.WAVE.declare(
    'query_returns_again',
    says=N_('{subject} came back, but unfit_query returns {series}'),
    helps=N_('Fix what it shows.'),
)

OTHER_AUDIT = Of.WAVE.declare(
    'other_audit',
    says=N_('the audit {subject} is running'),
    helps=N_('Wait for it to end, or cancel it.'),
)

OTHER_PLAN = Of.WAVE.declare(
    'other_plan',
    says=N_('the action plan {subject} is {state}'),
    helps=N_('Wait for it to end, or cancel it.'),
)


def of_nodes(
    nodes: Iterable[ComputeNode], placement: Placement, neutron: Neutron
) -> Iterator[Finding]:
    """Yield why nodes that came back are not fit, as a return looks at it.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: that cannot be
        read
    """
    for node in nodes:
        is_open = node.status == 'enabled'
        if is_open and DISABLED_TRAIT in placement.traits_of_node(node.uuid):
            yield STILL_CLOSED.about(node.hostname, trait=DISABLED_TRAIT)
        agents = neutron.dead_agents(node.hostname)
        if agents:
            yield AGENT_DEAD_AGAIN.about(node.hostname, agents=tuple(agents))
        series = connections.unfit_series(node.hostname)
        if series:
            yield QUERY_RETURNS_AGAIN.about(
                node.hostname, series=tuple(series)
            )


def of_watcher(audit_uuid: str) -> Iterator[Finding]:
    """Yield the audits that run, and the action plans that have been started.

    CONTINUOUS audits are ONGOING for as long as they live, and EVENT audits
    PENDING until something happens: their plans tell when they do something.

    :param audit_uuid: of the rolling maintenance itself
    """
    request = context.make_context()
    states = objects.audit.State
    kinds = objects.audit.AuditType
    for state in (states.ONGOING, states.PENDING):
        for audit in objects.Audit.list(request, filters={'state': state}):
            lives_on = audit.audit_type == kinds.CONTINUOUS.value or (
                audit.audit_type == kinds.EVENT.value
                and state == states.PENDING
            )
            if not lives_on and audit.uuid != audit_uuid:
                yield OTHER_AUDIT.about(audit.uuid)
    yield from _plans({})


def of_own_plans(audit_uuid: str) -> Iterator[Finding]:
    """Yield the action plans of an audit that have been started.

    One that waits for an applier would do again what another does.
    """
    yield from _plans({'audit_uuid': audit_uuid})


def _plans(filters: Mapping[str, str]) -> Iterator[Finding]:
    of_plan = objects.action_plan.State
    for state in (of_plan.ONGOING, of_plan.PENDING, of_plan.CANCELLING):
        for plan in objects.ActionPlan.list(
            context.make_context(), filters={**filters, 'state': state}
        ):
            yield OTHER_PLAN.about(plan.uuid, state=state)
