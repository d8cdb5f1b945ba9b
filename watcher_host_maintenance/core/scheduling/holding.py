# SPDX-License-Identifier: Apache-2.0

"""What of a plan begins now, and what waits for its time.

The whole is planned first, so that what is impossible is refused before
anything begins. Then whatever is not due becomes a stay, with the reason.
"""

import dataclasses
import math

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import AFFINITY
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Action
from watcher_host_maintenance.core.model.plan import Disable
from watcher_host_maintenance.core.model.plan import Enable
from watcher_host_maintenance.core.model.plan import InstanceOutcome
from watcher_host_maintenance.core.model.plan import Mark
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Notify
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.plan import Stay
from watcher_host_maintenance.core.model.plan import Stop
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.scheduling import steps
from watcher_host_maintenance.core.scheduling.steps import OfInstance


Fate = TypeVar('Fate', bound=InstanceOutcome)
"""What becomes of one instance."""

LIMITED = OfInstance | Disable | Mark | Enable
"""Actions that do not begin when it is too late."""

BEFORE_WINDOW = Of.HELD.declare(
    'before_window',
    says=N_('{subject} waits: its window begins at {starts}'),
    helps=N_('A CONTINUOUS audit begins by itself then.'),
)

BEFORE_WINDOW_OR_GO = Of.HELD.declare(
    'before_window_or_go',
    says=N_('{subject} waits until {starts}, or for its owners to say go'),
    helps=N_('A CONTINUOUS audit goes on by itself.'),
)

AFTER_WINDOW = Of.HELD.declare(
    'after_window',
    says=N_('{subject} waits: its last window ended at {ends}'),
    helps=N_('Give the audit another window, or none.'),
)

NO_TIME_LEFT = Of.HELD.declare(
    'no_time_left',
    says=N_(
        '{subject} takes about {takes_s} s and would end too late: the window '
        'ends in {left_s} s, at {ends}'
    ),
    helps=N_('It begins in the next window, if that is long enough.'),
)

WAITS_WITH_OTHERS = Of.HELD.declare(
    'waits_with_others',
    says=N_('{subject} waits with {names}'),
    helps=N_('It begins together with them, or after them.'),
)


def outside(
    window: Window | None, now_s: float, subject: str
) -> Finding | None:
    """Return why nothing begins with a subject now; None if it may."""
    if window is None or window.is_open(now_s):
        return None
    if window.ends_s is not None and window.is_over(now_s):
        return AFTER_WINDOW.about(subject, ends=format_time(window.ends_s))
    return BEFORE_WINDOW.about(subject, starts=format_time(window.starts_s))


def hold(
    outcome: Outcome,
    snapshot: Snapshot,
    request: Request,
    pace: Pace,
    waits: Mapping[str, Finding] = MappingProxyType({}),
    early: Collection[str] = (),
) -> Outcome:
    """Return what of a plan begins now; all else stays for the time being.

    What goes together waits together: moves after those that make room for
    them, and the servers of a hard affinity group. No room is made for what
    waits, and no spare is enabled for it.

    :param outcome: the plan of the whole
    :param waits: instance UUID -> why it does not begin now, in any window
    :param early: UUIDs of the instances that need not wait for the window to
        begin
    """
    if outcome.failed or (request.window is None and not waits):
        return outcome
    whole = _Whole(outcome, snapshot, request)
    held = whole.with_companions({**whole.outside_window(early), **waits})
    until_s = whole.left_s
    while True:
        part = whole.without(held)
        placed = {p.key for p in steps.arranged(snapshot, part, pace, until_s)}
        late = {
            action.instance_uuid: whole.no_time_left(action, pace)
            for action in _actions(part)
            if steps.key_of(action) not in placed
        }
        if not late:
            return part
        held = whole.with_companions(held | late)


def _actions(outcome: Outcome) -> Iterator[OfInstance]:
    """Yield all that is done to instances."""
    yield from outcome.moves
    yield from outcome.stops
    yield from outcome.starts
    yield from outcome.releases


@dataclasses.dataclass(frozen=True)
class _Whole:
    """The plan of the whole, and the time that there is for it."""

    outcome: Outcome
    snapshot: Snapshot
    request: Request

    @property
    def now_s(self) -> int:
        """Time of planning; it matters for a window alone."""
        return self.request.now_s or 0

    @property
    def left_s(self) -> float:
        """Seconds until the window ends."""
        window = self.request.window
        if window is None or window.ends_s is None:
            return math.inf
        return window.ends_s - self.now_s

    def closed(self, subject: str) -> Finding | None:
        """Return why nothing begins with a subject now; None if it may."""
        return outside(self.request.window, self.now_s, subject)

    @property
    def closes_nodes(self) -> bool:
        """Return True if the nodes to empty are disabled now."""
        window = self.request.window
        if window is None or window.is_open(self.now_s):
            return True
        at_once = self.request.close is CloseAt.NOW
        return at_once and not window.is_over(self.now_s)

    def outside_window(self, early: Collection[str]) -> dict[str, Finding]:
        """Return instance UUID -> finding, if the window is not open.

        :param early: UUIDs of those that need not wait for its begin
        """
        window = self.request.window
        is_over = window is not None and window.is_over(self.now_s)
        begins = () if is_over else early
        return {
            action.instance_uuid: finding
            for action in _actions(self.outcome)
            if action.instance_uuid not in begins
            and (finding := self.closed(action.instance_name)) is not None
        }

    def no_time_left(self, action: OfInstance, pace: Pace) -> Finding:
        """Return why an instance cannot begin in this window any more."""
        return NO_TIME_LEFT.about(
            action.instance_name,
            takes_s=math.ceil(steps.takes_s(action, self.snapshot, pace)),
            left_s=round(self.left_s),
            ends=format_time(self.now_s + round(self.left_s)),
        )

    def with_companions(
        self, held: Mapping[str, Finding]
    ) -> dict[str, Finding]:
        """Add all that waits because something else does.

        :param held: instance UUID -> finding
        """
        all_held = dict(held)
        while more := dict(self._companions(all_held)):
            all_held |= more
        return all_held

    def _companions(
        self, held: Mapping[str, Finding]
    ) -> Iterator[tuple[str, Finding]]:
        """Yield the moves that wait for, or together with, what is held."""
        names: dict[str, str] = {}
        grouped: dict[str, list[str]] = {}
        moves = self.outcome.moves
        for move in moves:
            if move.instance_uuid in held:
                name = names[move.instance_uuid] = move.instance_name
                grouped.setdefault(self._affinity_group(move), []).append(name)
        grouped.pop('', None)
        for move in moves:
            others = {names[uuid] for uuid in move.after if uuid in names}
            others.update(grouped.get(self._affinity_group(move), ()))
            if others and move.instance_uuid not in held:
                yield (
                    move.instance_uuid,
                    WAITS_WITH_OTHERS.about(
                        move.instance_name, names=tuple(sorted(others))
                    ),
                )

    def _affinity_group(self, move: Move) -> str:
        """Return the UUID of an instance's hard affinity group, or ''."""
        instance = self.snapshot.by_uuid[move.instance_uuid]
        group = self.snapshot.group_by_uuid.get(instance.group)
        return group.uuid if group and group.policy == AFFINITY else ''

    def without(self, held: Mapping[str, Finding]) -> Outcome:
        """Return the part of the plan that begins now.

        :param held: instance UUID -> finding, with all companions
        """
        part = dataclasses.replace(
            self.outcome,
            nodes=tuple(self._node(n, held) for n in self.outcome.nodes),
        )
        part = dataclasses.replace(part, secondary_moves=_needed_makers(part))
        used = {move.destination for move in part.moves}
        part = dataclasses.replace(
            part, enables=tuple(h for h in part.enables if h in used)
        )
        if self.closes_nodes:
            return part
        return dataclasses.replace(part, disables=(), marks=())

    def _node(
        self, node: NodeOutcome, held: Mapping[str, Finding]
    ) -> NodeOutcome:
        """Return what becomes of one node now."""
        if node.verdict is not Verdict.PLANNED:
            return node
        waiting = tuple(
            Stay(
                instance_uuid=action.instance_uuid,
                instance_name=action.instance_name,
                host=action.host,
                as_asked=True,
                findings=(held[action.instance_uuid],),
            )
            for action in (
                *node.moves,
                *node.stops,
                *node.releases,
                *node.starts,
            )
            if action.instance_uuid in held
        )
        moves = _but(node.moves, held)
        closed = self.closed(node.hostname)
        may_go = self.request.owners is Owners.WAIT
        if may_go and closed is not None and closed.reason is BEFORE_WINDOW:
            closed = dataclasses.replace(closed, reason=BEFORE_WINDOW_OR_GO)
        said = () if closed is None else (closed,)
        return dataclasses.replace(
            node,
            method=node.method if moves else Method.NONE,
            moves=moves,
            stops=_but(node.stops, held),
            releases=_but(node.releases, held),
            starts=_but(node.starts, held),
            stays=node.stays + waiting,
            findings=node.findings + said,
        )


def _but(fates: Iterable[Fate], held: Collection[str]) -> tuple[Fate, ...]:
    """Return those whose instances are not held."""
    return tuple(fate for fate in fates if fate.instance_uuid not in held)


def _needed_makers(outcome: Outcome) -> tuple[Move, ...]:
    """Return the secondary moves that a move of a node waits for."""
    awaited = {u for n in outcome.nodes for m in n.moves for u in m.after}
    makers: list[Move] = []
    for move in reversed(outcome.secondary_moves):
        if move.instance_uuid in awaited:
            awaited |= {*move.after}
            makers.append(move)
    return tuple(reversed(makers))


def begin_by(
    schedule: Schedule, snapshot: Snapshot, request: Request, pace: Pace
) -> dict[str, int]:
    """Return when each step has to begin to end in the window.

    No owner is told later that a server leaves. Other steps that change
    neither an instance nor the use of a node, and all without a window that
    ends, may begin at any time.

    :returns: step's key -> seconds since 1970-01-01 00:00 UTC
    """
    window = request.window
    if window is None or window.ends_s is None:
        return {}

    moves = {
        step.action.instance_uuid: step.action
        for step in schedule
        if isinstance(step.action, Move)
    }

    def takes_s(action: Action) -> float:
        if isinstance(action, Notify):
            # What it says has to begin in time.
            move = moves.get(action.instance_uuid)
            return takes_s(move) if move is not None else pace.move_s(0)
        if isinstance(action, Move):
            # Its stop, if any, is a step of its own.
            action = dataclasses.replace(action, stops_first=False)
        if isinstance(action, Stop):
            # Nothing is stopped that would not move in time.
            action = moves.get(action.instance_uuid, action)
        if isinstance(action, OfInstance):
            return steps.takes_s(action, snapshot, pace)
        return 0

    return {
        step.key: window.ends_s - max(math.ceil(takes_s(step.action)), 1)
        for step in schedule
        if isinstance(step.action, LIMITED) or _says_it_begins(step.action)
    }


def _says_it_begins(action: Action) -> bool:
    """Return True if the owner of a server is told that it leaves now."""
    return isinstance(action, Notify) and action.notice.state is State.MOVING
