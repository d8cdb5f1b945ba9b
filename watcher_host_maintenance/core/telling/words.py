# SPDX-License-Identifier: Apache-2.0

"""Findings in words: what they say, and what helps."""

import fractions
import math

from collections.abc import Callable

from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding


Translate = Callable[[str], str]


STAND_INS = frozenset(
    {
        ('disabled_reason', N_('none given')),
        ('values', N_('nothing')),
        ('source', N_('nothing')),
        ('destination', N_('nothing')),
        ('source', N_('unknown')),
        ('destination', N_('unknown')),
        ('zone', N_('none')),
    }
)
"""Facts of what is not there: they are words, and no names."""


LONGEST = 100
"""Characters of a fact that are told: errors and reasons have no limit."""


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
    named = finding.reason.named if finding.subject else ''
    return translate(named or finding.reason.says)


def _fill(template: str, finding: Finding, translate: Translate) -> str:
    facts = {
        name: translate(str(fact))
        if (name, fact) in STAND_INS
        else number(fact)
        for name, fact in finding.facts.items()
    }
    return template.format(subject=finding.subject, **facts)


def number(fact: Fact) -> str:
    """Write a fact for people: whole numbers whole, others with a tenth."""
    if isinstance(fact, float):
        # Down, never up: 0.96 left is not enough for 1. Multiplied as a
        # float, 114.99999999999999 would become 115 all the same.
        tenths = math.floor(fractions.Fraction(fact) * 10)
        return str(tenths // 10) if tenths % 10 == 0 else str(tenths / 10)
    text = str(fact)
    return text if len(text) <= LONGEST else f'{text[: LONGEST - 3]}...'
