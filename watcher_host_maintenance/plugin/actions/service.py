# SPDX-License-Identifier: Apache-2.0

"""The common part of actions that change the service of a compute node."""

import time

from collections.abc import Callable
from collections.abc import Iterator

from watcher_host_maintenance.cloud.deadlines import pauses
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.nova import DISABLED_TRAIT
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    NO_SERVICE,
)
from watcher_host_maintenance.plugin.actions.server import PLAN_CANCELLED


OTHER_REASON = Of.ACTION.declare(
    'other_reason',
    says=N_('{subject} is disabled: {disabled_reason}, not {expected_reason}'),
    helps=N_('Find out who has disabled it again, and why.'),
)

REASON_KEPT = Of.ACTION.declare(
    'reason_kept',
    says=N_('{subject} is {status}: {disabled_reason}, not {expected_reason}'),
    helps=N_('Something else changes it too: run the audit again.'),
)

DISABLED_ALREADY = base.nothing_left(
    'disabled_already', N_('{subject} is disabled already: {disabled_reason}')
)


class ServiceAction(base.Action):
    """An action on the nova-compute service of a node."""

    @property
    def reason(self) -> str:
        """The disabled reason that the node gets; '' enables it."""
        return str(self.input_parameters['disabled_reason'])

    def service(self) -> Service:
        """Return the service of the node.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: there is
            none, or Nova did not answer
        """
        with self.ending():
            return self.read()

    def read(self) -> Service:
        """Return the service of the node, where an outage may pass.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: Nova did not
            answer
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: there is
            none
        """
        service = self.nova.service(self.name)
        if service is None:
            raise self.failed(NO_SERVICE)
        return service

    def checked(self, service: Service) -> Service:
        """Return a service that no one else has disabled since the audit.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: it is
            disabled for another reason
        """
        expected = self.input_parameters['expected_reason']
        reason = service.disabled_reason
        is_ours = reason in (expected, self.reason)
        if service.status == 'disabled' and not is_ours:
            raise self.failed(
                OTHER_REASON,
                disabled_reason=reason or None,
                expected_reason=expected or None,
            )
        return service

    def wait(
        self, look: Callable[[], Iterator[Finding]], deadline: float
    ) -> Finding | None:
        """Return what is wrong at a deadline; None as soon as nothing is.

        :param look: yields what is wrong now
        :param deadline: by time.monotonic()
        :raises watcher_host_maintenance.plugin.errors.ActionFailed: the plan
            was cancelled
        """
        pauses_s = pauses()
        while True:
            try:
                obstacle = next(look(), None)
            except NotPlanned as exc:
                # An outage passes.
                obstacle = exc.finding
            left_s = deadline - time.monotonic()
            if obstacle is None or left_s <= 0:
                return obstacle
            self._abort.wait(min(next(pauses_s), left_s))
            if self.is_cancelled():
                raise self.failed(PLAN_CANCELLED)

    def is_closed(self) -> bool:
        """Return True if Placement gives no server to the node.

        :raises watcher_host_maintenance.cloud.errors.NotPlanned: Placement
            did not answer
        """
        return DISABLED_TRAIT in self.placement.traits(self.resource_id)

    def is_written(self, service: Service) -> bool:
        """Return True if the service has the reason that it is to get."""
        return service.stands_as(self.reason)

    def write(self, service: Service, reason: str) -> None:
        """Disable a service with a reason; '' enables it.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refused, or did not answer
        """
        with self.asking(f'PUT /os-services/{service.id}') as client:
            if reason:
                client.services.disable_log_reason(service.id, reason)
            else:
                client.services.enable(service.id)
