# SPDX-License-Identifier: Apache-2.0

"""How an action ends: with a reason, in as many words as there is room."""

from collections.abc import Sequence

from oslo_log import log
from watcher.common import exception

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.reasons import declare
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.plugin.errors import ActionFailed
from watcher_host_maintenance.plugin.watcher import status_message


LOG = log.getLogger(__name__)


NO_SERVICE = declare(
    'no_service',
    of=Of.LOOK,
    says=N_('it has no nova-compute service'),
    helps=N_('Look for it in "openstack compute service list".'),
    named=N_('{subject} has no nova-compute service'),
)


PREFIX = 45
"""Characters that Watcher writes before what an action says, and some more.

The longest is 'Action was skipped automatically: '; it can be translated.
"""

ROOM = status_message.STATUS_MESSAGE - PREFIX
"""Characters that an action can say."""


def failed(
    sentences: Sequence[str],
    *briefer: Sequence[str],
    helps: Sequence[str] = (),
) -> ActionFailed:
    """Make what ends an action: as much as fits, with all in the log.

    :param sentences: most important first
    :param briefer: the same in fewer words; the first that fits is taken
    :param helps: what a person can do, where there is room behind that
    """
    LOG.error('Action failed: %s', ' '.join((*sentences, *helps)))
    told = (sentences, *briefer)
    fitting = (one for one in told if len(' '.join(one)) <= ROOM)
    text = status_message.fit(next(fitting, told[-1]), ROOM)
    for one in helps:
        if len(text) + 1 + len(one) <= ROOM:
            text = f'{text} {one}'
    return ActionFailed(text)


def ended(
    found: Finding, why: str = '', cure: Finding | None = None
) -> ActionFailed:
    """Make what ends an action from what is found.

    :param why: what Nova says of it
    :param cure: the finding that tells what helps; None is the same one
    """
    text = words.sentence(found, _)
    return failed(
        [sentence(text, why)], helps=[words.help_for(cure or found, _)]
    )


def skipped(found: Finding) -> exception.ActionSkipped:
    """Make what ends an action before it begins: nothing is left to do."""
    return exception.ActionSkipped(
        status_message.fit([words.say(found, _)], ROOM)
    )


def sentence(text: str, why: str = '') -> str:
    """Put together what has happened and why, with one full stop."""
    told = f'{text.rstrip(".")}: {why}' if why else text
    if told.endswith(status_message.ELLIPSIS):
        return told
    return f'{told.rstrip(".")}.'
