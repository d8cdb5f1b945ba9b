# SPDX-License-Identifier: Apache-2.0


"""Check of a plan: what becomes of each instance of its nodes."""

import collections

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TypeVar

from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Release
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot


Held = dict[str, Instance]
"""UUID -> instance, of those that one node holds."""

Fate = TypeVar('Fate', Move, Stop, Stay, Release)
"""What becomes of one instance."""

Judgement = Callable[[Held, Request, NodeOutcome], Iterator[str]]


def violations(case: Case) -> Iterator[str]:
    """Yield the instances that are lost, or treated as they must not be."""
    for node in case.outcome.nodes:
        held = _held(case.snapshot, node.hostname)
        yield from _all_listed(case.snapshot, node)
        for judge in JUDGEMENTS:
            yield from judge(held, case.request, node)
    yield from _secondary(case)


def _secondary(case: Case) -> Iterator[str]:
    """Few servers of other nodes move, live, and only if that is allowed."""
    moves, most = (
        case.outcome.secondary_moves,
        case.request.max_secondary_moves,
    )
    if len(moves) > most:
        yield f'{len(moves)} servers of other nodes move, {most} may'
    emptied = {node.hostname for node in case.outcome.nodes}
    for hostname in sorted({move.host for move in moves}):
        own = tuple(move for move in moves if move.host == hostname)
        held = _held(case.snapshot, hostname)
        if hostname in emptied:
            yield f'{hostname}: makes room, but is to be emptied'
        fates = NodeOutcome(hostname, Verdict.PLANNED, len(held), moves=own)
        for uuid in sorted({move.instance_uuid for move in own} - set(held)):
            yield f'{uuid}: in the plan, but not on {hostname}'
        for judge in (_told_truly, _moves_are_possible):
            yield from judge(held, case.request, fates)
    for move in moves:
        said = f'{move.instance_name}: makes room, but'
        if move.kind is not MoveKind.LIVE:
            yield f'{said} by a {move.kind.value} migration'
        if move.unproved:
            yield f'{said} it is not proved to fit'


def _held(snapshot: Snapshot, hostname: str) -> Held:
    """Return what is on a node; some records outlive their instances."""
    return {
        i.uuid: i
        for i in snapshot.instances
        if i.host == hostname
        and i.vm_state != 'deleted'
        and i.vm_state != 'shelved_offloaded'
    }


def _one_fate_each(
    held: Held, request: Request, node: NodeOutcome
) -> Iterator[str]:
    """Each instance moves, stops or stays; of a refusal, some are told."""
    fates = collections.Counter(r.instance_uuid for r in _records(node))
    for uuid, count in sorted(fates.items()):
        if uuid not in held:
            yield f'{uuid}: in the plan, but not on {node.hostname}'
        elif count > 1:
            yield f'{held[uuid].name}: {count} times in the plan'
    if node.verdict is Verdict.REFUSED:
        return
    for uuid, instance in held.items():
        if uuid not in fates:
            yield f'{instance.name}: on {node.hostname}, not in the plan'


def _counted(held: Held, request: Request, node: NodeOutcome) -> Iterator[str]:
    """The number that a person is told is the number there is."""
    if node.instance_count != len(held):
        yield (
            f'{node.hostname}: said to hold {node.instance_count} instances, '
            f'holds {len(held)}'
        )


def _all_listed(snapshot: Snapshot, node: NodeOutcome) -> Iterator[str]:
    """No node is emptied, or finished, that may hold unlisted servers."""
    host = snapshot.by_hostname.get(node.hostname)
    if host is None or node.verdict is Verdict.REFUSED:
        return
    listed = len(snapshot.instances_on(node.hostname))
    if listed < host.instance_count:
        yield (
            f'{node.hostname}: holds {host.instance_count} instances, of '
            f'which {listed} are listed'
        )


def _told_truly(
    held: Held, request: Request, node: NodeOutcome
) -> Iterator[str]:
    """Each record has the instance's own name, and its host."""
    for record in _records(node):
        name = record.instance_name
        if record.host != node.hostname:
            yield f'{name}: on {node.hostname}, said to be on {record.host}'
        instance = held.get(record.instance_uuid)
        if instance is not None and name != instance.name:
            yield f'{instance.name}: called {name}'


def _moves_are_possible(
    held: Held, request: Request, node: NodeOutcome
) -> Iterator[str]:
    """What runs moves live unless that is off; what is stopped, cold.

    What is paused moves live only.
    """
    for move, instance in _pairs(node.moves, held):
        said = f'{instance.name}: a {move.kind.value} migration, but'
        yield from _must_be_left(instance, said)
        yield from _moves_in_its_way(instance, move.kind, request, said)


def _moves_in_its_way(
    instance: Instance, kind: MoveKind, request: Request, said: str
) -> Iterator[str]:
    live_off = request.disable_live_migration
    cold = kind is MoveKind.COLD
    if live_off and request.disable_cold_migration:
        yield f'{said} both kinds of migration are off'
    elif instance.vm_state == 'active':
        if cold != live_off:
            yield f'{said} it runs and is to move the other way'
    elif instance.vm_state == 'paused':
        if cold or live_off:
            yield f'{said} it is paused, and moves live only'
    elif instance.vm_state != 'stopped':
        yield f'{said} its state is {instance.vm_state}'
    elif not cold:
        yield f'{said} it does not run'
    elif request.disable_cold_migration:
        yield f'{said} cold migration is off'


def _pairs(
    fates: Iterable[Fate], held: Held
) -> Iterator[tuple[Fate, Instance]]:
    """Pair fates with their instances; what is unknown is said elsewhere."""
    for fate in fates:
        instance = held.get(fate.instance_uuid)
        if instance is not None:
            yield fate, instance


def _must_be_left(instance: Instance, said: str) -> Iterator[str]:
    """Nothing is done to what the scope excludes, or Nova is at."""
    if instance.excluded:
        yield f'{said} the scope excludes it'
    if instance.elsewhere:
        yield f'{said} it is on {instance.elsewhere}'
    if instance.task_state:
        yield f'{said} its task state is {instance.task_state}'


def _releases_are_possible(
    held: Held, request: Request, node: NodeOutcome
) -> Iterator[str]:
    """A shelved one is offloaded; a migration is confirmed, no resize."""
    for release, instance in _pairs(node.releases, held):
        said = f'{instance.name}: to {release.kind.value}, but'
        if instance.excluded:
            yield f'{said} the scope excludes it'
        if instance.task_state:
            yield f'{said} its task state is {instance.task_state}'
        if request.disable_live_migration and request.disable_cold_migration:
            yield f'{said} both kinds of migration are off'
        ends = (instance.vm_state, bool(instance.elsewhere))
        if release.kind is ReleaseKind.OFFLOAD:
            if ends != ('shelved', False):
                yield f'{said} it is not shelved there'
        elif ends != ('resized', True) or instance.migration != 'migration':
            yield f'{said} no administrator has migrated it away'


def _stops_are_wanted(
    held: Held, request: Request, node: NodeOutcome
) -> Iterator[str]:
    """Only what runs is stopped, and only with both migrations off."""
    for _stop, instance in _pairs(node.stops, held):
        said = f'{instance.name}: stopped, but'
        yield from _must_be_left(instance, said)
        if instance.vm_state != 'active':
            yield f'{said} its state is {instance.vm_state}'
        if not request.disable_live_migration:
            yield f'{said} live migration is on'
        if not request.disable_cold_migration:
            yield f'{said} cold migration is on'


def _stays_are_told_apart(
    held: Held, request: Request, node: NodeOutcome
) -> Iterator[str]:
    """What a flag leaves is as asked, all else is blocked; both say why."""
    for stay, instance in _pairs(node.stays, held):
        if not stay.findings:
            yield f'{instance.name}: stays without a reason'
        if _is_alive(instance) and 'error' in _values(stay):
            yield f'{instance.name}: told to be broken, but its guest runs'
        asked = _is_left_by_a_flag(instance, request)
        if stay.as_asked and not asked:
            yield f'{instance.name}: left as asked, but nothing asks for it'
        if asked and not stay.as_asked:
            yield f'{instance.name}: blocked, but left by a parameter'
        if not asked and _is_to_be_stopped(instance, request):
            yield f'{instance.name}: stays running, but is to be stopped'


def _is_alive(instance: Instance) -> bool:
    """Return True if there is a guest that advice could destroy."""
    return instance.power_state in {'paused', 'running'}


def _values(stay: Stay) -> set[str]:
    return {finding.reason.value for finding in stay.findings}


def _is_left_by_a_flag(instance: Instance, request: Request) -> bool:
    runs = instance.vm_state == 'active'
    if request.disable_live_migration and request.disable_cold_migration:
        return not runs
    return request.disable_cold_migration and instance.vm_state == 'stopped'


def _is_to_be_stopped(instance: Instance, request: Request) -> bool:
    flags = (request.disable_live_migration, request.disable_cold_migration)
    left_alone = any(_must_be_left(instance, ''))
    return all(flags) and not left_alone


def _records(
    node: NodeOutcome,
) -> tuple[Move | Stop | Release | Stay, ...]:
    return (*node.moves, *node.stops, *node.releases, *node.stays)


JUDGEMENTS: tuple[Judgement, ...] = (
    _one_fate_each,
    _counted,
    _told_truly,
    _moves_are_possible,
    _releases_are_possible,
    _stops_are_wanted,
    _stays_are_told_apart,
)
