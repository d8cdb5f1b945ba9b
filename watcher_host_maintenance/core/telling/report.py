# SPDX-License-Identifier: Apache-2.0

"""The outcome as people and programs read it: words, and JSON."""

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.rules import cpus
from watcher_host_maintenance.core.rules import failures
from watcher_host_maintenance.core.rules import filters
from watcher_host_maintenance.core.rules import unread
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import Translate
from watcher_host_maintenance.core.telling.brevity import and_more


TOLD = 5
"""Objections told for one instance before they are cut with a count."""

NO_NODES = {
    Purpose.DRAIN: N_('No node in scope is marked for maintenance.'),
    Purpose.RETURN: N_('No node in scope waits for its return.'),
}

DISABLE = N_('Disable {host}.')
MARK = N_('Mark {host} for maintenance.')
ENABLE = N_('Enable {host}.')
NOT_USED = N_('Not used as destinations:')
NODE = N_('{host}: {verdict}, instances: {count}')
NODE_BY_METHOD = N_('{host}: {verdict}, instances: {count}, method: {method}')
MOVE = N_('{name}: {kind} to {destination}')
UNPROVED_MOVE = N_('{name}: {kind} to {destination}, not proved to fit')
STOP = N_('{name}: stop')
START = N_('{name}: start')
STARTS_AT_HOME = N_('{name}: start on {home}')
MAKES_ROOM = N_('Make room: {name}: {kind} from {host} to {destination}')
AFTER = N_('{move}, after {names}')

RELEASED = {
    ReleaseKind.OFFLOAD: N_('{name}: offload'),
    ReleaseKind.CONFIRM: N_('{name}: confirm its migration'),
}


def as_text(outcome: Outcome, translate: Translate = str) -> str:
    """Write the whole outcome for a person to read, a line per fact."""
    lines = summary.sentences(outcome, translate)
    if not outcome.findings and not outcome.nodes:
        lines.append(translate(NO_NODES[outcome.purpose]))
    if len(outcome.findings) > 1:
        lines.extend(f'  {words.say(f, translate)}' for f in outcome.findings)
    for template, hostnames in (
        (DISABLE, outcome.disables),
        (MARK, outcome.marks),
        (ENABLE, outcome.enables),
    ):
        lines.extend(translate(template).format(host=h) for h in hostnames)
    lines.extend(_service_lines(outcome, translate))
    named = {m.instance_uuid: m.instance_name for m in outcome.moves}
    for move in outcome.secondary_moves:
        line = translate(MAKES_ROOM).format(
            name=words.name(move.instance_name),
            kind=move.kind.value,
            host=move.host,
            destination=move.destination,
        )
        lines.append(_after(line, move, named, translate))
    for node in outcome.nodes:
        head, *others = _node_lines(node, named, translate)
        lines.extend([head, *(f'  {line}' for line in others)])
    lines.extend(_notice_lines(outcome, translate))
    if outcome.not_destinations:
        lines.append(translate(NOT_USED))
        lines.extend(
            f'  {words.say(f, translate)}' for f in outcome.not_destinations
        )
    return '\n'.join(lines)


def _notice_lines(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yield what owners are told, and who cannot be told."""
    for notify in outcome.notices:
        name, notice = words.name(notify.instance_name), notify.notice
        if notice.state is None:
            yield translate(N_('Delete the notice of {name}.')).format(
                name=name
            )
        else:
            template = translate(N_('Tell the owner of {name}: {text}.'))
            text = ', '.join(
                f'{key.rpartition(":")[2]} {value}'
                for key, value in notice.to_metadata().items()
            )
            yield template.format(name=name, text=text)
    yield from (words.sentence(f, translate) for f in outcome.untold)


def _service_lines(outcome: Outcome, translate: Translate) -> Iterator[str]:
    """Yield what is given back to the services of nodes and spares."""
    for node in outcome.returns:
        template = (
            N_('Return {host}, as a spare: {reason}.')
            if node.disabled_reason
            else N_('Return {host} to service.')
        )
        yield translate(template).format(
            host=node.hostname, reason=_quoted(node.disabled_reason)
        )
    for spare in outcome.closes:
        template = N_('Disable {host} again when it is empty: {reason}.')
        yield translate(template).format(
            host=spare.hostname, reason=_quoted(spare.disabled_reason)
        )


def _quoted(reason: str) -> str:
    return words.quoted(visible(reason))


def as_plain(
    snapshot: Snapshot | None,
    request: Request | None,
    outcome: Outcome,
    translate: Translate = str,
) -> dict[str, Any]:
    """Build the full report: what the json module writes as one object.

    :param snapshot: what was planned on; None when it could not be read
    :param request: what was asked; None when it made no sense
    """
    return {
        'message': ' '.join(summary.sentences(outcome, translate)),
        'failed': outcome.failed,
        'request': document.to_plain(request),
        'outcome': document.to_plain(outcome),
        'destinations': [
            _destination(snapshot, outcome, hostname)
            for hostname in sorted({m.destination for m in outcome.moves})
            if snapshot is not None
        ],
        'words': [
            *as_text(outcome, translate).splitlines(),
            *notes(snapshot, request, outcome, translate),
        ],
    }


def notes(
    snapshot: Snapshot | None,
    request: Request | None,
    outcome: Outcome,
    translate: Translate = str,
) -> list[str]:
    """Write what else may matter for a plan, a sentence each.

    Moves that failed before, lesser CPUs, servers that such a move keeps from
    making room, what no rule looks at, and what was not read.
    """
    findings: list[Finding] = []
    if snapshot is not None:
        findings += failures.repeated(snapshot, outcome)
        findings += failures.avoided(snapshot, outcome)
        findings += cpus.met(snapshot, outcome)
        findings += cpus.avoided(snapshot, outcome)
    if request is not None:
        if snapshot is not None:
            findings += failures.lost_makers(snapshot, request, outcome)
        findings += filters.notes(request)
    if snapshot is not None:
        findings += unread.notes(snapshot)
    return [words.sentence(f, translate) for f in findings]


def utilisation_percent(
    node: ComputeNode, extra: Mapping[str, int]
) -> dict[str, float]:
    """Return resource class -> share of the capacity in use, in percent.

    :param extra: resource class -> amount to add to what is used
    """
    return {
        c: round(
            100 * (node.used.get(c, 0) + extra.get(c, 0)) / inventory.capacity,
            1,
        )
        for c, inventory in sorted(node.inventory.items())
        if inventory.capacity > 0
    }


def _after(
    line: str, move: Move, named: Mapping[str, str], translate: Translate
) -> str:
    """Add to the line of a move whose room it waits for.

    :param named: UUID -> name, of every server that moves
    """
    if not move.after:
        return line
    names = ', '.join(sorted(words.name(named[u]) for u in move.after))
    return translate(AFTER).format(move=line, names=names)


def _node_lines(
    node: NodeOutcome, named: Mapping[str, str], translate: Translate
) -> Iterator[str]:
    head = NODE if node.method is Method.NONE else NODE_BY_METHOD
    yield translate(head).format(
        host=node.hostname,
        verdict=node.verdict.value,
        count=node.instance_count,
        method=node.method.value,
    )
    yield from (words.say(finding, translate) for finding in node.findings)
    yield from summary.ways(node.remedies, translate)
    for move in node.moves:
        template = UNPROVED_MOVE if move.unproved else MOVE
        line = translate(template).format(
            name=words.name(move.instance_name),
            kind=move.kind.value,
            destination=move.destination,
        )
        yield _after(line, move, named, translate)
    for stop in node.stops:
        yield translate(STOP).format(name=words.name(stop.instance_name))
    for start in node.starts:
        name = words.name(start.instance_name)
        text = STARTS_AT_HOME if start.home else START
        yield translate(text).format(name=name, home=start.home)
    for release in node.releases:
        text = translate(RELEASED[release.kind])
        yield text.format(name=words.name(release.instance_name))
    for stay in node.stays:
        first, *others = (words.say(f, translate) for f in stay.findings)
        yield first
        more = and_more(len(others) - TOLD, translate)
        yield from (f'  {text}' for text in [*others[:TOLD], *more])


def change_of_use(
    snapshot: Snapshot, outcome: Outcome, hostname: str
) -> dict[str, int]:
    """Return resource class -> what a node holds more in the end, or less."""
    by_uuid = snapshot.by_uuid
    change: dict[str, int] = {}
    for move in outcome.moves:
        comes = (move.destination == hostname) - (move.host == hostname)
        for name, amount in by_uuid[move.instance_uuid].resources.items():
            change[name] = change.get(name, 0) + comes * amount
    return change


def _destination(
    snapshot: Snapshot, outcome: Outcome, hostname: str
) -> dict[str, Any]:
    node = snapshot.by_hostname[hostname]
    arriving = {
        m.instance_uuid for m in outcome.moves if m.destination == hostname
    }
    extra = change_of_use(snapshot, outcome, hostname)
    return {
        'hostname': hostname,
        'instances': len(arriving),
        'percent_before': utilisation_percent(node, {}),
        'percent_after': utilisation_percent(node, extra),
    }
