# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: what becomes of each instance of its nodes."""

import collections
import dataclasses

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import TypeVar

from watcher_host_maintenance.core.checking import owners
from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.checking.owners import Wish
from watcher_host_maintenance.core.model.plan import InstanceOutcome
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import MoveKind
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import ReleaseKind
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance


Fate = TypeVar('Fate', bound=InstanceOutcome)
"""What becomes of one instance."""


@dataclasses.dataclass(frozen=True, slots=True)
class Emptied:
    """What becomes of one node, and the instances on it.

    :ivar held: UUID -> instance on the node; some records outlive their
        instances
    """

    case: Case
    node: NodeOutcome
    held: Mapping[str, Instance]

    @classmethod
    def of(cls, case: Case, node: NodeOutcome) -> 'Emptied':
        """Look up what is on a node."""
        instances = case.snapshot.instances_on(node.hostname)
        over = ('deleted', 'shelved_offloaded')
        held = {i.uuid: i for i in instances if i.vm_state not in over}
        return cls(case, node, held)

    @property
    def request(self) -> Request:
        """What was asked for."""
        return self.case.request

    @property
    def fates(self) -> tuple[InstanceOutcome, ...]:
        """What becomes of each instance."""
        node = self.node
        return (*node.moves, *node.stops, *node.releases, *node.stays)

    def pairs(self, fates: Iterable[Fate]) -> Iterator[tuple[Fate, Instance]]:
        """Pair fates with their instances; others are judged elsewhere."""
        for fate in fates:
            if fate.instance_uuid in self.held:
                yield fate, self.held[fate.instance_uuid]


Judgement = Callable[[Emptied], Iterator[str]]


def violations(case: Case) -> Iterator[str]:
    """Yield the instances that are lost, or treated as they must not be."""
    for node in case.outcome.nodes:
        emptied = Emptied.of(case, node)
        for judge in JUDGEMENTS:
            yield from judge(emptied)
    yield from _secondary(case)


def _secondary(case: Case) -> Iterator[str]:
    """Few servers of other nodes move, live, for others, and if allowed."""
    moves = case.outcome.secondary_moves
    most = case.request.max_secondary_moves
    if len(moves) > most:
        yield f'{len(moves)} servers of other nodes move, {most} may'
    to_empty = {node.hostname for node in case.outcome.nodes}
    for hostname in sorted({move.host for move in moves} & to_empty):
        yield f'{hostname}: makes room, but is to be emptied'
    yield from others_let_go(case)
    awaited = {uuid for move in case.outcome.moves for uuid in move.after}
    for move in moves:
        if move.instance_uuid not in awaited:
            yield f'{move.instance_name}: makes room, but no move waits for it'


def others_let_go(case: Case) -> Iterator[str]:
    """What moves off nodes that are not emptied goes on while it moves."""
    moves = case.outcome.secondary_moves
    for hostname in sorted({move.host for move in moves}):
        own = tuple(move for move in moves if move.host == hostname)
        node = NodeOutcome(hostname, Verdict.PLANNED, 0, moves=own)
        source = Emptied.of(case, node)
        for uuid in sorted({move.instance_uuid for move in own}):
            if uuid not in source.held:
                yield f'{uuid}: in the plan, but not on {hostname}'
        yield from _named_truly(source)
        yield from _moves_are_possible(source)
    for move in moves:
        yield from _goes_on(case, move)


def _goes_on(case: Case, move: Move) -> Iterator[str]:
    """Such a server is moved live, surely fits, and may move."""
    but = f'{move.instance_name}: makes room, but'
    instance = case.snapshot.by_uuid.get(move.instance_uuid)
    words = set(instance.owner_words) if instance is not None else set()
    if instance is not None:
        words.add(owners.word(instance, case.request))
    if move.kind is not MoveKind.LIVE:
        yield f'{but} by a {move.kind.value} migration'
    if move.unproved:
        yield f'{but} it is not proved to fit'
    if words - {'', 'go', 'move'}:
        yield f'{but} its owner does not want it to be migrated live'


def _one_fate_each(emptied: Emptied) -> Iterator[str]:
    """Each instance moves, stops or stays; of a refusal, some are told."""
    held, hostname = emptied.held, emptied.node.hostname
    fates = collections.Counter(fate.instance_uuid for fate in emptied.fates)
    for uuid, count in sorted(fates.items()):
        if uuid not in held:
            yield f'{uuid}: in the plan, but not on {hostname}'
        elif count > 1:
            yield f'{held[uuid].name}: {count} times in the plan'
    if emptied.node.verdict is not Verdict.REFUSED:
        for uuid in held.keys() - fates.keys():
            yield f'{held[uuid].name}: on {hostname}, not in the plan'


def _counted(emptied: Emptied) -> Iterator[str]:
    """The number that a person is told is the number there is."""
    node, count = emptied.node, len(emptied.held)
    if node.instance_count != count:
        yield (
            f'{node.hostname}: said to hold {node.instance_count} instances, '
            f'holds {count}'
        )


def _all_listed(emptied: Emptied) -> Iterator[str]:
    """No node is emptied, or finished, that may hold unlisted servers."""
    node = emptied.node
    host = emptied.case.snapshot.by_hostname.get(node.hostname)
    if host is None or node.verdict is Verdict.REFUSED:
        return
    listed = len(emptied.case.snapshot.instances_on(node.hostname))
    if listed < host.instance_count:
        yield (
            f'{node.hostname}: holds {host.instance_count} instances, of '
            f'which {listed} are listed'
        )


def _named_truly(emptied: Emptied) -> Iterator[str]:
    """Each record has the instance's own name, and its host."""
    hostname = emptied.node.hostname
    for fate in emptied.fates:
        name = fate.instance_name
        if fate.host != hostname:
            yield f'{name}: on {hostname}, said to be on {fate.host}'
    for fate, instance in emptied.pairs(emptied.fates):
        if fate.instance_name != instance.name:
            yield f'{instance.name}: called {fate.instance_name}'


def _moves_are_possible(emptied: Emptied) -> Iterator[str]:
    """What runs moves live unless that is off; what is stopped, cold.

    What is paused moves live only.
    """
    for move, instance in emptied.pairs(emptied.node.moves):
        but = f'{instance.name}: a {move.kind.value} migration, but'
        yield from must_be_left(instance, but)
        yield from moves_in_its_way(instance, move.kind, emptied.request, but)
        yield from _moves_as_wanted(move, instance, emptied.request, but)


def _moves_as_wanted(
    move: Move, instance: Instance, request: Request, but: str
) -> Iterator[str]:
    """An owner lets it go, and says whether it is stopped before."""
    wanted = owners.wish(instance, request)
    if wanted in (Wish.BLOCKED, Wish.LEFT, Wish.STOPPED):
        yield f'{but} its owner wants it {wanted.value}'
    stops = wanted is Wish.STOPPED_AND_COLD
    if move.stops_first != stops:
        yield f'{but} it is stopped before: {move.stops_first}, not {stops}'


def moves_in_its_way(
    instance: Instance, kind: MoveKind, request: Request, but: str
) -> Iterator[str]:
    """A move of this kind suits the state of the instance and the flags."""
    live_off = request.disable_live_migration
    cold = kind is MoveKind.COLD
    if live_off and request.disable_cold_migration:
        yield f'{but} both kinds of migration are off'
    elif instance.vm_state == 'active':
        if cold != (live_off or _is_cold(instance, request)):
            yield f'{but} it runs and is to move the other way'
    elif instance.vm_state == 'paused':
        if cold or live_off:
            yield f'{but} it is paused, and moves live only'
    elif instance.vm_state != 'stopped':
        yield f'{but} its state is {instance.vm_state}'
    elif not cold:
        yield f'{but} it does not run'
    elif request.disable_cold_migration:
        yield f'{but} cold migration is off'


def _is_cold(instance: Instance, request: Request) -> bool:
    return owners.wish(instance, request) in owners.MOVED_COLD


def must_be_left(instance: Instance, but: str) -> Iterator[str]:
    """Nothing is done to what the scope excludes, or Nova works on."""
    if instance.excluded:
        yield f'{but} the scope excludes it'
    if instance.elsewhere:
        yield f'{but} it is on {instance.elsewhere}'
    if instance.is_leftover:
        yield f'{but} it is an allocation alone'
    if instance.task_state:
        yield f'{but} its task state is {instance.task_state}'


def _releases_are_possible(emptied: Emptied) -> Iterator[str]:
    """A shelved one is offloaded; a migration is confirmed, no resize."""
    for release, instance in emptied.pairs(emptied.node.releases):
        but = f'{instance.name}: to {release.kind.value}, but'
        if instance.excluded:
            yield f'{but} the scope excludes it'
        if instance.task_state:
            yield f'{but} its task state is {instance.task_state}'
        if _neither(emptied.request):
            yield f'{but} both kinds of migration are off'
        ends = (instance.vm_state, not instance.is_here)
        wanted = owners.wish(instance, emptied.request)
        if instance.is_here and wanted in (Wish.BLOCKED, Wish.LEFT):
            yield f'{but} its owner wants it {wanted.value}'
        if release.kind is ReleaseKind.OFFLOAD:
            if ends != ('shelved', False):
                yield f'{but} it is not shelved there'
        elif (
            ends != ('resized', True)
            or instance.migration != 'migration'
            or instance.is_leftover
        ):
            yield f'{but} no administrator has migrated it away'


def _stops_are_wanted(emptied: Emptied) -> Iterator[str]:
    """Only what runs is stopped, for its owner or with both migrations off."""
    for _stop, instance in emptied.pairs(emptied.node.stops):
        but = f'{instance.name}: stopped, but'
        yield from must_be_left(instance, but)
        if instance.vm_state != 'active':
            yield f'{but} its state is {instance.vm_state}'
        wanted = owners.wish(instance, emptied.request)
        if wanted in (Wish.BLOCKED, Wish.LEFT):
            yield f'{but} its owner wants it {wanted.value}'
        if wanted is Wish.STOPPED:
            continue
        if not emptied.request.disable_live_migration:
            yield f'{but} live migration is on'
        if not emptied.request.disable_cold_migration:
            yield f'{but} cold migration is on'


def _stays_are_told_apart(emptied: Emptied) -> Iterator[str]:
    """What a flag leaves is as asked, all else is blocked; both say why.

    What could leave may wait for its time, which is as asked too.
    """
    request = emptied.request
    for stay, instance in emptied.pairs(emptied.node.stays):
        reasons = {finding.reason.value for finding in stay.findings}
        is_alive = instance.power_state in ('paused', 'running')
        if not reasons:
            yield f'{instance.name}: stays without a reason'
        if is_alive and 'error' in reasons:
            # There is a guest that advice could destroy.
            yield f'{instance.name}: told to be broken, but its guest runs'
        if stay.waits:
            yield from _waits_as_asked(stay, instance, request)
            continue
        wanted = owners.wish(instance, request)
        asked = _is_left_by_a_flag(instance, request) or (
            wanted is Wish.LEFT and instance.is_here
        )
        if stay.as_asked and not asked:
            yield f'{instance.name}: left as asked, but nothing asks for it'
        if asked and not stay.as_asked:
            yield f'{instance.name}: blocked, but left by a parameter'
        left_alone = any(must_be_left(instance, ''))
        left_alone = left_alone or wanted is Wish.BLOCKED
        stops = _neither(request) or wanted is Wish.STOPPED
        if not asked and stops and not left_alone:
            yield f'{instance.name}: stays running, but is to be stopped'
        keeps = reasons & {'owner_keeps', 'default_keeps'}
        if keeps and wanted is not Wish.BLOCKED:
            yield f'{instance.name}: said to be kept by its owner, but is not'
        is_own = owners.standing(instance) != ''
        if keeps and is_own is ('default_keeps' in keeps):
            yield f'{instance.name}: its owner is taken for the operator'


def _waits_as_asked(
    stay: Stay, instance: Instance, request: Request
) -> Iterator[str]:
    """What waits for its time would leave otherwise."""
    but = f'{instance.name}: waits, but'
    if not stay.as_asked:
        yield f'{but} it is said to be blocked'
    if _is_left_by_a_flag(instance, request):
        yield f'{but} a parameter leaves it'
    wanted = owners.wish(instance, request)
    if instance.is_here and wanted in (Wish.BLOCKED, Wish.LEFT):
        yield f'{but} its owner wants it {wanted.value}'
    if instance.vm_state not in LEAVING:
        yield f'{but} its state is {instance.vm_state}'
    if instance.excluded:
        yield f'{but} the scope excludes it'
    if instance.task_state:
        yield f'{but} its task state is {instance.task_state}'


LEAVING = frozenset({'active', 'paused', 'stopped', 'shelved', 'resized'})
"""States of the instances that something can become of."""


def _is_left_by_a_flag(instance: Instance, request: Request) -> bool:
    if instance.is_leftover:
        return False
    if _neither(request):
        return instance.vm_state != 'active'
    return request.disable_cold_migration and instance.vm_state == 'stopped'


def _neither(request: Request) -> bool:
    """Return True if servers are neither migrated live nor cold."""
    return request.disable_live_migration and request.disable_cold_migration


JUDGEMENTS: tuple[Judgement, ...] = (
    _all_listed,
    _one_fate_each,
    _counted,
    _named_truly,
    _moves_are_possible,
    _releases_are_possible,
    _stops_are_wanted,
    _stays_are_told_apart,
)
