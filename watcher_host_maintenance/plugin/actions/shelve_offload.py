# SPDX-License-Identifier: Apache-2.0

"""Offload a shelved server from the node that it was shelved on."""

from typing import Any

from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions.server import ServerAction


OFFLOADED = base.nothing_left(
    'offloaded', N_('{subject} is offloaded already')
)


class ShelveOffload(ServerAction):
    """Take a shelved server off its node; its image and volumes remain."""

    DESCRIPTION = 'Offloads a shelved server, so that it is on no host.'

    def judge(self, server: Server) -> None:
        """Skip what has left; fail when it is not shelved any more."""
        if server.vm_state == VmState.SHELVED_OFFLOADED:
            raise self.skipped(OFFLOADED)
        self.skip_elsewhere(server)
        self.refuse(server, VmState.SHELVED)

    def ask(self, client: Any) -> None:
        """Ask for the offloading."""
        client.servers.shelve_offload(self.resource_id)

    def is_done(self, server: Server) -> bool:
        """Return True if it is on no host any more."""
        return (
            server.vm_state == VmState.SHELVED_OFFLOADED
            and not server.task_state
        )
