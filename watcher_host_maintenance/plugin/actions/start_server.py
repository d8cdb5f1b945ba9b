# SPDX-License-Identifier: Apache-2.0

"""Start a server that a maintenance has stopped."""

from typing import Any

from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.server import ServerAction


RUNS_ALREADY = base.nothing_left('runs_already', N_('{subject} runs already'))

NODE_IS_AWAY = Of.ACTION.declare(
    'node_is_away',
    says=N_('{subject} is not started: {host} is not back in service'),
    helps=N_('Run the return again once {host} is fit.'),
)


class StartServer(ServerAction):
    """Start a server at home, or else where it is, on a node in service.

    Watcher starts what comes after an action that has failed: the node may
    still be unfit.
    """

    DESCRIPTION = (
        'Starts a server that was stopped for a maintenance. Fails if its '
        'compute node has not returned.'
    )
    SCHEMA = base.strict(
        {'destination_node': base.NAME},
        resource_id=base.UUID,
        resource_name=base.NAME,
        source_node=base.NAME,
        disabled_reason={'type': 'string', 'maxLength': 255},
    )

    def judge(self, server: Server) -> None:
        """Skip what runs or has left; fail when it cannot be started."""
        if server.vm_state == VmState.ACTIVE:
            raise self.skipped(RUNS_ALREADY)
        reason = self.input_parameters['disabled_reason']
        if server.host == self.input_parameters.get('destination_node'):
            # A home is enabled: no server comes home to a spare.
            reason = ''
        else:
            self.skip_elsewhere(server)
        self.refuse(server, VmState.STOPPED)
        if not self.has_returned(server.host, reason):
            raise self.failed(NODE_IS_AWAY, host=server.host)

    def ask(self, client: Any) -> None:
        """Ask for the start."""
        client.servers.start(self.resource_id)

    def is_done(self, server: Server) -> bool:
        """Return True if it runs."""
        return server.vm_state == VmState.ACTIVE and not server.task_state
