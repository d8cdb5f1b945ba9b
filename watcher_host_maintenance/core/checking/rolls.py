# SPDX-License-Identifier: Apache-2.0

"""Prove a rolling maintenance: every wave, on what the waves before left.

Each wave is proved as a drain of its own, on a snapshot that is replayed
here: servers are where the moves put them, and the nodes of the waves before
are back with the room that they have then. Where servers move back after each
wave, they are where they were before it.
"""

import collections
import dataclasses
import itertools

from collections.abc import Callable
from collections.abc import Iterator

from watcher_host_maintenance.core.checking import check as drains
from watcher_host_maintenance.core.checking import nodes
from watcher_host_maintenance.core.checking import order
from watcher_host_maintenance.core.checking import room
from watcher_host_maintenance.core.checking import scheduler
from watcher_host_maintenance.core.checking import servers
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import Step
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.rolling import Roll
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot


Judgement = Callable[[Snapshot, RollRequest, Roll], Iterator[str]]


def check(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> tuple[str, ...]:
    """Return all that is wrong with a rolling maintenance.

    :returns: violations in words, sorted, each once; empty when it is proved
        that the whole can end as planned
    """
    return tuple(
        sorted(
            {
                violation
                for judge in JUDGEMENTS
                for violation in judge(snapshot, request, roll)
            }
        )
    )


def _answers_the_request(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> Iterator[str]:
    """Each node of the set is in one wave or refused, and no other is."""
    if roll.findings:
        return
    answers = collections.Counter(node.hostname for node in roll.refused)
    for wave in roll.waves:
        answers.update(wave.hostnames)
    is_refused = bool(roll.refused) and not roll.waves
    for hostname in sorted(set(request.maintenance_nodes)):
        if answers[hostname] > 1 or not (answers[hostname] or is_refused):
            yield f'{hostname}: has {answers[hostname]} answers'
    for hostname in sorted(answers.keys() - set(request.maintenance_nodes)):
        yield f'{hostname}: is not in the set'


def _refuses_as_asked(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> Iterator[str]:
    """All nodes are maintained or none, unless blocked ones are skipped."""
    if roll.findings and roll.waves:
        yield 'the request is refused, but there are waves'
    if roll.refused and roll.waves and not request.skip_blocked:
        yield f'{roll.refused[0].hostname}: refused, but there are waves'
    for node in roll.refused:
        if not node.findings and not node.stays:
            yield f'{node.hostname}: refused without a reason'


def _keeps_to_parallel(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> Iterator[str]:
    """At least one node is out in a wave, and no more than allowed.

    Those that are out already, and come later, count, unless all of the wave
    are out already.
    """
    by_hostname = snapshot.by_hostname
    out = {
        hostname
        for wave in roll.waves
        for hostname in wave.hostnames
        if hostname in by_hostname
        and nodes.is_marked(by_hostname[hostname], request)
    }
    for number, wave in enumerate(roll.waves, 1):
        hosts = {*wave.hostnames}
        if not 1 <= len(wave.hostnames) <= request.parallel:
            yield f'wave {number} has {len(wave.hostnames)} nodes'
        elif not hosts <= out and len(hosts | out) > request.parallel:
            yield f'wave {number}: {len(hosts | out)} nodes are out'
        out -= hosts


def _needs_as_many_moves(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> Iterator[str]:
    """The bound is one: there are at least as many moves."""
    moves = sum(
        len(wave.outcome.moves) + len(wave.canaries) for wave in roll.waves
    )
    if roll.waves and moves < roll.least_moves:
        yield f'{moves} moves, though {roll.least_moves} are needed'


def _canaries_are_wanted(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> Iterator[str]:
    """A canary goes from a node that is not done to one that came back.

    Which wave was before the first is not known here.
    """
    undone = set(request.maintenance_nodes)
    came_back = set(snapshot.by_hostname) - undone
    for wave in roll.waves:
        goes = collections.Counter(m.destination for m in wave.canaries)
        for move in wave.canaries:
            but = f'{move.instance_name}: a canary, but'
            if not request.canary:
                yield f'{but} none is wanted'
            if move.host not in undone:
                yield f'{but} {move.host} is not to be maintained'
            if move.destination not in came_back:
                yield f'{but} {move.destination} did not come back'
            if goes[move.destination] > 1:
                yield f'{but} {move.destination} has another'
        came_back = set(wave.hostnames)
        undone -= came_back


def _waves_fit(
    snapshot: Snapshot, request: RollRequest, roll: Roll
) -> Iterator[str]:
    """Every wave empties its nodes, where the waves before have left all."""
    for number, wave in enumerate(roll.waves, 1):
        outcome = wave.outcome
        drain = request.drain_of(wave.hostnames)
        if wave.canaries:
            first = Outcome(secondary_moves=wave.canaries)
            canaries = [*_canaries_arrive(Case(snapshot, drain, first))]
            if canaries:
                yield from (
                    f'before wave {number}: {text}' for text in canaries
                )
                # Nothing more can be replayed.
                return
            snapshot = _replayed(snapshot, request, (), first)
        for problem in (
            *drains.check_on_paper(snapshot, drain, outcome, wave.schedule),
            *_unfinished(outcome),
        ):
            yield f'wave {number}: {problem}'
        if not set(wave.hostnames) <= set(snapshot.by_hostname):
            # Nothing more can be replayed.
            return
        snapshot = _replayed(snapshot, request, wave.hostnames, outcome)


JUDGEMENTS: tuple[Judgement, ...] = (
    _answers_the_request,
    _refuses_as_asked,
    _keeps_to_parallel,
    _needs_as_many_moves,
    _canaries_are_wanted,
    _waves_fit,
)


def _canaries_arrive(case: Case) -> Iterator[str]:
    """Yield why servers cannot all be moved first, live and side by side."""
    moves = case.outcome.secondary_moves
    schedule = tuple(Step(f'move {m.instance_uuid}', m) for m in moves)
    case = dataclasses.replace(case, schedule=schedule)
    for judge in (
        nodes.violations,
        servers.others_let_go,
        order.violations,
        room.violations,
        scheduler.violations,
    ):
        yield from judge(case)
    by_hostname = case.snapshot.by_hostname
    for move in moves:
        node = by_hostname.get(move.destination)
        if node is not None and node.status != 'enabled':
            yield f'{move.instance_name}: to {node.hostname}, it is disabled'


def _unfinished(outcome: Outcome) -> Iterator[str]:
    """Yield what a wave leaves undone."""
    if outcome.findings:
        yield 'it is refused'
    for node in outcome.refused:
        yield f'{node.hostname} is refused'
    if outcome.lacks_room:
        yield 'a server stays for want of room'


def _replayed(
    snapshot: Snapshot,
    request: RollRequest,
    hostnames: tuple[str, ...],
    outcome: Outcome,
) -> Snapshot:
    """Return the snapshot after a wave, with its nodes back in service."""
    is_away = not request.moves_back
    # What made room stays where it is.
    moves = outcome.moves if is_away else outcome.secondary_moves
    goes = {(m.instance_uuid, m.host): m.destination for m in moves}
    fates = {
        (fate.instance_uuid, fate.host): fate
        for fate in (*outcome.stops, *outcome.releases)
    }
    came, went = collections.defaultdict(list), collections.defaultdict(list)
    touched = {host for _uuid, host in (*goes, *fates)}
    instances = [i for i in snapshot.instances if i.host not in touched]
    for before in snapshot.instances:
        if before.host not in touched:
            continue
        key = before.uuid, before.host
        fate = fates.get(key)
        after = before
        if key in goes:
            after = dataclasses.replace(before, host=goes[key], hypervisor='')
            came[after.host].append(after)
        if key in goes or isinstance(fate, Release):
            went[before.host].append(before)
        if isinstance(fate, Stop):
            after = dataclasses.replace(
                before, vm_state='stopped', power_state='shutdown'
            )
        if not isinstance(fate, Release):
            instances.append(after)
    moved = itertools.chain(*came.values(), *went.values())
    groups = {instance.group for instance in moved}
    return dataclasses.replace(
        snapshot,
        nodes=tuple(
            _back(
                _holding(node, came[node.hostname], went[node.hostname]),
                request,
                node.hostname in hostnames,
                is_away and node.hostname in outcome.enables,
            )
            for node in snapshot.nodes
        ),
        instances=tuple(
            i for i in instances if i.host in snapshot.by_hostname
        ),
        groups=tuple(
            _joined(group, came, went) if group.uuid in groups else group
            for group in snapshot.groups
        ),
        hinted={
            uuid: goes.get((uuid, host), host)
            for uuid, host in snapshot.hinted.items()
        },
    )


def _holding(
    node: ComputeNode, came: list[Instance], went: list[Instance]
) -> ComputeNode:
    """Return a node with what came added and what went taken away."""
    if not came and not went:
        return node
    amounts = dict(node.used)
    for sign, instances in ((1, came), (-1, went)):
        for instance in instances:
            for resource_class, amount in instance.resources.items():
                held = amounts.get(resource_class, 0)
                amounts[resource_class] = held + sign * amount
    return dataclasses.replace(
        node,
        used={c: max(amount, 0) for c, amount in amounts.items()},
        instance_count=max(node.instance_count + len(came) - len(went), 0),
    )


def _back(
    node: ComputeNode, request: RollRequest, was_out: bool, is_woken: bool
) -> ComputeNode:
    """Return a node as it is in service; its own reason outlasts a wave."""
    if is_woken or (was_out and nodes.is_marked(node, request)):
        return dataclasses.replace(node, status='enabled', disabled_reason='')
    return node


def _joined(
    group: ServerGroup,
    came: dict[str, list[Instance]],
    went: dict[str, list[Instance]],
) -> ServerGroup:
    """Return a group with its members where they are."""
    members = dict(group.members)
    for sign, moved in ((1, came), (-1, went)):
        for hostname, instances in moved.items():
            for instance in instances:
                is_end = instance.elsewhere and group.policy == AFFINITY
                if instance.group == group.uuid and not is_end:
                    count = members.get(hostname, 0) + sign
                    members[hostname] = count
    return dataclasses.replace(
        group, members={h: n for h, n in members.items() if n > 0}
    )
