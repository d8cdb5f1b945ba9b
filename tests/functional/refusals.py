# SPDX-License-Identifier: Apache-2.0

"""The whole text of what an audit says, from findings that a test expects.

How the sentences are put together is written here again; their words are the
package's. ``test_refusals_shown`` and the tests of the command line hold each
form word for word.
"""

import re

from collections.abc import Iterable

from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling import brevity
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words


def cannot_drain(finding: Finding) -> str:
    """Return what is said of a request that nothing can be planned for."""
    return f'{without_help(finding)} {words.help_for(finding)}'


def without_help(finding: Finding) -> str:
    """Return what is said of it when there may be no room for help."""
    why = words.say(finding)
    return f'{summary.CANNOT.format(why=why)} {words.UNCHANGED}'


def expression(text: str, end: str = '', **patterns: str) -> re.Pattern[str]:
    """Return what matches a text from its beginning.

    :param end: '$' when nothing may follow
    :param patterns: word of the text -> the pattern that takes its place
    """
    text = re.escape(text)
    for word, pattern in patterns.items():
        text = text.replace(word, pattern)
    return re.compile(f'^{text}{end}')


def cannot_move(
    hosts: str,
    left: int,
    count: int,
    finding: Finding,
    lacks: Finding | None = None,
    others: int = 0,
    ways: Iterable[Finding] = (),
    changed: str = words.UNCHANGED,
    more: bool = False,
) -> str:
    """Return what is said of nodes that cannot be drained.

    :param left: servers that stay, of a count
    :param finding: the foremost reason
    :param lacks: what the nearest destination lacks
    :param others: how many destinations there are beside that one
    :param ways: remedies; without any it is said what helps with the finding
    :param more: more is in the way
    """
    helps = [summary.ONE_WAY.format(remedy=words.say(way)) for way in ways]
    if not helps:
        helps = [words.help_for(finding)]
    if more:
        helps[-1] = f'{helps[-1].rstrip(".")}.'
        helps.append(summary.MORE_BLOCKS)
    sentences = (
        summary.CANNOT_MOVE.format(hosts=hosts, left=left, count=count),
        _why(finding, lacks, others),
        changed,
        *helps,
    )
    return ' '.join(filter(None, sentences))


def left_behind(
    left: int, count: int, finding: Finding, lacks: Finding | None = None
) -> str:
    """Return what is said of a plan that leaves servers on their node.

    See :func:`cannot_move` for the parameters.
    """
    why = _why(finding, lacks)
    return summary.LEFT.format(left=left, count=count, why=why)


def _why(finding: Finding, lacks: Finding | None, others: int = 0) -> str:
    if lacks is None:
        return words.sentence(finding)
    nearest = words.say(lacks)
    if others:
        nearest += f'; {brevity.AND_MORE.format(count=others)}'
    return f'{words.say(finding)} ({nearest}).'
