# SPDX-License-Identifier: Apache-2.0


"""Check of a plan: which node is emptied, enabled or moved to."""

from collections.abc import Iterator

from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot


def violations(
    known: Snapshot, request: Request, outcome: Outcome
) -> Iterator[str]:
    """Say which node is put to a use that it must not have."""
    for node in outcome.nodes:
        host = known.by_hostname.get(node.hostname)
        if host is not None and node.verdict is not Verdict.REFUSED:
            for problem in _source_problems(host):
                yield f'{host.hostname}: {node.verdict.value}, but {problem}'
        yield from _method(known, request, node)
    for hostname in sorted({m.destination for m in outcome.moves}):
        for problem in _target_problems(known, request, hostname):
            yield f'{hostname}: a destination, but {problem}'
    for hostname in sorted({m.host for m in outcome.secondary_moves}):
        for problem in _room_maker_problems(known, hostname):
            yield f'{hostname}: makes room, but {problem}'
    for hostname in sorted(set(outcome.enables)):
        for problem in _enable_problems(known, request, outcome, hostname):
            yield f'{hostname}: enabled, but {problem}'


def is_marked(node: ComputeNode, request: Request) -> bool:
    """Tell whether someone asked to maintain a node, by disabling it."""
    return node.status == 'disabled' and any(
        node.disabled_reason[: len(mark)] == mark
        for mark in request.marking_reasons
    )


def _source_problems(node: ComputeNode) -> Iterator[str]:
    """Say why a node cannot be emptied, or is not finished."""
    yield from _foreign(node)
    if node.state == 'down' and node.instance_count > 0:
        yield f'it is down with {node.instance_count} servers'


def _target_problems(
    known: Snapshot, request: Request, hostname: str
) -> Iterator[str]:
    """Say why nothing may be put on a node, enabled or not, at all."""
    node = known.by_hostname.get(hostname)
    if node is None:
        yield 'it is not a known node'
        return
    yield from _foreign(node)
    if hostname in request.maintenance_nodes:
        yield 'it is to be emptied'
    if is_marked(node, request):
        yield 'it is marked for maintenance'
    if node.state != 'up':
        yield f'it is {node.state}'


def _room_maker_problems(known: Snapshot, hostname: str) -> Iterator[str]:
    """Say why nothing may be moved off a node that is not emptied."""
    node = known.by_hostname.get(hostname)
    if node is None:
        yield 'it is not a known node'
        return
    yield from _foreign(node)
    if node.state != 'up':
        yield f'it is {node.state}'


def _enable_problems(
    known: Snapshot, request: Request, outcome: Outcome, hostname: str
) -> Iterator[str]:
    """Say why a node must not be enabled, or need not be.

    Whether anything may be put on it is said of it as a destination.
    """
    if outcome.enables.count(hostname) > 1:
        yield 'more than once'
    if hostname not in {m.destination for m in outcome.moves}:
        yield 'nothing is moved to it'
    node = known.by_hostname.get(hostname)
    if node is None:
        yield 'it is not a known node'
        return
    if node.status != 'disabled':
        yield 'it is not disabled'
    elif not is_called_unused(node, request):
        yield f'it is disabled for another reason: {node.disabled_reason!r}'
    if request.backup_node not in (None, hostname):
        yield f'{request.backup_node} is the backup'
    if node.instance_count > 0 and hostname != request.backup_node:
        yield f'it is no spare: it holds {node.instance_count} servers'


def _method(
    known: Snapshot, request: Request, node: NodeOutcome
) -> Iterator[str]:
    """Say how the destinations of one node do not suit its method."""
    where = sorted({m.destination for m in node.moves})
    closed = [
        h
        for h in where
        if h in known.by_hostname and known.by_hostname[h].status == 'disabled'
    ]
    said = f'{node.hostname}: method {node.method.value}, but'
    if node.method is Method.NONE:
        if where:
            yield f'{said} instances move to {where[0]}'
    elif not where:
        yield f'{said} nothing moves'
    elif request.backup_node is not None:
        if node.method is not Method.BACKUP or where != [request.backup_node]:
            yield f'{said} {request.backup_node} is to take everything'
    elif node.method is Method.BACKUP:
        yield f'{said} the request names no backup'
    elif node.method is Method.SPREAD:
        if closed:
            yield f'{said} {closed[0]} is disabled'
    elif where != closed or len(where) > 1:
        yield f'{said} the destinations are {", ".join(where)}'


def _foreign(node: ComputeNode) -> Iterator[str]:
    """Say why a node has no part in any plan."""
    if not node.in_scope:
        yield "it is outside of the audit's scope"
    if node.hypervisor_type.casefold() == 'ironic':
        yield 'it is bare metal'


def is_called_unused(node: ComputeNode, request: Request) -> bool:
    """Tell whether the next drain would take a node for a spare."""
    called_so = node.disabled_reason in request.unused_reasons
    closed = node.status == 'disabled'
    return closed and called_so and not is_marked(node, request)
