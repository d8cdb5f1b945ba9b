# SPDX-License-Identifier: Apache-2.0

"""What an operator is told of an outcome, in a few sentences."""

import math

from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance.core.advice.unplaced import AT_MOST_MORE
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
from watcher_host_maintenance.core.telling.brevity import MORE_ITEMS
from watcher_host_maintenance.core.telling.brevity import Translate
from watcher_host_maintenance.core.telling.brevity import and_more
from watcher_host_maintenance.core.telling.brevity import fit
from watcher_host_maintenance.core.telling.brevity import listed
from watcher_host_maintenance.core.telling.words import UNCHANGED


CANNOT = N_('Cannot drain: {why}.')
CANNOT_ANY = N_('Cannot drain {hosts}.')
NO_PLACE = N_(
    'Cannot drain {hosts}: no place was found for {left} of {count} instances.'
)
CANNOT_MOVE = N_(
    'Cannot drain {hosts}: {left} of {count} instances cannot be moved.'
)
REST_PLANNED = N_('What else is marked is planned.')
ONE_WAY = N_('One way: {remedy}.')
MORE_BLOCKS = N_('There is more: see the decision engine log.')
LEFT = N_('{left} of {count} left: {why}')
SECONDARY = {
    (True, True): N_(
        '1 server of another node moves first; 1 move depends on it.'
    ),
    (True, False): N_(
        '1 server of another node moves first; {moves} moves depend on it.'
    ),
    (False, True): N_(
        '{servers} servers of other nodes move first; 1 move depends on them.'
    ),
    (False, False): N_(
        '{servers} servers of other nodes move first; {moves} moves depend on '
        'them.'
    ),
}
"""Whether it is one server, and one move that waits for it."""

WAIT = N_('{waiting} of {count} servers wait.')
WAITS_FIRST = N_('{waiting} of {count} servers wait: {why}')
FORECAST = N_(
    'Planned: {moves} moves, {stops} stops, destinations: {hosts}, about '
    '{takes_s} s.'
)

TOLD_ONE = N_('The owner of 1 server is told.')
TOLD = N_('The owners of {count} servers are told.')

STILL_ANNOUNCED = N_(
    'Servers whose owners still see the announcement: {count}.'
)

MORE_LEFT = N_('And {count} more: see the decision engine log.')


class Message(NamedTuple):
    """Sentences about an outcome, most important first.

    :ivar told: how much of what and the foremost reason: never left out
    :ivar more: what was done and what helps, where there is room
    :ivar dispensable: which of those are left out before the others
    """

    told: list[str]
    more: list[str]
    dispensable: list[str]

    @property
    def sentences(self) -> list[str]:
        """All of it."""
        return [*self.told, *self.more]

    def fit(self, limit: int, translate: Translate = str) -> str:
        """Join as much as a number of characters holds."""
        return fit(
            self.told,
            limit,
            helps=self.more,
            translate=translate,
            dispensable=self.dispensable,
        )


def sentences(outcome: Outcome, translate: Translate = str) -> list[str]:
    """Sum an outcome up; empty when all went well."""
    return message(outcome, translate).sentences


def message(outcome: Outcome, translate: Translate = str) -> Message:
    """Sum an outcome up; without a sentence when all went well."""
    if outcome.purpose is Purpose.RETURN:
        told = returns.sentences(outcome, translate)
        return foremost(told, [translate(UNCHANGED)] if told else [])
    if outcome.findings:
        first, *others = outcome.findings
        why = words.say(first, translate)
        cure = words.help_for(first, translate)
        helps = _help(cure, others, translate)
        unchanged = translate(UNCHANGED)
        return Message(
            [translate(CANNOT).format(why=why)],
            [unchanged, *helps],
            [unchanged],
        )
    planned = [
        *_left_behind(outcome, translate),
        *_waiting(outcome, translate),
        *_told(outcome, translate),
        *_secondary(outcome, translate),
    ]
    if not outcome.refused:
        return foremost(planned)
    refusal = _refusal(outcome, translate)
    return refusal._replace(more=[*refusal.more, *planned])


def foremost(told: Sequence[str], dispensable: Sequence[str] = ()) -> Message:
    """Return a message whose first sentence is never left out."""
    return Message([*told[:1]], [*told[1:]], [*dispensable])


def still_announced(count: int, translate: Translate = str) -> list[str]:
    """Return what owners still read of a drain that is refused now.

    :param count: the servers whose owners read it
    """
    text = translate(STILL_ANNOUNCED).format(count=count)
    return [text] if count else []


def forecast(
    whole: Outcome, takes_s: float, translate: Translate = str
) -> str:
    """Sum up what a plan does when its time has come.

    :param takes_s: how long it is thought to take
    """
    return translate(FORECAST).format(
        moves=len(whole.moves),
        stops=len(whole.stops),
        hosts=listed(sorted({m.destination for m in whole.moves}), translate)
        or translate(N_('none')),
        takes_s=math.ceil(takes_s),
    )


def warnings(
    findings: Sequence[Finding], translate: Translate = str
) -> list[str]:
    """Name the foremost of some findings, what helps, and their number."""
    if not findings:
        return []
    first, *others = findings
    more = translate(MORE_ITEMS).format(count=len(others))
    return [
        words.sentence(first, translate),
        *([more] if others else []),
        words.help_for(first, translate),
    ]


def ways(
    remedies: Sequence[Finding], translate: Translate = str
) -> Iterator[str]:
    """Yield what makes room for all, one sentence each."""
    for finding in remedies:
        remedy = words.say(finding, translate)
        yield translate(ONE_WAY).format(remedy=remedy)


def _refusal(outcome: Outcome, translate: Translate) -> Message:
    refused = outcome.refused
    undecided = any(f.reason.is_undecided for n in refused for f in n.findings)
    first, *others = _obstacles(refused)
    if isinstance(first, Stay):
        why, curable = _stay_sentence(first, translate), _curable(first)
    else:
        why, curable = words.sentence(first, translate), first
    cure = words.help_for(curable, translate)
    changed = translate(UNCHANGED if outcome.failed else REST_PLANNED)
    helps = [*ways(refused[0].remedies, translate)]
    # What helps one of them is no help for the others.
    if not helps or any(n.remedies != refused[0].remedies for n in refused):
        helps = _help(cure, others, translate)
    elif undecided:
        # To search for longer may be all that it takes.
        helps = [cure, *helps]
    bounds = dict.fromkeys(
        words.sentence(f, translate) for f in _bounds(refused)
    )
    return Message(
        [_head(refused, undecided, translate), why],
        [*bounds, changed, *helps],
        [*bounds, changed],
    )


def _head(
    refused: Sequence[NodeOutcome], undecided: bool, translate: Translate
) -> str:
    """Return which nodes cannot be drained, and how much of them stays."""
    left = sum(
        node.instance_count if _problems(node) else len(node.blocked)
        for node in refused
    )
    some = NO_PLACE if undecided else CANNOT_MOVE
    head = some if left else CANNOT_ANY
    # Two are named, or of more the first with a count.
    names = [n.hostname for n in refused]
    named = names if len(names) <= 2 else names[:1]
    more = and_more(len(names) - len(named), translate)
    return translate(head).format(
        hosts=' '.join([', '.join(named), *more]),
        left=left,
        count=sum(n.instance_count for n in refused),
    )


def _problems(node: NodeOutcome) -> list[Finding]:
    """Return what is wrong with a node itself: then nothing can leave it."""
    return [f for f in node.findings if not f.reason.is_of_all]


def _bounds(refused: Sequence[NodeOutcome]) -> list[Finding]:
    """Return how many more could go, where that is not certain."""
    return [f for n in refused for f in n.findings if f.reason is AT_MOST_MORE]


def _obstacles(
    refused: Sequence[NodeOutcome],
) -> Sequence[Finding] | Sequence[Stay]:
    """Return the foremost kind of what blocks, foremost first.

    What no room would cure comes first: a node, the state of one instance,
    a size that fits nowhere; then the sums, then the puzzle of fitting.
    """
    problems = [f for n in refused for f in _problems(n)]
    stays = [s for n in refused for s in n.blocked]
    definite = [s for s in stays if not s.findings[0].reason.is_shared]
    together: list[Finding] = []
    for finding in (f for n in refused for f in n.findings):
        # Nodes that are named together share what is said of all.
        if finding not in together and finding.reason is not AT_MOST_MORE:
            together.append(finding)
    return problems or definite or together or stays


def _left_behind(outcome: Outcome, translate: Translate) -> list[str]:
    """Return what planned nodes keep although no parameter asks for it."""
    planned = [n for n in outcome.nodes if n.verdict is Verdict.PLANNED]
    blocked = [s for n in planned for s in n.blocked]
    if not blocked:
        return []
    left = translate(LEFT).format(
        left=len(blocked),
        count=sum(n.instance_count for n in planned),
        why=_stay_sentence(blocked[0], translate),
    )
    if len(blocked) == 1:
        return [left]
    more = translate(MORE_LEFT).format(count=len(blocked) - 1)
    return [left, more]


def _waiting(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yield what waits for its time, until when, and what helps."""
    planned = [n for n in outcome.nodes if n.verdict is Verdict.PLANNED]
    nodes = [f for n in planned for f in n.findings if f.reason.of is Of.HELD]
    stays = [s for n in planned for s in n.waiting]
    counts = {
        'waiting': len(stays),
        'count': sum(node.instance_count for node in planned),
    }
    if nodes:
        yield words.sentence(nodes[0], translate)
        if len(nodes) > 1:
            yield translate(MORE_ITEMS).format(count=len(nodes) - 1)
        if stays:
            yield translate(WAIT).format(**counts)
        yield words.help_for(nodes[0], translate)
    elif stays:
        why = words.sentence(stays[0].findings[0], translate)
        yield translate(WAITS_FIRST).format(why=why, **counts)
        yield words.help_for(stays[0].findings[0], translate)


def _told(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yield how many owners are told, and who cannot be."""
    count = len({notify.instance_uuid for notify in outcome.notices})
    if count:
        template = TOLD_ONE if count == 1 else TOLD
        yield translate(template).format(count=count)
    yield from warnings(outcome.untold, translate)


def _secondary(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yield how many servers of other nodes make room, and for how many."""
    servers = len(outcome.secondary_moves)
    own = [move for node in outcome.nodes for move in node.moves]
    moves = sum(bool(move.after) for move in own)
    if servers:
        template = translate(SECONDARY[servers == 1, moves == 1])
        yield template.format(servers=servers, moves=moves)


def _stay_sentence(stay: Stay, translate: Translate) -> str:
    """Return why one instance stays, and what the nearest node lacks."""
    first, *others = stay.findings
    if not others or others[0].subject == first.subject:
        return words.sentence(first, translate)
    nearest = words.say(others[0], translate)
    # Findings are cut, and a destination may lack two things: count hosts.
    hosts = int(first.number('destinations')) or 1
    lacks = '; '.join([nearest, *and_more(hosts - 1, translate)])
    return f'{words.say(first, translate)} ({lacks}).'


def _curable(stay: Stay) -> Finding:
    """Return what to help with: no free room cures what a rule refuses."""
    first, *others = stay.findings
    nearest = others[0] if others else first
    about_itself = nearest.subject == first.subject
    about_room = nearest.reason.of is Of.ROOM
    return first if about_itself or about_room else nearest


def _help(
    cure: str, others: Sequence[object], translate: Translate
) -> list[str]:
    """Return what helps; a command is left open, to be copied, at the end."""
    if not others:
        return [cure]
    return [f'{cure.removesuffix(".")}.', translate(MORE_BLOCKS)]
