# SPDX-License-Identifier: Apache-2.0

"""What the action plans of a maintenance have done, from their records."""

import dataclasses
import functools

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.snapshot import Closing
from watcher_host_maintenance.request import action_types as types
from watcher_host_maintenance.request import options


STRATEGIES = (
    options.STRATEGY,
    options.RETURN_STRATEGY,
    options.ROLL_STRATEGY,
)
"""Whose plans are read."""

MOVES = (types.LIVE_MIGRATE_PAUSED, *types.MIGRATIONS)


class Action(NamedTuple):
    """An action of a plan.

    :ivar kind: its type
    :ivar parameters: its input parameters, with its resource ID
    """

    kind: str
    parameters: Mapping[str, Any]
    has_succeeded: bool


class Plan(NamedTuple):
    """An action plan, whatever became of it.

    :ivar created_at_s: in seconds since 1970-01-01 00:00 UTC
    :ivar audit: UUID of its audit; '' if that is deleted
    """

    created_at_s: int
    actions: tuple[Action, ...]
    audit: str = ''


TellsSince = Callable[[str], int | None]
"""Returns when an audit that tells owners was created, by its UUID.

In seconds since 1970-01-01 00:00 UTC; None if it tells none, or is gone.
"""


def closings(
    plans: Iterable[Plan], hosts: Collection[str], tells_since: TellsSince
) -> tuple[Closing, ...]:
    """Return what is recorded of the newest maintenance of some nodes.

    :param plans: newest first; no more are read than needed
    :param tells_since: such an audit may have told owners of servers, and
        moved some, before it closed their node
    :returns: by hostname; a node of which nothing is recorded is missing
    """
    asked = functools.cache(tells_since)
    records = [_Record(host) for host in sorted(set(hosts))]
    for plan in plans:
        for record in records:
            record.add(plan, asked)
        if all(record.is_read for record in records):
            break
    return tuple(
        dataclasses.replace(
            record.closing,
            woken=record.woken,
            is_whole=record.is_whole,
        )
        for record in records
        if record.closing is not None
    )


@dataclasses.dataclass
class _Record:
    """What is known of one node so far.

    :ivar is_whole: it is known how the maintenance began
    :ivar is_read: all older plans are of another maintenance
    :ivar begun_by: audit whose older plans are of it too
    :ivar begun_s: when that audit was created
    :ivar returned_as: the disabled reason that its newest return has left it
        with, '' is enabled; None is no return
    :ivar was_woken_as: disabled reason that it had as a spare, if what it was
        enabled for has returned during its maintenance
    """

    host: str
    closing: Closing | None = None
    is_whole: bool = False
    is_read: bool = False
    begun_by: str = ''
    begun_s: int = 0
    returned_as: str | None = None
    was_woken_as: str = ''

    @property
    def woken(self) -> dict[str, str]:
        """See :class:`.snapshot.Closing`."""
        woken = dict(self.closing.woken) if self.closing is not None else {}
        if self.was_woken_as:
            woken[self.host] = self.was_woken_as
        return woken

    def add(self, plan: Plan, tells_since: TellsSince) -> None:
        """Count in a plan that is older than those before."""
        if self.is_read:
            return
        makers = set(_makers(plan.actions))
        done = [
            a
            for a in plan.actions
            if a.has_succeeded
            and a.parameters.get('resource_id') not in makers
        ]
        if self.is_whole:
            self._add_before_closing(plan, done)
        else:
            self._add_since_closing(plan, done, tells_since)

    def _add_since_closing(
        self, plan: Plan, done: Sequence[Action], tells_since: TellsSince
    ) -> None:
        if self.returned_as is None and not self.was_woken_as:
            self.was_woken_as = self._was_woken_as(done)
        own = [a for a in done if self._is_own(a)]
        if not own:
            return
        if self.closing is not None and any(map(_ends, own)):
            self.is_whole = self.is_read = True
            return
        for action in own:
            if action.kind == types.RETURN_HOST and self.returned_as is None:
                self.returned_as = action.parameters.get('disabled_reason')
        if any(a.kind == types.RETURN_HOST for a in plan.actions):
            # Who leaves a node there comes home to another.
            return
        self._count_in(plan, done, own)
        if any(map(_closes, own)):
            begun_s = tells_since(plan.audit) if plan.audit else None
            self.begun_by, self.begun_s = plan.audit, begun_s or 0
            self.is_whole, self.is_read = True, begun_s is None

    def _add_before_closing(self, plan: Plan, done: Sequence[Action]) -> None:
        """Count in those who were told, and left, while it was in service."""
        own = [a for a in done if self._is_own(a)]
        if plan.created_at_s < self.begun_s:
            self.is_read = True
        elif plan.audit == self.begun_by:
            self.is_read = any(_ends(a) or _closes(a) for a in own)
            tells = any(self._announced_by(plan))
            if not self.is_read and (own or tells):
                self._count_in(plan, done, own)

    def _count_in(
        self, plan: Plan, done: Iterable[Action], own: Collection[Action]
    ) -> None:
        """Add to the closing what a plan has done to the node.

        :param done: its actions that have succeeded
        :param own: those of them that are about the node
        """
        newer = self.closing or Closing(self.host, plan.created_at_s)
        former = [
            str(a.parameters.get('expected_reason') or '')
            for a in own
            if a.kind == types.CHANGE_DISABLED_REASON
        ]
        self.closing = dataclasses.replace(
            newer,
            since_s=plan.created_at_s,
            spare_reason=self._spare_reason(former, newer),
            moved={**_moved(own), **newer.moved},
            stopped=tuple(sorted({*newer.stopped, *_stopped(done)})),
            woken={**_woken(plan, self.host), **newer.woken},
            announced_by=tuple(
                sorted({*newer.announced_by, *self._announced_by(plan)})
            ),
        )

    def _was_woken_as(self, actions: Iterable[Action]) -> str:
        """Return the reason that the return of another node has recorded."""
        reasons = (
            str(spare['disabled_reason'])
            for action in actions
            if action.kind == types.RETURN_HOST
            for spare in action.parameters.get('woken', ())
            if spare['resource_name'] == self.host
        )
        return next(reasons, '')

    def _spare_reason(self, former: Sequence[str], newer: Closing) -> str:
        """Return what the node was before; a return since then decides it."""
        if self.returned_as is not None:
            return self.returned_as
        return next(iter(former), newer.spare_reason)

    def _announced_by(self, plan: Plan) -> Iterator[str]:
        """Yield the audit whose notices a plan was to write, if it was."""
        for action in plan.actions:
            parameters = action.parameters
            if (
                action.kind == types.NOTIFY_OWNER
                and parameters.get('source_node') == self.host
            ):
                notice = Notice.from_metadata(parameters.get('notice') or {})
                if notice.maintenance_id:
                    yield notice.maintenance_id

    def _is_own(self, action: Action) -> bool:
        """Return True if an action is about the node, or moves off it."""
        if action.kind == types.NOTIFY_OWNER:
            return False
        if 'source_node' in action.parameters:
            return bool(action.parameters['source_node'] == self.host)
        return action.parameters.get('resource_name') == self.host


def _makers(actions: Iterable[Action]) -> Iterator[str]:
    """Yield the UUIDs of servers that move only to make room for others."""
    for action in actions:
        for maker in action.parameters.get('room_of', ()):
            yield str(maker['resource_id'])


def _ends(action: Action) -> bool:
    """Return True if what comes after an action is another maintenance.

    A node that was empty and from which more has left was filled between.
    """
    return action.kind == types.RETURN_HOST or (
        action.kind == types.VERIFY_HOST_EMPTY
        and not action.parameters.get('remaining')
    )


def _closes(action: Action) -> bool:
    return closes(action.kind, action.parameters)


def closes(kind: str, parameters: Mapping[str, Any]) -> bool:
    """Return True if a maintenance begins with an action.

    :param kind: its type
    :param parameters: its input parameters
    """
    return kind == types.CHANGE_DISABLED_REASON or (
        kind in types.SERVICE_STATES and parameters.get('state') == 'disabled'
    )


def _moved(actions: Iterable[Action]) -> dict[str, str]:
    """Return server UUID -> hostname that it was moved to."""
    return {
        str(a.parameters['resource_id']): str(a.parameters['destination_node'])
        for a in actions
        if a.kind in MOVES
    }


def _stopped(actions: Iterable[Action]) -> list[str]:
    """Return the UUIDs of the servers that were stopped, on any node."""
    return [
        str(a.parameters['resource_id'])
        for a in actions
        if a.kind in types.STOPS
    ]


def _woken(plan: Plan, host: str) -> dict[str, str]:
    """Return hostname of an enabled spare -> its disabled reason before.

    The verification records it, also if it fails or is never reached.
    """
    enabled = {
        a.parameters.get('resource_name')
        for a in plan.actions
        if a.has_succeeded
        and a.kind in types.SERVICE_STATES
        and a.parameters.get('state') == 'enabled'
    }
    return {
        spare['resource_name']: spare['disabled_reason']
        for a in plan.actions
        if a.kind == types.VERIFY_HOST_EMPTY
        and a.parameters.get('resource_name') == host
        for name in ('woken', 'disable_on_failure')
        for spare in a.parameters.get(name) or ()
        if spare['resource_name'] in enabled
    }
