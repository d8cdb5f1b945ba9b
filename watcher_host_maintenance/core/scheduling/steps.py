# SPDX-License-Identifier: Apache-2.0

"""In which order the steps of a plan run, and which side by side."""

import dataclasses
import math

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.pace import DEFAULT_PACE
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Await
from watcher_host_maintenance.core.model.plan import Close
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Notify
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
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import lanes


OfInstance = Move | Stop | Start | Release

OVERALL = 'overall'
"""The pool of all; those of nodes are ``source HOST`` and ``to HOST``."""


def schedule(
    snapshot: Snapshot, outcome: Outcome, pace: Pace = DEFAULT_PACE
) -> Schedule:
    """Order the steps: services, then instances, then the verifications.

    Services go one by one: the nodes to empty are closed before a spare is
    opened, so that nothing new lands on them; nothing moves to a spare before
    it is open for Placement too. Stops, releases and moves
    follow in lanes, those that take longest first. A move that takes room
    which others free waits for these; otherwise a node only fills, and a
    full end proves every order. The verifications wait for everything.

    Nodes that return are looked at side by side, before anything else. The
    spares that their maintenance has enabled are closed after the moves.

    Owners are told right before and after what is done to their instances, and
    at once what is not done yet.
    """
    steps: list[Step] = []
    services: tuple[Action, ...] = (
        *map(Disable, outcome.disables),
        *map(Mark, outcome.marks),
        *_openings(snapshot, outcome, pace),
    )
    for action in services:
        before = tuple(step.key for step in steps[-1:])
        steps.append(Step(key_of(action), action, before))
    returns = [Step(key_of(action), action) for action in outcome.returns]
    before = tuple(step.key for step in (*steps[-1:], *returns))
    action_of = {key_of(a): a for a in (*_quick(outcome), *outcome.moves)}
    steps.extend(returns)
    told = _Told.of(outcome)
    keys_of = _keys_of(action_of)
    placed_keys: set[str] = set()
    for placed in arranged(snapshot, outcome, pace):
        action = action_of[placed.key]
        steps.extend(_of_instance(action, placed.after or before, told))
        placed_keys.add(placed.key)
        keys = keys_of[action.instance_uuid]
        if placed_keys.issuperset(keys):
            steps.extend(_told_after(action, keys, told))
    closes = [Close(s.hostname, s.disabled_reason) for s in outcome.closes]
    steps.extend(_last(steps, closes))
    does = bool(steps)
    after_returns = tuple(step.key for step in returns)
    steps.extend(Step(key_of(n), n, after_returns) for n in told.alone)
    if does and pace.verifies:
        steps.extend(_last(steps, _verifications(snapshot, outcome, pace)))
    return tuple(steps)


@dataclasses.dataclass(frozen=True)
class _Told:
    """What owners are told, by when.

    :ivar before: instance UUID -> before the instance leaves or stops
    :ivar after: instance UUID -> after it
    :ivar alone: what does not depend on an action of this plan
    """

    before: Mapping[str, Notify]
    after: Mapping[str, Sequence[Notify]]
    alone: Sequence[Notify]

    @classmethod
    def of(cls, outcome: Outcome) -> '_Told':
        """Sort the notices of a plan."""
        acts = {
            action.instance_uuid
            for action in (*_quick(outcome), *outcome.moves)
        }
        before: dict[str, Notify] = {}
        after: dict[str, list[Notify]] = {}
        alone: list[Notify] = []
        for notify in outcome.notices:
            uuid = notify.instance_uuid
            if notify.notice.state is State.MOVING:
                before[uuid] = notify
            elif uuid in acts and notify.notice.state is not State.ANNOUNCED:
                after.setdefault(uuid, []).append(notify)
            else:
                alone.append(notify)
        return cls(before, after, alone)


def _told_after(
    action: OfInstance, after: tuple[str, ...], told: _Told
) -> Iterator[Step]:
    """Yield what the owner of an instance is told in the end, in order."""
    for notify in told.after.get(action.instance_uuid, ()):
        yield Step(key_of(notify), notify, after)
        after = (key_of(notify),)


def _of_instance(
    action: OfInstance, after: tuple[str, ...], told: _Told
) -> Iterator[Step]:
    """Yield the steps of something done to an instance, in their order."""
    if notify := told.before.get(action.instance_uuid):
        yield Step(key_of(notify), notify, after)
        after = (key_of(notify),)
    if isinstance(action, Move) and action.stops_first:
        stop = Stop(
            instance_uuid=action.instance_uuid,
            instance_name=action.instance_name,
            host=action.host,
        )
        yield Step(key_of(stop), stop, after)
        after = (key_of(stop),)
    yield Step(key_of(action), action, after)


def _keys_of(
    actions: Mapping[str, OfInstance],
) -> dict[str, tuple[str, ...]]:
    """Return instance UUID -> keys of all that is done to it.

    A return may start a server and move it home.
    """
    keys: dict[str, tuple[str, ...]] = {}
    for key, action in actions.items():
        uuid = action.instance_uuid
        keys[uuid] = (*keys.get(uuid, ()), key)
    return keys


def _openings(
    snapshot: Snapshot, outcome: Outcome, pace: Pace
) -> Iterator[Enable | Await]:
    """Yield how spares are opened."""
    for hostname in outcome.enables:
        yield Enable(hostname)
        if pace.verifies:
            reason = snapshot.by_hostname[hostname].disabled_reason
            yield Await(hostname, reason if pace.restores else '')


def arranged(
    snapshot: Snapshot, outcome: Outcome, pace: Pace, until_s: float = math.inf
) -> tuple[lanes.Placed, ...]:
    """Put what is done to instances into lanes, by the memory it copies.

    :param until_s: seconds in which all has to end; what cannot is left out
    """
    limits = {OVERALL: pace.overall}
    jobs = [
        lanes.Job(
            key_of(action),
            takes_s(action, snapshot, pace),
            (OVERALL,),
            tuple(_moves_before(action)),
        )
        for action in _quick(outcome)
    ]
    for move in outcome.moves:
        source, to = f'source {move.host}', f'to {move.destination}'
        limits |= {source: pace.per_source, to: pace.per_destination}
        duration_s = takes_s(move, snapshot, pace)
        pools = (OVERALL, source, to)
        after = tuple(_move_key(uuid) for uuid in move.after)
        jobs.append(lanes.Job(key_of(move), duration_s, pools, after))
    return lanes.arrange(jobs, limits, until_s)


def _moves_before(action: OfInstance) -> Iterator[str]:
    """Yield the key of the move that brings an instance home to start."""
    if isinstance(action, Start) and action.home:
        yield _move_key(action.instance_uuid)


def takes_s(action: OfInstance, snapshot: Snapshot, pace: Pace) -> float:
    """Estimate how long something done to an instance takes, in seconds.

    That includes the stop of an instance that is stopped before it moves.
    """
    if not isinstance(action, Move):
        return pace.move_s(0)
    instance = snapshot.by_uuid.get(action.instance_uuid)
    stop_s = pace.move_s(0) if action.stops_first else 0
    return stop_s + pace.move_s(instance.memory_mb if instance else 0)


def _quick(outcome: Outcome) -> tuple[OfInstance, ...]:
    """Return what is done to instances and copies no memory."""
    return (*outcome.stops, *outcome.starts, *outcome.releases)


def _last(steps: Sequence[Step], actions: Iterable[Action]) -> list[Step]:
    """Return steps side by side that wait for all others."""
    parents = {key for step in steps for key in step.after}
    ends = tuple(sorted({step.key for step in steps} - parents))
    return [Step(key_of(action), action, ends) for action in actions]


def _verifications(
    snapshot: Snapshot, outcome: Outcome, pace: Pace
) -> Iterator[Verify | VerifyReturn]:
    """Yield a verification of each planned node."""
    if outcome.purpose is Purpose.RETURN:
        moves = {node.hostname: node.moves for node in outcome.nodes}
        for back in outcome.returns:
            home = sorted(m.instance_uuid for m in moves[back.hostname])
            yield VerifyReturn(
                back.hostname, back.disabled_reason, tuple(home)
            )
        return
    spares = tuple(
        Spare(hostname, snapshot.by_hostname[hostname].disabled_reason)
        for hostname in outcome.enables
    )
    for node in outcome.nodes:
        if node.verdict is Verdict.PLANNED and not _stays_open(
            node, snapshot, outcome
        ):
            kept = {i.instance_uuid for i in (*node.stays, *node.stops)}
            yield Verify(
                node.hostname,
                tuple(sorted(kept)),
                pace.restores and node.hostname in outcome.disables,
                spares,
                pace.restores,
            )


def _stays_open(
    node: NodeOutcome, snapshot: Snapshot, outcome: Outcome
) -> bool:
    """Return True if a node waits, and Nova may put servers on it until then.

    What an owner wants to go before is no reason to look at it.
    """
    waits = any(f.reason.of is Of.HELD for f in node.findings)
    if not waits or node.hostname in outcome.disables:
        return False
    return snapshot.by_hostname[node.hostname].status == 'enabled'


def key_of(action: Action) -> str:
    """Return the key of a step: its verb and its subject."""
    match action:
        case Move():
            return _move_key(action.instance_uuid)
        case Notify():
            state = action.notice.state
            return f'notify {state or "cleared"} {action.instance_uuid}'
        case Stop():
            return f'stop {action.instance_uuid}'
        case Start():
            return f'start {action.instance_uuid}'
        case Release():
            return f'{action.kind.value} {action.instance_uuid}'
        case VerifyReturn():
            return f'verify {action.hostname}'
        case (
            Disable()
            | Mark()
            | Enable()
            | Await()
            | Return()
            | Close()
            | Verify()
        ):
            return f'{type(action).__name__.lower()} {action.hostname}'


def _move_key(instance_uuid: str) -> str:
    return f'move {instance_uuid}'
