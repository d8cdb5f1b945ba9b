# SPDX-License-Identifier: Apache-2.0

"""States, steps and options in words of the person's language."""

import re

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from watcher_host_maintenance.client.maintenance import Node
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.parameters import RETURN_PARAMETERS
from watcher_host_maintenance.client.phases import Phase
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.telling.words import reword
from watcher_host_maintenance.dashboard.results import STAYS
from watcher_host_maintenance.request import states


PLANNING, RUNNING = 'planning', 'running'
"""What a node does; everything else is its phase."""

ACTIVITIES = {
    PLANNING: _('Planning'),
    RUNNING: _('In progress'),
    Phase.IN_SERVICE.value: _('In service'),
    Phase.ANNOUNCED.value: _('Announced'),
    Phase.DRAINING.value: _('Not empty'),
    Phase.RETURNING.value: _('Returning'),
    Phase.READY.value: _('Ready for maintenance'),
    Phase.MAINTAINED.value: _('Work is done'),
    Phase.BLOCKED.value: _('Blocked'),
    Phase.SPARE.value: _('Spare'),
    Phase.FOREIGN.value: _('Disabled for another reason'),
}
"""Where a node stands -> how it is called."""

RESULTS = {
    states.PENDING: _('Waits for its turn'),
    states.ONGOING: _('In progress'),
    states.SUCCEEDED: _('Done'),
    states.SKIPPED: _('Nothing to do'),
    states.FAILED: _('Failed'),
    states.CANCELLED: _('Cancelled'),
    STAYS: _('Stays'),
}
"""State of an action -> how it is called."""

STATES = {
    states.PENDING: _('Waits to be carried out'),
    states.ONGOING: _('In progress'),
    states.RECOMMENDED: _('Not started'),
    states.SUCCEEDED: _('Succeeded'),
    states.FAILED: _('Failed'),
    states.CANCELLING: _('Being cancelled'),
    states.CANCELLED: _('Cancelled'),
    states.SUPERSEDED: _('Superseded'),
    states.SUSPENDED: _('Suspended'),
}
"""State of an audit or an action plan -> how it is called."""

STEPS = {
    'disable': _('Disable'),
    'enable': _('Enable'),
    'return': _('Return to service'),
    'set reason': _('Set the reason'),
    'live migrate': _('Live migrate'),
    'cold migrate': _('Cold migrate'),
    'stop': _('Stop'),
    'start': _('Start'),
    'offload': _('Offload'),
    'confirm': _('Confirm'),
    'wait for': _('Wait until it takes servers'),
    'run hook on': _('Run the hook'),
    'notify': _('Tell the owner'),
    'verify': _('Verify'),
    'stays': _('Stays'),
    'planned': _('Possible'),
    'finished': _('Nothing to do'),
    'refused': _('Refused'),
}
"""Step of a plan, or verdict of a check -> how it is called."""

LABELS = {
    'backup_node': _('Backup node'),
    'disable_live_migration': _('Do not migrate live'),
    'disable_cold_migration': _('Do not migrate cold'),
    'on_blocked': _('If a server cannot move'),
    'allow_unproved_moves': _('Move what cannot be proved to fit'),
    'on_failure': _('If the plan fails'),
    'headroom_percent': _('Headroom in per cent'),
    'max_secondary_moves': _('Servers of other nodes to move first'),
    'owners': _('Owners of servers'),
    'answer_by': _('Owners answer by'),
    'removed': _('The nodes do not return'),
    'on_keep': _('If an owner keeps a server'),
    'starts': _('Begin at'),
    'ends': _('End at'),
    'cron': _('Windows recur at'),
    'duration': _('Length of each window'),
    'close': _('Disable the nodes'),
    'reason': _('Reason'),
    'move_back': _('Move back'),
    'return_as': _('Return as'),
}
"""Parameter of an audit -> label of its field; others show their name."""

EXPLANATIONS = {
    'backup_node': _(
        'The only destination. If it cannot take all servers, nothing is '
        'started. A spare is enabled.'
    ),
    'disable_live_migration': _(
        'Running servers are migrated cold: they restart.'
    ),
    'disable_cold_migration': _(
        'Stopped servers stay on the node. Together with the option above, '
        'running servers are stopped and nothing moves.'
    ),
    'on_blocked': _(
        'Change nothing at all, or move as many servers as possible.'
    ),
    'allow_unproved_moves': _(
        'Servers with dedicated CPUs, NUMA cells, huge pages or devices: no '
        'API can prove that they fit.'
    ),
    'on_failure': _(
        'Disabled nodes take no new servers, and the next maintenance goes '
        'on with them.'
    ),
    'headroom_percent': _(
        'Share of the capacity of each destination that is kept free.'
    ),
    'max_secondary_moves': _(
        'At most so many, where that makes the room that is missing.'
    ),
    'owners': _(
        'If they are told before, a server moves as soon as its owner answers '
        'Ready, and the others when the time to answer is over and work may '
        'begin.'
    ),
    'answer_by': _(
        'Until when owners may answer, if they are told before: a date and '
        'time of ISO 8601 with a zone, such as 2026-12-01T21:00Z.'
    ),
    'removed': _(
        'Only if owners are told: no server stays because its owner wants it '
        'to, and they see that the host is removed.'
    ),
    'on_keep': _(
        'Only if owners are told. The same goes for an owner who wants a cold '
        'move where cold migration is off: a running server that is moved all '
        'the same moves live.'
    ),
    'starts': _(
        'Nothing begins before this time: a date and time of ISO 8601 with a '
        'zone, such as 2026-12-01T21:00Z.'
    ),
    'ends': _(
        'Nothing begins at this time or later, nor what is thought to end '
        'later. What has begun is not interrupted. Written like the time to '
        'begin.'
    ),
    'cron': _(
        'A cron entry, at whose times a window begins: 0 22 * * *, in UTC, or '
        '0 22 * * * Europe/Berlin. Needs the length of each.'
    ),
    'duration': _(
        'Of those that recur: a number of minutes, or a duration of ISO 8601 '
        'such as PT4H.'
    ),
    'close': _('Disabled nodes take no new servers.'),
    'reason': _(
        'A ticket or a name. It becomes part of the reason with which the '
        'nodes are disabled.'
    ),
    'move_back': _('Only what is still where the plan has put it moves back.'),
    'return_as': _('What was recorded before the maintenance counts.'),
}
"""Parameter -> what it means; others have the description of their schema."""

RETURN_EXPLANATIONS = {
    'disable_live_migration': _(
        'Running servers are moved back cold: they restart.'
    ),
    'disable_cold_migration': _('Stopped servers are not moved back.'),
    'on_blocked': _(
        'Change nothing at all, or move back as many servers as possible.'
    ),
}
"""The same of a return, where it means something else there."""

CHOICES = {
    ('on_blocked', 'fail'): _('Change nothing'),
    ('on_blocked', 'leave'): _('Leave it where it is'),
    ('on_failure', 'keep_disabled'): _('Keep the nodes disabled'),
    ('on_failure', 'enable'): _('Enable nodes that still have servers'),
    ('owners', 'ignore'): _('Are told nothing'),
    ('owners', 'obey'): _('Are told, and their standing words count'),
    ('owners', 'wait'): _('Are told before, and may say when'),
    ('on_keep', 'block'): _('It blocks its node'),
    ('on_keep', 'move'): _('It is moved all the same'),
    ('close', 'start'): _('When the window begins'),
    ('close', 'now'): _('At once'),
    ('move_back', 'none'): _('No server'),
    ('move_back', 'left'): _('Servers that left for this maintenance'),
    ('return_as', 'former'): _('What the nodes were before'),
    ('return_as', 'enabled'): _('Enabled'),
    ('return_as', 'spare'): _('Spare'),
}
"""Parameter and value -> label of the choice; others show the value."""


def label(name: str) -> Any:
    """Return the label of a parameter."""
    return LABELS.get(name, name.replace('_', ' ').capitalize())


def explanation(name: str, schema: Mapping[str, Any], is_return: bool) -> Any:
    """Return what a parameter means, in a sentence or two."""
    if is_return and name in RETURN_EXPLANATIONS:
        return RETURN_EXPLANATIONS[name]
    return EXPLANATIONS.get(name, schema['description'])


def choice(name: str, value: str) -> Any:
    """Return the label of one value of a parameter."""
    return CHOICES.get((name, value), value.replace('_', ' '))


def activity(node: Node) -> str:
    """Return a key of :data:`ACTIVITIES`: where a node stands."""
    attempt = node.attempt
    if attempt is not None and attempt.is_running:
        return RUNNING
    if attempt is not None and attempt.plan is None and attempt.is_pending:
        return PLANNING
    return node.phase.value


def in_fields(text: str) -> str:
    """Return a text safe to show, with parameters named as in the form."""
    return reword(visible(text), _PARAMETER, _field)


def _field(match: re.Match[str]) -> str:
    name, value = match.groups()
    if value == 'true':
        return f'"{label(name)}"'
    return f'"{label(name)}: {choice(name, value)}"'


_NAMES = '|'.join({**PARAMETERS, **RETURN_PARAMETERS})
_PARAMETER = re.compile(rf'-p ({_NAMES})=([\w-]+)')
