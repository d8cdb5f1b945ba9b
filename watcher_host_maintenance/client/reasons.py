# SPDX-License-Identifier: Apache-2.0

"""An answer as rows: what becomes of each server, and why."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.client.check import Answer
from watcher_host_maintenance.core.model.plan import InstanceOutcome
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.telling import report
from watcher_host_maintenance.core.telling import summary
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import MORE_ITEMS


KINDS = {MoveKind.LIVE: 'live migrate', MoveKind.COLD: 'cold migrate'}

RELEASES = {ReleaseKind.OFFLOAD: 'offload', ReleaseKind.CONFIRM: 'confirm'}


COMES_BACK = 'would come back with --move-back'


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """What becomes of a server, or of a node as a whole.

    :ivar server: its name; '' is the node as a whole
    :ivar host: where the server is; of a node its hostname
    :ivar what: what is done, or 'stays'; of a node its verdict
    :ivar destination: where a server goes; '' is nowhere
    :ivar why: most important first
    :ivar uuid: of the server; '' is the node as a whole
    """

    server: str
    host: str
    what: str
    destination: str = ''
    why: tuple[str, ...] = ()
    uuid: str = ''


def rows(answer: Answer) -> Iterator[Row]:
    """Yield what becomes of each node, and then of its servers."""
    percent = {d: _fullest(answer, d) for d in _destinations(answer)}
    named = {m.instance_uuid: m.instance_name for m in answer.outcome.moves}
    for move in answer.outcome.secondary_moves:
        why = ('makes room', *_after(move, named), percent[move.destination])
        yield _row(
            move,
            KINDS[move.kind],
            move.destination,
            tuple(filter(None, why)),
        )
    for node in answer.outcome.nodes:
        yield Row('', node.hostname, node.verdict.value, why=_of_node(node))
        for move in node.moves:
            why = (
                *_after(move, named),
                *_why_there(move, node.method, percent[move.destination]),
            )
            yield _row(move, KINDS[move.kind], move.destination, why)
        for start in node.starts:
            yield _row(start, 'start', start.home)
        for stop in node.stops:
            yield _row(stop, 'stop')
        for release in node.releases:
            yield _row(release, RELEASES[release.kind])
        for stay in node.stays:
            why = tuple(words.say(f) for f in stay.findings)
            yield _row(stay, 'stays', why=why)


def _row(
    fate: InstanceOutcome,
    what: str,
    destination: str = '',
    why: tuple[str, ...] = (),
) -> Row:
    """Return what becomes of one server, as :class:`Row` has it."""
    return Row(
        fate.instance_name,
        fate.host,
        what,
        destination,
        why,
        fate.instance_uuid,
    )


def _after(move: Move, named: Mapping[str, str]) -> Iterator[str]:
    """Yield who makes room for a move.

    :param named: UUID -> name, of every server that moves
    """
    if move.after:
        names = sorted(words.name(named[uuid]) for uuid in move.after)
        yield f'after {", ".join(names)} made room'


def stays(answer: Answer) -> dict[str, str]:
    """Return server UUID -> the foremost reason why it cannot leave."""
    return {
        stay.instance_uuid: words.say(stay.findings[0])
        for node in answer.outcome.nodes
        for stay in node.stays
    }


def away(answer: Answer) -> Iterator[tuple[Instance, str]]:
    """Yield who is away from the nodes to return, and the foremost reason."""
    snapshot = answer.snapshot
    for node in answer.outcome.nodes:
        for move in node.moves:
            yield snapshot.by_uuid[move.instance_uuid], COMES_BACK
        for stay in node.stays:
            why = words.say(stay.findings[0])
            yield snapshot.by_uuid[stay.instance_uuid], why


def message(answer: Answer) -> list[str]:
    """Return what an audit would say, a sentence each."""
    return [*filter(None, summary.sentences(answer.outcome, _in_check))]


def not_destinations(answer: Answer) -> list[str]:
    """Return why other nodes take nothing, a line each."""
    return [words.say(f) for f in answer.outcome.not_destinations]


def _of_node(node: NodeOutcome) -> tuple[str, ...]:
    """Return what is wrong with a node as a whole, and what would help."""
    findings = (words.say(f) for f in node.findings)
    return (*findings, *summary.ways(node.remedies, str))


def _in_check(text: str) -> str:
    """Return a sentence without an audit and a log, which a check has not.

    What a log would have is in the rows.
    """
    shortened = {summary.MORE_LEFT: MORE_ITEMS, summary.MORE_BLOCKS: ''}
    return shortened.get(text, text).replace(
        'run the audit again', 'check again'
    )


def _why_there(move: Move, method: Method, fullest: str) -> tuple[str, ...]:
    destination = move.destination
    text = {
        Method.BACKUP: f'{destination} is the backup node',
        Method.UNUSED_HOST: f'{destination} is unused and takes all',
        Method.HOME: f'it left {destination} for the maintenance',
    }.get(method, 'it is left least full')
    unproved = 'not proved to fit; the host decides' if move.unproved else ''
    return tuple(filter(None, (text, fullest, unproved)))


def _destinations(answer: Answer) -> set[str]:
    return {m.destination for m in answer.outcome.moves}


def _fullest(answer: Answer, hostname: str) -> str:
    """Return how full a destination is in the end."""
    node = answer.snapshot.by_hostname[hostname]
    extra = report.change_of_use(answer.snapshot, answer.outcome, hostname)
    percent = report.utilisation_percent(node, extra)
    if not percent:
        return ''
    share, name = max((share, name) for name, share in percent.items())
    return f'{hostname} then has {share:g} % of its {name} in use'
