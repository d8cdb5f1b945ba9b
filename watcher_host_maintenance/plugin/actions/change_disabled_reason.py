# SPDX-License-Identifier: Apache-2.0

"""Change the reason of a disabled node without enabling it."""

from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.service import DISABLED_ALREADY
from watcher_host_maintenance.plugin.actions.service import REASON_KEPT
from watcher_host_maintenance.plugin.actions.service import ServiceAction
from watcher_host_maintenance.plugin.actions.window import Windowed


class ChangeDisabledReason(Windowed, ServiceAction):
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
        super().pre_condition()
        service = self.checked(self.service())
        if self.is_written(service):
            raise self.skipped(DISABLED_ALREADY, disabled_reason=self.reason)

    def execute(self) -> bool:
        """Write the reason, and read it back.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refused or did not do it
        """
        service = self.checked(self.service())
        self.write(service, self.reason)
        service = self.service()
        if not self.is_written(service):
            raise self.failed(
                REASON_KEPT,
                status=service.status,
                disabled_reason=service.disabled_reason or None,
                expected_reason=self.reason,
            )
        return True
