# SPDX-License-Identifier: Apache-2.0

"""Change the reason of a disabled node without enabling it."""

from watcher_host_maintenance.cloud.records import Service
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
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

DISABLED_ALREADY = base.nothing_left(
    'disabled_already', N_('{subject} is disabled already: {disabled_reason}')
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
        service = self._checked_service()
        if self._is_done(service):
            raise self.skipped(DISABLED_ALREADY, disabled_reason=self._reason)

    def execute(self) -> bool:
        """Write the reason, and read it back.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refused or did not do it
        """
        service = self._checked_service()
        with self.asking(f'PUT /os-services/{service.id}') as client:
            client.services.disable_log_reason(service.id, self._reason)
        service = self._service()
        if not self._is_done(service):
            raise self.failed(
                REASON_KEPT,
                status=service.status,
                disabled_reason=service.disabled_reason or None,
                expected_reason=self._reason,
            )
        return True

    @property
    def _reason(self) -> str:
        return str(self.input_parameters['disabled_reason'])

    def _is_done(self, service: Service) -> bool:
        has_reason = service.disabled_reason == self._reason
        return service.status == 'disabled' and has_reason

    def _checked_service(self) -> Service:
        """Refuse one that is disabled for another reason than at the audit."""
        service = self._service()
        expected = self.input_parameters['expected_reason']
        reason = service.disabled_reason
        is_ours = reason in (expected, self._reason)
        if service.status == 'disabled' and not is_ours:
            raise self.failed(
                OTHER_REASON,
                disabled_reason=reason or None,
                expected_reason=expected,
            )
        return service

    def _service(self) -> Service:
        with self.ending():
            service = self.nova.service(self.name)
        if service is None:
            raise self.failed(NO_SERVICE)
        return service
