#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""The answer as people and programs read it: words, and JSON."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from watcher_host_maintenance.core import codec
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import reasons
from watcher_host_maintenance.core import request as requests
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core import words
from watcher_host_maintenance.core.outcome import Method
from watcher_host_maintenance.core.outcome import NodeOutcome
from watcher_host_maintenance.core.outcome import Outcome
from watcher_host_maintenance.core.outcome import ReleaseKind
from watcher_host_maintenance.core.outcome import Stay
from watcher_host_maintenance.core.outcome import Verdict
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.core.words import N_
from watcher_host_maintenance.core.words import Translate


TOLD = 5
"""Objections told for one instance before they are cut with a count."""

FOR_LACK = frozenset(
    {
        Reason.NO_CANDIDATE,
        Reason.NO_ROOM_BESIDE_OTHERS,
        Reason.NO_PLACE_FOUND,
    }
)
"""What is said of one instance, but is no fault of its own."""


RELEASED = {
    ReleaseKind.OFFLOAD: N_('{name}: offload'),
    ReleaseKind.CONFIRM: N_('{name}: confirm its migration'),
}


def sentences(outcome: Outcome, translate: Translate = str) -> list[str]:
    """Sum an answer up, most important first; empty when all went well.

    How much of what and the foremost reason, what was done, what helps:
    where room is short the last ones are left out.
    """
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


def as_text(outcome: Outcome, translate: Translate = str) -> str:
    """Write the whole answer for a person to read, a line per fact."""
    lines = sentences(outcome, translate)
    if not outcome.findings and not outcome.nodes:
        lines.append(
            translate(N_('No node in scope is marked for maintenance.'))
        )
    if len(outcome.findings) > 1:
        lines.extend(f'  {words.say(f, translate)}' for f in outcome.findings)
    for hostname in outcome.disables:
        lines.append(translate(N_('Disable {host}.')).format(host=hostname))
    for hostname in outcome.marks:
        text = translate(N_('Mark {host} for maintenance.'))
        lines.append(text.format(host=hostname))
    for hostname in outcome.enables:
        lines.append(translate(N_('Enable {host}.')).format(host=hostname))
    for node in outcome.nodes:
        lines.extend(_node_lines(node, translate))
    if outcome.not_destinations:
        lines.append(translate(N_('Not used as destinations:')))
        lines.extend(
            f'  {words.say(f, translate)}' for f in outcome.not_destinations
        )
    return '\n'.join(lines)


def as_plain(
    known: snapshot.Snapshot | None,
    request: requests.Request | None,
    outcome: Outcome,
    translate: Translate = str,
) -> dict[str, Any]:
    """Build the full report: what the json module writes as one object.

    :param known: what was planned on; None when it could not be read
    :param request: what was asked; None when it made no sense
    """
    return {
        'message': ' '.join(sentences(outcome, translate)),
        'failed': outcome.failed,
        'request': codec.to_plain(request),
        'outcome': codec.to_plain(outcome),
        'destinations': [
            _destination(known, outcome, hostname)
            for hostname in sorted({m.destination for m in outcome.moves})
            if known is not None
        ],
        'words': as_text(outcome, translate).splitlines(),
    }


def utilisation_percent(
    node: snapshot.ComputeNode, extra: Mapping[str, int]
) -> dict[str, float]:
    """Return resource class -> share of the capacity in use, in percent.

    :param extra: resource class -> amount to count in besides
    """
    return {
        c: round(
            100 * (node.used.get(c, 0) + extra.get(c, 0)) / inventory.capacity,
            1,
        )
        for c, inventory in sorted(node.inventory.items())
        if inventory.capacity > 0
    }


def _refusal(outcome: Outcome, translate: Translate) -> list[str]:
    refused = outcome.refused
    count = sum(n.instance_count for n in refused)
    left = sum(_cannot_leave(n) for n in refused)
    kinds = {f.reason for n in refused for f in n.findings}
    if not left:
        head = N_('Cannot drain {hosts}.')
    elif Reason.NO_FIT_FOUND in kinds:
        head = N_(
            'Cannot drain {hosts}: no place was found for {left} of {count} '
            'instances.'
        )
    else:
        head = N_(
            'Cannot drain {hosts}: {left} of {count} instances cannot be '
            'moved.'
        )
    changed = (
        N_('Nothing was changed.')
        if outcome.failed
        else N_('What else is marked is planned.')
    )
    hosts = _names([n.hostname for n in refused], translate)
    first, *others = _obstacles(refused)
    if isinstance(first, Stay):
        why = _stay_sentence(first, translate)
        cure = words.help_for(_curable(first), translate)
    else:
        why = words.sentence(first, translate)
        cure = words.help_for(first, translate)
    remedies = refused[0].remedies
    if any(n.remedies != remedies for n in refused):
        # What helps one of them is no help for the others.
        remedies = ()
    helps = [*_remedies(remedies, translate)]
    if Reason.NO_FIT_FOUND in kinds:
        # To look on may be all that it takes.
        helps.insert(0, cure)
    return [
        translate(head).format(hosts=hosts, left=left, count=count),
        why,
        translate(changed),
        *(helps if remedies else _help(cure, others, translate)),
    ]


def _remedies(
    found: Sequence[Finding], translate: Translate
) -> Iterator[str]:
    """Say what makes room for all, one sentence each."""
    for finding in found:
        remedy = words.say(finding, translate)
        yield translate(N_('One way: {remedy}.')).format(remedy=remedy)


def _cannot_leave(node: NodeOutcome) -> int:
    return node.instance_count if _problems(node) else len(node.blocked)


def _problems(node: NodeOutcome) -> list[Finding]:
    """Find what is wrong with a node itself: then nothing can leave it."""
    together = reasons.OF_ALL_TOGETHER
    return [f for f in node.findings if f.reason not in together]


def _obstacles(
    refused: tuple[NodeOutcome, ...],
) -> list[Finding] | list[Stay]:
    """Return the foremost kind of what is in the way, foremost first.

    What no room would cure comes first: a node, the state of one instance,
    a size that fits nowhere; then the sums, then the puzzle of fitting.
    """
    problems = [f for n in refused for f in _problems(n)]
    stays = [s for n in refused for s in n.blocked]
    definite = [s for s in stays if s.findings[0].reason not in FOR_LACK]
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
    hosts = int(first.facts.get('destinations', 1))
    more = ''.join(f'; {m}' for m in _more(hosts - 1, translate))
    return f'{words.say(first, translate)} ({told}{more}).'


def _curable(stay: Stay) -> Finding:
    """Choose what to help with: no free room cures what a rule refuses."""
    first, *others = stay.findings
    nearest = others[0] if others else first
    about_itself = nearest.subject == first.subject
    about_room = 'resource_class' in nearest.facts
    return first if about_itself or about_room else nearest


def _node_lines(node: NodeOutcome, translate: Translate) -> Iterator[str]:
    head = (
        N_('{host}: {verdict}, instances: {count}')
        if node.method is Method.NONE
        else N_('{host}: {verdict}, instances: {count}, method: {method}')
    )
    yield translate(head).format(
        host=node.hostname,
        verdict=node.verdict.value,
        count=node.instance_count,
        method=node.method.value,
    )
    for finding in node.findings:
        yield f'  {words.say(finding, translate)}'
    yield from (f'  {text}' for text in _remedies(node.remedies, translate))
    for move in node.moves:
        template = (
            N_('{name}: {kind} to {destination}, not proved to fit')
            if move.unproved
            else N_('{name}: {kind} to {destination}')
        )
        text = translate(template).format(
            name=move.instance_name,
            kind=move.kind.value,
            destination=move.destination,
        )
        yield f'  {text}'
    for stop in node.stops:
        text = translate(N_('{name}: stop')).format(name=stop.instance_name)
        yield f'  {text}'
    for release in node.releases:
        text = translate(RELEASED[release.kind])
        yield f'  {text.format(name=release.instance_name)}'
    for stay in node.stays:
        first, *others = (words.say(f, translate) for f in stay.findings)
        yield f'  {first}'
        told = [*others[:TOLD], *_more(len(others) - TOLD, translate)]
        yield from (f'    {text}' for text in told)


def _destination(
    known: snapshot.Snapshot, outcome: Outcome, hostname: str
) -> dict[str, Any]:
    node = known.by_hostname[hostname]
    arriving = {
        m.instance_uuid for m in outcome.moves if m.destination == hostname
    }
    extra = ledger.total(
        i.resources for i in known.instances if i.uuid in arriving
    )
    return {
        'hostname': hostname,
        'instances': len(arriving),
        'percent_before': utilisation_percent(node, {}),
        'percent_after': utilisation_percent(node, extra),
    }


def _names(hostnames: list[str], translate: Translate) -> str:
    """Name two nodes, or of more the first with a count."""
    told = hostnames if len(hostnames) <= 2 else hostnames[:1]
    more = _more(len(hostnames) - len(told), translate)
    return ' '.join([', '.join(told), *more])


def _more(count: int, translate: Translate) -> list[str]:
    if count <= 0:
        return []
    return [translate(N_('and {count} more')).format(count=count)]


def _help(
    cure: str, others: Sequence[object], translate: Translate
) -> list[str]:
    """Say what helps; a command is left open, to be copied, at the end."""
    if not others:
        return [cure]
    text = N_('More is in the way: see the decision engine log.')
    return [f'{cure.removesuffix(".")}.', translate(text)]
