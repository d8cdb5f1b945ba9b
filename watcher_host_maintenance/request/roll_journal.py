# SPDX-License-Identifier: Apache-2.0

"""What the finished actions of a rolling maintenance have done.

The plans of its audit are the journal; nothing else is written.
"""

import collections
import dataclasses
import functools
import math

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from watcher_host_maintenance._i18n import _
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.rolling import Answer
from watcher_host_maintenance.core.model.rolling import Failure
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.rolling import Told
from watcher_host_maintenance.request import action_types as types
from watcher_host_maintenance.request import states
from watcher_host_maintenance.request.closings import MOVES
from watcher_host_maintenance.request.closings import closes


LEAST_MOVES = 'least_moves_count'
"""The indicator of the first plan that has the lower bound of moves."""

CANCELLED = (states.CANCELLING, states.CANCELLED)
"""States of plans whose failures say nothing."""

PARTS = {
    types.VERIFY_HOST_EMPTY: (Part.DRAIN, 'emptied'),
    types.RETURN_HOST: (Part.RETURN, 'returned'),
}
"""Type of the action that proves a part of the work -> the part, its set."""

ANSWERS = {
    (Part.PREFLIGHT, Answer.DONE): 'checked',
    (Part.PREFLIGHT, Answer.NOTHING): 'unneeded',
    (Part.PREFLIGHT, Answer.LATER): 'postponed',
    (Part.HOOK, Answer.DONE): 'worked',
    (Part.HOOK, Answer.NOTHING): 'worked',
    (Part.HOOK, Answer.LATER): 'later',
    (Part.HOOK, Answer.NOT_RUN): 'later',
}
"""What a hook has answered -> the set of the node."""


class Time(NamedTuple):
    """From when to when, in seconds since 1970-01-01 00:00 UTC."""

    begins_s: int
    ends_s: int

    @property
    def length_s(self) -> int:
        """How long it is."""
        return self.ends_s - self.begins_s


SLOW_S = 600
"""How much later than its interval says a run may come without a pause."""

ASKED = (states.SUCCEEDED, states.FAILED, states.ONGOING)
"""States of the action that calls a hook once it has."""

PREFIX = 'Action failed in '
"""What Watcher writes before the message of an action, with a colon."""


class Action(NamedTuple):
    """An action of a rolling maintenance, whatever became of it.

    :ivar kind: its type
    :ivar parameters: its input parameters
    :ivar state: Watcher's
    :ivar message: why it has failed, as Watcher has it; '' is unknown
    :ivar ended_at_s: in seconds since 1970-01-01 00:00 UTC, once it has ended
    """

    kind: str
    parameters: Mapping[str, Any]
    state: str
    message: str = ''
    ended_at_s: int = 0


class Plan(NamedTuple):
    """An action plan of a rolling maintenance.

    :ivar state: Watcher's
    :ivar created_at_s: in seconds since 1970-01-01 00:00 UTC
    :ivar least_moves: the lower bound that was recorded with it; None or 0 is
        none
    :ivar interval_s: seconds from one run of its audit to the next; 0 is
        unknown
    """

    state: str
    created_at_s: int
    actions: tuple[Action, ...]
    least_moves: int | None = None
    interval_s: int = 0

    @property
    def ended_at_s(self) -> int:
        """When the last of its actions has ended, as far as any has."""
        ends = (action.ended_at_s for action in self.actions)
        return max(self.created_at_s, *ends, 0)


Ended = Callable[[], Mapping[str, int]]
"""Returns hostname -> when an operator last asked for the node's return.

In seconds since 1970-01-01 00:00 UTC.
"""


def none_ended() -> Mapping[str, int]:
    """Return that no operator has asked for the return of any node."""
    return {}


def ended(returns: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    """Return hostname -> when the newest audit that returns it was created.

    :param returns: when each audit was, in seconds since 1970-01-01 00:00
        UTC, and the hostnames that it names
    """
    times: dict[str, int] = {}
    for created_s, hostnames in returns:
        for hostname in hostnames:
            times[hostname] = max(created_s, times.get(hostname, 0))
    return times


def journal(
    plans: Iterable[Plan],
    hook_timeout_s: float = math.inf,
    ended: Ended = none_ended,
    now_s: int = 0,
) -> Journal:
    """Return what the plans of a rolling maintenance have done so far.

    :param plans: oldest first
    :param hook_timeout_s: how long a hook may be asked again and again
    :param ended: called if a preflight has failed: one that failed before
        an operator asked for the return of its node does not count
    :param now_s: in seconds since 1970-01-01 00:00 UTC; 0 is just after the
        last plan
    """
    record = _Record(functools.cache(ended))
    seen = None
    for plan in plans:
        record.skip_pause(seen, plan.created_at_s)
        record.least_moves = record.least_moves or plan.least_moves or None
        record.add(plan.actions, plan.created_at_s)
        if plan.state not in CANCELLED:
            record.add_failures(plan.actions)
        seen = plan
    if now_s:
        record.skip_pause(seen, now_s)
    record.end(hook_timeout_s)
    return record.journal


@dataclasses.dataclass
class _Record:
    """What is known after some plans, oldest first.

    :ivar ended: see :func:`journal`
    """

    ended: Ended
    hosts: dict[str, set[str]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(set)
    )
    failures: dict[str, Failure] = dataclasses.field(default_factory=dict)
    canaries: dict[str, Failure] = dataclasses.field(default_factory=dict)
    asked_s: dict[str, int] = dataclasses.field(default_factory=dict)
    answered_s: dict[str, int] = dataclasses.field(default_factory=dict)
    not_asked_s: dict[str, Time] = dataclasses.field(default_factory=dict)
    never_run: set[str] = dataclasses.field(default_factory=set)
    said: dict[str, str] = dataclasses.field(default_factory=dict)
    told: dict[str, Told] = dataclasses.field(default_factory=dict)
    notices: dict[str, Notice] = dataclasses.field(default_factory=dict)
    stayed: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    moves: int = 0
    moves_back: int = 0
    least_moves: int | None = None

    @property
    def journal(self) -> Journal:
        """All of it, as core wants it."""
        sets = {
            field.name: frozenset(self.hosts[field.name])
            for field in dataclasses.fields(Journal)
            if field.default == frozenset()
        }
        sets['stayed'] = frozenset[str]().union(*self.stayed.values())
        return Journal(
            **sets,
            failures=self.failures,
            canaries=self.canaries,
            asked_s=self.asked_s,
            said=self.said,
            told=self.told,
            moves=self.moves,
            moves_back=self.moves_back,
            least_moves=self.least_moves,
        )

    def skip_pause(self, before: Plan | None, until_s: int) -> None:
        """Leave a time in which the audit was not run out of that of hooks.

        Each run writes a plan, also an empty one.

        :param before: the plan before that time
        """
        if before is None or not before.interval_s:
            return
        pause_s = until_s - before.ended_at_s - before.interval_s
        if pause_s < before.interval_s + SLOW_S:
            return
        for times in (self.asked_s, self.answered_s):
            for host in times:
                times[host] += pause_s
        for host, time in self.not_asked_s.items():
            self.not_asked_s[host] = Time(*(t + pause_s for t in time))

    def end(self, hook_timeout_s: float) -> None:
        """Count in hooks that still work when their time is over.

        What has not been asked since, as in a pause, may be done.
        """
        for host in self.hosts['later'] - self.hosts['worked']:
            took = Time(self.asked_s[host], self.answered_s[host])
            if took.length_s >= hook_timeout_s:
                self.failures[host] = self._late(
                    host, Failure(Part.HOOK), hook_timeout_s
                )
        for host, took in self.not_asked_s.items():
            if took.length_s >= hook_timeout_s:
                self.failures[host] = self._late(
                    host, Failure(Part.PREFLIGHT, 2), hook_timeout_s
                )

    def _late(self, host: str, failure: Failure, limit_s: float) -> Failure:
        """Return the failure of what is not done in its time."""
        why = _('It was not done in %g seconds.') % limit_s
        if said := self.said.get(host):
            why = _('%(why)s Last: %(said)s') % {'why': why, 'said': said}
        return dataclasses.replace(failure, why=why)

    def add(self, actions: Sequence[Action], created_s: int) -> None:
        """Count in the actions of a plan."""
        done = [a for a in actions if a.state == states.SUCCEEDED]
        moves = sum(action.kind in MOVES for action in done)
        closed = {_host(a) for a in done if closes(a.kind, a.parameters)}
        begun = closed | _begun_closed(actions)
        is_wave = bool(closed or begun - self.hosts['closed'])
        self.hosts['closed'] |= begun
        self._add_told([a for a in done if a.kind == types.NOTIFY_OWNER])
        if any(a.kind == types.RETURN_HOST for a in actions):
            self.moves_back += moves
        else:
            self.moves += moves
            if is_wave:
                self.hosts['latest'].clear()
                self.stayed.clear()
            for action in actions:
                if action.kind == types.VERIFY_HOST_EMPTY:
                    host = _host(action)
                    self.hosts['latest'].add(host)
                    stayed = action.parameters.get('remaining', ())
                    self.stayed[host] = set(map(str, stayed))
        for action in actions:
            if action.kind in PARTS:
                self._add(*PARTS[action.kind], action)
            elif action.kind == types.RUN_HOOK:
                self._add_call(action, created_s)

    def _add_call(self, action: Action, created_s: int) -> None:
        """Count in that a hook was called, or could not be."""
        given, host = action.parameters, _host(action)
        part = Part(given['part'])
        answer = Answer(given.get('answer', Answer.DONE.value))
        if action.state in ASKED:
            if part is Part.HOOK:
                self._add_asked(action, answer, created_s)
            self._add_said(host, answer, str(given.get('message', '')))
        if (part, answer) in ANSWERS:
            self._add(part, ANSWERS[part, answer], action)
        if part is Part.PREFLIGHT and action.state == states.SUCCEEDED:
            before = self.not_asked_s.pop(host, None)
            ended_s = action.ended_at_s or created_s
            if answer is Answer.NOT_RUN and not self._is_ended(host, ended_s):
                self.not_asked_s[host] = Time(
                    created_s if before is None else before.begins_s, ended_s
                )

    def _is_ended(self, host: str, at_s: int) -> bool:
        """Return True if an operator has since asked for a node's return."""
        return self.ended().get(host, -1) >= at_s

    def _add_said(self, host: str, answer: Answer, message: str) -> None:
        """Keep what a hook said last of a node."""
        self.said.pop(host, None)
        if answer is Answer.NOT_RUN:
            self.said[host] = _('It was not run: %s') % message
        elif message:
            self.said[host] = message

    def _add_asked(
        self, action: Action, answer: Answer, created_s: int
    ) -> None:
        """Count in that a hook has worked on a node, or was to.

        The time of one that could not be called so far begins again.
        """
        host = _host(action)
        if answer is not Answer.NOT_RUN:
            if host in self.never_run:
                del self.asked_s[host]
            self.never_run.discard(host)
        elif host not in self.asked_s:
            self.never_run.add(host)
        self.asked_s.setdefault(host, created_s)
        self.answered_s[host] = action.ended_at_s or created_s

    def _add_told(self, notified: Iterable[Action]) -> None:
        """Count in what owners were told by one plan."""
        told: dict[str, Told] = {}
        for action in notified:
            given = action.parameters
            notice = Notice.from_metadata(given['notice'])
            self.notices[str(given['resource_id'])] = notice
            if notice.state is State.CANCELLED:
                # Owners are told again before anything begins after all.
                self.told.pop(str(given.get('source_node')), None)
            if notice.state is State.ANNOUNCED:
                host = str(given['source_node'])
                before = told.get(host, Told('', 0, 0))
                starts_s = notice.starts_s or 0
                told[host] = Told(
                    notice.maintenance_id,
                    max(action.ended_at_s, before.at_s),
                    max(starts_s, before.starts_s),
                    waits=starts_s > 0 and notice.answer_by_s == starts_s,
                )
        for host, new in told.items():
            first = self.told.get(host)
            if first is None or first.maintenance_id != new.maintenance_id:
                self.told[host] = new

    def _waits(self, verification: Action) -> bool:
        """Return True if servers that are to leave are left on a node."""
        notices = (
            self.notices.get(str(uuid), Notice())
            for uuid in verification.parameters.get('remaining', ())
        )
        return any(
            n.state is State.ANNOUNCED and n.effect is not Effect.NONE
            for n in notices
        )

    def add_failures(self, actions: Sequence[Action]) -> None:
        """Count in what has failed in a plan that no one has cancelled."""
        if all(action.kind in MOVES for action in actions):
            self._add_canaries(actions)
        for action in actions:
            part = _part(action)
            if part and action.state == states.FAILED:
                host = _host(action)
                if part is Part.PREFLIGHT and self._is_ended(
                    host, action.ended_at_s
                ):
                    continue
                self.failures[host] = _failure(
                    part, action, self.failures.get(host)
                )

    def _add_canaries(self, moves: Iterable[Action]) -> None:
        """Count in a plan of nothing but moves to nodes that came back."""
        for move in moves:
            if move.state in (states.SUCCEEDED, states.FAILED):
                host = str(move.parameters['destination_node'])
                self.canaries[host] = _failure(
                    Part.CANARY, move, self.canaries.get(host)
                )

    def _add(self, part: Part, key: str, action: Action) -> None:
        """Count in an action that proves a part of the work.

        :param key: of the set that the node is in when it has succeeded
        """
        host = _host(action)
        if action.state == states.SUCCEEDED:
            self.failures.pop(host, None)
            if part is Part.RETURN:
                self.canaries.pop(host, None)
            if part is Part.PREFLIGHT:
                self.hosts['postponed'].discard(host)
            if part is Part.DRAIN:
                # What a hook did before, it did to another maintenance.
                self.hosts['later'].discard(host)
                self.asked_s.pop(host, None)
                self.never_run.discard(host)
                self.said.pop(host, None)
            if part is not Part.DRAIN or not self._waits(action):
                self.hosts[key].add(host)


def _begun_closed(actions: Iterable[Action]) -> set[str]:
    """Return the hosts that were closed already when their turn began."""
    closing = {_host(a) for a in actions if closes(a.kind, a.parameters)}
    return {
        _host(action)
        for action in actions
        if action.kind == types.VERIFY_HOST_EMPTY
        and action.state in (states.SUCCEEDED, states.FAILED)
    } - closing


def _part(action: Action) -> Part | None:
    """Return the part of the work that an action proves, if any."""
    if action.kind == types.RUN_HOOK:
        return Part(action.parameters['part'])
    return PARTS.get(action.kind, (None, ''))[0]


def _failure(part: Part, action: Action, before: Failure | None) -> Failure:
    """Return the failure of a part, which may have failed before."""
    is_again = before is not None and before.part is part
    times = before.times + 1 if before is not None and is_again else 1
    text = action.message
    if text.startswith(PREFIX):
        text = text.partition(': ')[2]
    return Failure(part, times, text)


def _host(action: Action) -> str:
    return str(action.parameters.get('resource_name'))
