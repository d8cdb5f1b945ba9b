# SPDX-License-Identifier: Apache-2.0

"""What servers ask for beyond flavors: by images, hints and ports."""

import dataclasses

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.cloud.neutron import Agent
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.reading.aftermath import after_live
from watcher_host_maintenance.cloud.reading.failures import Failures
from watcher_host_maintenance.cloud.reading.failures import read_failures
from watcher_host_maintenance.cloud.reading.hints import Hints
from watcher_host_maintenance.cloud.reading.hints import read_hints
from watcher_host_maintenance.cloud.reading.images import Images
from watcher_host_maintenance.cloud.reading.images import read_images
from watcher_host_maintenance.cloud.reading.ports import Ports
from watcher_host_maintenance.cloud.reading.ports import read_ports
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Unread


class Details(NamedTuple):
    """What is known of servers beyond Nova's own records of them.

    :ivar after_live: UUIDs of those in ERROR since a live migration failed
    """

    images: Images
    hints: Hints
    ports: Ports
    failures: Failures
    after_live: frozenset[str]

    @property
    def hinted(self) -> Mapping[str, str]:
        """UUID of a server that a hint names -> its hostname."""
        return self.hints.hinted

    @property
    def not_read(self) -> Mapping[str, str]:
        """What was not read -> why."""
        return {**self.images.not_read, **self.ports.not_read}

    @property
    def agents(self) -> Mapping[str, Collection[Agent]]:
        """Hostname -> network agents."""
        return self.ports.agents

    def added_to(self, instances: Iterable[Instance]) -> Iterator[Instance]:
        """Yield instances with all of this; those not here as they are."""
        for instance in instances:
            changes = self._of(instance) if instance.is_here else {}
            yield dataclasses.replace(instance, **changes)

    def _of(self, instance: Instance) -> dict[str, Any]:
        uuid, images = instance.uuid, self.images
        unread = {
            Unread.HINTS: self.hints.unknown,
            Unread.PORTS: self.ports.unknown,
            Unread.PROPERTIES: images.unknown,
        }
        is_covered = uuid in images.without_traits
        return {
            'image_properties': images.properties.get(uuid, {}),
            'hints': self.hints.of_server.get(uuid, {}),
            'ports': self.ports.of_server.get(uuid, ()),
            'failed_moves': self.failures.get(uuid, ()),
            'live_move_failed': uuid in self.after_live,
            'needs_traits_of': instance.host if is_covered else '',
            'unread': (
                *instance.unread,
                *(u for u, uuids in unread.items() if uuid in uuids),
            ),
        }


def read_details(
    nova: Nova,
    servers: Collection[Server],
    request: Request,
    services: OptionalServices,
) -> Details:
    """Read what else servers ask for.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read of Nova
        failed
    """
    return Details(
        read_images(servers, request, services),
        read_hints(nova, servers, request),
        read_ports(servers, request, services.neutron),
        read_failures(nova, servers, request),
        after_live(nova, servers),
    )
