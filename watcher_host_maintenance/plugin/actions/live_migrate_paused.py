# SPDX-License-Identifier: Apache-2.0

"""A live migration of a server that is paused, and stays so."""

from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions import server as servers


NOT_ENABLED = declare(
    'not_enabled',
    of=Of.ACTION,
    says=N_('{subject} is {status}'),
    helps=N_('Run the audit again: it finds another destination.'),
)


ABORTABLE = frozenset({'preparing', 'queued', 'running'})
"""Nova's statuses of a live migration that can be aborted."""


class LiveMigratePaused(servers.ServerAction):
    """Live migrate what Watcher's own ``migrate`` refuses: a paused server.

    Nova keeps it paused. One that was unpaused meanwhile keeps running.
    """

    SCHEMA = base.strict(
        resource_id=base.UUID,
        resource_name=base.NAME,
        source_node=base.NAME,
        destination_node=base.NAME,
    )

    def get_description(self) -> str:
        """Return what ``openstack optimize actiondescription`` prints."""
        return 'Live migrates a paused server, which stays paused.'

    def judge(self, server: Server) -> None:
        """Skip what has left; fail when server or destination is not fit."""
        self.skip_elsewhere(server)
        self.refuse(server, VmState.PAUSED, VmState.ACTIVE)
        found = self.cloud.service(self._destination)
        status = found.status if found is not None else 'gone'
        if status != 'enabled':
            facts = {'status': status}
            raise outcomes.ended(
                Finding(NOT_ENABLED, self._destination, facts)
            )

    def ask(self, client: Any) -> None:
        """Ask for a live migration to the destination."""
        client.servers.live_migrate(
            self.resource_id, host=self._destination, block_migration='auto'
        )

    def is_done(self, server: Server) -> bool:
        """Tell whether it is there, and Nova has done with it."""
        return server.host == self._destination and not server.task_state

    def can_abort(self) -> bool:
        """Tell whether Nova has a migration that it can take back.

        An outage passes: the next look asks again.
        """
        path = f'/servers/{self.resource_id}/migrations'
        try:
            with self.cloud.calling(f'GET {path}') as client:
                found = client.server_migrations.list(self.resource_id)
        except NotPlanned:
            return False
        return any(one.status in ABORTABLE for one in found)

    def abort(self) -> bool:
        """Ask Nova to take it back, and wait no longer.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: Nova
            refuses: it is about to arrive
        """
        path = f'/servers/{self.resource_id}/migrations'
        with self.cloud.asking(f'DELETE {path}', self.name) as client:
            for one in client.server_migrations.list(self.resource_id):
                client.server_migrations.live_migration_abort(
                    self.resource_id, one.id
                )
        return super().abort()

    @property
    def _destination(self) -> str:
        return str(self.input_parameters['destination_node'])
