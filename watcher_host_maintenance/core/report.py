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
from typing import Any

from watcher_host_maintenance.core import codec
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core import request as requests
from watcher_host_maintenance.core import snapshot
from watcher_host_maintenance.core import words
from watcher_host_maintenance.core.outcome import NodeOutcome
from watcher_host_maintenance.core.outcome import Outcome
from watcher_host_maintenance.core.outcome import Stay
from watcher_host_maintenance.core.reasons import Finding
from watcher_host_maintenance.core.reasons import Reason
from watcher_host_maintenance.core.words import N_
from watcher_host_maintenance.core.words import Translate


TOLD = 5
"""Objections and names told before a list is cut with a count."""


def sentences(outcome: Outcome, translate: Translate = str) -> list[str]:
    """Sum an answer up, most important first; empty when all went well.

    How much of what, the foremost reason, what was done, what helps: where
    room is short the last ones are left out.
    """
    if outcome.findings:
        first = outcome.findings[0]
        why = words.say(first, translate)
        return [
            translate(N_('Cannot drain: {why}.')).format(why=why),
            translate(N_('Nothing was changed.')),
            words.help_for(first, translate),
        ]
    if outcome.refused:
        return _refusal(outcome, translate)
    blocked = [s for n in outcome.nodes for s in n.blocked]
    if blocked:
        count = sum(n.instance_count for n in outcome.nodes)
        left = translate(N_('{left} of {count} left: {why}')).format(
            left=len(blocked), count=count, why=_stay(blocked[0], translate)
        )
        return [f'{left}.', *_more(len(blocked) - 1, translate)]
    return []


def as_text(outcome: Outcome, translate: Translate = str) -> str:
    """Write the whole answer for a person to read, a line per fact."""
    lines = [*sentences(outcome, translate)]
    lines.extend(f'  {words.say(f, translate)}' for f in outcome.findings)
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
    blocked = [s for n in refused for s in n.blocked]
    hosts = _names([n.hostname for n in refused], translate)
    if blocked:
        head = translate(
            N_(
                'Cannot drain {hosts}: {left} of {count} instances cannot '
                'be moved.'
            )
        )
    else:
        head = translate(N_('Cannot drain {hosts}.'))
    changed = (
        N_('Nothing was changed.')
        if outcome.failed
        else N_('The other nodes are planned.')
    )
    foremost, cure = _foremost(refused, translate)
    return [
        head.format(hosts=hosts, left=len(blocked), count=count),
        f'{foremost}.',
        translate(changed),
        cure,
    ]


def _foremost(
    refused: tuple[NodeOutcome, ...], translate: Translate
) -> tuple[str, str]:
    """Return the foremost reason of a refusal, and what helps against it.

    What no room would cure comes first: the state of one instance, a size
    that fits nowhere, then the sums, then the puzzle of fitting.
    """
    stays = [s for n in refused for s in n.blocked]
    findings = [f for n in refused for f in n.findings]
    definite = [s for s in stays if not _only_beside_others(s)]
    if definite:
        stay = definite[0]
        return _stay(stay, translate), _help(stay.findings[0], translate)
    if findings:
        return words.say(findings[0], translate), _help(
            findings[0], translate
        )
    return _stay(stays[0], translate), _help(stays[0].findings[0], translate)


def _only_beside_others(stay: Stay) -> bool:
    reason = stay.findings[0].reason
    return reason is Reason.NO_ROOM_BESIDE_OTHERS


def _help(finding: Finding, translate: Translate) -> str:
    return words.help_for(finding, translate)


def _stay(stay: Stay, translate: Translate) -> str:
    """Say why one instance stays, with what the nearest destinations lack."""
    first, *others = (words.say(f, translate) for f in stay.findings)
    if not others:
        return first
    told = '; '.join(others[:TOLD])
    more = ' '.join(_more(len(others) - TOLD, translate))
    return f'{first} ({told}{"; " if more else ""}{more})'


def _node_lines(node: NodeOutcome, translate: Translate) -> Iterator[str]:
    yield translate(
        N_('{host}: {verdict}, {count} instances, method {method}')
    ).format(
        host=node.hostname,
        verdict=node.verdict.value,
        count=node.instance_count,
        method=node.method.value,
    )
    for finding in node.findings:
        yield f'  {words.say(finding, translate)}'
    for move in node.moves:
        yield f'  {move.instance_name}: {move.kind.value} {move.destination}'
    for stop in node.stops:
        yield f'  {stop.instance_name}: stop'
    for stay in node.stays:
        yield f'  {_stay(stay, translate)}'


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
    told = ', '.join(hostnames[:TOLD])
    return ' '.join([told, *_more(len(hostnames) - TOLD, translate)])


def _more(count: int, translate: Translate) -> list[str]:
    if count <= 0:
        return []
    return [translate(N_('and {count} more')).format(count=count)]

