# SPDX-License-Identifier: Apache-2.0

"""What an operator is told of a rolling maintenance."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import MORE_ITEMS
from watcher_host_maintenance.core.telling.brevity import Translate
from watcher_host_maintenance.core.telling.brevity import listed
from watcher_host_maintenance.core.telling.brevity import shortened


CAN_END = N_(
    '{able} of {count} nodes can be maintained in {waves} waves with {moves} '
    'moves (at least {least} are needed).'
)
SECONDARY = N_('Moves of servers of other nodes to make room: {moves}.')
DONE = N_('{done} of {count} nodes maintained, {moves} moves.')
DONE_OF_LEAST = N_(
    '{done} of {count} nodes maintained, {moves} moves (at least {least} were '
    'needed).'
)
SKIPPED = N_('Not maintained: {hosts}: {why}')
READY = N_('Ready to work on: {hosts}.')
WHEN_DONE = N_('When it is done: openstack maintenance done {host}')
NEXT = N_('Next: {hosts}.')
ANNOUNCED = N_('Announced: {hosts}; work begins at {begins}.')
NARROWED = N_('Waves of at most {limit} nodes, to fit the window.')
TOO_LONG = N_('Not begun, too long for the window and the next: {hosts}.')
RETURNING = N_('Back to service: {hosts}.')
NOT_RETURNED = N_('Cannot return: {hosts}: {why}')
EMPTYING = N_('To be emptied: {hosts}.')
MOVED_BACK = N_('{moves} moves back.')
FAILED = N_('Failed: {hosts}: {why}')
FAILED_SILENTLY = N_('Failed: {hosts}.')
NOT_BEFORE = N_('The audit does not end before these are done: {hosts}.')
STOPPED = N_('No other node is begun: stop_after is {limit}.')
GONE = N_(
    'The records of audit {audit} are gone: what only they had does not count.'
)
IGNORED = N_(
    'The changed parameters are not used: {why} No other node is begun.'
)
HELD = N_('No other node is begun: {why}')
WORKING = N_('The hook {hook} works on: {hosts}.')
SAID = N_('{host} last: {said}')
ASKING = N_('The hook {hook} is asked about: {hosts}.')
CANARY = N_('{name} first, from {host} to {destination}.')
NO_CANARY = N_(
    'No server can be moved first to: {hosts}. It is not waited for.'
)
UNNEEDED = N_('Nothing to do on: {hosts}.')
WAVE = N_('Wave {number}: {hosts}, moves: {moves}')
WAVE_WITH_SECONDARY = N_(
    'Wave {number}: {hosts}, moves: {moves}, of servers of other nodes first: '
    '{secondary}'
)

BRIEF = 60
"""Characters of what a node said that fit into a status message."""


def whole(roll: Roll, translate: Translate = str) -> list[str]:
    """Sum up a plan that has waves, before the first node is closed."""
    able = sum(len(wave.hostnames) for wave in roll.waves)
    text = translate(CAN_END).format(
        able=able,
        count=able + len(roll.refused),
        waves=len(roll.waves),
        moves=roll.moves,
        least=roll.least_moves,
    )
    sentences = [text, *skipped(roll.refused, translate)]
    if moves := roll.secondary_moves:
        sentences.append(translate(SECONDARY).format(moves=moves))
    return sentences


def so_far(
    journal: Journal, done: int, count: int, translate: Translate = str
) -> str:
    """Return how much is done.

    :param done: how many nodes are
    :param count: how many nodes there are
    """
    template = DONE if journal.least_moves is None else DONE_OF_LEAST
    text = translate(template).format(
        done=done, count=count, moves=journal.moves, least=journal.least_moves
    )
    if not journal.moves_back:
        return text
    back = translate(MOVED_BACK).format(moves=journal.moves_back)
    return f'{text} {back}'


def when_done(host: str, translate: Translate = str) -> str:
    """Return what to run after the work; left open, to be copied."""
    return translate(WHEN_DONE).format(host=host)


def with_blockers(
    journal: Journal,
    blockers: Mapping[str, Finding],
    translate: Translate = str,
) -> Journal:
    """Return a journal in which a drain failed for what blocks it now.

    :param blockers: hostname -> what that is
    """
    failures = dict(journal.failures)
    for host, finding in blockers.items():
        failure = failures.get(host)
        if failure is None or failure.part is not Part.DRAIN:
            failure = Failure(Part.DRAIN)
        why = words.sentence(finding, translate)
        failures[host] = dataclasses.replace(failure, why=why)
    return dataclasses.replace(journal, failures=failures)


def failed(
    hosts: Sequence[str],
    journal: Journal,
    translate: Translate = str,
    is_brief: bool = False,
) -> Iterator[str]:
    """Yield which nodes have failed, and what the first one said.

    :param is_brief: cut what it said in its middle
    """
    if not hosts:
        return
    failure = journal.failures.get(hosts[0])
    why = failure.why if failure is not None else ''
    if is_brief:
        why = shortened(why, BRIEF)
    template = FAILED if why else FAILED_SILENTLY
    yield translate(template).format(hosts=listed(hosts, translate), why=why)


def stopped(limit: int, translate: Translate = str) -> str:
    """Return why no other node is begun.

    :param limit: the parameter ``stop_after``
    """
    return translate(STOPPED).format(limit=limit)


def narrowed(limit: int, translate: Translate = str) -> str:
    """Return that waves are narrower than ``parallel`` allows."""
    return translate(NARROWED).format(limit=limit)


def gone(audit_uuid: str, translate: Translate = str) -> str:
    """Return that Watcher has lost an audit that another one continues."""
    return translate(GONE).format(audit=audit_uuid)


def ignored(finding: Finding, translate: Translate = str) -> str:
    """Return why changed parameters are not used.

    :param finding: what is wrong with them
    """
    return translate(IGNORED).format(why=words.sentence(finding, translate))


def held(findings: Sequence[Finding], translate: Translate = str) -> str:
    """Return what the next wave waits for.

    :param findings: at least one
    """
    why = words.sentence(findings[0], translate)
    text = translate(HELD).format(why=why)
    count = len(findings) - 1
    if not count:
        return text
    return f'{text} {translate(MORE_ITEMS).format(count=count)}'


def of_hosts(
    template: str,
    hosts: Sequence[str],
    translate: Translate = str,
    hook: str = '',
) -> str:
    """Return one of the sentences that name nodes, and perhaps the hook."""
    names = listed(hosts, translate)
    return translate(template).format(hosts=names, hook=hook)


def said(
    journal: Journal, hosts: Sequence[str], translate: Translate = str
) -> Iterator[str]:
    """Yield what a hook said last of some nodes."""
    for host in hosts:
        if host in journal.said:
            text = shortened(journal.said[host], BRIEF)
            yield translate(SAID).format(host=host, said=text)


def announced(
    hosts: Sequence[str], begins_s: int, translate: Translate = str
) -> str:
    """Return which nodes come next, once their owners have had their time.

    :param begins_s: when that is, in seconds since 1970-01-01 00:00 UTC
    """
    return translate(ANNOUNCED).format(
        hosts=listed(hosts, translate), begins=format_time(begins_s)
    )


def skipped(
    refused: Sequence[NodeOutcome], translate: Translate = str
) -> Iterator[str]:
    """Yield which nodes are not maintained, and why the first is not."""
    if not refused:
        return
    first = next(findings_of(refused[0]))
    yield translate(SKIPPED).format(
        hosts=listed([node.hostname for node in refused], translate),
        why=words.sentence(first, translate),
    )


def not_returned(
    refused: Mapping[str, Finding], translate: Translate = str
) -> Iterator[str]:
    """Yield which nodes do not return, and why the first does not.

    :param refused: hostname -> why
    """
    if refused:
        first = refused[min(refused)]
        yield translate(NOT_RETURNED).format(
            hosts=listed(sorted(refused), translate),
            why=words.sentence(first, translate),
        )


def canaries(
    moves: Sequence[Move], translate: Translate = str
) -> Iterator[str]:
    """Yield which servers go to nodes that came back, before a wave."""
    for move in moves:
        yield translate(CANARY).format(
            name=words.name(move.instance_name),
            host=move.host,
            destination=move.destination,
        )


def findings_of(node: NodeOutcome) -> Iterator[Finding]:
    """Yield why a node is not maintained: at least one finding."""
    yield from node.findings
    for stay in node.stays:
        yield from stay.findings


def waves(roll: Roll, translate: Translate = str) -> list[str]:
    """Write the order for a person to read, a line for each wave.

    Each is followed by the moves that come before it.
    """
    lines = []
    for number, wave in enumerate(roll.waves, 1):
        secondary = len(wave.outcome.secondary_moves)
        text = translate(WAVE_WITH_SECONDARY if secondary else WAVE).format(
            number=number,
            hosts=', '.join(wave.hostnames),
            moves=wave.moves,
            secondary=secondary,
        )
        lines += [text, *canaries(wave.canaries, translate)]
    return lines
