# SPDX-License-Identifier: Apache-2.0

"""The parameters of a return: their schema, and the request they form."""

import dataclasses

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import ReturnAs
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request.parameters import BAD_OPTION
from watcher_host_maintenance.request.parameters import choice


def _shared(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = parameters.SCHEMA['properties'][name]
    return schema


SCHEMA: dict[str, Any] = {
    'properties': {
        'maintenance_node': {
            **_shared('maintenance_node'),
            'description': 'The compute node to return to service, by its '
            'service host. Without maintenance_node and maintenance_nodes, '
            'every node in scope returns whose disabled reason starts with '
            'one of returning_reasons.',
        },
        'maintenance_nodes': {
            **_shared('maintenance_nodes'),
            'description': 'Several compute nodes to return with one joint '
            'plan, all of them or none, by their service hosts. Cannot be '
            'combined with maintenance_node.',
        },
        'move_back': choice(
            'Which servers are moved back: none, or those that left for this '
            'maintenance and are still where its plans have put them.',
            *(option.value for option in MoveBack),
        ),
        'return_as': choice(
            'What the nodes are after it: what they were before their '
            'maintenance, as far as that is recorded, or enabled, or spares.',
            *(option.value for option in ReturnAs),
        ),
        'on_blocked': choice(
            'What to do if some servers cannot come back: leave them where '
            'they are, or fail and change nothing.',
            *(option.value for option in OnBlocked),
            default=OnBlocked.LEAVE.value,
        ),
        'disable_live_migration': {
            **_shared('disable_live_migration'),
            'description': 'Move running servers back cold: they restart.',
        },
        'disable_cold_migration': {
            **_shared('disable_cold_migration'),
            'description': 'Leave stopped servers where they are.',
        },
        'allow_unproved_moves': _shared('allow_unproved_moves'),
        'headroom_percent': {
            **_shared('headroom_percent'),
            'description': "Percentage of each node's capacity to keep free "
            'of servers that are moved back, for each resource class.',
        },
    },
}
"""JSON schema, Draft 4, as that of a drain."""


def to_request(
    given: Mapping[str, Any], config: Mapping[str, Any]
) -> ReturnRequest:
    """Turn an audit's parameters and the options into a request.

    :param given: as :data:`SCHEMA` has them; absent ones take defaults
    :param config: the options of both strategies
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: see
        :func:`.parameters.request_of`
    """
    returning = config['returning_reasons']
    if not returning or not all(returning):
        raise NotPlanned(BAD_OPTION.about('returning_reasons'))
    if config['unfit_query'] and not config['prometheus_url']:
        raise NotPlanned(BAD_OPTION.about('prometheus_url'))
    return parameters.request_of(ReturnRequest, given, config, SCHEMA)


def to_pace(config: Mapping[str, Any]) -> Pace:
    """Turn options into how a plan is carried out; it is always verified."""
    pace = parameters.to_pace({}, config)
    return dataclasses.replace(pace, verifies=True)
