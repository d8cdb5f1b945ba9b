# SPDX-License-Identifier: Apache-2.0

"""What an operator is told of an answer, in a few sentences."""

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.telling import returns
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import Translate


def sentences(outcome: Outcome, translate: Translate = str) -> list[str]:
    """Sum an answer up, most important first; empty when all went well.

    How much of what and the foremost reason, what was done, what helps:
    where room is short the last ones are left out.
    """
    if outcome.purpose is Purpose.RETURN:
        return returns.sentences(outcome, translate)
    if outcome.findings:
        first, *others = outcome.findings
        why = words.say(first, translate)
        return [
            translate(N_('Cannot drain: {why}.')).format(why=why),
            translate(N_('Nothing was changed.')),
            *_help(words.help_for(first, translate), others, translate),
        ]
    told = _refusal(outcome, translate) if outcome.refused else []
    return [*told, *_left_behind(outcome, translate)]


def _refusal(outcome: Outcome, translate: Translate) -> list[str]:
    refused = outcome.refused
    first, *others = _obstacles(refused)
    why, cure = _why(first, translate)
    changed = (
        N_('Nothing was changed.')
        if outcome.failed
        else N_('What else is marked is planned.')
    )
    return [
        _head(refused, translate),
        why,
        translate(changed),
        *_cures(refused, cure, others, translate),
    ]


def _head(refused: Sequence[NodeOutcome], translate: Translate) -> str:
    """Say which nodes cannot be drained, and how much of them stays."""
    left = sum(_cannot_leave(n) for n in refused)
    if not left:
        head = N_('Cannot drain {hosts}.')
    elif _is_undecided(refused):
        head = N_(
            'Cannot drain {hosts}: no place was found for {left} of {count} '
            'instances.'
        )
    else:
        head = N_(
            'Cannot drain {hosts}: {left} of {count} instances cannot be '
            'moved.'
        )
    return translate(head).format(
        hosts=_names([n.hostname for n in refused], translate),
        left=left,
        count=sum(n.instance_count for n in refused),
    )


def _why(obstacle: Finding | Stay, translate: Translate) -> tuple[str, str]:
    """Say what is in the way, and what helps against it."""
    if isinstance(obstacle, Stay):
        cure = words.help_for(_curable(obstacle), translate)
        return _stay_sentence(obstacle, translate), cure
    cure = words.help_for(obstacle, translate)
    return words.sentence(obstacle, translate), cure


def _cures(
    refused: Sequence[NodeOutcome],
    cure: str,
    others: Sequence[object],
    translate: Translate,
) -> list[str]:
    """Say what makes room for all; failing that, what helps against one.

    :param cure: what helps against the foremost obstacle
    :param others: the other obstacles
    """
    found = refused[0].remedies
    # What helps one of them is no help for the others.
    if not found or any(n.remedies != found for n in refused):
        return _help(cure, others, translate)
    helps = [*ways(found, translate)]
    # To look on may be all that it takes.
    return [cure, *helps] if _is_undecided(refused) else helps


def _is_undecided(refused: Sequence[NodeOutcome]) -> bool:
    """Tell whether the search ended before it knew."""
    return any(f.reason.is_undecided for n in refused for f in n.findings)


def _cannot_leave(node: NodeOutcome) -> int:
    return node.instance_count if _problems(node) else len(node.blocked)


def _problems(node: NodeOutcome) -> list[Finding]:
    """Find what is wrong with a node itself: then nothing can leave it."""
    return [f for f in node.findings if not f.reason.is_of_all]


def _obstacles(
    refused: tuple[NodeOutcome, ...],
) -> list[Finding] | list[Stay]:
    """Return the foremost kind of what is in the way, foremost first.

    What no room would cure comes first: a node, the state of one instance,
    a size that fits nowhere; then the sums, then the puzzle of fitting.
    """
    problems = [f for n in refused for f in _problems(n)]
    stays = [s for n in refused for s in n.blocked]
    definite = [s for s in stays if not s.findings[0].reason.is_shared]
    together: list[Finding] = []
    for finding in (f for n in refused for f in n.findings):
        # Nodes that are named together share what is said of all.
        if finding not in together:
            together.append(finding)
    return problems or definite or together or stays


def _left_behind(outcome: Outcome, translate: Translate) -> list[str]:
    """Say what planned nodes keep though nobody asked for it."""
    planned = [n for n in outcome.nodes if n.verdict is Verdict.PLANNED]
    blocked = [s for n in planned for s in n.blocked]
    if not blocked:
        return []
    left = translate(N_('{left} of {count} left: {why}')).format(
        left=len(blocked),
        count=sum(n.instance_count for n in planned),
        why=_stay_sentence(blocked[0], translate),
    )
    if len(blocked) == 1:
        return [left]
    more = translate(N_('And {count} more: see the decision engine log.'))
    return [left, more.format(count=len(blocked) - 1)]


def _stay_sentence(stay: Stay, translate: Translate) -> str:
    """Say why one instance stays, with what the nearest destination lacks."""
    first, *others = stay.findings
    if not others or others[0].subject == first.subject:
        return words.sentence(first, translate)
    told = words.say(others[0], translate)
    # Findings are cut, and a destination may lack two things: count hosts.
    hosts = int(first.number('destinations')) or 1
    more = ''.join(f'; {m}' for m in and_more(hosts - 1, translate))
    return f'{words.say(first, translate)} ({told}{more}).'


def _curable(stay: Stay) -> Finding:
    """Choose what to help with: no free room cures what a rule refuses."""
    first, *others = stay.findings
    nearest = others[0] if others else first
    about_itself = nearest.subject == first.subject
    about_room = nearest.reason.of is Of.ROOM
    return first if about_itself or about_room else nearest


def _names(hostnames: list[str], translate: Translate) -> str:
    """Name two nodes, or of more the first with a count."""
    told = hostnames if len(hostnames) <= 2 else hostnames[:1]
    more = and_more(len(hostnames) - len(told), translate)
    return ' '.join([', '.join(told), *more])


def _help(
    cure: str, others: Sequence[object], translate: Translate
) -> list[str]:
    """Say what helps; a command is left open, to be copied, at the end."""
    if not others:
        return [cure]
    text = N_('More is in the way: see the decision engine log.')
    return [f'{cure.removesuffix(".")}.', translate(text)]


def ways(found: Sequence[Finding], translate: Translate) -> Iterator[str]:
    """Say what makes room for all, one sentence each."""
    for finding in found:
        remedy = words.say(finding, translate)
        yield translate(N_('One way: {remedy}.')).format(remedy=remedy)


def and_more(count: int, translate: Translate) -> list[str]:
    """Say how many are not named; nothing when that is none."""
    if count <= 0:
        return []
    return [translate(N_('and {count} more')).format(count=count)]
