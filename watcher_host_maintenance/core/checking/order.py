# SPDX-License-Identifier: Apache-2.0


"""Check of a plan: every step is there, in an order that makes sense.

A schedule is a partial order: steps that no path of ``after`` connects may
run one before the other, the other way round, or at the same time.
"""

import collections
import graphlib

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import InstanceOutcome
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.snapshot import Snapshot


Ended = Mapping[str, frozenset[str]]
"""Step key -> keys of all steps that have ended when it starts."""


def violations(
    snapshot: Snapshot, outcome: Outcome, schedule: Schedule
) -> Iterator[str]:
    """Yield the steps that are missing, superfluous or too early.

    Only a schedule that can be ordered is checked for steps too early.
    """
    yield from _same_actions(outcome, schedule)
    yield from _restores_its_own(snapshot, outcome, schedule)
    yield from _no_order(schedule)
    if can_be_ordered(schedule):
        yield from _services_first(snapshot, outcome, schedule)
        yield from _waits_for_room(schedule)
        yield from _looks_last(schedule)


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


def _same_actions(outcome: Outcome, schedule: Schedule) -> Iterator[str]:
    """The schedule holds what the outcome decides, each once."""
    decided: collections.Counter[Action] = collections.Counter()
    planned = collections.Counter(_bare(step.action) for step in schedule)
    if not outcome.failed:
        decided.update(Disable(h) for h in outcome.disables)
        decided.update(Mark(h) for h in outcome.marks)
        decided.update(Enable(h) for h in outcome.enables)
        decided.update(outcome.stops)
        decided.update(outcome.releases)
        decided.update(outcome.moves)
    if any(isinstance(action, Verify) for action in planned):
        # An option leaves them out, all of them.
        decided.update(_looks(outcome))
    for action in decided.keys() | planned.keys():
        if decided[action] != planned[action]:
            yield (
                f'decided {decided[action]} times, scheduled '
                f'{planned[action]} times: {action}'
            )


def _bare(action: Action) -> Action:
    """Leave out what a look does when it fails."""
    if isinstance(action, Verify):
        return Verify(action.hostname, action.remaining)
    return action


def _restores_its_own(
    snapshot: Snapshot, outcome: Outcome, schedule: Schedule
) -> Iterator[str]:
    """What a look gives back is what this plan takes, as it was."""
    reasons = {
        hostname: snapshot.by_hostname[hostname].disabled_reason
        for hostname in outcome.enables
        if hostname in snapshot.by_hostname
    }
    for step in schedule:
        if not isinstance(step.action, Verify):
            continue
        host = step.action.hostname
        if step.action.enables and host not in outcome.disables:
            yield f'{step.key!r} enables {host}, which was not disabled'
        for spare in step.action.spares:
            if reasons.get(spare.hostname) != spare.disabled_reason:
                yield f'{step.key!r} changes {spare.hostname}'


def _looks(outcome: Outcome) -> Iterator[Verify]:
    """Each planned node is looked at, for what the plan leaves there."""
    for node in outcome.nodes:
        if node.verdict is Verdict.PLANNED:
            there = {i.instance_uuid for i in node.stays}
            there |= {i.instance_uuid for i in node.stops}
            yield Verify(node.hostname, tuple(sorted(there)))


def _looks_last(schedule: Schedule) -> Iterator[str]:
    """What is looked at is not changed any more."""
    over = ended(schedule)
    changes = [s for s in schedule if not isinstance(s.action, Verify)]
    for step in schedule:
        if isinstance(step.action, Verify):
            for change in changes:
                if change.key not in over[step.key]:
                    yield f'{step.key!r} may start before {change.key!r} ends'
            if not changes:
                yield f'{step.key!r} looks though nothing is done'


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


def _services_first(
    snapshot: Snapshot, outcome: Outcome, schedule: Schedule
) -> Iterator[str]:
    """A source is closed, and a destination open, before anything moves."""
    actions = {step.key: step.action for step in schedule}
    over = ended(schedule)
    for step in schedule:
        done = {actions[key] for key in over[step.key]}
        action = step.action
        if isinstance(action, InstanceOutcome):
            yield from _closed(outcome, step.key, action.host, done)
        if isinstance(action, Move):
            yield from _opened(snapshot, step.key, action.destination, done)


def _waits_for_room(schedule: Schedule) -> Iterator[str]:
    """A move that takes room which others free starts when they have ended."""
    movers = collections.defaultdict(list)
    for step in schedule:
        if isinstance(step.action, Move):
            movers[step.action.instance_uuid].append(step.key)
    over = ended(schedule)
    for uuid, keys in sorted(movers.items()):
        if len(keys) > 1:
            yield f'{uuid} is moved {len(keys)} times'
    for step in schedule:
        if not isinstance(step.action, Move):
            continue
        for uuid in step.action.after:
            if not over[step.key].intersection(movers.get(uuid, ())):
                yield f'{step.key!r} may start before {uuid} has moved'


def _closed(
    outcome: Outcome, key: str, hostname: str, done: Collection[object]
) -> Iterator[str]:
    """What is emptied gets nothing new while instances leave it."""
    if hostname in outcome.disables and Disable(hostname) not in done:
        yield f'{key!r} may start before {hostname} is disabled'
    if hostname in outcome.marks and Mark(hostname) not in done:
        yield f'{key!r} may start before {hostname} is marked'


def _opened(
    snapshot: Snapshot, key: str, hostname: str, done: Collection[object]
) -> Iterator[str]:
    """Nova refuses a destination that is not enabled."""
    node = snapshot.by_hostname.get(hostname)
    closed = node is not None and node.status == 'disabled'
    if closed and Enable(hostname) not in done:
        yield f'{key!r} may start before {hostname} is enabled'
