# SPDX-License-Identifier: Apache-2.0

"""Reads from Neutron: whether the network of a compute node works."""

from typing import Any

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1.adapter import Adapter

from watcher_host_maintenance.cloud.api import Api
from watcher_host_maintenance.cloud.errors import NEUTRON
from watcher_host_maintenance.cloud.settings import DEFAULT
from watcher_host_maintenance.cloud.settings import Settings


class Neutron(Api):
    """Reads from Neutron, which a cloud may not have."""

    def __init__(self, adapter: Adapter, settings: Settings = DEFAULT):
        super().__init__(NEUTRON, adapter, settings)
        self._adapter = adapter

    def dead_agents(self, host: str) -> list[str]:
        """Return the binaries of the agents of a host that do not report.

        :returns: sorted; empty when there is no Neutron
        """
        path = f'/v2.0/agents?host={host}'
        with self.calling(f'GET {path}'):
            if not self._exists():
                return []
        return self._get(
            path,
            lambda body: sorted(
                agent['binary']
                for agent in body['agents']
                if agent['host'] == host and not agent['alive']
            ),
        )

    def _exists(self) -> bool:
        try:
            return self._adapter.get_endpoint() is not None
        except keystone_exceptions.CatalogException:
            return False

    def _fetch(self, path: str, **parameters: Any) -> Any:
        """Return what Neutron answers to GET, decoded from JSON."""
        return self._adapter.get(path, params=parameters).json()
