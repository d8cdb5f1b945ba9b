# SPDX-License-Identifier: Apache-2.0

"""Availability zones as nova-scheduler takes them.

It knows the zones of host aggregates and no other: a zone that no aggregate
has, such as the default one of hosts that are in none, binds no server.

Source: ``map_az_to_placement_aggregate`` in ``nova.scheduler.request_filter``.
"""

from collections.abc import Iterable

from watcher_host_maintenance.cloud.records import Aggregate
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.cloud.records import Service


KEY = 'availability_zone'


class Zones:
    """The availability zones of a cloud."""

    def __init__(self, aggregates: Iterable[Aggregate]):
        self._names: set[str] = set()
        self._of: dict[str, str] = {}
        for aggregate in aggregates:
            zone = aggregate.metadata.get(KEY)
            if zone:
                self._names.add(zone)
                self._of.update(dict.fromkeys(aggregate.hosts, zone))

    def of(self, service: Service) -> str:
        """Return the zone that a node is in; '' is none.

        Nova shows the default zone for a host without one. An aggregate's
        zone of the same name is another zone.
        """
        zone = self._of.get(service.host, service.zone)
        is_outside = service.host not in self._of and zone in self._names
        return '' if is_outside else zone

    def binding(self, server: Server) -> str | None:
        """Return the zone that a server must stay in; None for any.

        A Nova too old to show what was asked for may also filter by the
        default zone.
        """
        pinned = server.pinned_zone
        if server.pin_is_known and pinned not in self._names:
            return None
        return pinned
