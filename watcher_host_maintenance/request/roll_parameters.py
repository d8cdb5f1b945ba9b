# SPDX-License-Identifier: Apache-2.0

"""The parameters of a rolling maintenance, and the request they form."""

from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.rolling import MOST_PARALLEL
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request.parameters import BAD_OPTION


NO_SET = Of.REQUEST.declare(
    'no_set',
    says=N_('a rolling maintenance needs maintenance_nodes'),
    helps=N_('Create the audit again and name the nodes to maintain.'),
    is_bad_request=True,
)

SHARED = (
    'disable_live_migration',
    'disable_cold_migration',
    'on_blocked',
    'allow_unproved_moves',
    'headroom_percent',
    'reason',
)
"""Parameters that mean the same as in a drain, for every wave."""

SCHEMA: dict[str, Any] = {
    'properties': {
        'maintenance_nodes': {
            **parameters.SCHEMA['properties']['maintenance_nodes'],
            'description': 'The compute nodes to maintain, a few at a time, '
            'by their service hosts.',
        },
        'parallel': {
            'description': 'The most nodes that are out of service at once.',
            'type': 'integer',
            'minimum': 1,
            'maximum': MOST_PARALLEL,
            'default': 1,
        },
        'skip_blocked': {
            'description': 'Maintain the others if some nodes cannot be '
            'emptied; otherwise nothing is done.',
            'type': 'boolean',
            'default': False,
        },
        **{name: parameters.SCHEMA['properties'][name] for name in SHARED},
    },
}
"""JSON schema, Draft 4, as that of a drain."""


def to_request(
    given: Mapping[str, Any], config: Mapping[str, Any]
) -> RollRequest:
    """Turn an audit's parameters and the options into a request.

    :param given: as :data:`SCHEMA` has them; absent ones take defaults
    :param config: the options of drains and returns
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there are no
        nodes; also see :func:`.parameters.request_of`
    """
    returning = config['returning_reasons']
    if not returning or not all(returning):
        raise NotPlanned(BAD_OPTION.about('returning_reasons'))
    if not given.get('maintenance_nodes'):
        raise NotPlanned(NO_SET.about())
    return parameters.request_of(RollRequest, given, config, SCHEMA)
