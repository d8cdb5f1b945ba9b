# SPDX-License-Identifier: Apache-2.0

"""What a packing answers, and how much it may work."""

import dataclasses
import enum
import math

from collections.abc import Callable
from collections.abc import Mapping


class Status(enum.Enum):
    """How much is known of a placement of everything."""

    PLACED = 'placed'
    IMPOSSIBLE = 'impossible'
    UNDECIDED = 'undecided'


class Kind(enum.Enum):
    """What proves that there is no placement of everything."""

    NO_BIN = 'no_bin'
    """Fewer of an item fit, each bin by itself, than there are."""
    SUM = 'sum'
    """The bins have less room of a resource class than is wanted."""
    ROUNDED_SUM = 'rounded_sum'
    """The same, of the room that whole items can fill."""
    GROUP = 'group'
    """The bins may take fewer members of a group than there are."""
    COUNT = 'count'
    """Fewer items of at least some size fit than there are."""
    LINEAR = 'linear'
    """Not even parts of items fit."""
    SEARCH = 'search'
    """A search tried everything."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """Why there is no placement of everything.

    Unless it is linear or of a search, it is this sum: whatever is placed,
    the bins hold items of at most `room` weight, and there is more.

    :ivar kind: what kind of proof it is
    :ivar subject: the resource class, group or item it is about, '' is none
    :ivar weights: item's key -> weight of one, without zeroes
    :ivar room: the most weight that all bins can hold
    :ivar wanted: the weight of all items
    """

    kind: Kind
    subject: str = ''
    weights: Mapping[str, int] = dataclasses.field(default_factory=dict)
    room: int = 0
    wanted: int = 0

    def fewest_left(self, counts: Mapping[str, int]) -> int:
        """Return how many items are left over in any placement, at least.

        :param counts: item's key -> how many there are
        """
        if not self.weights:
            return 1
        excess, left = self.wanted - self.room, 0
        for key in sorted(self.weights, key=self.weights.__getitem__)[::-1]:
            weight = self.weights[key]
            number = min(counts[key], -(-max(excess, 0) // weight))
            excess -= number * weight
            left += number
        return left


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What a search came to.

    :ivar placement: item's key -> hostname -> count; when not everything is
        placed, the best that was asked for, or nothing
    :ivar complete: nothing better exists
    :ivar proof: why there is no placement of everything, as far as known
    :ivar timed_out: the guard ended the search: a faster machine may know
        more; then it is not complete, and holds what needed no HiGHS
    :ivar bound: the most items that a placement may hold, as far as proved;
        None is not known
    """

    placement: Mapping[str, Mapping[str, int]] = dataclasses.field(
        default_factory=dict
    )
    complete: bool = False
    proof: Proof | None = None
    timed_out: bool = False
    bound: int | None = None

    @property
    def status(self) -> Status:
        """Return how much is known of a placement of everything."""
        if not self.complete:
            return Status.UNDECIDED
        return Status.PLACED if self.proof is None else Status.IMPOSSIBLE

    @property
    def number(self) -> int:
        """Return how many items have a place."""
        return sum(map(self.placed, self.placement))

    def placed(self, key: str) -> int:
        """Return how many of an item have a place."""
        return sum(self.placement.get(key, {}).values())


UNDECIDED = Result()
TIMED_OUT = Result(timed_out=True)


def impossible(proof: Proof) -> Result:
    """Return that there is no placement of everything."""
    return Result(complete=True, proof=proof)


def unlimited() -> float:
    """Return that there is no deadline."""
    return math.inf


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """How much a packing may work before it is undecided.

    All but the last two count work, so that the answer does not depend on the
    machine. ``guard_s`` is a safeguard against work that is not counted:
    counted work takes a tenth of it. ``left_s`` ends a search without any
    answer.

    :ivar ejections: things looked at while items eject one another
    :ivar exchanges: exchanges looked at to make a placement more even
    :ivar peak_steps: things looked at while items eject one another below
        a lower height, for the same purpose
    :ivar program: use HiGHS
    :ivar nodes: branches that HiGHS may look at; of large programs fewer
    :ivar iterations: steps of its simplex method, for parts of items
    :ivar guard_s: seconds after which it gives up, which makes an answer
        undecided and never changes a placement
    :ivar left_s: seconds until the caller's deadline, at least 0; it raises
        an exception once the deadline has passed, which ends the search
    """

    ejections: int = 5_000_000
    exchanges: int = 20_000
    peak_steps: int = 60_000
    program: bool = True
    nodes: int = 4_000
    iterations: int = 100_000
    guard_s: float = 300.0
    left_s: Callable[[], float] = dataclasses.field(
        default=unlimited, compare=False, repr=False
    )

    @classmethod
    def of(cls, steps: int) -> 'Limits':
        """Give each search its share of the work.

        :param steps: things that items look at while they eject one another;
            0 leaves only the ordinary pass and the quick proofs
        """
        usual = cls()
        return cls(
            ejections=steps,
            peak_steps=min(usual.peak_steps, steps),
            exchanges=min(usual.exchanges, steps),
            program=steps > 0,
        )

    def short(self) -> 'Limits':
        """Let HiGHS do little, for what it decides at once."""
        return dataclasses.replace(
            self,
            nodes=min(self.nodes, 50),
            iterations=min(self.iterations, 20_000),
        )

    def quick(self) -> 'Limits':
        """Allow less work, for when a placement is looked for many times.

        It is so little that it needs no guard.
        """
        return dataclasses.replace(
            self,
            ejections=min(self.ejections, 60_000),
            nodes=min(self.nodes, 100),
            iterations=min(self.iterations, 20_000),
            guard_s=math.inf,
            exchanges=0,
            peak_steps=0,
        )
