# SPDX-License-Identifier: Apache-2.0

"""Make a compute node that holds nothing a spare again."""

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.service import DISABLED_ALREADY
from watcher_host_maintenance.plugin.actions.service import REASON_KEPT
from watcher_host_maintenance.plugin.actions.service import ServiceAction


IN_USE = Of.SKIPPED.declare(
    'in_use',
    says=N_('{subject} holds servers, or some are on their way to it'),
    helps=N_('It stays enabled.'),
)


class DisableEmptyHost(ServiceAction):
    """Disable a node that a maintenance has enabled, if nothing is on it."""

    DESCRIPTION = (
        'Disables a nova-compute service again that was enabled for a '
        'maintenance, if its compute node holds nothing.'
    )
    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        disabled_reason={'type': 'string', 'minLength': 1, 'maxLength': 255},
    )

    def pre_condition(self) -> None:
        """Skip a node that is disabled, or in use.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: there is
            no such node, or Nova did not answer
        """
        service = self.service()
        with self.ending():
            is_busy = self.nova.servers(self.name) or self.nova.migrations(
                self.name
            )
        if service.status == 'disabled':
            reason = service.disabled_reason or None
            raise self.skipped(DISABLED_ALREADY, disabled_reason=reason)
        if is_busy:
            raise self.skipped(IN_USE)

    def execute(self) -> bool:
        """Disable it, and read that back.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refused or did not do it
        """
        self.write(self.service(), self.reason)
        service = self.service()
        if service.status != 'disabled':
            raise self.failed(
                REASON_KEPT,
                status=service.status,
                disabled_reason=None,
                expected_reason=self.reason,
            )
        return True
