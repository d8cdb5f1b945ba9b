# SPDX-License-Identifier: Apache-2.0

"""Findings as tests compare them: the record, whatever its words are."""

from collections.abc import Iterable

from watcher_host_maintenance.core.model.reasons import Fact
from watcher_host_maintenance.core.model.reasons import Finding


def written(finding: Finding) -> str:
    """Write a record in one line: ``no_room c2 free=1 wanted=2``.

    Which of several proofs was found first is left out where it is not told.
    """
    reason = finding.reason
    facts = [
        f'{name}={_value(finding.facts[name])}'
        for name in sorted(finding.facts)
        if name != 'proof' or '{proof}' in reason.says
    ]
    subject = [finding.subject] if finding.subject else []
    return ' '.join((reason.value, *subject, *facts))


def all_written(findings: Iterable[Finding]) -> list[str]:
    """Write each record."""
    return [written(finding) for finding in findings]


def _value(fact: Fact) -> str:
    if isinstance(fact, tuple):
        return ','.join(fact)
    return f'{fact:g}' if isinstance(fact, float) else str(fact)
