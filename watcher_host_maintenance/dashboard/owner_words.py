# SPDX-License-Identifier: Apache-2.0

"""Notices and answers in words of the person's language."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import State


UNKNOWN = 'unknown'

STATES = {
    State.ANNOUNCED.value: _('Announced'),
    State.MOVING.value: _('In progress'),
    State.DONE.value: _('Done'),
    State.LEFT.value: _('Left on its host'),
    State.CANCELLED.value: _('Cancelled'),
    UNKNOWN: _('Not known'),
}
"""How far a maintenance is -> how that is called."""

EFFECTS = {
    Effect.LIVE: _('Moves live, keeps running'),
    Effect.COLD: _('Moves cold, is stopped meanwhile'),
    Effect.STOP: _('Is stopped'),
    Effect.NONE: _('Nothing'),
}
"""What a maintenance does to a server -> how that is called."""

HOSTS = {
    HostFate.RETURNS: _('Returns'),
    HostFate.REMOVED: _('Is removed for good'),
}
"""What becomes of the host -> how that is called."""

ANSWERS = {
    GO: (
        _('Ready'),
        _('Begin with it now. Counts in this maintenance only.'),
    ),
    'keep': (
        _('Keep'),
        _('Leave the server alone, even if that blocks the maintenance.'),
    ),
    'stay': (
        _('Stay'),
        _('Leave it running on its host, though it may go down with it.'),
    ),
    'stop': (_('Stop'), _('Stop it, and leave it stopped on its host.')),
    'stop-and-start': (
        _('Stop and Start'),
        _('Stop it, and start it when its host is back.'),
    ),
    'cold': (
        _('Move Cold'),
        _('Move it cold, even if it could be moved live.'),
    ),
    'move': (_('Move as Planned'), _('Move it as the operator plans.')),
}
"""Word of an owner -> label and meaning."""


def answer(words: tuple[str, ...]) -> Any:
    """Return what an owner has answered; None is nothing."""
    return ', '.join(str(ANSWERS[word][0]) for word in words) or None
