# SPDX-License-Identifier: Apache-2.0

"""Change the reason of a disabled node without enabling it."""

from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    NO_SERVICE,
)


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

DISABLED_ALREADY = Of.SKIPPED.declare(
    'disabled_already',
    says=N_('{subject} is disabled already: {disabled_reason}'),
    helps=N_('Nothing is left to do.'),
)


class ChangeDisabledReason(base.Action):
    """Set why a node is disabled; disable it if it has been enabled.

    Watcher's own ``change_nova_service_state`` skips what is disabled.
    """

    DESCRIPTION = (
        'Changes the reason that a nova-compute service is disabled with. It '
        'is not enabled in between.'
    )
    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        disabled_reason={'type': 'string', 'minLength': 1, 'maxLength': 255},
        expected_reason=base.NAME,
    )

    def pre_condition(self) -> None:
        """Skip when it is disabled with that reason already.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: it has
            been disabled for another reason, which is kept
        """
        service = self._service()
        if self._is_done(service):
            facts = {'disabled_reason': self._reason}
            raise outcomes.skipped(
                Finding(DISABLED_ALREADY, self._hostname, facts)
            )
        self._check(service)

    def execute(self) -> bool:
        """Write the reason, and read it back.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refused or did not do it
        """
        service = self._service()
        self._check(service)
        with self.cloud.asking(f'PUT /os-services/{service.id}') as client:
            client.services.disable_log_reason(service.id, self._reason)
        service = self._service()
        if not self._is_done(service):
            facts = {
                'status': service.status,
                'disabled_reason': service.disabled_reason or None,
                'expected_reason': self._reason,
            }
            raise outcomes.failure(Finding(REASON_KEPT, self._hostname, facts))
        return True

    @property
    def _hostname(self) -> str:
        return str(self.input_parameters['resource_name'])

    @property
    def _reason(self) -> str:
        return str(self.input_parameters['disabled_reason'])

    def _is_done(self, service: Service) -> bool:
        has_reason = service.disabled_reason == self._reason
        return service.status == 'disabled' and has_reason

    def _check(self, service: Service) -> None:
        """Refuse one that is disabled for another reason than at the audit."""
        reason = service.disabled_reason
        expected = self.input_parameters['expected_reason']
        if service.status == 'disabled' and reason not in (
            expected,
            self._reason,
        ):
            facts = {
                'disabled_reason': reason or None,
                'expected_reason': expected,
            }
            raise outcomes.failure(
                Finding(OTHER_REASON, self._hostname, facts)
            )

    def _service(self) -> Service:
        service = self.cloud.service(self._hostname)
        if service is None:
            raise outcomes.failure(Finding(NO_SERVICE, self._hostname))
        return service
