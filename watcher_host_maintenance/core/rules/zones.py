# SPDX-License-Identifier: Apache-2.0

"""Availability zones: a pinned instance stays in its own."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


OTHER_ZONE = Of.PAIR.declare(
    'other_zone',
    says=N_('{subject} is in zone {zone}, not in {pinned}'),
    helps=N_('Add a node to the zone that the instance is pinned to.'),
)


@rule(
    gives=(OTHER_ZONE,),
    looks_at=('instance.pinned_zone', 'destination.node.zone'),
)
def in_pinned_zone(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node outside the zone that was requested for the server.

    A server that was created without a zone may move to any zone, as may one
    whose zone no aggregate has, such as Nova's default zone. Before
    microversion 2.96 Nova does not report the requested zone, and each server
    stays in its current one.
    """
    node, pinned = move.destination.node, move.instance.pinned_zone
    if pinned is not None and node.zone != pinned:
        yield OTHER_ZONE.about(
            node.hostname, zone=node.zone or None, pinned=pinned
        )
