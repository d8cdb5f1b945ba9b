# SPDX-License-Identifier: Apache-2.0

"""The parameters of a rolling maintenance, and the request they form."""

import dataclasses

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.rolling import MANUAL
from watcher_host_maintenance.core.model.rolling import MOST_FAILED
from watcher_host_maintenance.core.model.rolling import MOST_HOOK_S
from watcher_host_maintenance.core.model.rolling import MOST_NOTICE_S
from watcher_host_maintenance.core.model.rolling import MOST_PARALLEL
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request.parameters import BAD_OPTION
from watcher_host_maintenance.request.parameters import choice
from watcher_host_maintenance.request.texts import TEXT
from watcher_host_maintenance.request.texts import as_texts


NO_SET = Of.REQUEST.declare(
    'no_set',
    says=N_(
        'a rolling maintenance needs maintenance_nodes, aggregate or zone'
    ),
    helps=N_('Give one of them.'),
    is_bad_request=True,
)

SEVERAL_SETS = Of.REQUEST.declare(
    'several_sets',
    says=N_('{parameters} are given together'),
    helps=N_('Give one of them.'),
    is_bad_request=True,
)

BAD_HOOK = Of.REQUEST.declare(
    'bad_hook',
    says=N_('watcher.conf has no hook {subject}: {hooks}'),
    helps=N_('Add it to exec_hooks or http_hooks, or use another one.'),
    is_bad_request=True,
)

HOOK_TWICE = Of.REQUEST.declare(
    'hook_twice',
    says=N_('watcher.conf has the hook {subject} twice'),
    helps=N_('Remove it from exec_hooks or http_hooks.'),
    is_bad_request=True,
)

Members = Callable[[Mapping[str, Any]], Sequence[str]]
"""Returns the hostnames of the set that parameters name."""

NODES, AGGREGATE, ZONE = 'maintenance_nodes', 'aggregate', 'zone'

SETS = (NODES, AGGREGATE, ZONE)
"""Parameters that select the nodes to maintain; exactly one is given."""

FROZEN = 'frozen_nodes'
"""Parameter with the nodes that an aggregate or zone had at the start."""

CONTINUES = 'continues'
"""Parameter with the audit whose nodes that are done count as done."""

SHARED = (
    'disable_live_migration',
    'disable_cold_migration',
    'on_blocked',
    'allow_unproved_moves',
    'headroom_percent',
    'max_secondary_moves',
    'owners',
    'answer_by',
    'on_keep',
    'starts',
    'ends',
    'cron',
    'duration',
    'reason',
)
"""Parameters that mean the same as in a drain, for every wave."""

SCHEMA: dict[str, Any] = {
    'properties': {
        NODES: {
            **parameters.SCHEMA['properties'][NODES],
            'description': 'The compute nodes to maintain, a few at a time, '
            'by their service hosts. Cannot be combined with aggregate or '
            'zone.',
        },
        AGGREGATE: {
            'description': 'Maintain the compute nodes of this host '
            'aggregate, by its name.',
            'type': TEXT,
            'minLength': 1,
            'maxLength': 255,
        },
        ZONE: {
            'description': 'Maintain the compute nodes of this availability '
            'zone.',
            'type': TEXT,
            'minLength': 1,
            'maxLength': 255,
        },
        FROZEN: {
            'description': 'The compute nodes that the aggregate or zone had '
            'when the first wave began, which a CONTINUOUS audit writes here. '
            'Without it, the aggregate or zone is read.',
            'type': 'array',
            'items': parameters.NODE,
            'minItems': 1,
            'uniqueItems': True,
        },
        CONTINUES: {
            'description': 'The UUID of a rolling maintenance that has ended '
            'before it was over, and that this one continues: what its '
            'actions have done counts.',
            **parameters.UUID,
        },
        'parallel': {
            'description': 'The most nodes that are out of service at once.',
            'type': 'integer',
            'minimum': 1,
            'maximum': MOST_PARALLEL,
            'default': 1,
        },
        'stop_after': {
            'description': 'No wave begins while so many nodes have failed. '
            'A failed node stays disabled, beside the nodes of parallel.',
            'type': 'integer',
            'minimum': 1,
            'maximum': MOST_FAILED,
            'default': 1,
        },
        'skip_blocked': {
            'description': 'Maintain the others if some nodes cannot be '
            'emptied; otherwise nothing is done.',
            'type': 'boolean',
            'default': False,
        },
        'hook': {
            'description': 'What works on a node when it is ready: "manual" '
            'is an operator, who then runs "openstack maintenance done"; '
            'other names are those of exec_hooks and http_hooks in '
            'watcher.conf.',
            'type': TEXT,
            'minLength': 1,
            'maxLength': 64,
            'default': MANUAL,
        },
        'hook_timeout': {
            'description': 'Seconds that the hook may take for one node, from '
            'its first call. Without effect on "manual".',
            'type': 'integer',
            'minimum': 1,
            'maximum': MOST_HOOK_S,
            'default': 3600,
        },
        'move_back': choice(
            'Which servers are moved back to a node when it returns: none, or '
            'those that left it for this maintenance.',
            *(option.value for option in MoveBack),
        ),
        'canary': {
            'description': 'The next wave waits until a server runs on each '
            'node that came back: a small one of a node that is yet to be '
            'maintained is live migrated there first. A node to which none '
            'can be moved is not waited for.',
            'type': 'boolean',
            'default': False,
        },
        'notice_period': {
            'description': 'Seconds that the owners of the servers on a node '
            'have from their notice until its wave begins, unless all of them '
            'say go, with owners=wait. With owners=ignore it cannot be given.',
            'type': 'integer',
            'minimum': 0,
            'maximum': MOST_NOTICE_S,
            'default': 0,
        },
        'close': choice(
            'When the nodes of a wave are disabled: when it begins, or at '
            'once when its owners are told, so that they can migrate their '
            'servers away themselves.',
            CloseAt.START.value,
            CloseAt.NOW.value,
        ),
        **{name: parameters.SCHEMA['properties'][name] for name in SHARED},
    },
}
"""JSON schema, Draft 4, as that of a drain."""


def is_frozen(given: Mapping[str, Any]) -> bool:
    """Return True if no aggregate or zone has to be read for the nodes."""
    return set_of(given) == NODES or bool(given.get(FROZEN))


def set_of(given: Mapping[str, Any]) -> str:
    """Return the name of the parameter that says which nodes are maintained.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there is none, or
        more than one
    """
    names = [name for name in SETS if given.get(name)]
    if not names:
        raise NotPlanned(NO_SET.about())
    if len(names) > 1:
        raise NotPlanned(SEVERAL_SETS.about(parameters=tuple(names)))
    return names[0]


def to_request(
    given: Mapping[str, Any],
    config: Mapping[str, Any],
    members: Members,
    interval: str = '',
) -> RollRequest:
    """Turn an audit's parameters and the options into a request.

    :param given: as :data:`SCHEMA` has them; absent ones take defaults
    :param config: the options of drains and returns
    :param members: reads the nodes of the aggregate or zone that is given
    :param interval: the cron entry at whose times the audit is run; '' is none
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: there are no
        nodes; also see :func:`.parameters.request_of`
    """
    parameters.check(given, SCHEMA)
    given = as_texts(given, SCHEMA)
    returning = config['returning_reasons']
    if not returning or not all(returning):
        raise NotPlanned(BAD_OPTION.about('returning_reasons'))
    if set_of(given) != NODES:
        nodes = given.get(FROZEN) or members(given)
        given = {**given, NODES: sorted(nodes)}
    hook = given.get('hook', MANUAL)
    _check_hook(hook, config)
    request = parameters.request_of(
        RollRequest, given, config, SCHEMA, interval=interval
    )
    preflights = hook in config['preflight_hooks']
    return dataclasses.replace(request, preflights=preflights)


def _check_hook(hook: str, config: Mapping[str, Any]) -> None:
    """Refuse a hook that is not in watcher.conf, or is not clear."""
    if hook == MANUAL:
        return
    hooks = [*config['exec_hooks'], *config['http_hooks']]
    if hook not in hooks:
        raise NotPlanned(BAD_HOOK.about(hook, hooks=(MANUAL, *sorted(hooks))))
    if hooks.count(hook) > 1:
        raise NotPlanned(HOOK_TWICE.about(hook))
