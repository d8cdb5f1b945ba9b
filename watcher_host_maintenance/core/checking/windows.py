# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: what waits has to wait, and nothing begins too late."""

import graphlib

from collections.abc import Iterator

from watcher_host_maintenance.core.checking import order
from watcher_host_maintenance.core.checking import owners
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import InstanceOutcome
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance


def violations(case: Case) -> Iterator[str]:
    """Yield what waits without a cause, or begins when it must not."""
    yield from _waits_for_a_cause(case)
    yield from _waits_on_planned_nodes(case)
    yield from _begins_in_the_window(case)
    yield from _groups_wait_together(case)
    if order.can_be_ordered(case.schedule):
        yield from _ends_in_the_window(case)


def closes_nodes(request: Request) -> bool:
    """Return True if the nodes that are emptied are disabled now."""
    at_once = request.close is CloseAt.NOW and not owners.window_has_ended(
        request
    )
    return at_once or _is_open(request)


def _is_open(request: Request) -> bool:
    """Return True if work may begin now."""
    if request.window is None:
        return True
    has_begun = (request.now_s or 0) >= request.window.starts_s
    return has_begun and not owners.window_has_ended(request)


def _waits_for_a_cause(case: Case) -> Iterator[str]:
    """What is said to wait for the clock has to."""
    for node in case.outcome.nodes:
        for finding in _findings(node):
            is_held = finding.reason.of is Of.HELD
            if is_held and not _is_caused(finding, case.request):
                yield (
                    f'{finding.subject}: waits, but there is no cause for '
                    f'{finding.reason.value}'
                )


def _findings(node: NodeOutcome) -> Iterator[Finding]:
    """Yield what is said of a node and of the instances on it."""
    yield from node.findings
    for stay in node.stays:
        yield from stay.findings


def _is_caused(finding: Finding, request: Request) -> bool:
    """Return True if there is a cause to wait for this reason now."""
    if request.owners is Owners.WAIT:
        if finding.reason.value == 'awaits_owner':
            return owners.is_awaited(request)
        if finding.reason.value == 'waits_with_others':
            return True
    if request.window is None:
        return False
    is_over, is_open = owners.window_has_ended(request), _is_open(request)
    match finding.reason.value:
        case 'before_window' | 'before_window_or_go':
            return not is_over and not is_open
        case 'after_window':
            return is_over
        case 'no_time_left':
            return is_open and request.window.ends_s is not None
        case 'waits_with_others':
            return True
    return False


def _waits_on_planned_nodes(case: Case) -> Iterator[str]:
    """Nothing of a node that is refused or finished waits for its time."""
    for node in case.outcome.nodes:
        if node.hostname not in case.planned:
            for stay in node.waiting:
                yield (
                    f'{stay.instance_name}: waits, but {node.hostname} is '
                    f'{node.verdict.value}'
                )


def _begins_in_the_window(case: Case) -> Iterator[str]:
    """Nothing is done to instances, and no spare enabled, outside of it.

    An owner may say go before it begins.
    """
    outcome, request = case.outcome, case.request
    by_uuid = case.snapshot.by_uuid
    early = {
        uuid
        for uuid, instance in by_uuid.items()
        if not owners.window_has_ended(request)
        and owners.goes(instance, request)
    }
    for action in (*outcome.moves, *outcome.stops, *outcome.releases):
        if action.instance_uuid in early:
            continue
        if not _is_open(request):
            yield f'{action.instance_name}: begins outside of the window'
        if action.instance_uuid in by_uuid and owners.is_awaited(request):
            yield f'{action.instance_name}: begins, but its owner is awaited'
    used = {m.destination for m in outcome.moves if m.instance_uuid in early}
    for hostname in outcome.enables:
        if hostname not in used and not _is_open(request):
            yield f'{hostname}: is enabled outside of the window'


def _groups_wait_together(case: Case) -> Iterator[str]:
    """Of a hard affinity group all move off the nodes, or all wait."""
    by_uuid = case.snapshot.by_uuid
    hard = {g.uuid for g in case.snapshot.groups if g.policy == AFFINITY}
    waiting = {
        by_uuid[stay.instance_uuid].group: stay.instance_name
        for node in case.outcome.nodes
        for stay in node.waiting
        if stay.instance_uuid in by_uuid
        and _is_migrated(by_uuid[stay.instance_uuid], case.request)
    }
    for move in case.outcome.moves:
        instance = by_uuid.get(move.instance_uuid)
        group = instance.group if instance is not None else ''
        if group in hard and group in waiting:
            yield (
                f'{move.instance_name}: moves, but {waiting[group]} of its '
                'affinity group waits'
            )


MIGRATED = frozenset({'active', 'paused', 'stopped'})
"""States of instances that are migrated, if anything becomes of them."""


def _is_migrated(instance: Instance, request: Request) -> bool:
    """Return True if an instance that waits is to move, not to stop."""
    is_stopped = owners.wish(instance, request) is owners.Wish.STOPPED
    return instance.vm_state in MIGRATED and not is_stopped


def _ends_in_the_window(case: Case) -> Iterator[str]:
    """All that begins has ended by then, if it takes as long as estimated.

    A step begins when all steps that it waits for have ended.
    """
    window = case.request.window
    if window is None or window.ends_s is None:
        return
    left_s = window.ends_s - (case.request.now_s or 0)
    steps = {step.key: step for step in case.schedule}
    graph = {step.key: step.after for step in case.schedule}
    end_s: dict[str, float] = {}
    for key in graphlib.TopologicalSorter(graph).static_order():
        action = steps[key].action
        begin_s = max((end_s[k] for k in graph[key]), default=0.0)
        end_s[key] = begin_s + _takes_s(case, action)
        if isinstance(action, Notify):
            # It is no work, and may come when all is over.
            continue
        if isinstance(action, InstanceOutcome) and end_s[key] > left_s:
            yield f'{key!r} may end {end_s[key] - left_s:g} s too late'


def _takes_s(case: Case, action: Action) -> float:
    """Return how long an action is thought to take; services take none."""
    if isinstance(action, Move):
        instance = case.snapshot.by_uuid.get(action.instance_uuid)
        return case.pace.move_s(instance.memory_mb if instance else 0)
    if isinstance(action, Notify):
        return 0.0
    return case.pace.move_s(0) if isinstance(action, InstanceOutcome) else 0.0
