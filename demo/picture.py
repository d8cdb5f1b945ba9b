# SPDX-License-Identifier: Apache-2.0

"""What a cloud looks like at one moment."""

import dataclasses

from collections.abc import Mapping
from typing import Any


#: What the demo tells of: Placement's resource classes.
CLASSES = ('VCPU', 'MEMORY_MB', 'DISK_GB')


@dataclasses.dataclass(frozen=True)
class Host:
    """One compute host.

    :ivar status: 'enabled' or 'disabled'
    :ivar used: resource class -> amount, as Placement counts it
    :ivar capacity: resource class -> (total - reserved) x allocation_ratio
    """

    status: str
    disabled_reason: str | None = None
    used: Mapping[str, int] = dataclasses.field(default_factory=dict)
    capacity: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Server:
    """One server, where it is and how it is."""

    host: str
    status: str = 'ACTIVE'
    flavor: str = ''


@dataclasses.dataclass(frozen=True)
class Picture:
    """Every host and every server, by name."""

    hosts: Mapping[str, Host]
    servers: Mapping[str, Server]

    def on(self, host: str) -> list[str]:
        """Name the servers on a host, in order."""
        return sorted(
            name
            for name, server in self.servers.items()
            if server.host == host
        )


def take(lab: Any) -> Picture:
    """Ask Nova and Placement.

    :param lab: a running :class:`minicloud.cloud.Cloud`
    """
    providers = lab.placement.get('/resource_providers').json()[
        'resource_providers'
    ]
    uuids = {provider['name']: provider['uuid'] for provider in providers}
    hosts = {
        name: Host(
            service.status,
            service.disabled_reason,
            _used(lab, uuids[name]),
            _capacity(lab, uuids[name]),
        )
        for name, service in sorted(lab.services().items())
    }
    return Picture(hosts, _servers(lab))


def _servers(lab: Any) -> dict[str, Server]:
    listed = lab.nova.servers.list(search_opts={'all_tenants': True}, limit=-1)
    return {
        server.name: Server(
            getattr(server, 'OS-EXT-SRV-ATTR:host'),
            server.status,
            server.flavor['original_name'],
        )
        for server in listed
    }


def _used(lab: Any, uuid: str) -> dict[str, int]:
    path = f'/resource_providers/{uuid}/usages'
    usages: dict[str, int] = lab.placement.get(path).json()['usages']
    return usages


def _capacity(lab: Any, uuid: str) -> dict[str, float]:
    inventories = lab.placement.get(
        f'/resource_providers/{uuid}/inventories'
    ).json()['inventories']
    return {
        name: (inventory['total'] - inventory['reserved'])
        * inventory['allocation_ratio']
        for name, inventory in inventories.items()
    }
