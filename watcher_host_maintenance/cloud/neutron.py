# SPDX-License-Identifier: Apache-2.0

"""Reads from Neutron: whether the network of a compute node works."""

from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud.api import OptionalApi
from watcher_host_maintenance.cloud.errors import NEUTRON
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings


class Neutron(OptionalApi):
    """Reads from Neutron."""

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        super().__init__(NEUTRON, adapter, settings)

    def dead_agents(self, host: str) -> list[str]:
        """Return the binaries of the agents of a host that do not report.

        :returns: sorted; empty when there is no Neutron
        """
        if not self.exists():
            return []
        return self._get(
            f'/v2.0/agents?host={host}',
            lambda body: sorted(
                agent['binary']
                for agent in body['agents']
                if agent['host'] == host and not agent['alive']
            ),
        )
