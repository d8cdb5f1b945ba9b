# SPDX-License-Identifier: Apache-2.0

"""The maintenance of many nodes in waves: what is asked, what is planned."""

import dataclasses
import enum
import functools

from collections.abc import Mapping

from watcher_host_maintenance.core.model.document import InvalidDocument
from watcher_host_maintenance.core.model.document import short
from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.plan import NodeOutcome
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Schedule
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import RETURNING_REASON
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.request import MoveBack
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.window import Window


MOST_PARALLEL = 100
"""The most nodes that a rolling maintenance may have out at once."""

MOST_FAILED = 1000
"""The most failed nodes that a rolling maintenance may go on with."""

MANUAL = 'manual'
"""The hook of an operator, who works and says when it is done."""

MOST_HOOK_S = 7 * 86400
"""The most seconds that a hook may take."""

MOST_NOTICE_S = 30 * 86400
"""The most seconds that owners may have before a wave begins."""


@dataclasses.dataclass(frozen=True, slots=True)
class RollRequest(Request):
    """A rolling maintenance of the given nodes.

    The fields of a drain mean the same for every wave; ``backup_node`` is not
    used.

    :ivar maintenance_nodes: hostnames of the set, at least one
    :ivar parallel: the most nodes that are out at once; 1 to 100
    :ivar stop_after: no wave begins when so many nodes have failed; 1 to 1000
    :ivar skip_blocked: maintain the others if some nodes cannot be emptied
    :ivar move_back: which servers are moved back to a node that returns
    :ivar canary: before the next wave, a server has to run on each node that
        came back
    :ivar hook: name of what works on a node that is ready
    :ivar hook_timeout: seconds that it may take, from its first call; 1 to a
        week
    :ivar preflights: the hook is asked whether there is anything to do on a
        node, before that is emptied
    :ivar returning_reasons: the work on a disabled node is over if its reason
        starts with one of these
    :ivar notice_period: seconds that the owners of the servers on a node have
        from their notice until its wave begins, unless they say go; 0 to 30
        days
    :ivar close: when the nodes of a wave are disabled: when its owners are
        told, or when it begins
    """

    parallel: int = 1
    stop_after: int = 1
    skip_blocked: bool = False
    move_back: MoveBack = MoveBack.NONE
    canary: bool = False
    hook: str = MANUAL
    hook_timeout: int = 3600
    preflights: bool = False
    returning_reasons: tuple[str, ...] = (RETURNING_REASON,)
    notice_period: int = short(0)

    def __post_init__(self) -> None:
        # Slots make another class of this one, so super() finds none.
        Request.__post_init__(self)
        if not self.maintenance_nodes:
            raise InvalidDocument('maintenance_nodes', 'must not be empty')
        if not 1 <= self.parallel <= MOST_PARALLEL:
            raise InvalidDocument('parallel', f'must be 1 to {MOST_PARALLEL}')
        if not 1 <= self.stop_after <= MOST_FAILED:
            raise InvalidDocument('stop_after', f'must be 1 to {MOST_FAILED}')
        if not 1 <= self.hook_timeout <= MOST_HOOK_S:
            raise InvalidDocument(
                'hook_timeout', f'must be 1 to {MOST_HOOK_S}'
            )
        if self.moves_back and self.stops_instead_of_moving:
            raise InvalidDocument(
                'move_back', 'needs live or cold migration to be enabled'
            )
        self._check_notice_period()

    def _check_notice_period(self) -> None:
        if not 0 <= self.notice_period <= MOST_NOTICE_S:
            raise InvalidDocument(
                'notice_period', f'must be 0 to {MOST_NOTICE_S}'
            )
        if self.notice_period and self.owners is Owners.IGNORE:
            raise InvalidDocument('notice_period', 'needs owners=obey or wait')
        if self.notice_period:
            return
        if self.owners is Owners.WAIT:
            # Those of later waves would be told when their time is over.
            raise InvalidDocument('owners', 'wait needs a notice_period')
        if self.close is CloseAt.NOW:
            raise InvalidDocument('close', 'now needs a notice_period')

    @property
    def moves_back(self) -> bool:
        """Return True if servers go home after each wave."""
        return self.move_back is MoveBack.LEFT

    def drain_of(self, hostnames: tuple[str, ...]) -> Request:
        """Return the request to empty these nodes together, at any time.

        What owners want counts, but none is waited for.
        """
        shared = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(Request)
        }
        waits = self.owners is Owners.WAIT
        own = {
            'maintenance_nodes': hostnames,
            'backup_node': None,
            'window': self.any_time,
            'owners': Owners.OBEY if waits else self.owners,
        }
        return Request(**shared | own)

    @property
    def any_time(self) -> Window | None:
        """A window that is open for ever, if the request has one.

        Waves are planned on paper before their time.
        """
        return None if self.window is None else Window(0)


class Part(enum.Enum):
    """A part of the maintenance of one node, which can fail."""

    PREFLIGHT = 'preflight'
    DRAIN = 'drain'
    HOOK = 'hook'
    RETURN = 'return'
    CANARY = 'canary'


class Answer(enum.Enum):
    """What a hook says of a node; that it has failed is no answer.

    The last is said for it: it could not be called.
    """

    DONE = 'done'
    NOTHING = 'nothing'
    LATER = 'later'
    NOT_RUN = 'not_run'


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """A part of the maintenance of a node that has failed.

    :ivar times: how often in a row
    :ivar why: what the last action said; '' is nothing
    """

    part: Part
    times: int = 1
    why: str = ''


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """When owners of servers on a node were first told of its maintenance.

    :ivar maintenance_id: UUID of the audit that has told them
    :ivar at_s: when the last of these notices was written, in seconds since
        1970-01-01 00:00 UTC
    :ivar starts_s: before which they say that nothing happens
    :ivar waits: that is until when they say that owners may answer
    """

    maintenance_id: str
    at_s: int
    starts_s: int
    waits: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Journal:
    """What the finished actions of a rolling maintenance have done.

    :ivar closed: hostnames that it has closed, or begun to empty when somebody
        else had
    :ivar emptied: hostnames that hold nothing that was to leave
    :ivar latest: hostnames of the wave that began last
    :ivar stayed: UUIDs of the servers that were not to leave these
    :ivar returned: hostnames that it has returned to service
    :ivar checked: hostnames on which the hook has something to do
    :ivar unneeded: hostnames on which the hook has nothing to do
    :ivar postponed: hostnames of which the hook could not tell yet
    :ivar worked: hostnames on which the hook is done
    :ivar failures: hostname -> what has failed since the last success
    :ivar canaries: hostname -> how often a server was moved there first since
        the node returned, and why the last of these moves failed
    :ivar asked_s: hostname -> when the hook was first called to work on it, in
        seconds since 1970-01-01 00:00 UTC
    :ivar said: hostname -> what the hook said last
    :ivar told: hostname -> when owners were told, by the newest audit that has
        told any
    :ivar moves: how many servers left its nodes, each time they moved
    :ivar moves_back: how many servers it has moved back
    :ivar least_moves: how many its first plan said are needed; None is
        unknown
    """

    closed: frozenset[str] = frozenset()
    emptied: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    latest: frozenset[str] = frozenset()
    stayed: frozenset[str] = frozenset()
    checked: frozenset[str] = frozenset()
    unneeded: frozenset[str] = frozenset()
    postponed: frozenset[str] = frozenset()
    worked: frozenset[str] = frozenset()
    failures: Mapping[str, Failure] = dataclasses.field(default_factory=dict)
    canaries: Mapping[str, Failure] = dataclasses.field(default_factory=dict)
    asked_s: Mapping[str, int] = dataclasses.field(default_factory=dict)
    said: Mapping[str, str] = dataclasses.field(default_factory=dict)
    told: Mapping[str, Told] = dataclasses.field(default_factory=dict)
    moves: int = 0
    moves_back: int = 0
    least_moves: int | None = None

    @property
    def has_begun(self) -> bool:
        """A node was closed, or owners were told; the hook may be asked."""
        return bool(self.closed or self.told or self.returned)


NOTHING_DONE = Journal()


@dataclasses.dataclass(frozen=True, slots=True)
class Wave:
    """Nodes that are emptied by one plan, and are out at once.

    :ivar hostnames: the nodes, sorted
    :ivar outcome: the joint drain, after the canaries
    :ivar schedule: the steps of it
    :ivar canaries: moves before the wave begins, of servers of nodes that are
        yet to be maintained, each to another node that came back
    """

    hostnames: tuple[str, ...]
    outcome: Outcome
    schedule: Schedule = ()
    canaries: tuple[Move, ...] = short(())

    @property
    def moves(self) -> int:
        """How many moves it makes, with its canaries."""
        return len(self.outcome.moves) + len(self.canaries)


@dataclasses.dataclass(frozen=True)
class Roll:
    """An order in which all nodes are maintained, or why there is none.

    :ivar waves: one after the other; a node of a wave is back in service
        before the next begins; empty if the maintenance is refused
    :ivar refused: the nodes that are not maintained, each with its reasons,
        by hostname
    :ivar least_moves: no order of waves moves fewer servers, if it maintains
        every node that is not refused
    :ivar findings: what is wrong with the request as a whole
    :ivar remedies: what would let the refused nodes be maintained
    """

    waves: tuple[Wave, ...] = ()
    refused: tuple[NodeOutcome, ...] = ()
    least_moves: int = 0
    findings: tuple[Finding, ...] = ()
    remedies: tuple[Finding, ...] = ()

    @functools.cached_property
    def moves(self) -> int:
        """How many moves all waves make; a server may move more than once."""
        return sum(wave.moves for wave in self.waves)

    @property
    def secondary_moves(self) -> int:
        """How many of them are of servers of other nodes, to make room."""
        return sum(len(wave.outcome.secondary_moves) for wave in self.waves)

    @property
    def failed(self) -> bool:
        """Nothing is done."""
        return not self.waves and bool(self.findings or self.refused)
