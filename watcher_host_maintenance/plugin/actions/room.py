# SPDX-License-Identifier: Apache-2.0

"""Whether a server's destination has the room that other moves make.

Watcher starts an action when those before it have ended, whether or not they
have succeeded.
"""

import time

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher import conf

from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    SETTLING,
)


CONF = conf.CONF

ROOM_NOT_MADE = Of.SKIPPED.declare(
    'room_not_made',
    says=N_('{subject} needs room on {destination}, still held by {servers}'),
    helps=N_('Run the audit again for what is left.'),
)

SERVERS = {
    'type': 'array',
    'items': base.strict(resource_id=base.UUID, resource_name=base.NAME),
    'minItems': 1,
}
"""JSON schema of the servers that make room."""

PARAMETERS = {'room_of': SERVERS, 'destination_id': base.UUID}
"""JSON schemas of what tells whose room a server needs, and where.

``destination_id`` is the UUID of the compute node.
"""

DEPENDENCIES = {
    'destination_id': ['room_of'],
    'room_of': ['destination_id'],
}
"""Neither goes without the other, where a server need not need room."""


def demand(nova: Nova, placement: Placement, given: Mapping[str, Any]) -> None:
    """Skip a move unless those that make room for it have made it.

    Nova tidies up for a moment after a server has left.

    :param given: input parameters of an action
    :raises watcher.common.exception.ActionSkipped: one of them has not left
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a read failed
    """
    for polls in range(SETTLING):
        takers = dict(_takers(nova, placement, given))
        if not takers:
            return
        if any(takers.values()) or polls + 1 == SETTLING:
            break
        time.sleep(CONF.nova.migration_interval)
    finding = ROOM_NOT_MADE.about(
        given['resource_name'],
        destination=given['destination_node'],
        servers=tuple(takers),
    )
    raise outcomes.skipped(finding)


def _takers(
    nova: Nova, placement: Placement, given: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Yield who holds room there still, and whether it is there itself.

    One that has left may hold it for a moment, in the name of its migration.
    """
    consumers = placement.consumers(given['destination_id'])
    for maker in given['room_of']:
        uuid, name = maker['resource_id'], maker['resource_name']
        server = nova.server(uuid)
        if server is not None and server.host == given['destination_node']:
            yield name, True
        elif uuid in consumers or any(
            move.uuid in consumers for move in nova.server_migrations(uuid)
        ):
            yield name, False
