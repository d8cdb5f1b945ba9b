# SPDX-License-Identifier: Apache-2.0

"""In which order the steps of a plan run, and which side by side."""

from collections.abc import Iterator
from collections.abc import Sequence

from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Close
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import Return
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Spare
from watcher_host_maintenance.core.model.plan import Start
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.plan import Verify
from watcher_host_maintenance.core.model.plan import VerifyReturn
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import lanes


DEFAULT_PACE = Pace()

OVERALL = 'overall'
"""The pool of all; those of nodes are ``source HOST`` and ``to HOST``."""


def schedule(
    snapshot: Snapshot, outcome: Outcome, pace: Pace = DEFAULT_PACE
) -> Schedule:
    """Order the steps: services, then instances, then the verifications.

    Services go one by one: the nodes to empty are closed before a spare is
    opened, so that nothing new lands on them. Stops, releases and moves
    follow in lanes, those that take longest first. A move that takes room
    which others free waits for these; otherwise a node only fills, and a
    full end proves every order. The verifications wait for everything.

    Nodes that return are looked at side by side, before anything else. The
    spares that their maintenance has enabled are closed after the moves.
    """
    services = _services(outcome)
    returns = [Step(_key(action), action) for action in outcome.returns]
    before = tuple(step.key for step in (*services[-1:], *returns))
    actions: tuple[Action, ...] = (
        *outcome.stops,
        *outcome.starts,
        *outcome.releases,
        *outcome.moves,
    )
    action_of = {_key(action): action for action in actions}
    steps = [
        *services,
        *returns,
        *(
            Step(placed.key, action_of[placed.key], placed.after or before)
            for placed in arranged(snapshot, outcome, pace)
        ),
    ]
    steps.extend(_closes(outcome, steps))
    if not pace.verifies:
        return tuple(steps)
    spares = _spares(snapshot, outcome)
    return (*steps, *_verifications(outcome, steps, spares, pace.restores))


def arranged(
    snapshot: Snapshot, outcome: Outcome, pace: Pace
) -> tuple[lanes.Placed, ...]:
    """Put what is done to instances into lanes, by the memory it copies."""
    memory_mb = {u: i.memory_mb for u, i in snapshot.by_uuid.items()}
    limits = {OVERALL: pace.overall}
    others: tuple[Action, ...] = (
        *outcome.stops,
        *outcome.starts,
        *outcome.releases,
    )
    jobs = [lanes.Job(_key(a), pace.move_s(0), (OVERALL,)) for a in others]
    for move in outcome.moves:
        source, to = f'source {move.host}', f'to {move.destination}'
        limits |= {source: pace.per_source, to: pace.per_destination}
        duration_s = pace.move_s(memory_mb.get(move.instance_uuid, 0))
        pools = (OVERALL, source, to)
        after = tuple(_move_key(uuid) for uuid in move.after)
        jobs.append(lanes.Job(_key(move), duration_s, pools, after))
    return lanes.arrange(jobs, limits)


def _services(outcome: Outcome) -> list[Step]:
    steps: list[Step] = []
    actions: tuple[Action, ...] = (
        *map(Disable, outcome.disables),
        *map(Mark, outcome.marks),
        *map(Enable, outcome.enables),
    )
    for action in actions:
        before = tuple(step.key for step in steps[-1:])
        steps.append(Step(_key(action), action, before))
    return steps


def _closes(outcome: Outcome, steps: Sequence[Step]) -> list[Step]:
    """Return the steps that close spares when all else has ended."""
    return [
        Step(_key(action), action, _ends(steps))
        for action in (
            Close(spare.hostname, spare.disabled_reason)
            for spare in outcome.closes
        )
    ]


def _ends(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the keys of the steps that no other step waits for."""
    parents = {key for step in steps for key in step.after}
    return tuple(sorted({s.key for s in steps} - parents))


def _spares(snapshot: Snapshot, outcome: Outcome) -> tuple[Spare, ...]:
    return tuple(
        Spare(hostname, snapshot.by_hostname[hostname].disabled_reason)
        for hostname in outcome.enables
    )


def _verifications(
    outcome: Outcome,
    steps: Sequence[Step],
    spares: tuple[Spare, ...],
    restores: bool,
) -> Iterator[Step]:
    """Yield a verification of each planned node, if anything is done.

    :param spares: what the plan enables
    :param restores: give services back what they had when it fails
    """
    if not steps:
        return
    ends = _ends(steps)
    if outcome.purpose is Purpose.RETURN:
        for look in _looks(outcome):
            yield Step(_key(look), look, ends)
        return
    for node in outcome.nodes:
        if node.verdict is Verdict.PLANNED:
            action = Verify(
                node.hostname,
                remaining(node),
                restores and node.hostname in outcome.disables,
                spares,
                restores,
            )
            yield Step(_key(action), action, ends)


def _looks(outcome: Outcome) -> Iterator[VerifyReturn]:
    """Yield what a node that returns is to be in the end."""
    moves = {n.hostname: n.moves for n in outcome.nodes}
    for node in outcome.returns:
        home = sorted(m.instance_uuid for m in moves[node.hostname])
        yield VerifyReturn(node.hostname, node.disabled_reason, tuple(home))


def remaining(node: NodeOutcome) -> tuple[str, ...]:
    """Return the UUIDs of the instances a plan leaves on a node, sorted."""
    staying = {i.instance_uuid for i in (*node.stays, *node.stops)}
    return tuple(sorted(staying))


def _key(action: Action) -> str:
    """Return the key of a step: its verb and its subject."""
    match action:
        case Move():
            return _move_key(action.instance_uuid)
        case Stop():
            return f'stop {action.instance_uuid}'
        case Start():
            return f'start {action.instance_uuid}'
        case Release():
            return f'{action.kind.value} {action.instance_uuid}'
        case VerifyReturn():
            return f'verify {action.hostname}'
        case Disable() | Mark() | Enable() | Return() | Close() | Verify():
            return f'{type(action).__name__.lower()} {action.hostname}'


def _move_key(instance_uuid: str) -> str:
    return f'move {instance_uuid}'
