# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: which node is emptied, enabled or moved to."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.nova import AUTO
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode


UseJudgement = Callable[[Case, ComputeNode], Iterator[str]]


def violations(case: Case) -> Iterator[str]:
    """Yield the nodes that are used in a way that they must not be."""
    outcome = case.outcome
    for node in outcome.nodes:
        host = case.snapshot.by_hostname.get(node.hostname)
        if host is not None and node.verdict is not Verdict.REFUSED:
            for problem in _source_problems(host):
                yield f'{host.hostname}: {node.verdict.value}, but {problem}'
        yield from _method(case, node)
    destinations = [m.destination for m in outcome.moves]
    sources = [m.host for m in outcome.secondary_moves]
    yield from _used(case, 'a destination', destinations, _target_problems)
    yield from _used(case, 'makes room', sources, _closed_to_moves)
    yield from _used(case, 'enabled', outcome.enables, _enable_problems)


def is_marked(node: ComputeNode, request: Request) -> bool:
    """Return True if a node is disabled to ask for its maintenance."""
    return node.status == 'disabled' and any(
        node.disabled_reason[: len(mark)] == mark
        for mark in request.marking_reasons
    )


def is_called_unused(node: ComputeNode, request: Request) -> bool:
    """Return True if the next drain would take a node for a spare."""
    called_so = node.disabled_reason in request.unused_reasons
    closed = node.status == 'disabled' and not _is_disabled_by_nova(node)
    return closed and called_so and not is_marked(node, request)


def _used(
    case: Case, use: str, hostnames: Iterable[str], judge: UseJudgement
) -> Iterator[str]:
    """Yield what is wrong with one use of these nodes."""
    for hostname in sorted(set(hostnames)):
        node = case.snapshot.by_hostname.get(hostname)
        if node is None:
            yield f'{hostname}: {use}, but it is not a known node'
        else:
            for problem in judge(case, node):
                yield f'{hostname}: {use}, but {problem}'


def _source_problems(node: ComputeNode) -> Iterator[str]:
    """Yield why a node cannot be emptied, or is not finished."""
    yield from _foreign(node)
    if node.state == 'down' and node.instance_count > 0:
        yield f'it is down with {node.instance_count} servers'
    is_lost = node.hypervisor_lost or _is_disabled_by_nova(node)
    if node.state == 'up' and is_lost:
        yield 'its hypervisor does not answer'


def _closed_to_moves(case: Case, node: ComputeNode) -> Iterator[str]:
    """Yield why nothing moves onto a node, or off one that is not emptied."""
    yield from _foreign(node)
    if _is_disabled_by_nova(node):
        yield 'its hypervisor does not answer'
    if node.state != 'up':
        yield f'it is {node.state}'


def _target_problems(case: Case, node: ComputeNode) -> Iterator[str]:
    """Yield why a node, enabled or not, takes nothing at all."""
    yield from _closed_to_moves(case, node)
    if node.hostname in case.request.maintenance_nodes:
        yield 'it is to be emptied'
    if is_marked(node, case.request):
        yield 'it is marked for maintenance'


def _enable_problems(case: Case, node: ComputeNode) -> Iterator[str]:
    """Yield why a node must not be enabled, or need not be.

    Whether it may take anything is judged where it is a destination.
    """
    backup, hostname = case.request.backup_node, node.hostname
    if case.outcome.enables.count(hostname) > 1:
        yield 'more than once'
    if hostname not in {m.destination for m in case.outcome.moves}:
        yield 'nothing is moved to it'
    if node.status != 'disabled':
        yield 'it is not disabled'
    elif not is_called_unused(node, case.request):
        yield f'it is disabled for another reason: {node.disabled_reason!r}'
    if backup not in (None, hostname):
        yield f'{backup} is the backup'
    if node.instance_count > 0 and hostname != backup:
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
    but = f'{node.hostname}: method {node.method.value}, but'
    if node.method is Method.NONE:
        if where:
            yield f'{but} instances move to {where[0]}'
    elif not where:
        yield f'{but} nothing moves'
    elif backup is not None:
        if node.method is not Method.BACKUP or where != [backup]:
            yield f'{but} {backup} is to take everything'
    elif node.method is Method.BACKUP:
        yield f'{but} the request names no backup'
    elif node.method is Method.SPREAD:
        if closed:
            yield f'{but} {closed[0]} is disabled'
    elif where != closed or len(where) > 1:
        yield f'{but} the destinations are {", ".join(where)}'


def _foreign(node: ComputeNode) -> Iterator[str]:
    """Yield why a node takes no part in any plan."""
    if not node.in_scope:
        yield "it is outside of the audit's scope"
    if node.hypervisor_type.casefold() == 'ironic':
        yield 'it is bare metal'


def _is_disabled_by_nova(node: ComputeNode) -> bool:
    """Return True if Nova closed a node as it lost the hypervisor."""
    return node.status == 'disabled' and node.disabled_reason[:6] == AUTO
