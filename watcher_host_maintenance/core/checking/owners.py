# SPDX-License-Identifier: Apache-2.0

"""Check of a plan: what owners want, by another table than the planner's."""

import dataclasses
import enum

from collections.abc import Iterator

from watcher_host_maintenance.core.checking.case import Case
from watcher_host_maintenance.core.model.notice import DEFAULT_SPEC
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance


class Wish(enum.Enum):
    """What becomes of an instance, if nothing else is in the way."""

    PLANNED = 'planned'
    BLOCKED = 'blocked'
    LEFT = 'left'
    STOPPED = 'stopped'
    COLD = 'cold'
    STOPPED_AND_COLD = 'stopped and cold'


BY_WORD = {
    # word: of a running server, one not running, and both if it is removed
    '':               (Wish.PLANNED, Wish.PLANNED, Wish.PLANNED),
    'move':           (Wish.PLANNED, Wish.PLANNED, Wish.PLANNED),
    'keep':           (Wish.BLOCKED, Wish.BLOCKED, Wish.PLANNED),
    'stay':           (Wish.LEFT,    Wish.LEFT,    Wish.PLANNED),
    'stop':           (Wish.STOPPED, Wish.LEFT,    Wish.STOPPED_AND_COLD),
    'stop-and-start': (Wish.STOPPED, Wish.LEFT,    Wish.COLD),
    'cold':           (Wish.COLD,    Wish.PLANNED, Wish.COLD),
}  # fmt: skip

MOVED_COLD = (Wish.COLD, Wish.STOPPED_AND_COLD)


def word(instance: Instance, request: Request) -> str:
    """Return the standing word that counts; '' is none."""
    if request.owners is Owners.IGNORE:
        return ''
    return said(instance, request)


def said(instance: Instance, request: Request) -> str:
    """Return the standing word that there is; '' is none."""
    defaults = (
        instance.extra_specs.get(DEFAULT_SPEC),
        request.owner_defaults.get(instance.project_id),
    )
    careful = [standing(instance), *defaults]
    return next((w for w in careful if w in STANDING_WORDS), '')


def standing(instance: Instance) -> str:
    """Return the most careful word of the owner alone; '' is none."""
    return next((w for w in STANDING_WORDS if w in instance.owner_words), '')


def wish(instance: Instance, request: Request) -> Wish:
    """Return what an owner wants of an instance that is on its node."""
    runs, does_not, removed = BY_WORD[word(instance, request)]
    if request.removed:
        wanted = removed
    elif instance.vm_state in ('stopped', 'suspended'):
        wanted = does_not
    else:
        wanted = runs
    if wanted in (*MOVED_COLD, Wish.STOPPED) and instance.vm_state != 'active':
        wanted = Wish.PLANNED
    if wanted in MOVED_COLD and request.disable_cold_migration:
        neither = request.disable_live_migration
        wanted = Wish.PLANNED if neither else Wish.BLOCKED
    if wanted is Wish.BLOCKED and request.on_keep is OnKeep.MOVE:
        wanted = Wish.PLANNED
    return wanted


def goes(instance: Instance, request: Request) -> bool:
    """Return True if an owner wants this maintenance to begin at any time."""
    return (
        request.owners is Owners.WAIT
        and request.maintenance_id != ''
        and instance.notice.maintenance_id == request.maintenance_id
        and 'go' in instance.owner_words
    )


def is_awaited(request: Request) -> bool:
    """Return True if owners who have not said go still have time."""
    if request.owners is not Owners.WAIT or request.now_s is None:
        return False
    times = [request.answer_by_s]
    if request.window is not None:
        times.append(request.window.starts_s)
    return any(s is not None and request.now_s < s for s in times)


def violations(case: Case) -> Iterator[str]:
    """Yield what owners are told wrongly, or not told."""
    if case.request.owners is Owners.IGNORE or case.outcome.failed:
        for notify in case.outcome.notices:
            yield f'{notify.instance_name}: its owner is told something'
        return
    told: dict[str, list[Notice]] = {}
    for notify in case.outcome.notices:
        told.setdefault(notify.instance_uuid, []).append(notify.notice)
    instances = {
        instance.uuid: instance
        for instance in case.snapshot.instances
        if instance.is_here
        and instance.host in case.planned
        and instance.vm_state not in GONE
    }
    makers = {move.instance_uuid for move in case.outcome.secondary_moves}
    for uuid in sorted(told.keys() - instances.keys() - makers):
        yield f'{uuid}: its owner is told, but it is on no node to empty'
    effects: dict[str, Effect] = {
        **{m.instance_uuid: Effect(m.kind.value) for m in case.outcome.moves},
        **{s.instance_uuid: Effect.STOP for s in case.outcome.stops},
    }
    for uuid, instance in sorted(instances.items()):
        yield from _told(case, instance, told.get(uuid, []), effects.get(uuid))
    for uuid in sorted(makers - instances.keys()):
        instance = case.snapshot.by_uuid[uuid]
        yield from _told_of_room(case, instance, told.get(uuid, []))


def _told(
    case: Case,
    instance: Instance,
    notices: list[Notice],
    effect: Effect | None,
) -> Iterator[str]:
    """Yield what is wrong with what the owner of an instance is told.

    :param effect: what begins now; None is nothing
    """
    said = f'{instance.name}: its owner'
    is_over = window_has_ended(case.request)
    if instance.vm_state not in TELLABLE:
        if notices:
            yield (
                f'{said} is told, but Nova accepts no metadata for a server '
                f'that is {instance.vm_state}'
            )
        untold = {f.subject for f in case.outcome.untold}
        if instance.name not in untold and not is_over:
            yield f'{said} cannot be told, and that is not said'
        return
    last = instance.notice
    if is_over:
        yield from _told_of_the_end(case, instance, notices)
        return
    for notice in notices:
        if notice == last:
            yield f'{said} is told the same again'
        last = notice
    for notice in (*notices, last):
        if _but_for_state(notice) != _expected(
            instance, case.request, notice.state
        ):
            yield f'{said} is told {notice}'
    yield from _in_step(instance, [n.state for n in notices], last, effect)


def window_has_ended(request: Request) -> bool:
    """Return True if nothing begins any more."""
    ends_s = request.window.ends_s if request.window else None
    return ends_s is not None and (request.now_s or 0) >= ends_s


def _told_of_the_end(
    case: Case, instance: Instance, notices: list[Notice]
) -> Iterator[str]:
    """Yield what is wrong with what is told once the window has ended.

    Only owners who await something are told, that it does not come.
    """
    said = instance.notice
    is_awaited = said.state in (State.ANNOUNCED, State.MOVING) and (
        said.maintenance_id == case.request.maintenance_id
    )
    expected = [State.CANCELLED] if is_awaited else []
    if [notice.state for notice in notices] != expected:
        yield f'{instance.name}: its owner is told {notices} after the window'
    for notice in notices:
        if _but_for_state(notice) != _but_for_state(said):
            yield f'{instance.name}: its owner is told {notice}'


def _told_of_room(
    case: Case, instance: Instance, notices: list[Notice]
) -> Iterator[str]:
    """Yield what is wrong with what is told of an instance that makes room.

    Its own host is not maintained: no notice is left in the end.
    """
    before = instance.notice.maintenance_id
    if before not in ('', case.request.maintenance_id):
        yield f'{instance.name}: makes room in another maintenance'
    moving = dataclasses.replace(
        _expected(instance, case.request, State.MOVING),
        state=State.MOVING,
        effect=Effect.LIVE,
        host=None,
    )
    expected = [
        *([] if instance.notice == moving else [moving]),
        dataclasses.replace(moving, state=State.DONE),
        Notice(),
    ]
    if notices != expected:
        yield f'{instance.name}: its owner is told {notices} as it makes room'


def _in_step(
    instance: Instance,
    states: list[State | None],
    last: Notice,
    effect: Effect | None,
) -> Iterator[str]:
    """Yield how what an owner is told differs from what is done.

    :param last: what the owner has been told in the end
    """
    said = f'{instance.name}: its owner is told'
    if effect is None:
        if last.state not in (State.ANNOUNCED, State.LEFT):
            yield f'{said} {last.state}, but nothing begins now'
        return
    end = State.LEFT if effect is Effect.STOP else State.DONE
    if states not in ([State.MOVING, end], [end]):
        yield f'{said} {states} of what begins now'
    if last.effect is not effect:
        yield f'{said} {last.effect}, not {effect}'


def _but_for_state(notice: Notice) -> Notice:
    return dataclasses.replace(notice, state=None, effect=None)


def _expected(
    instance: Instance, request: Request, state: State | None
) -> Notice:
    """Return a notice in a state, but for that and its effect."""
    waits = request.owners is Owners.WAIT
    window, answer_by_s = request.window, request.answer_by_s
    has_begun = window is None or window.starts_s <= (request.now_s or 0)
    if state is State.ANNOUNCED and request.later is not None and has_begun:
        window = request.later
        answer_by_s = answer_by_s and max(answer_by_s, window.starts_s)
    return Notice(
        maintenance_id=request.maintenance_id,
        starts_s=getattr(window, 'starts_s', None) or None,
        ends_s=getattr(window, 'ends_s', None),
        answer_by_s=answer_by_s if waits else None,
        host=HostFate.REMOVED if request.removed else HostFate.RETURNS,
        word=said(instance, request),
    )


TELLABLE = ('active', 'paused', 'suspended', 'stopped')
"""States of an instance for which Nova accepts metadata."""

GONE = ('deleted', 'shelved_offloaded')
