# SPDX-License-Identifier: Apache-2.0

"""The parameters of an audit: their schema, and the request they form."""

import dataclasses
import unicodedata

from collections.abc import Mapping
from typing import Any
from typing import TypeVar

import jsonschema

from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.settings import Settings
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.notice import parse_default
from watcher_host_maintenance.core.model.notice import parse_foreign_tag
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import MAINTAINING_REASON
from watcher_host_maintenance.core.model.request import MOST_SECONDARY_MOVES
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rules import filters
from watcher_host_maintenance.request import times
from watcher_host_maintenance.request import windows
from watcher_host_maintenance.request.texts import TEXT
from watcher_host_maintenance.request.texts import as_texts


BOTH_NODE_PARAMETERS = Of.REQUEST.declare(
    'both_node_parameters',
    says=N_('maintenance_node and maintenance_nodes are both given'),
    helps=N_('Give one of them.'),
    is_bad_request=True,
)

BAD_OPTION = Of.REQUEST.declare(
    'bad_option',
    says=N_('the option {subject} has an empty value'),
    helps=N_('Correct it in watcher.conf of the decision engine.'),
    is_bad_request=True,
)

BAD_OPTION_VALUE = Of.REQUEST.declare(
    'bad_option_value',
    says=N_('the option {subject} is invalid: {problem}'),
    helps=N_('Correct it in watcher.conf of the decision engine.'),
    is_bad_request=True,
)

BAD_PARAMETER = Of.REQUEST.declare(
    'bad_parameter',
    says=N_('the parameter {subject} is invalid: {problem}'),
    helps=N_('Give it a valid value.'),
    is_bad_request=True,
)


DISABLED_REASON_LENGTH = 255
"""Characters that Nova keeps of a disabled reason."""

MAX_BMP = 0xFFFF

UNPRINTABLE = frozenset({'Cc', 'Cf', 'Cs', 'Co', 'Cn'})
"""Unicode categories of characters that have no glyph."""

KEEP_DISABLED, ENABLE = 'keep_disabled', 'enable'

AUTO = 'auto'
"""Value of an option: read it where the service is in the catalog."""


UUID: dict[str, Any] = {
    'type': 'string',
    'pattern': '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
}

NODE: dict[str, Any] = {
    'type': TEXT,
    'pattern': r'^[a-zA-Z0-9_.-]+$(?!\n)',
    'minLength': 1,
    'maxLength': 255,
}
"""A service host: Nova's own pattern of host names, without a line's end.

Source: ``nova.api.validation.parameter_types.hostname``.
"""


def _flag(description: str) -> dict[str, Any]:
    return {'description': description, 'type': 'boolean', 'default': False}


def choice(
    description: str, *choices: str, default: str = ''
) -> dict[str, Any]:
    """Return the schema of a choice; '' takes the first one by default."""
    return {
        'description': description,
        'type': 'string',
        'enum': list(choices),
        'default': default or choices[0],
    }


SCHEMA: dict[str, Any] = {
    'properties': {
        'maintenance_node': {
            'description': 'The compute node to drain, by its service host. '
            'Without maintenance_node and maintenance_nodes, every node in '
            'scope that is marked for maintenance is drained.',
            **NODE,
        },
        'maintenance_nodes': {
            'description': 'Several compute nodes to drain with one joint '
            'plan, all of them or none, by their service hosts. Cannot be '
            'combined with maintenance_node.',
            'type': 'array',
            'items': NODE,
            'minItems': 1,
            'uniqueItems': True,
        },
        'backup_node': {
            'description': 'The only destination, by its service host. If it '
            'cannot take all servers, the audit fails and reports why. A '
            'spare is enabled; a node that is disabled for any other reason '
            'is refused.',
            **NODE,
        },
        'disable_live_migration': _flag(
            'Migrate running servers cold. Together with '
            'disable_cold_migration, stop running servers and move nothing.'
        ),
        'disable_cold_migration': _flag('Leave stopped servers on the node.'),
        'on_blocked': choice(
            'What to do if some servers cannot leave: fail and change '
            'nothing, or move as many servers as possible and leave the '
            'others.',
            *(option.value for option in OnBlocked),
        ),
        'allow_unproved_moves': _flag(
            'Also move servers with dedicated CPUs, NUMA cells, huge pages '
            'or devices, although no API can prove that they fit. They '
            'choose their destinations last.'
        ),
        'on_failure': choice(
            'What to do at the end of a plan that has failed: keep its nodes '
            'disabled, so that a later audit resumes; or enable the nodes '
            'that it has disabled and that still have servers, and disable '
            'unused nodes that have received none.',
            KEEP_DISABLED,
            ENABLE,
        ),
        'headroom_percent': {
            'description': "Percentage of each destination's capacity to "
            'keep free, for each resource class. A node that already '
            'exceeds it takes no servers.',
            'type': 'number',
            'minimum': 0,
            'maximum': 100,
            'exclusiveMaximum': True,
            'default': 0,
        },
        'max_secondary_moves': {
            'description': 'How many servers of other nodes may be live '
            'migrated to make room, as few as possible, when the servers '
            'have no place as it is. 0 moves none; a refusal then names one '
            'or two such moves if they would help.',
            'type': 'integer',
            'minimum': 0,
            'maximum': MOST_SECONDARY_MOVES,
            'default': 0,
        },
        'owners': choice(
            'What the owners of servers are told, and whether their answers '
            'count. With ignore they are told nothing, and no answer counts. '
            'With obey each is told what the plan does to the server, and '
            'answers given beforehand count. With wait each is told first: a '
            'server is moved as soon as its owner answers go, the others '
            'once answer_by has passed and work may begin.',
            *(option.value for option in Owners),
        ),
        'answer_by': {
            'description': 'Until when owners may answer, with owners=wait: '
            'a date and time of ISO 8601 with a zone, such as '
            '2026-12-01T21:00Z.',
            **times.TIME,
        },
        'removed': _flag(
            'The hosts do not return: no server stays because its owner wants '
            'it to, and owners are told. Needs owners=obey or wait.'
        ),
        'on_keep': choice(
            'What to do with a server whose owner answers keep, or wants it '
            'moved cold where cold migration is disabled. With block it '
            'blocks its node, see on_blocked. With move it is moved all the '
            'same, live if it runs and cold migration is disabled. Needs '
            'owners=obey or wait.',
            *(option.value for option in OnKeep),
        ),
        **windows.SCHEMA,
        'reason': {
            'description': 'Why the nodes are emptied, such as a ticket or a '
            f'name. It follows "{MAINTAINING_REASON}: " in the reason with '
            'which the plan disables them. Characters that cannot be printed '
            f'are removed; the whole is cut at {DISABLED_REASON_LENGTH} '
            'characters.',
            'type': TEXT,
        },
    },
}
"""JSON schema, Draft 4: Watcher's API validates and fills in defaults.

Nothing is required, so that the bare goal, which has no parameters, works.
Watcher refuses unknown names by itself.
"""

USED_WITH: Mapping[str, tuple[Owners, ...]] = {
    'answer_by': (Owners.WAIT,),
    'removed': (Owners.OBEY, Owners.WAIT),
    'on_keep': (Owners.OBEY, Owners.WAIT),
}
"""Parameter -> values of ``owners`` without which it changes nothing."""

Asked = TypeVar('Asked', bound=Request)


def to_request(
    parameters: Mapping[str, Any],
    config: Mapping[str, Any],
    now_s: int | None = None,
    interval: str = '',
) -> Request:
    """Turn the parameters and options of a drain into a request.

    See :func:`request_of`.
    """
    return request_of(Request, parameters, config, SCHEMA, now_s, interval)


def request_of(
    kind: type[Asked],
    parameters: Mapping[str, Any],
    config: Mapping[str, Any],
    schema: Mapping[str, Any],
    now_s: int | None = None,
    interval: str = '',
) -> Asked:
    """Turn an audit's parameters and the strategy's options into a request.

    Those of the same name are fields of the request.

    :param parameters: as the schema has them; absent ones take defaults
    :param config: the options of :mod:`.options`
    :param now_s: seconds since 1970-01-01 00:00 UTC; None reads the clock,
        if a parameter depends on it
    :param interval: the cron entry at whose times the audit is run; '' is none
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a parameter is
        none of the schema, two contradict each other, or an option has
        no meaning
    """
    _check_options(config)
    check(parameters, schema)
    parameters = as_texts(parameters, schema)
    single = parameters.get('maintenance_node')
    if single and parameters.get('maintenance_nodes'):
        raise NotPlanned(BOTH_NODE_PARAMETERS.about())
    fields = {field.name for field in dataclasses.fields(kind)}
    values = {name: config[name] for name in fields if name in config}
    enabled = config['enabled_filters']
    values |= filters.switches(enabled)
    values['other_filters'] = [*filters.without_rule(enabled)]
    values |= {n: value for n, value in parameters.items() if n in fields}
    values |= owner_options(config)
    if single:
        values['maintenance_nodes'] = [single]
    try:
        values |= windows.fields(parameters, now_s, interval)
        _check_used(parameters, schema)
        return document.from_plain(kind, values)
    except InvalidDocument as exc:
        # No schema refuses NaN, which JSON has for Watcher's API.
        raise _bad_parameter(exc.path, exc.problem) from exc


def check_interval(parameters: Mapping[str, Any], interval: str) -> None:
    """Refuse windows that may pass without a run of the audit.

    :param interval: see :func:`.windows.check_interval`
    :raises watcher_host_maintenance.cloud.errors.NotPlanned: they may
    """
    try:
        windows.check_interval(parameters, interval)
    except InvalidDocument as exc:
        raise _bad_parameter(exc.path, exc.problem) from exc


def _check_used(
    parameters: Mapping[str, Any], schema: Mapping[str, Any]
) -> None:
    """Refuse what changes nothing for owners who are not told, or not asked.

    Watcher's API fills in defaults, which are not refused.

    :raises InvalidDocument: it names what to give
    """
    owners = parameters.get('owners', Owners.IGNORE.value)
    for name in sorted(USED_WITH.keys() & parameters.keys()):
        needed = [value.value for value in USED_WITH[name]]
        default = schema['properties'][name].get('default')
        if owners not in needed and parameters[name] != default:
            choices = ' or '.join(f'-p owners={value}' for value in needed)
            raise InvalidDocument(
                name,
                f'it has no effect with owners={owners}; give {choices}, or '
                'leave it out',
            )


def owner_options(config: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what tags of other products, and projects, stand for."""
    options: dict[str, dict[str, str]] = {}
    for name, parse in (
        ('owner_tags', parse_foreign_tag),
        ('owner_defaults', parse_default),
    ):
        try:
            options[name] = dict(map(parse, config[name]))
        except ValueError as exc:
            raise NotPlanned(
                BAD_OPTION_VALUE.about(name, problem=str(exc))
            ) from exc
    return options


def to_limits(config: Mapping[str, Any]) -> Limits:
    """Turn options into how much a search for a placement may work."""
    return dataclasses.replace(
        Limits.of(config['search_steps']),
        nodes=config['exact_nodes'],
        iterations=config['exact_iterations'],
        guard_s=config['exact_guard_s'],
    )


def to_settings(config: Mapping[str, Any]) -> Settings:
    """Turn options into how patiently the APIs are read."""
    return Settings(transient_wait_s=config['transient_wait_s'])


def to_wanted_reads(config: Mapping[str, Any]) -> frozenset[str]:
    """Turn options into what is read of services that a cloud may lack."""
    reads = (optional.IMAGES, optional.PORTS, optional.VOLUMES)
    return frozenset(name for name in reads if config[f'read_{name}'] == AUTO)


def to_pace(parameters: Mapping[str, Any], config: Mapping[str, Any]) -> Pace:
    """Turn parameters and options into how a plan is carried out.

    Who wants nodes enabled when they are not empty wants them looked at.
    """
    restores = parameters.get('on_failure') == ENABLE
    return Pace(
        per_source=config['max_migrations_per_source'],
        per_destination=config['max_migrations_per_destination'],
        overall=config['max_migrations'],
        mib_per_s=config['migration_bandwidth_mib_s'],
        verifies=restores or config['verify_host_empty'],
        restores=restores,
    )


def to_disabled_reason(parameters: Mapping[str, Any]) -> str:
    """Return the reason with which a plan disables nodes."""
    text = str(parameters.get('reason') or '')
    return disabled_reason(MAINTAINING_REASON, text)


def disabled_reason(prefix: str, text: str) -> str:
    """Return a reason that Nova keeps as it is given.

    Every kind of white space becomes one space. Nova keeps no character
    outside the Basic Multilingual Plane in MySQL: they become question marks.

    :param text: what a person wrote; it follows the prefix
    """
    words = (
        ''.join(
            '?' if ord(c) > MAX_BMP else c
            for c in word
            if unicodedata.category(c) not in UNPRINTABLE
        )
        for word in text.split()
    )
    clean = ' '.join(filter(None, words))
    whole = f'{prefix}: {clean}' if clean else prefix
    return whole[:DISABLED_REASON_LENGTH].rstrip()


def check(parameters: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Refuse what the API would: it validates new audits, not changes.

    :raises watcher_host_maintenance.cloud.errors.NotPlanned: a parameter is
        none of the schema, or is invalid
    """
    for name in sorted(parameters.keys() - schema['properties'].keys()):
        raise _bad_parameter(name, 'no such parameter')
    wrong = {
        str(error.path[0]): error.message
        for error in jsonschema.Draft4Validator(schema).iter_errors(
            dict(parameters)
        )
    }
    for name in sorted(wrong):
        raise _bad_parameter(name, wrong[name])


def _bad_parameter(name: str, problem: str) -> NotPlanned:
    return NotPlanned(BAD_PARAMETER.about(name, problem=problem))


def _check_options(config: Mapping[str, Any]) -> None:
    """Refuse reasons that would match every disabled node, or none."""
    marking, unused = config['marking_reasons'], config['unused_reasons']
    if not marking or not all(marking):
        raise NotPlanned(BAD_OPTION.about('marking_reasons'))
    if not all(unused):
        raise NotPlanned(BAD_OPTION.about('unused_reasons'))
