# SPDX-License-Identifier: Apache-2.0

"""In which order the steps of a plan run, and which side by side."""

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import lanes


DEFAULT_PACE = Pace()

OVERALL = 'overall'
"""The pool of all; those of nodes are ``source HOST`` and ``to HOST``."""


def schedule(
    known: Snapshot, outcome: Outcome, pace: Pace = DEFAULT_PACE
) -> Schedule:
    """Order the steps: services, then instances, then the looks.

    Services go one by one: the nodes to empty are closed before a spare is
    opened, so that nothing new lands on them. Stops, releases and moves
    follow in lanes, those that take longest first. A move that takes room
    which others free waits for these; otherwise a node only fills, and a
    full end proves every order. The looks wait for everything.
    """
    services = _services(outcome)
    before = tuple(s.key for s in services[-1:])
    work: dict[str, Action] = {_key(s): s for s in outcome.stops}
    work |= {_key(r): r for r in outcome.releases}
    work |= {_key(m): m for m in outcome.moves}
    steps = [*services]
    for placed in arranged(known, outcome, pace):
        after = placed.after or before
        steps.append(Step(placed.key, work[placed.key], after))
    spares = _spares(known, outcome) if pace.restores else None
    looks = _looks(outcome, steps, spares) if pace.verifies else ()
    return (*steps, *looks)


def arranged(
    known: Snapshot, outcome: Outcome, pace: Pace
) -> tuple[lanes.Placed, ...]:
    """Put what is done to instances into lanes, by the memory it copies."""
    memory_mb = {u: i.memory_mb for u, i in known.by_uuid.items()}
    limits = {OVERALL: pace.overall}
    others: tuple[Action, ...] = (*outcome.stops, *outcome.releases)
    jobs = [lanes.Job(_key(a), pace.move_s(0), (OVERALL,)) for a in others]
    for move in outcome.moves:
        away, to = f'source {move.host}', f'to {move.destination}'
        limits |= {away: pace.per_source, to: pace.per_destination}
        took_s = pace.move_s(memory_mb.get(move.instance_uuid, 0))
        waits = tuple(_move_key(uuid) for uuid in move.after)
        jobs.append(lanes.Job(_key(move), took_s, (OVERALL, away, to), waits))
    return lanes.arrange(jobs, limits)


def _services(outcome: Outcome) -> tuple[Step, ...]:
    steps: list[Step] = []
    actions: list[Action] = [Disable(h) for h in outcome.disables]
    actions += [Mark(h) for h in outcome.marks]
    actions += [Enable(h) for h in outcome.enables]
    for action in actions:
        steps.append(
            Step(_key(action), action, tuple(s.key for s in steps[-1:]))
        )
    return tuple(steps)


def _spares(known: Snapshot, outcome: Outcome) -> tuple[Spare, ...]:
    return tuple(
        Spare(hostname, known.by_hostname[hostname].disabled_reason)
        for hostname in outcome.enables
    )


def _looks(
    outcome: Outcome,
    steps: Sequence[Step],
    spares: tuple[Spare, ...] | None,
) -> Iterator[Step]:
    """Look at every node that the plan is about, if it does anything.

    :param spares: what to give back when a look fails; None is nothing
    """
    if not steps:
        return
    parents = {key for step in steps for key in step.after}
    ends = tuple(sorted({s.key for s in steps} - parents))
    for node in outcome.nodes:
        if node.verdict is Verdict.PLANNED:
            action = Verify(
                node.hostname,
                remaining(node),
                spares is not None and node.hostname in outcome.disables,
                spares or (),
            )
            yield Step(_key(action), action, ends)


def remaining(node: NodeOutcome) -> tuple[str, ...]:
    """List the UUIDs of what a plan leaves on a node, sorted."""
    left = {stay.instance_uuid for stay in node.stays}
    left |= {stop.instance_uuid for stop in node.stops}
    return tuple(sorted(left))


def _key(action: Action) -> str:
    """Name a step by what it does, and to whom."""
    match action:
        case Move():
            return _move_key(action.instance_uuid)
        case Stop():
            return f'stop {action.instance_uuid}'
        case Release():
            return f'{action.kind.value} {action.instance_uuid}'
        case Disable() | Mark() | Enable() | Verify():
            return f'{type(action).__name__.lower()} {action.hostname}'


def _move_key(instance_uuid: str) -> str:
    return f'move {instance_uuid}'
