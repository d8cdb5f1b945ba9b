# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: every step is there, in an order that makes sense.

A schedule is a partial order: steps that no path of ``after`` connects may
run one before the other, the other way round, or at the same time.
"""

import collections
import graphlib
import itertools

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Await
from watcher_host_maintenance.core.model.plan import Close
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import InstanceOutcome
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Start
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.plan import VerifyReturn
from watcher_host_maintenance.core.model.reasons import Of


Ended = Mapping[str, frozenset[str]]
"""Step key -> keys of all steps that have ended when it starts."""

VERIFICATIONS = (Verify, VerifyReturn)
"""Actions that change nothing, unless something else has failed."""


def violations(case: Case) -> Iterator[str]:
    """Yield the steps that are missing, superfluous or too early.

    Only a schedule that can be ordered is checked for steps too early.
    """
    yield from _same_actions(case)
    yield from _restores_its_own(case)
    yield from _moves_each_once(case.schedule)
    yield from _no_order(case.schedule)
    if can_be_ordered(case.schedule):
        yield from _too_early(case)


def can_be_ordered(schedule: Schedule) -> bool:
    """Return True if every step has its own key, and an order exists."""
    return not any(_no_order(schedule))


def ended(schedule: Schedule) -> Ended:
    """Return the steps that have surely ended at the start of each."""
    after = {step.key: step.after for step in schedule}
    over: dict[str, frozenset[str]] = {}
    for key in graphlib.TopologicalSorter(after).static_order():
        sooner = (over[k] for k in after[key])
        over[key] = frozenset(after[key]).union(*sooner)
    return over


def _same_actions(case: Case) -> Iterator[str]:
    """The schedule holds what the outcome decides, each once."""
    outcome = case.outcome
    decided: collections.Counter[Action] = collections.Counter()
    planned = collections.Counter(_bare(step.action) for step in case.schedule)
    if not outcome.failed:
        decided.update(map(Disable, outcome.disables))
        decided.update(map(Mark, outcome.marks))
        decided.update(map(Enable, outcome.enables))
        decided.update((*outcome.stops, *outcome.releases, *outcome.moves))
        decided.update((*outcome.returns, *outcome.starts))
        decided.update(outcome.notices)
        decided.update(_stop(m) for m in outcome.moves if m.stops_first)
        decided.update(
            Close(s.hostname, s.disabled_reason) for s in outcome.closes
        )
    if any(isinstance(action, VERIFICATIONS) for action in planned):
        # An option leaves them out, all of them.
        decided.update(_verifications(case))
    if any(isinstance(action, Await) for action in planned):
        decided.update(map(Await, outcome.enables))
    for action in decided.keys() | planned.keys():
        if decided[action] != planned[action]:
            yield (
                f'decided {decided[action]} times, scheduled '
                f'{planned[action]} times: {action}'
            )


def _stop(move: Move) -> Stop:
    """Return the stop of an instance that ends stopped."""
    return Stop(
        instance_uuid=move.instance_uuid,
        instance_name=move.instance_name,
        host=move.host,
    )


def _bare(action: Action) -> Action:
    """Leave out what a look does when it fails."""
    if isinstance(action, Verify):
        return Verify(action.hostname, action.remaining)
    return Await(action.hostname) if isinstance(action, Await) else action


def _verifications(case: Case) -> Iterator[Verify | VerifyReturn]:
    """Each planned node is verified, for what the plan leaves there."""
    reasons = {r.hostname: r.disabled_reason for r in case.outcome.returns}
    for node in case.outcome.nodes:
        if node.hostname not in case.planned:
            continue
        if case.outcome.purpose is Purpose.RETURN:
            home = sorted(m.instance_uuid for m in node.moves)
            reason = reasons.get(node.hostname, '')
            yield VerifyReturn(node.hostname, reason, tuple(home))
        elif not _stays_open(case, node):
            kept = {i.instance_uuid for i in (*node.stays, *node.stops)}
            yield Verify(node.hostname, tuple(sorted(kept)))


def _stays_open(case: Case, node: NodeOutcome) -> bool:
    """Return True if a node that is not empty yet is not disabled yet."""
    host = case.snapshot.by_hostname.get(node.hostname)
    is_enabled = host is not None and host.status == 'enabled'
    waits = any(f.reason.of is Of.HELD for f in node.findings)
    return waits and is_enabled and node.hostname not in case.outcome.disables


def _restores_its_own(case: Case) -> Iterator[str]:
    """What a verification gives back is what this plan takes, as it was."""
    reasons = {
        node.hostname: node.disabled_reason
        for node in case.snapshot.nodes
        if node.hostname in case.outcome.enables
    }
    for step in case.schedule:
        if isinstance(step.action, Await) and step.action.disabled_reason:
            host = step.action.hostname
            if reasons.get(host) != step.action.disabled_reason:
                yield f'{step.key!r} changes {host}'
        if not isinstance(step.action, Verify):
            continue
        host = step.action.hostname
        if step.action.enables and host not in case.outcome.disables:
            yield f'{step.key!r} enables {host}, which was not disabled'
        for spare in step.action.spares:
            if reasons.get(spare.hostname) != spare.disabled_reason:
                yield f'{step.key!r} changes {spare.hostname}'


def _moves_each_once(schedule: Schedule) -> Iterator[str]:
    """No instance is moved twice: its second source would be another."""
    actions = (step.action for step in schedule)
    moves = (a.instance_uuid for a in actions if isinstance(a, Move))
    for uuid, count in collections.Counter(moves).items():
        if count > 1:
            yield f'{uuid} is moved {count} times'


def _no_order(schedule: Schedule) -> Iterator[str]:
    """Yield what keeps the steps from being ordered."""
    counts = collections.Counter(step.key for step in schedule)
    for key, count in counts.items():
        if count > 1:
            yield f'{count} steps are called {key!r}'
    for step in schedule:
        for key in step.after:
            if key not in counts:
                yield f'{step.key!r} waits for {key!r}, which is no step'
    graph = {step.key: step.after for step in schedule}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as exc:
        ring = sorted(set(exc.args[1]))
        yield f'steps wait for one another: {", ".join(ring)}'


def _too_early(case: Case) -> Iterator[str]:
    """Yield what a step needs, but no earlier step has surely brought about.

    Needs and effects are compared as texts.
    """
    effects = {step.key: _effects(step) for step in case.schedule}
    over = ended(case.schedule)
    yield from _side_by_side(case.schedule, over)
    for step in case.schedule:
        brought = frozenset[str]().union(*(effects[k] for k in over[step.key]))
        for need in _needs(case, step.action):
            if need not in brought:
                yield f'{step.key!r} may start before {need}'


def _side_by_side(schedule: Schedule, over: Ended) -> Iterator[str]:
    """No two steps of one instance run at once: Nova may refuse one."""
    keys: dict[str, list[str]] = {}
    for step in schedule:
        if isinstance(step.action, InstanceOutcome):
            keys.setdefault(step.action.instance_uuid, []).append(step.key)
    for several in keys.values():
        for one, other in itertools.combinations(several, 2):
            if one not in over[other] and other not in over[one]:
                yield f'{one!r} and {other!r} may run side by side'


def _effects(step: Step) -> frozenset[str]:
    """Return what is so once a step has ended."""
    effects = {f'{step.key!r} ends'}
    match step.action:
        case Disable(hostname):
            effects.add(f'{hostname} is disabled')
        case Mark(hostname):
            effects.add(f'{hostname} is marked')
        case Enable(hostname) | Return(hostname, ''):
            effects.add(f'{hostname} is enabled')
        case Await(hostname):
            effects.add(f'{hostname} is open')
        case Move(instance_uuid=uuid):
            effects.add(f'{uuid} has moved')
        case Stop(instance_uuid=uuid):
            effects.add(f'{uuid} is stopped')
        case Start(instance_uuid=uuid):
            effects.add(f'{uuid} is started')
        case Notify(instance_uuid=uuid, notice=notice):
            effects.add(f'{uuid} is told {notice.state}')
    if isinstance(step.action, Return):
        effects.add(f'{step.action.hostname} has returned')
    return frozenset(effects)


def _needs(case: Case, action: Action) -> Iterator[str]:
    """Yield what has to be so before an action starts."""
    if isinstance(action, Notify):
        yield from _needs_of_notice(case, action)
    elif isinstance(action, InstanceOutcome):
        yield from _needs_of_instance(case, action)
    if isinstance(action, Move):
        # Nova refuses a destination that is not enabled.
        node = case.snapshot.by_hostname.get(action.destination)
        if node is not None and node.status == 'disabled':
            yield f'{action.destination} is enabled'
            if any(isinstance(s.action, Await) for s in case.schedule):
                yield f'{action.destination} is open'
        # It takes the room that these free.
        yield from (f'{uuid} has moved' for uuid in action.after)
        if action.stops_first:
            yield f'{action.instance_uuid} is stopped'
    if isinstance(action, Await):
        yield f'{action.hostname} is enabled'
    yield from _needs_at_the_end(case, action)


def _needs_of_instance(case: Case, action: InstanceOutcome) -> Iterator[str]:
    """Yield what has to be so before something is done to an instance."""
    # What is emptied gets nothing new while instances leave it.
    if action.host in case.outcome.disables:
        yield f'{action.host} is disabled'
    if action.host in case.outcome.marks:
        yield f'{action.host} is marked'
    # Nothing starts on a node, or comes to it, that may not be fit.
    where = {action.host}
    if isinstance(action, Move):
        where = {action.destination}
    if isinstance(action, Start):
        # If it does not come home, it is started where it is.
        for move in _moves_of(case, action):
            where.add(move.destination)
            yield f'{move.instance_uuid} has moved'
    back = {r.hostname for r in case.outcome.returns}
    yield from (f'{host} has returned' for host in sorted(where & back))
    if State.MOVING in _told(case, action.instance_uuid):
        yield f'{action.instance_uuid} is told moving'


def _moves_of(case: Case, start: Start) -> list[Move]:
    """Return the moves of an instance that is started."""
    uuid = start.instance_uuid
    return [m for m in case.outcome.moves if m.instance_uuid == uuid]


def _needs_of_notice(case: Case, notify: Notify) -> Iterator[str]:
    """Yield what has to be so before an owner is told."""
    uuid = notify.instance_uuid
    if notify.notice.state in (State.DONE, State.LEFT, None):
        outcome = case.outcome
        if uuid in {move.instance_uuid for move in outcome.moves}:
            yield f'{uuid} has moved'
        if uuid in {stop.instance_uuid for stop in outcome.stops}:
            yield f'{uuid} is stopped'
        if uuid in {start.instance_uuid for start in outcome.starts}:
            yield f'{uuid} is started'
        if notify.host in {r.hostname for r in outcome.returns}:
            yield f'{notify.host} has returned'
    if notify.notice.state is None and State.DONE in _told(case, uuid):
        yield f'{uuid} is told done'


def _told(case: Case, uuid: str) -> set[State | None]:
    """Return the states that the owner of an instance is told of."""
    return {
        notify.notice.state
        for notify in case.outcome.notices
        if notify.instance_uuid == uuid
    }


def _needs_at_the_end(case: Case, action: Action) -> Iterator[str]:
    """Yield what has to be so before a node is verified, or closed again."""
    if isinstance(action, VERIFICATIONS):
        # What is verified does not change any more.
        changes = [
            s for s in case.schedule if not isinstance(s.action, VERIFICATIONS)
        ]
        yield from (f'{s.key!r} ends' for s in changes)
        if all(isinstance(s.action, Notify) for s in changes):
            yield 'anything is done'
    if isinstance(action, Close):
        # It is empty when all that leaves it has left.
        for move in case.outcome.moves:
            if move.host == action.hostname:
                yield f'{move.instance_uuid} has moved'
