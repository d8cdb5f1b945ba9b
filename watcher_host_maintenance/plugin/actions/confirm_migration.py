# SPDX-License-Identifier: Apache-2.0

"""Confirm a cold migration that an administrator has begun."""

from typing import Any

from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules.leaving import BY_ADMINISTRATOR
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.server import ServerAction


NOT_MIGRATED = Of.ACTION.declare(
    'not_migrated',
    says=N_('{subject} did not migrate away from {source}'),
    helps=N_('Its owner has to confirm or revert the resize.'),
)

NOTHING_TO_CONFIRM = base.nothing_left(
    'nothing_to_confirm', N_('{subject} has nothing to confirm')
)


class ConfirmMigration(ServerAction):
    """Confirm a cold migration away from a node, which then holds no disk.

    Never a resize: to confirm or revert that is its owner's.
    """

    DESCRIPTION = (
        'Confirms a cold migration away from a node that is not confirmed yet.'
    )

    def judge(self, server: Server) -> None:
        """Skip what waits no longer; fail when it is not ours to confirm."""
        if server.vm_state != VmState.RESIZED:
            raise self.skipped(NOTHING_TO_CONFIRM)
        self.refuse(server, VmState.RESIZED)
        if not self._is_by_administrator():
            raise self.failed(NOT_MIGRATED, source=self.source)

    def ask(self, client: Any) -> None:
        """Confirm it."""
        client.servers.confirm_resize(self.resource_id)

    def is_done(self, server: Server) -> bool:
        """Return True if it is as it was before it was migrated."""
        is_back = server.vm_state in (VmState.ACTIVE, VmState.STOPPED)
        return is_back and not server.task_state

    def is_going_on(self, server: Server) -> bool:
        """Return True if it may still be confirmed: it has no task state."""
        return server.is_moving

    def _is_by_administrator(self) -> bool:
        """Return True if an administrator's move away from here waits."""
        with self.ending():
            moves = self.nova.server_migrations(self.resource_id)
        return any(
            move.is_unconfirmed
            and move.source == self.source
            and move.kind == BY_ADMINISTRATOR
            for move in moves
        )
