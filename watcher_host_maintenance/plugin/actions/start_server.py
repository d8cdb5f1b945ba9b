# SPDX-License-Identifier: Apache-2.0

"""Start a server that a maintenance has stopped."""

from typing import Any

from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.server import ServerAction


RUNS_ALREADY = base.nothing_left('runs_already', N_('{subject} runs already'))


class StartServer(ServerAction):
    """Start a server where it is."""

    DESCRIPTION = 'Starts a server that was stopped for a maintenance.'

    def judge(self, server: Server) -> None:
        """Skip what runs or has left; fail when it is not stopped."""
        if server.vm_state == VmState.ACTIVE:
            raise self.skipped(RUNS_ALREADY)
        self.skip_elsewhere(server)
        self.refuse(server, VmState.STOPPED)

    def ask(self, client: Any) -> None:
        """Ask for the start."""
        client.servers.start(self.resource_id)

    def is_done(self, server: Server) -> bool:
        """Return True if it runs."""
        return server.vm_state == VmState.ACTIVE and not server.task_state
