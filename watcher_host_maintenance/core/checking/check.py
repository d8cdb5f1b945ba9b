# SPDX-License-Identifier: Apache-2.0

"""Prove a plan, or return what is wrong with it.

Nothing here knows how a plan is made. Every rule of the design is written
down a second time, in another way, so that a mistake of the planner does
not pass: of the planner's modules only the types are shared.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

from watcher_host_maintenance.core.checking import nodes
from watcher_host_maintenance.core.checking import order
from watcher_host_maintenance.core.checking import owners
from watcher_host_maintenance.core.checking import returns
from watcher_host_maintenance.core.checking import room
from watcher_host_maintenance.core.checking import scheduler
from watcher_host_maintenance.core.checking import servers
from watcher_host_maintenance.core.checking import windows
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.pace import DEFAULT_PACE
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.snapshot import Snapshot


Judgement = Callable[[Case], Iterator[str]]


def check(
    snapshot: Snapshot,
    request: Request,
    outcome: Outcome,
    schedule: Schedule,
    pace: Pace = DEFAULT_PACE,
) -> tuple[str, ...]:
    """Return all that is wrong with a plan.

    :param pace: how long its steps are thought to take
    :returns: violations in words, sorted, each once; empty when the plan
        is proved: it does what was asked and fits, step by step, in every
        order that its schedule allows
    """
    case = Case(snapshot, request, outcome, schedule, pace)
    is_return = isinstance(request, ReturnRequest)
    return _judged(case, RETURN_JUDGEMENTS if is_return else JUDGEMENTS)


def check_on_paper(
    snapshot: Snapshot, request: Request, outcome: Outcome, schedule: Schedule
) -> tuple[str, ...]:
    """Return all that is wrong with a drain that comes later, as it is now.

    Owners are told of it when its time has come.

    :returns: as :func:`check`
    """
    return _judged(
        Case(snapshot, request, outcome, schedule),
        (
            _tells_nobody,
            *(j for j in JUDGEMENTS if j is not owners.violations),
        ),
    )


def _judged(case: Case, judgements: Iterable[Judgement]) -> tuple[str, ...]:
    return tuple(
        sorted({text for judge in judgements for text in judge(case)})
    )


def _tells_nobody(case: Case) -> Iterator[str]:
    """No owner is told of what comes later."""
    for notify in case.outcome.notices:
        yield f'{notify.instance_name}: its owner is told on paper'


def _answers_the_request(case: Case) -> Iterator[str]:
    """Each requested node has one outcome, and no other node has any."""
    if case.outcome.findings:
        return
    requested = set(case.request.maintenance_nodes) or {
        n.hostname
        for n in case.snapshot.nodes
        if n.in_scope and nodes.is_marked(n, case.request)
    }
    answered = [n.hostname for n in case.outcome.nodes]
    for hostname in sorted(requested.difference(answered)):
        yield f'{hostname}: asked for, but there is no outcome of it'
    for hostname in sorted(set(answered) - requested):
        yield f'{hostname}: has an outcome, but was not asked for'
    for hostname in sorted(
        set(answered).difference(case.snapshot.by_hostname)
    ):
        yield f'{hostname}: has an outcome, but is not a known node'
    if answered != sorted(set(answered)):
        yield 'outcomes are not one for each node, by hostname'


def _refuses_a_bad_request_whole(case: Case) -> Iterator[str]:
    """Nothing is done while something is wrong with the request."""
    outcome = case.outcome
    services = (*outcome.disables, *outcome.marks, *outcome.enables)
    returns = (*outcome.returns, *outcome.closes)
    servers = (*outcome.moves, *outcome.stops, *outcome.releases)
    count = len(services) + len(returns) + len(servers)
    count += len(outcome.notices)
    if outcome.findings and count:
        yield f'the request is refused, but {count} things are done'


def _refused_is_left_alone(case: Case) -> Iterator[str]:
    """A refused node keeps its instances and its service's status."""
    for node in case.outcome.refused:
        count = len((*node.moves, *node.stops, *node.releases))
        if count:
            yield f'{node.hostname}: refused, but {count} instances leave it'
        if node.hostname in (*case.outcome.disables, *case.outcome.marks):
            yield f'{node.hostname}: refused, but it is disabled'


def _named_are_all_or_nothing(case: Case) -> Iterator[str]:
    """Of nodes named in one request all are refused, or none is."""
    refused = case.outcome.refused
    if not case.request.maintenance_nodes or not refused:
        return
    for node in case.outcome.nodes:
        if node.verdict is not Verdict.REFUSED:
            yield (
                f'{node.hostname}: {node.verdict.value}, but '
                f'{refused[0].hostname} of the same request is refused'
            )


def _refusals_have_a_reason(case: Case) -> Iterator[str]:
    """Every refusal has a finding, of the node or of an instance.

    One reason is enough for nodes that are named together.
    """
    refused = case.outcome.refused
    silent = [n for n in refused if not n.findings and not n.stays]
    if case.request.maintenance_nodes and len(silent) < len(refused):
        return
    for node in silent:
        yield f'{node.hostname}: refused without a reason'


def _finished_has_nothing_to_do(case: Case) -> Iterator[str]:
    """A node is finished when it is empty and closed; down is as good."""
    for node in case.outcome.nodes:
        host = case.snapshot.by_hostname.get(node.hostname)
        if host is None:
            continue
        fates = len((*node.moves, *node.stops, *node.stays, *node.releases))
        is_open = host.status == 'enabled' and host.state == 'up'
        is_open = is_open or nodes.is_called_unused(host, case.request)
        if node.verdict is Verdict.FINISHED:
            if fates:
                yield f'{host.hostname}: finished, with {fates} instances'
            if is_open:
                yield f'{host.hostname}: finished, but may be filled again'
        elif node.verdict is Verdict.PLANNED and not fates and not is_open:
            yield f'{host.hostname}: planned, but nothing is to be done'


def _blocked_fails(case: Case) -> Iterator[str]:
    """A planned node keeps blocked instances only by on_blocked=leave."""
    if case.request.on_blocked is OnBlocked.LEAVE:
        return
    for node in case.outcome.nodes:
        if node.verdict is Verdict.PLANNED:
            for stay in node.blocked:
                yield (
                    f'{stay.instance_name}: blocked, but {node.hostname} '
                    'is planned all the same'
                )


def _closes_what_is_emptied(case: Case) -> Iterator[str]:
    """Every planned node is disabled for maintenance, once; no other is.

    One that keeps the reason of a spare would be filled by the next drain.
    Before their time they all stay as they are.
    """
    outcome, by_hostname = case.outcome, case.snapshot.by_hostname
    planned = [by_hostname[h] for h in case.planned if h in by_hostname]
    if not windows.closes_nodes(case.request):
        planned = []
    enabled = [n.hostname for n in planned if n.status == 'enabled']
    spares = [
        n.hostname for n in planned if nodes.is_called_unused(n, case.request)
    ]
    for verb, hostnames, expected in (
        ('disabled', outcome.disables, enabled),
        ('marked', outcome.marks, spares),
    ):
        if sorted(hostnames) != sorted(expected):
            yield f'{sorted(hostnames)} are {verb}, not {sorted(expected)}'


def _is_a_drain(case: Case) -> Iterator[str]:
    """Nothing returns while nodes are emptied."""
    outcome = case.outcome
    if outcome.purpose is not Purpose.DRAIN:
        yield f'a drain is called a {outcome.purpose.value}'
    for done in (*outcome.returns, *outcome.closes, *outcome.starts):
        yield f'no part of a drain: {done}'


JUDGEMENTS: tuple[Judgement, ...] = (
    _answers_the_request,
    _refuses_a_bad_request_whole,
    _refused_is_left_alone,
    _named_are_all_or_nothing,
    _refusals_have_a_reason,
    _finished_has_nothing_to_do,
    _blocked_fails,
    _closes_what_is_emptied,
    _is_a_drain,
    nodes.violations,
    owners.violations,
    servers.violations,
    order.violations,
    room.violations,
    scheduler.violations,
    windows.violations,
)
"""The laws of a drain."""

RETURN_JUDGEMENTS: tuple[Judgement, ...] = (
    _refuses_a_bad_request_whole,
    _refused_is_left_alone,
    _named_are_all_or_nothing,
    _refusals_have_a_reason,
    _blocked_fails,
    returns.violations,
    order.violations,
    room.violations,
    scheduler.violations,
    windows.violations,
)
"""The laws of a return."""
