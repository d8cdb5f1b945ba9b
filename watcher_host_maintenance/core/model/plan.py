# SPDX-License-Identifier: Apache-2.0

"""What a plan consists of: types only, no decisions."""

import dataclasses
import enum

from watcher_host_maintenance.core.model.document import short
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of


class Purpose(enum.Enum):
    """What a plan is for."""

    DRAIN = 'drain'
    RETURN = 'return'


class Method(enum.Enum):
    """How the destinations were chosen."""

    NONE = 'none'
    BACKUP = 'backup'
    HOME = 'home'
    UNUSED_HOST = 'unused_host'
    SPREAD = 'spread'


class Verdict(enum.Enum):
    """What becomes of one node that was asked for.

    A finished node is disabled or down, and empty: there is nothing to do.
    """

    PLANNED = 'planned'
    FINISHED = 'finished'
    REFUSED = 'refused'


class MoveKind(enum.Enum):
    """The migration types of Watcher's stock ``migrate`` action."""

    LIVE = 'live'
    COLD = 'cold'


class ReleaseKind(enum.Enum):
    """How an instance lets go of a node without a destination."""

    OFFLOAD = 'offload'
    CONFIRM = 'confirm'


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InstanceOutcome:
    """What becomes of one instance.

    :ivar host: hostname of the node that it is on, or leaves
    """

    instance_uuid: str
    instance_name: str
    host: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Move(InstanceOutcome):
    """One instance goes to another compute node.

    :ivar destination: hostname it goes to
    :ivar unproved: only the destination itself can tell whether it fits
    :ivar after: UUIDs of the instances whose moves have to end before this
        one starts, because it takes room that they free
    :ivar stops_first: it runs, and is stopped before it moves, cold
    """

    kind: MoveKind
    destination: str
    unproved: bool = False
    after: tuple[str, ...] = short(())
    stops_first: bool = short(False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stop(InstanceOutcome):
    """One running instance is stopped where it is."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Start(InstanceOutcome):
    """One instance that a maintenance has stopped is started.

    :ivar home: hostname it moves to before, in the same plan, and is started
        on; '' is started where it is
    """

    home: str = short('')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Release(InstanceOutcome):
    """One instance lets go of what it holds on a node.

    A shelved one is offloaded; of one that was migrated away, cold and by an
    administrator, the migration is confirmed.
    """

    kind: ReleaseKind


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stay(InstanceOutcome):
    """One instance is not moved, and why.

    :ivar as_asked: a parameter, its owner, or what became of it asks for it;
        otherwise it is a blocker
    :ivar findings: all that keeps it, foremost first; never empty
    """

    as_asked: bool
    findings: tuple[Finding, ...]

    @property
    def waits(self) -> bool:
        """It would leave, but not yet."""
        return any(f.reason.of is Of.HELD for f in self.findings[:1])


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Notify(InstanceOutcome):
    """The owner of one instance is told what becomes of it.

    :ivar notice: what the metadata say afterwards; an empty one clears them
    :ivar clears: UUID of the maintenance whose notice an empty one clears; ''
        is any
    :ivar used_tags: tags that say go, and are removed
    """

    notice: Notice
    clears: str = short('')
    used_tags: tuple[str, ...] = short(())


@dataclasses.dataclass(frozen=True, slots=True)
class NodeOutcome:
    """What becomes of one node that was asked for.

    :ivar instance_count: servers on it; of a node that returns, servers that
        left it and may come home
    :ivar method: how its instances' destinations were chosen
    :ivar moves: off the node; home to a node that returns
    :ivar stays: the instances that the plan leaves on it; of a refused
        node, the blockers; of a node that returns, those that are left where
        they are now
    :ivar findings: of a refused node, what is wrong beyond single instances;
        of one that returns, what an operator should know of it
    :ivar remedies: of a refused node, what would make room for all
    :ivar starts: of a node that returns, the instances that are started
    """

    hostname: str
    verdict: Verdict
    instance_count: int
    method: Method = Method.NONE
    moves: tuple[Move, ...] = ()
    stops: tuple[Stop, ...] = ()
    stays: tuple[Stay, ...] = ()
    findings: tuple[Finding, ...] = ()
    releases: tuple[Release, ...] = ()
    remedies: tuple[Finding, ...] = ()
    starts: tuple[Start, ...] = short(())

    @property
    def blocked(self) -> tuple[Stay, ...]:
        """The instances that stay although no parameter asks for it."""
        return tuple(s for s in self.stays if not s.as_asked)

    @property
    def waiting(self) -> tuple[Stay, ...]:
        """The instances that stay until their time has come."""
        return tuple(s for s in self.stays if s.waits)


@dataclasses.dataclass(frozen=True, slots=True)
class Spare:
    """A node that a plan enables or closes.

    :ivar disabled_reason: what it is disabled with as a spare
    """

    hostname: str
    disabled_reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Return:
    """One node is given back what it was before its maintenance, if sound.

    Whether it is sound is looked at first.

    :ivar disabled_reason: the reason of the spare that it becomes again; ''
        is enabled
    :ivar spares: those enabled for its maintenance that are in maintenance
        themselves, recorded for their return
    """

    hostname: str
    disabled_reason: str = ''
    spares: tuple[Spare, ...] = short(())


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """The whole answer: what to do, or why not.

    :ivar nodes: one entry per node that was asked for, by hostname
    :ivar disables: hostnames to disable, in order
    :ivar marks: hostnames that are disabled as spares, to be disabled for
        maintenance instead, in order
    :ivar enables: hostnames of unused nodes to enable, in order
    :ivar findings: what is wrong with the request as a whole
    :ivar not_destinations: of a refusal, why each other node takes nothing;
        of a plan, which nodes Placement refuses
    :ivar secondary_moves: moves off nodes that are not emptied, which make
        room for the others, in an order in which each has room
    :ivar returns: the nodes that return from maintenance, by hostname
    :ivar closes: spares that the maintenance has enabled, to be disabled
        again when they are empty, by hostname
    :ivar notices: what owners are told, by the name of the instance; of one
        that leaves or stops, before and after
    :ivar untold: which owners cannot be told, and why
    """

    nodes: tuple[NodeOutcome, ...] = ()
    disables: tuple[str, ...] = ()
    enables: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_destinations: tuple[Finding, ...] = ()
    marks: tuple[str, ...] = ()
    secondary_moves: tuple[Move, ...] = short(())
    purpose: Purpose = short(Purpose.DRAIN)
    returns: tuple[Return, ...] = short(())
    closes: tuple[Spare, ...] = short(())
    notices: tuple[Notify, ...] = short(())
    untold: tuple[Finding, ...] = short(())

    @property
    def moves(self) -> tuple[Move, ...]:
        """Every move: secondary ones, then the others by hostname."""
        moves = (m for node in self.nodes for m in node.moves)
        return (*self.secondary_moves, *moves)

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Every stop, by hostname."""
        return tuple(s for node in self.nodes for s in node.stops)

    @property
    def releases(self) -> tuple[Release, ...]:
        """Every release, by hostname."""
        return tuple(r for node in self.nodes for r in node.releases)

    @property
    def starts(self) -> tuple[Start, ...]:
        """Every start, by hostname."""
        return tuple(s for node in self.nodes for s in node.starts)

    @property
    def refused(self) -> tuple[NodeOutcome, ...]:
        """The nodes that are not emptied, or do not return."""
        return tuple(n for n in self.nodes if n.verdict is Verdict.REFUSED)

    @property
    def lacks_room(self) -> bool:
        """An instance stays because no place was found for it."""
        return any(
            finding.reason.is_for_room
            for node in self.nodes
            for finding in (
                *node.findings,
                *(s.findings[0] for s in node.stays if s.findings),
            )
        )

    @property
    def failed(self) -> bool:
        """Something was requested that is impossible, and nothing is done."""
        return bool(self.findings) or (bool(self.refused) and not self._does)

    @property
    def waits(self) -> bool:
        """Something is to be done, but nothing of it now."""
        planned = [n for n in self.nodes if n.verdict is Verdict.PLANNED]
        held = any(
            node.waiting or any(f.reason.of is Of.HELD for f in node.findings)
            for node in planned
        )
        return held and not self._does

    @property
    def _does(self) -> bool:
        """Something is done."""
        services = (*self.disables, *self.marks, *self.enables)
        returns = (*self.returns, *self.closes)
        instances = (*self.moves, *self.stops, *self.releases)
        return bool(services or returns or instances or self.notices)


@dataclasses.dataclass(frozen=True, slots=True)
class Disable:
    """The nova-compute service of one host is disabled."""

    hostname: str


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """The service of one host stays disabled, for maintenance from now on."""

    hostname: str


@dataclasses.dataclass(frozen=True, slots=True)
class Enable:
    """The nova-compute service of one unused host is enabled."""

    hostname: str


@dataclasses.dataclass(frozen=True, slots=True)
class Await:
    """One node that was enabled is waited for until servers may come to it.

    :ivar disabled_reason: what it is disabled with again if that takes too
        long; '' leaves it enabled
    """

    hostname: str
    disabled_reason: str = ''


@dataclasses.dataclass(frozen=True, slots=True)
class Close:
    """The service of one spare is disabled again, if nothing is on it.

    :ivar disabled_reason: what it was disabled with before
    """

    hostname: str
    disabled_reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Verify:
    """One node is looked at: whether it is as the plan was to leave it.

    :ivar remaining: UUIDs of the instances that the plan leaves on it
    :ivar enables: if others remain, the node is enabled again
    :ivar spares: what the plan has enabled, recorded for the node's return
    :ivar restores: if it is not as it should be, those of them that hold
        nothing are disabled again
    """

    hostname: str
    remaining: tuple[str, ...] = ()
    enables: bool = False
    spares: tuple[Spare, ...] = ()
    restores: bool = short(False)


@dataclasses.dataclass(frozen=True, slots=True)
class VerifyReturn:
    """One node is looked at: whether it has returned as the plan was to do.

    :ivar disabled_reason: the reason of the spare that it is; '' is enabled
    :ivar home: UUIDs of the instances that the plan moves to it
    """

    hostname: str
    disabled_reason: str = ''
    home: tuple[str, ...] = ()


Action = (
    Notify
    | Disable
    | Mark
    | Enable
    | Await
    | Return
    | Stop
    | Start
    | Release
    | Move
    | Close
    | Verify
    | VerifyReturn
)


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One action of a schedule.

    :ivar key: unique in its schedule, the same in every run
    :ivar after: keys of the steps that have ended before this one starts
    """

    key: str
    action: Action
    after: tuple[str, ...] = ()


Schedule = tuple[Step, ...]
