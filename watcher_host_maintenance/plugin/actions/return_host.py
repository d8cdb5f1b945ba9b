# SPDX-License-Identifier: Apache-2.0

"""Look whether a compute node is fit, and return it to service if it is."""

import functools
import time

from collections.abc import Iterator

from watcher_host_maintenance.cloud.neutron import Neutron
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.service import ServiceAction
from watcher_host_maintenance.plugin.watcher import connections


NOT_UP = Of.ACTION.declare(
    'not_up',
    says=N_('{subject} is not returned: nova-compute is down'),
    helps=N_('Start nova-compute there, then run the return again.'),
)

FORCED_NOT_UP = Of.ACTION.declare(
    'forced_not_up',
    says=N_('{subject} is not returned: it is forced down'),
    helps=roles.LIFTS,
)

NOT_REPORTED = Of.ACTION.declare(
    'not_reported',
    says=N_('{subject} is not returned: nova-compute has not reported yet'),
    helps=N_('Check nova-compute there, then run the return again.'),
)

NO_PROVIDER = Of.ACTION.declare(
    'no_provider',
    says=N_('{subject} is not returned: Placement has no resources of it'),
    helps=N_('See the log of nova-compute there, then run the return again.'),
)

PROVIDER_CLOSED = Of.ACTION.declare(
    'provider_closed',
    says=N_(
        '{subject} is not returned: its provider in Placement has the trait '
        'COMPUTE_STATUS_DISABLED'
    ),
    helps=N_('Restart nova-compute there, then run the return again.'),
)

AGENT_DEAD = Of.ACTION.declare(
    'agent_dead',
    says=N_('{subject} is not returned: its agents are dead: {agents}'),
    helps=N_('Start them, then run the return again.'),
)

QUERY_RETURNS = Of.ACTION.declare(
    'query_returns',
    says=N_('{subject} is not returned: unfit_query returns {series}'),
    helps=N_('Fix what it shows, then run the return again.'),
)


OPEN_S = 30.0
"""Seconds that nova-compute has at least to open the provider."""


class ReturnHost(ServiceAction):
    """Enable a node, or make it a spare again, once it is fit.

    A step of its own could not keep Watcher from enabling an unfit node: what
    comes after an action that failed is started all the same.
    """

    DESCRIPTION = (
        'Waits until a compute node is fit: nova-compute, Placement, network '
        'agents and unfit_query. Then it enables the node, or makes it the '
        'spare that it was. Changes nothing if the node is not fit in time.'
    )
    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        disabled_reason={'type': 'string', 'maxLength': 255},
        expected_reason={'type': 'string'},
        timeout_s={'type': 'integer', 'minimum': 0},
    )
    # Read by the return of these spares.
    SCHEMA['properties'] |= {'woken': base.SPARES}

    @functools.cached_property
    def neutron(self) -> Neutron:
        """Neutron, which may not be there.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: the options
            make no sense
        """
        return connections.connect_neutron(self._settings)

    def execute(self) -> bool:
        """Wait until the node is fit, then change its service.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: it is not
            fit in time, or somebody has given it another reason
        """
        timeout_s = self.input_parameters['timeout_s']
        deadline = time.monotonic() + timeout_s
        self.deadline.start(timeout_s + OPEN_S + base.GRACE_S)
        before = self._fit(deadline)
        if not self.is_written(before):
            self.write(before, self.reason)
        if not self.reason:
            deadline = max(deadline, time.monotonic() + OPEN_S)
            obstacle = self.wait(self._closed, deadline)
            if obstacle is not None:
                # Not one move to it would be possible.
                if before.status == 'disabled':
                    self.write(before, before.disabled_reason)
                raise outcomes.failure(obstacle)
        return True

    def _fit(self, deadline: float) -> Service:
        """Return the service of a fit node.

        It has to report once more: for a minute Nova calls a node up that has
        lost its power.
        """
        reported_at = self.checked(self.service()).updated_at
        obstacle = self.wait(lambda: self._unfit(reported_at), deadline)
        if obstacle is not None:
            raise outcomes.failure(obstacle)
        return self.checked(self.service())

    def _unfit(self, reported_at: str) -> Iterator[Finding]:
        """Yield why the node is not fit.

        :param reported_at: when it had reported before
        """
        service = self.checked(self.read())
        if service.state != 'up':
            yield roles.down(
                self.name, service.forced_down, NOT_UP, FORCED_NOT_UP
            )
        if service.updated_at == reported_at:
            yield NOT_REPORTED.about(self.name)
        uuid = self.resource_id
        provider = self.placement.providers([uuid]).get(uuid)
        if provider is None or not any(
            offer.capacity for offer in provider.inventory.values()
        ):
            yield NO_PROVIDER.about(self.name)
        agents = self.neutron.dead_agents(self.name)
        if agents:
            yield AGENT_DEAD.about(self.name, agents=tuple(agents))
        series = connections.unfit_series(self.name)
        if series:
            yield QUERY_RETURNS.about(self.name, series=tuple(series))

    def _closed(self) -> Iterator[Finding]:
        """Yield that no server may come, though the node is enabled."""
        if self.is_closed():
            yield PROVIDER_CLOSED.about(self.name)
