# SPDX-License-Identifier: Apache-2.0

"""Findings in words: what they say, and what helps."""

import fractions
import math

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling.brevity import Translate
from watcher_host_maintenance.core.telling.brevity import listed
from watcher_host_maintenance.core.telling.brevity import shortened


UNCHANGED = N_('Nothing was changed.')
DESTINATIONS = N_('{destinations} destinations')

ABSENT = {
    'disabled_reason': N_('no reason given'),
    'expected_reason': N_('no reason given'),
    'host': N_('no host'),
    'status': N_('gone'),
    'user': N_('the user'),
    'zone': N_('none'),
}
"""What is said of a fact that is None; of others it is 'unknown'."""

QUOTED = frozenset({'disabled_reason', 'expected_reason', 'user'})
"""Facts in the words of some person, which are quoted."""


def say(finding: Finding, translate: Translate = str) -> str:
    """Put a finding into words, without a final full stop."""
    return _fill(_template(finding, translate), finding, translate)


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
        name: _text(name, fact, translate)
        for name, fact in finding.facts.items()
    }
    if finding.facts.get('hosts') == ():
        # Too many to be named.
        count = translate(DESTINATIONS)
        facts['hosts'] = count.format(**facts)
    return template.format(subject=finding.subject, **facts)


def _text(name: str, fact: Fact, translate: Translate) -> str:
    """Put one fact into words."""
    if fact is None:
        return translate(ABSENT.get(name, N_('unknown')))
    if isinstance(fact, tuple):
        return listed(fact, translate) or translate(N_('nothing'))
    if isinstance(fact, str):
        text = shortened(fact)
        return f'"{text}"' if name in QUOTED else text
    return number(fact)


def number(amount: float) -> str:
    """Write a number for people: whole ones whole, others with a tenth."""
    # Down, never up: 0.96 free is not enough for 1. Multiplied as a float,
    # 114.99999999999999 would become 115 all the same.
    tenths = math.floor(fractions.Fraction(amount) * 10)
    return str(tenths // 10) if tenths % 10 == 0 else str(tenths / 10)
