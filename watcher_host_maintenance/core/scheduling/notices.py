# SPDX-License-Identifier: Apache-2.0

"""What owners are told of a plan, before and after it is carried out."""

import dataclasses
import functools

from collections.abc import Collection
from collections.abc import Container
from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.notice import ENDED
from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.notice import UNFINISHED
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.notice import called_off
from watcher_host_maintenance.core.model.notice import go_tags
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.rules.leaving import HOLDS_NOTHING
from watcher_host_maintenance.core.scheduling import holding


CANNOT_TELL = Of.WARNING.declare(
    'cannot_tell',
    says=N_(
        'the owner of {subject} cannot be told: Nova does not accept metadata '
        'for a server that is {vm_state}'
    ),
    helps=N_('Tell the owner by other means.'),
)


def begin(
    whole: Outcome, snapshot: Snapshot, request: Request, pace: Pace
) -> Outcome:
    """Return what of a plan begins now, and what owners are told of all.

    :param whole: the plan of the whole
    """
    part = holding.hold(
        whole,
        snapshot,
        request,
        pace,
        dict(owners.waits(snapshot, request)),
        owners.said_go(snapshot, request),
    )
    if request.owners is Owners.IGNORE or part.failed:
        return part
    telling = _Telling(whole, part, snapshot, request)
    notices = (n for i in telling.instances() for n in telling.of(i))
    part = dataclasses.replace(part, notices=tuple(notices))
    if telling.is_over:
        return part
    return dataclasses.replace(
        part,
        untold=tuple(
            CANNOT_TELL.about(i.name, vm_state=i.vm_state)
            for i in telling.instances()
            if i.vm_state not in owners.TELLABLE
        ),
    )


def still_announced(
    snapshot: Snapshot, request: Request, notified: Container[str] = ()
) -> int:
    """Return how many servers have a notice of what has not begun.

    :param notified: UUIDs of the instances whose owners are told more now
    """
    return sum(
        i.notice.state is State.ANNOUNCED
        and i.notice.maintenance_id == request.maintenance_id != ''
        and i.uuid not in notified
        for i in snapshot.by_uuid.values()
    )


def without_older_words(
    outcome: Outcome, request: Request, told: Collection[str]
) -> Outcome:
    """Return a plan that deletes each ``go`` from before its maintenance.

    It was said of an earlier one, or when the server was created.

    :param told: UUIDs of the instances whose owners may have said it of this
    """
    tags = go_tags(request.owner_tags)
    return dataclasses.replace(
        outcome,
        notices=tuple(
            dataclasses.replace(notify, used_tags=tags)
            if notify.notice.state is State.ANNOUNCED
            and notify.instance_uuid not in told
            else notify
            for notify in outcome.notices
        ),
    )


def heard(snapshot: Snapshot, told: Collection[str]) -> Snapshot:
    """Return a snapshot without each ``go`` that does not count.

    :param told: see :func:`without_older_words`
    """
    return dataclasses.replace(
        snapshot,
        instances=tuple(
            dataclasses.replace(
                i, owner_words=tuple(w for w in i.owner_words if w != GO)
            )
            if GO in i.owner_words and i.uuid not in told
            else i
            for i in snapshot.instances
        ),
    )


def removals(
    snapshot: Snapshot, request: Request, told: Collection[str]
) -> Iterator[Notify]:
    """Yield what removes a ``go`` that is still there after the announcement.

    Nova did not remove it before. The notice stays as it is.

    :param told: see :func:`without_older_words`
    """
    for instance in snapshot.by_uuid.values():
        notice = instance.notice
        if (
            GO in instance.owner_words
            and instance.uuid not in told
            and notice.maintenance_id == request.maintenance_id
            and notice.state is State.ANNOUNCED
        ):
            yield Notify(
                instance_uuid=instance.uuid,
                instance_name=instance.name,
                host=instance.host,
                notice=notice,
                used_tags=go_tags(request.owner_tags),
            )


@dataclasses.dataclass(frozen=True)
class _Telling:
    """What there is to tell.

    :ivar whole: the plan of the whole, which says what is to become of all
    :ivar part: what of it begins now
    """

    whole: Outcome
    part: Outcome
    snapshot: Snapshot
    request: Request

    @functools.cached_property
    def effects(self) -> Mapping[str, Effect]:
        """Instance UUID -> what the whole plan does to it."""
        effects = {
            m.instance_uuid: Effect(m.kind.value) for m in self.whole.moves
        }
        stops = {s.instance_uuid: Effect.STOP for s in self.whole.stops}
        return effects | stops

    @functools.cached_property
    def beginning(self) -> frozenset[str]:
        """UUIDs of the instances that leave, or are stopped, now."""
        actions = (*self.part.moves, *self.part.stops)
        return frozenset(action.instance_uuid for action in actions)

    @functools.cached_property
    def makers(self) -> frozenset[str]:
        """UUIDs of the instances of other nodes that make room now."""
        return frozenset(m.instance_uuid for m in self.part.secondary_moves)

    @property
    def waits_for_later(self) -> bool:
        """Return True if what does not begin now waits for the next window."""
        window, now_s = self.request.window, self.request.now_s or 0
        has_begun = window is None or window.starts_s <= now_s
        return has_begun and self.request.later is not None

    @property
    def is_over(self) -> bool:
        """Return True if nothing begins any more, as its window has ended."""
        window = self.request.window
        return window is not None and window.is_over(self.request.now_s or 0)

    def instances(self) -> Iterator[Instance]:
        """Yield the instances on the nodes to empty, by name.

        Also those on other nodes that make room now.
        """
        planned = {
            node.hostname
            for node in self.part.nodes
            if node.verdict is Verdict.PLANNED
        }
        for instance in self.snapshot.by_uuid.values():
            if instance.vm_state not in HOLDS_NOTHING and (
                instance.host in planned or instance.uuid in self.makers
            ):
                yield instance

    def of(self, instance: Instance) -> Iterator[Notify]:
        """Yield what the owner of an instance is told, first things first."""
        if instance.vm_state not in owners.TELLABLE:
            return
        if self.is_over:
            yield from self.of_nothing(instance)
            return
        effect = self.effects.get(instance.uuid, Effect.NONE)
        said = instance.notice
        makes_room = instance.uuid in self.makers
        for state in self.states(instance, effect):
            notice = self.notice(instance, state, effect)
            if makes_room:
                # Its own host is not maintained.
                notice = dataclasses.replace(notice, host=None)
            if notice != said:
                said = notice
                yield self.notify(instance, notice)
        if makes_room:
            # No return of its host is going to delete it.
            yield self.notify(instance, Notice())

    def of_nothing(self, instance: Instance) -> Iterator[Notify]:
        """Yield that what an owner awaits does not come in this window."""
        said = instance.notice
        is_ours = said.maintenance_id == self.request.maintenance_id
        if is_ours and said.state in UNFINISHED:
            yield self.notify(instance, called_off(said))

    def states(self, instance: Instance, effect: Effect) -> tuple[State, ...]:
        """Return the states that an owner is told of, one after the other."""
        if instance.uuid in self.beginning:
            is_left = effect is Effect.STOP
            return State.MOVING, State.LEFT if is_left else State.DONE
        if effect is Effect.NONE and owners.is_due(instance, self.request):
            return (State.LEFT,)
        return (State.ANNOUNCED,)

    def notice(
        self, instance: Instance, state: State, effect: Effect
    ) -> Notice:
        """Return what an owner is told of the maintenance in this state."""
        window, waits = self.request.window, self.request.owners is Owners.WAIT
        answer_by_s = self.request.answer_by_s
        if state is State.ANNOUNCED and self.waits_for_later:
            window = self.request.later
            if window is not None and answer_by_s is not None:
                answer_by_s = max(answer_by_s, window.starts_s)
        is_removed = self.request.removed
        return Notice(
            maintenance_id=self.request.maintenance_id,
            state=state,
            # One that begins at 0 has no begin.
            starts_s=(window.starts_s or None) if window is not None else None,
            ends_s=window.ends_s if window is not None else None,
            answer_by_s=answer_by_s if waits else None,
            effect=effect,
            host=HostFate.REMOVED if is_removed else HostFate.RETURNS,
            word=owners.said(instance, self.request).word,
        )

    def notify(self, instance: Instance, notice: Notice) -> Notify:
        """Return the step that tells an owner; the end uses up go."""
        is_over = notice.state in {*ENDED, State.CANCELLED}
        tags = go_tags(self.request.owner_tags) if is_over else ()
        return Notify(
            instance_uuid=instance.uuid,
            instance_name=instance.name,
            host=instance.host,
            notice=notice,
            clears=self.request.maintenance_id if notice == Notice() else '',
            used_tags=tags,
        )
