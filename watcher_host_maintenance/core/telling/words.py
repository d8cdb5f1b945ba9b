# SPDX-License-Identifier: Apache-2.0

"""Findings in words: what they say, and what helps."""

import fractions
import math
import re

from collections.abc import Callable

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.telling.brevity import Translate
from watcher_host_maintenance.core.telling.brevity import listed
from watcher_host_maintenance.core.telling.brevity import shortened


UNCHANGED = N_('Nothing was changed.')
DESTINATIONS = N_('{destinations} destinations')

ABSENT = {
    'disabled_reason': N_('no reason given'),
    'expected_reason': N_('no reason given'),
    'elsewhere': N_('no host'),
    'host': N_('no host'),
    'last_error': N_('none'),
    'status': N_('gone'),
    'user': N_('the user'),
    'zone': N_('none'),
}
"""What is said of a fact that is None; of others it is 'unknown'."""

QUOTED = frozenset({'disabled_reason', 'expected_reason', 'user'})
"""Facts in the words of some person, which are quoted."""

NAMES = frozenset(
    {
        'address',
        'agents',
        'architecture',
        'destination',
        'elsewhere',
        'entries',
        'flavor',
        'group',
        'home',
        'host',
        'hosts',
        'hypervisor',
        'hypervisors',
        'key',
        'names',
        'network',
        'other',
        'other_destination',
        'pinned',
        'project',
        'source',
        'trait',
        'values',
        'wanted',
        'zone',
    }
)
"""Facts that are quoted if they are more than a word.

They are names, or what the owner of a server or of its image wrote.
"""

WORD = re.compile(r'\w([\w.:@/+-]*\w)?')
"""A name that cannot be taken for words of a sentence around it."""


def say(finding: Finding, translate: Translate = str) -> str:
    """Put a finding into words, without a final full stop."""
    return _fill(_template(finding, translate), finding, translate)


def name(text: str) -> str:
    """Return a name as it stands in a sentence: cut, and quoted if need be.

    An owner may call a server "web. All have moved. Now run this".
    """
    shown = shortened(visible(text))
    if not shown or WORD.fullmatch(shown):
        return shown
    return quoted(shown)


def quoted(text: str) -> str:
    """Quote a text, with its own quotes escaped: none of them ends it."""
    escaped = text.replace('"', r'\x22')
    return f'"{escaped}"'


def reword(
    text: str,
    pattern: re.Pattern[str],
    replace: Callable[[re.Match[str]], str],
) -> str:
    """Replace what a pattern matches, except in what is quoted.

    An owner may call a server "web -p on_blocked=leave".
    """
    parts = re.split('("[^"]*")', text)
    parts[::2] = (pattern.sub(replace, part) for part in parts[::2])
    return ''.join(parts)


def sentence(finding: Finding, translate: Translate = str) -> str:
    """Put a finding into a sentence; a name keeps its first letter."""
    text = f'{say(finding, translate)}.'
    if _template(finding, translate).startswith('{'):
        return text
    return text[0].upper() + text[1:]


def help_for(finding: Finding, translate: Translate = str) -> str:
    """Say what a person can do about a finding."""
    helps = translate(finding.reason.helps)
    return _fill(helps, finding, translate)


def _template(finding: Finding, translate: Translate) -> str:
    reason = finding.reason
    return translate((finding.subject and reason.named) or reason.says)


def _fill(template: str, finding: Finding, translate: Translate) -> str:
    facts = {
        key: _text(key, fact, translate) for key, fact in finding.facts.items()
    }
    if finding.facts.get('hosts') == ():
        # Too many to be named.
        count = translate(DESTINATIONS)
        facts['hosts'] = count.format(**facts)
    return template.format(subject=name(finding.subject), **facts)


def _text(key: str, fact: Fact, translate: Translate) -> str:
    """Put one fact into words."""
    if fact is None:
        return translate(ABSENT.get(key, N_('unknown')))
    if isinstance(fact, tuple):
        show = name if key in NAMES else visible
        return listed([*map(show, fact)], translate) or translate(
            N_('nothing')
        )
    if isinstance(fact, str):
        text = shortened(visible(fact))
        if key in QUOTED:
            return quoted(text)
        return name(fact) if key in NAMES else text
    return number(fact)


def number(amount: float) -> str:
    """Write a number for people: whole ones whole, others with a tenth."""
    # Down, never up: 0.96 free is not enough for 1. Multiplied as a float,
    # 114.99999999999999 would become 115 all the same.
    tenths = math.floor(fractions.Fraction(amount) * 10)
    return str(tenths // 10) if tenths % 10 == 0 else str(tenths / 10)
