# SPDX-License-Identifier: Apache-2.0

"""What is asked of a packing, how much it may work, what it answers."""

import dataclasses
import enum

from collections.abc import Mapping


class Status(enum.Enum):
    """How much is known of a placement that was looked for."""

    PLACED = 'placed'
    IMPOSSIBLE = 'impossible'
    UNDECIDED = 'undecided'


class Kind(enum.Enum):
    """What proves that no placement exists."""

    NO_BIN = 'no_bin'
    """Fewer of a shape fit anywhere, each bin by itself, than there are."""
    SUM = 'sum'
    """The bins have less room of a resource class than is wanted."""
    ROUNDED_SUM = 'rounded_sum'
    """The same, of the room that whole instances can fill."""
    GROUP = 'group'
    """The bins may take fewer members of a group than there are."""
    COUNT = 'count'
    """Fewer instances of at least some size fit than there are."""
    WEIGHTS = 'weights'
    """Weights for the shapes, of which the bins can hold too little."""
    LINEAR = 'linear'
    """Not even parts of instances fit."""
    SEARCH = 'search'
    """A search tried everything."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proof:
    """Why no placement exists.

    Where it is not of a search, it is this sum: whatever is placed, the bins
    hold instances of at most `room` weight, and there is more.

    :ivar kind: what kind of proof it is
    :ivar subject: the resource class, group or shape it is about, '' is none
    :ivar weights: shape's key -> weight of one, without zeroes
    :ivar room: the most weight that all bins can hold
    :ivar wanted: the weight of all instances
    """

    kind: Kind
    subject: str = ''
    weights: Mapping[str, int] = dataclasses.field(default_factory=dict)
    room: int = 0
    wanted: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came of a packing.

    :ivar status: PLACED when the placement is what was asked for; for the
        largest number: when it is proved that there is none better
    :ivar where: shape's key -> hostname -> count; empty when all were to be
        placed and they are not
    :ivar proof: why no placement of all exists; only with IMPOSSIBLE
    :ivar late: the time was up, and a faster machine may know more; then it is
        UNDECIDED and places nothing
    """

    status: Status
    where: Mapping[str, Mapping[str, int]] = dataclasses.field(
        default_factory=dict
    )
    proof: Proof | None = None
    late: bool = False

    def placed(self, key: str) -> int:
        """Return how many of a shape have a place."""
        return sum(self.where.get(key, {}).values())


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """How much a packing may work before it is undecided.

    All but the last count work, so that the answer does not depend on the
    machine.

    :ivar ejections: things looked at while instances eject one another
    :ivar search_steps: things looked at by the exhaustive search
    :ivar weight_rounds: how often weights are corrected to prove that no
        placement exists
    :ivar exchanges: exchanges looked at to make a spread more even
    :ivar lowering: things looked at while instances eject one another below
        a lower limit, for the same purpose
    :ivar exact: use the exact solver's library if it is installed
    :ivar nodes: branches the exact solver may look at
    :ivar iterations: steps of its simplex method
    :ivar guard_s: seconds after which it gives up, which makes an answer
        undecided and never changes a placement
    """

    ejections: int = 5_000_000
    search_steps: int = 400_000
    weight_rounds: int = 150
    exchanges: int = 20_000
    lowering: int = 60_000
    exact: bool = True
    nodes: int = 4_000
    iterations: int = 400_000
    guard_s: float = 60.0

    @classmethod
    def of(cls, steps: int) -> 'Limits':
        """Give each search its share of the work.

        :param steps: things that instances look at while they eject one
            another; 0 leaves only the ordinary pass and the quick proofs
        """
        usual = cls()
        return cls(
            ejections=steps,
            search_steps=steps * 2 // 25,
            lowering=min(usual.lowering, steps),
            exchanges=min(usual.exchanges, steps),
            exact=steps > 0,
        )
