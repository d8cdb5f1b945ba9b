# SPDX-License-Identifier: Apache-2.0

"""What an operator is told of a return, in a few sentences."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import Translate
from watcher_host_maintenance.core.telling.brevity import shortened
from watcher_host_maintenance.core.telling.words import UNCHANGED


def sentences(outcome: Outcome, translate: Translate = str) -> list[str]:
    """Sum a return up, most important first; empty when all went well."""
    if outcome.findings:
        template = N_('Cannot return: {why}.')
        lines = [*_refusal(outcome.findings, template, '', translate)]
        return [*lines[:1], translate(UNCHANGED), *lines[1:]]
    return [*_refused(outcome, translate), *_away(outcome, translate)]


def _refused(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yield which nodes do not return, why, and what helps."""
    hosts = [n.hostname for n in outcome.refused]
    if not hosts:
        return
    findings = [f for n in outcome.refused for f in n.findings] or [
        s.findings[0] for n in outcome.refused for s in n.blocked
    ]
    template = N_('Cannot return {hosts}: {why}.')
    yield from _refusal(findings, template, ', '.join(hosts), translate)
    if outcome.failed:
        yield translate(UNCHANGED)


def _refusal(
    findings: list[Finding] | tuple[Finding, ...],
    template: str,
    hosts: str,
    translate: Translate,
) -> Iterator[str]:
    first = findings[0]
    why = words.say(first, translate)
    yield translate(template).format(hosts=shortened(hosts), why=why)
    yield words.help_for(first, translate)


def _away(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yield how many servers stay away, and why; then what else to know."""
    nodes = [n for n in outcome.nodes if n.verdict is not Verdict.REFUSED]
    # Those that cannot come before those that are left alone.
    stays: list[Stay] = sorted(
        (s for n in nodes for s in n.stays), key=lambda s: s.as_asked
    )
    if stays:
        template = N_('{count} of {total} stay away: {why}.')
        yield translate(template).format(
            count=len(stays),
            total=sum(n.instance_count for n in nodes),
            why=_why(stays[0], translate),
        )
    if len(stays) > 1:
        template = N_('And {count} more: see the decision engine log.')
        yield translate(template).format(count=len(stays) - 1)
    for node in nodes:
        for finding in node.findings:
            yield words.sentence(finding, translate)


def _why(stay: Stay, translate: Translate) -> str:
    """Return why one server stays away, with what its home lacks."""
    first, *others = stay.findings
    why = words.say(first, translate)
    if not others:
        return why
    return f'{why} ({words.say(others[0], translate)})'
