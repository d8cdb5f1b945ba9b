# SPDX-License-Identifier: Apache-2.0

"""How an action ends: with a reason, in as many words as there is room."""

from collections.abc import Sequence

from watcher.common import exception

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import STATUS_MESSAGE
from watcher_host_maintenance.core.telling.brevity import fit
from watcher_host_maintenance.core.telling.brevity import with_reason
from watcher_host_maintenance.plugin.errors import ActionFailed


LOG = logs.get_logger(__name__)


PREFIX = 45
"""Characters that Watcher writes before what an action says, and some more.

The longest is 'Action was skipped automatically: '; it can be translated.
"""

LIMIT = STATUS_MESSAGE - PREFIX
"""Characters that an action can say."""


def failure(
    finding: Finding, why: str = '', cure: Finding | None = None
) -> ActionFailed:
    """Return the error that ends an action because of a finding.

    :param why: what Nova says of it
    :param cure: the finding that tells what helps; None is the same one
    """
    text = with_reason(words.sentence(finding, _), why)
    return failure_of([text], helps=[words.help_for(cure or finding, _)])


def said(finding: Finding, why: str = '') -> str:
    """Return what an action says that succeeds, and log it.

    :param why: what Nova says of it
    """
    text = with_reason(words.sentence(finding, _), why)
    LOG.warning('%s', text)
    return fit([text], LIMIT, helps=[words.help_for(finding, _)])


def failure_of(
    sentences: Sequence[str],
    items: Sequence[str] = (),
    helps: Sequence[str] = (),
) -> ActionFailed:
    """Return the error that ends an action, with as much as fits.

    Everything is in the log. See :func:`.brevity.fit` for the parameters.
    """
    LOG.error('Action failed: %s', ' '.join((*sentences, *items, *helps)))
    return ActionFailed(fit(sentences, LIMIT, items, helps, _))


def skipped(finding: Finding) -> exception.ActionSkipped:
    """Return the error that ends an action with nothing left to do."""
    return exception.ActionSkipped(fit([words.say(finding, _)], LIMIT))
