# SPDX-License-Identifier: Apache-2.0

"""Live migrate a paused server, which stays paused."""

from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import room
from watcher_host_maintenance.plugin.actions.server import ServerAction


NOT_ENABLED = Of.ACTION.declare(
    'not_enabled',
    says=N_('{destination} is {status}'),
    helps=N_('Run the audit again: it finds another destination.'),
)


ABORTABLE = frozenset({'preparing', 'queued', 'running'})
"""Nova's statuses of a live migration that can be aborted."""


class LiveMigratePaused(ServerAction):
    """Live migrate what Watcher's own ``migrate`` refuses: a paused server.

    Nova keeps it paused. One that was unpaused meanwhile keeps running.
    """

    DESCRIPTION = 'Live migrates a paused server, which stays paused.'
    SCHEMA = base.strict(
        **ServerAction.SCHEMA['properties'], destination_node=base.NAME
    )
    SCHEMA['properties'] |= room.PARAMETERS
    SCHEMA |= {'dependencies': room.DEPENDENCIES}

    def pre_condition(self) -> None:
        """Look at the server, then for the room that others make for it."""
        super().pre_condition()
        if 'room_of' in self.input_parameters:
            with self.ending():
                room.demand(self.nova, self.placement, self.input_parameters)

    def judge(self, server: Server) -> None:
        """Skip what has left; fail when server or destination is not fit."""
        self.skip_elsewhere(server)
        self.refuse(server, VmState.PAUSED, VmState.ACTIVE)
        with self.ending():
            service = self.nova.service(self._destination)
        status = service.status if service is not None else None
        if status != 'enabled':
            raise self.failed(
                NOT_ENABLED, destination=self._destination, status=status
            )

    def ask(self, client: Any) -> None:
        """Ask for a live migration to the destination."""
        client.servers.live_migrate(
            self.resource_id, host=self._destination, block_migration='auto'
        )

    def is_done(self, server: Server) -> bool:
        """Return True if it is there and Nova has finished."""
        return server.host == self._destination and not server.task_state

    def can_abort(self) -> bool:
        """Return True if Nova has a migration that can be aborted.

        An outage passes: the next poll asks again.
        """
        try:
            transfers = self.nova.transfers(self.resource_id)
        except NotPlanned:
            return False
        return any(transfer.status in ABORTABLE for transfer in transfers)

    def abort(self) -> bool:
        """Ask Nova to abort it, and wait no longer.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refuses: it is about to arrive
        """
        with self.ending(self.name):
            transfers = self.nova.transfers(self.resource_id)
        call = f'DELETE /servers/{self.resource_id}/migrations'
        with self.asking(call, self.name) as client:
            for transfer in transfers:
                client.server_migrations.live_migration_abort(
                    self.resource_id, transfer.id
                )
        return super().abort()

    @property
    def _destination(self) -> str:
        return str(self.input_parameters['destination_node'])
