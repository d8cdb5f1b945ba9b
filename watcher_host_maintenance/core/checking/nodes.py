# SPDX-License-Identifier: Apache-2.0


"""Check of a plan: which node is emptied, enabled or moved to."""

from collections.abc import Iterator

from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.nova import AUTO
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode


def violations(case: Case) -> Iterator[str]:
    """Yield the nodes that are used in a way that they must not be."""
    for node in case.outcome.nodes:
        host = case.snapshot.by_hostname.get(node.hostname)
        if host is not None and node.verdict is not Verdict.REFUSED:
            for problem in _source_problems(host):
                yield f'{host.hostname}: {node.verdict.value}, but {problem}'
        yield from _method(case, node)
    for hostname in sorted({m.destination for m in case.outcome.moves}):
        for problem in _target_problems(case, hostname):
            yield f'{hostname}: a destination, but {problem}'
    for hostname in sorted({m.host for m in case.outcome.secondary_moves}):
        for problem in _secondary_source_problems(case, hostname):
            yield f'{hostname}: makes room, but {problem}'
    for hostname in sorted(set(case.outcome.enables)):
        for problem in _enable_problems(case, hostname):
            yield f'{hostname}: enabled, but {problem}'


def is_marked(node: ComputeNode, request: Request) -> bool:
    """Return True if a node is disabled to ask for its maintenance."""
    return node.status == 'disabled' and any(
        node.disabled_reason[: len(mark)] == mark
        for mark in request.marking_reasons
    )


def _source_problems(node: ComputeNode) -> Iterator[str]:
    """Yield why a node cannot be emptied, or is not finished."""
    yield from _foreign(node)
    if node.state == 'down' and node.instance_count > 0:
        yield f'it is down with {node.instance_count} servers'
    if node.state == 'up' and _is_disabled_by_nova(node):
        yield 'its hypervisor does not answer'


def _target_problems(case: Case, hostname: str) -> Iterator[str]:
    """Yield why a node, enabled or not, takes nothing at all."""
    node = case.snapshot.by_hostname.get(hostname)
    if node is None:
        yield 'it is not a known node'
        return
    yield from _foreign(node)
    if hostname in case.request.maintenance_nodes:
        yield 'it is to be emptied'
    if is_marked(node, case.request):
        yield 'it is marked for maintenance'
    if _is_disabled_by_nova(node):
        yield 'its hypervisor does not answer'
    if node.state != 'up':
        yield f'it is {node.state}'


def _is_disabled_by_nova(node: ComputeNode) -> bool:
    """Return True if Nova closed a node as it lost the hypervisor."""
    return node.status == 'disabled' and node.disabled_reason[:6] == AUTO


def _secondary_source_problems(case: Case, hostname: str) -> Iterator[str]:
    """Yield why no server may leave a node that is not emptied."""
    node = case.snapshot.by_hostname.get(hostname)
    if node is None:
        yield 'it is not a known node'
        return
    yield from _foreign(node)
    if _is_disabled_by_nova(node):
        yield 'its hypervisor does not answer'
    if node.state != 'up':
        yield f'it is {node.state}'


def _enable_problems(case: Case, hostname: str) -> Iterator[str]:
    """Yield why a node must not be enabled, or need not be.

    Whether it may take anything is judged where it is a destination.
    """
    request, outcome = case.request, case.outcome
    if outcome.enables.count(hostname) > 1:
        yield 'more than once'
    if hostname not in {m.destination for m in outcome.moves}:
        yield 'nothing is moved to it'
    node = case.snapshot.by_hostname.get(hostname)
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


def _method(case: Case, node: NodeOutcome) -> Iterator[str]:
    """Yield how the destinations of one node do not suit its method."""
    by_hostname, backup = case.snapshot.by_hostname, case.request.backup_node
    where = sorted({m.destination for m in node.moves})
    closed = [
        h
        for h in where
        if h in by_hostname and by_hostname[h].status == 'disabled'
    ]
    said = f'{node.hostname}: method {node.method.value}, but'
    if node.method is Method.NONE:
        if where:
            yield f'{said} instances move to {where[0]}'
    elif not where:
        yield f'{said} nothing moves'
    elif backup is not None:
        if node.method is not Method.BACKUP or where != [backup]:
            yield f'{said} {backup} is to take everything'
    elif node.method is Method.BACKUP:
        yield f'{said} the request names no backup'
    elif node.method is Method.SPREAD:
        if closed:
            yield f'{said} {closed[0]} is disabled'
    elif where != closed or len(where) > 1:
        yield f'{said} the destinations are {", ".join(where)}'


def _foreign(node: ComputeNode) -> Iterator[str]:
    """Yield why a node takes no part in any plan."""
    if not node.in_scope:
        yield "it is outside of the audit's scope"
    if node.hypervisor_type.casefold() == 'ironic':
        yield 'it is bare metal'


def is_called_unused(node: ComputeNode, request: Request) -> bool:
    """Return True if the next drain would take a node for a spare."""
    called_so = node.disabled_reason in request.unused_reasons
    closed = node.status == 'disabled' and not _is_disabled_by_nova(node)
    return closed and called_so and not is_marked(node, request)
