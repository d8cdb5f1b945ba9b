#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Who goes where: a deterministic search over destinations with room."""

import dataclasses
import enum

from collections.abc import Sequence

from watcher_host_maintenance.core import evening
from watcher_host_maintenance.core import ledger
from watcher_host_maintenance.core.ledger import Destination
from watcher_host_maintenance.core.rules import unproved
from watcher_host_maintenance.core.snapshot import Instance


DEFAULT_STEPS = 200_000
"""How many times a search may ask whether an instance fits somewhere."""

EVENING_STEPS = 20_000
"""How many exchanges may be looked at to make a placement more even."""

DEEPEST = 300
"""The most instances searched exhaustively: one is a level of recursion."""


class Proof(enum.Enum):
    """How much is known of a placement that was looked for."""

    PLACED = 'placed'
    IMPOSSIBLE = 'impossible'
    UNDECIDED = 'undecided'


@dataclasses.dataclass(frozen=True)
class Placement:
    """Where each instance goes.

    :ivar where: instance UUID -> hostname
    :ivar proof: PLACED when every instance is in it; IMPOSSIBLE when it is
        proved that no larger number can be placed; UNDECIDED when the
        search ended before it knew
    """

    where: dict[str, str]
    proof: Proof


def place_all(
    instances: Sequence[Instance],
    destinations: Sequence[Destination],
    steps: int = DEFAULT_STEPS,
) -> Placement:
    """Place every instance so that the fullest destination stays low.

    Largest first, each where the fullest class of its destination ends
    lowest, ties by hostname. Where that gets stuck, smallest first is tried,
    and then an exhaustive search with a limit on its work decides. Exchanges
    make the result more even.

    :param destinations: in hostname order; what they hold is not changed
    :returns: PLACED with every instance, or an empty one with the proof
    """
    ordered = by_size(instances, destinations)
    for order in (ordered, _smallest_first(ordered)):
        spread = _spread(order, destinations)
        if len(spread) == len(ordered):
            return _evened(ordered, spread, destinations, Proof.PLACED)
    if _fits_nowhere(ordered, destinations) or _exceeds_sum(
        ordered, destinations
    ):
        return Placement({}, Proof.IMPOSSIBLE)
    found = _Search(ordered, destinations, steps).run()
    return _evened(ordered, found.where, destinations, found.proof)


def place_most(
    instances: Sequence[Instance],
    destinations: Sequence[Destination],
    steps: int = DEFAULT_STEPS,
) -> Placement:
    """Place the largest number of instances; ties: more memory, then name.

    :returns: IMPOSSIBLE proves that no more can be placed
    """
    everything = place_all(instances, destinations, steps)
    if everything.proof is Proof.PLACED:
        return everything
    ordered = by_size(instances, destinations)
    known = max(
        _spread(ordered, destinations),
        _spread(_smallest_first(ordered), destinations),
        key=len,
    )
    best = _Search(ordered, destinations, steps, known).run()
    chosen = _first_by_name(ordered, set(best.where), destinations, steps)
    # The same servers, spread more evenly than the search found them. Not
    # when that leaves room for one more, which would then be said to have
    # none.
    preferred = sorted(ordered, key=lambda i: i.uuid not in chosen)
    spread = _spread(preferred, destinations)
    where = spread if spread.keys() == chosen else best.where
    return _evened(ordered, where, destinations, best.proof)


def _evened(
    ordered: Sequence[Instance],
    where: dict[str, str],
    destinations: Sequence[Destination],
    proof: Proof,
) -> Placement:
    evened = evening.even(ordered, where, destinations, EVENING_STEPS)
    return Placement(evened, proof)


def _first_by_name(
    ordered: Sequence[Instance],
    placed: set[str],
    destinations: Sequence[Destination],
    steps: int,
) -> set[str]:
    """Exchange placed instances for equal ones of earlier names.

    Equal is: as much memory, and the others keep a place at the first
    attempt to spread them.

    :param placed: UUIDs of the largest number that has places
    :returns: UUIDs of as many
    """
    chosen = set(placed)
    by_name = sorted(ordered, key=lambda i: (i.name, i.uuid))
    cost = len(ordered) * len(destinations)
    for left in [i for i in by_name if i.uuid not in placed]:
        for taken in reversed(by_name[by_name.index(left) + 1 :]):
            equal = taken.memory_mb == left.memory_mb
            if taken.uuid not in chosen or not equal or steps < cost:
                continue
            steps -= cost
            trial = (chosen - {taken.uuid}) | {left.uuid}
            spread = _spread(
                [i for i in ordered if i.uuid in trial], destinations
            )
            if spread.keys() == trial:
                chosen = trial
                break
    return chosen


def by_size(
    instances: Sequence[Instance], destinations: Sequence[Destination]
) -> list[Instance]:
    """Order instances by the share of all free room they take, descending.

    An instance's size is its largest share over the resource classes of
    what the destinations have left together; ties by memory, name, UUID.
    Those whose fit cannot be proved come last.
    """
    classes = sorted({c for i in instances for c in i.resources})
    free = {c: sum(max(d.left(c), 0) for d in destinations) for c in classes}

    def size(instance: Instance) -> float:
        shares = (
            amount / free[c] if free[c] > 0 else float('inf')
            for c, amount in instance.resources.items()
        )
        return max(shares, default=0.0)

    def rank(instance: Instance) -> tuple[bool, float, int, str, str]:
        return (
            bool(unproved.asked_for(instance)),
            -size(instance),
            -instance.memory_mb,
            instance.name,
            instance.uuid,
        )

    return sorted(instances, key=rank)


def _spread(
    ordered: Sequence[Instance], destinations: Sequence[Destination]
) -> dict[str, str]:
    """Put each where the fullest class ends lowest; skip what has no room."""
    where: dict[str, str] = {}
    taken: list[tuple[Destination, Instance]] = []
    for instance in ordered:
        fitting = [d for d in destinations if d.fits(instance)]
        if fitting:
            chosen = min(
                fitting,
                key=lambda d: (
                    d.dislikes(instance),
                    d.utilisation(instance.resources),
                    d.hostname,
                ),
            )
            chosen.take(instance)
            taken.append((chosen, instance))
            where[instance.uuid] = chosen.hostname
    for destination, instance in taken:
        destination.give_back(instance)
    return where


def _smallest_first(ordered: Sequence[Instance]) -> list[Instance]:
    """Turn an order by size around; what looks alike keeps its order."""
    rank = {_size(i): n for n, i in enumerate(ordered)}
    return sorted(ordered, key=lambda i: -rank[_size(i)])


def _fits_nowhere(
    instances: Sequence[Instance], destinations: Sequence[Destination]
) -> bool:
    return any(not any(d.fits(i) for d in destinations) for i in instances)


def _exceeds_sum(
    instances: Sequence[Instance], destinations: Sequence[Destination]
) -> bool:
    wanted = ledger.total(i.resources for i in instances)
    return any(
        amount > sum(max(d.left(c), 0) for d in destinations)
        for c, amount in wanted.items()
    )


class _Search:
    """Depth first over the instances, within a number of steps.

    Two prunings keep it small: destinations that look alike are tried once,
    and of instances that look alike the later one never goes to an earlier
    destination than the one before it. Both keep the solution that comes
    first by position, so that together they lose none.

    :param known: instance UUID -> hostname, a placement of some of them to
        improve on; None asks for all of them or nothing
    """

    def __init__(
        self,
        ordered: Sequence[Instance],
        destinations: Sequence[Destination],
        steps: int,
        known: dict[str, str] | None = None,
    ):
        self.instances = list(ordered)
        self.destinations = list(destinations)
        self.steps = steps
        self.may_leave = known is not None
        self.shapes = [self._shape(i) for i in self.instances]
        self.memory_after = self._memory_after()
        self.current: list[int | None] = []
        self.best = known or {}
        self.best_score = self._score(self.best) if known else (-1, -1)
        self.exhausted = False

    def _shape(self, instance: Instance) -> tuple[object, ...]:
        """What two instances share when one stands for the other."""
        refused = (
            n
            for n, destination in enumerate(self.destinations)
            if instance.uuid in destination.refused
        )
        return (_size(instance), instance.group, tuple(refused))

    def run(self) -> Placement:
        """Search; see :class:`Placement` for what the answer proves."""
        if len(self.instances) > DEEPEST:
            self.exhausted = True
        else:
            self._descend(0, 0)
        if len(self.best) == len(self.instances):
            return Placement(self.best, Proof.PLACED)
        proof = Proof.UNDECIDED if self.exhausted else Proof.IMPOSSIBLE
        return Placement(self.best, proof)

    def _score(self, where: dict[str, str]) -> tuple[int, int]:
        memory = (i.memory_mb for i in self.instances if i.uuid in where)
        return len(where), sum(memory)

    def _keep_best(self, placed: int, memory: int) -> None:
        self.best_score = placed, memory
        self.best = {
            instance.uuid: self.destinations[index].hostname
            for instance, index in zip(
                self.instances, self.current, strict=True
            )
            if index is not None
        }

    def _memory_after(self) -> list[int]:
        """Memory of the instances from each position to the end, in MiB."""
        sums = [0]
        for instance in reversed(self.instances):
            sums.append(sums[-1] + instance.memory_mb)
        return sums[::-1]

    def _descend(self, placed: int, memory: int) -> bool:
        """Go on from here; True ends the search."""
        position = len(self.current)
        bound = (
            placed + len(self.instances) - position,
            memory + self.memory_after[position],
        )
        if bound <= self.best_score:
            return False
        if position == len(self.instances):
            self._keep_best(placed, memory)
            return placed == len(self.instances)
        return self._try_destinations(position, placed, memory) or (
            self.may_leave and self._leave(placed, memory)
        )

    def _try_destinations(
        self, position: int, placed: int, memory: int
    ) -> bool:
        instance = self.instances[position]
        for index in self._choices(position):
            destination = self.destinations[index]
            destination.take(instance)
            self.current.append(index)
            ended = self._descend(placed + 1, memory + instance.memory_mb)
            self.current.pop()
            destination.give_back(instance)
            if ended or self.exhausted:
                return True
        return self.exhausted

    def _leave(self, placed: int, memory: int) -> bool:
        self.current.append(None)
        ended = self._descend(placed, memory)
        self.current.pop()
        return ended

    def _choices(self, position: int) -> list[int]:
        """Destinations to try, fullest first, so that large holes last."""
        shape = self.shapes[position]
        instance = self.instances[position]
        first = 0
        if position and self.shapes[position - 1] == shape:
            before = self.current[-1]
            if before is None:
                # Its twin was left: leaving this one is no other case.
                return []
            first = before
        seen: set[tuple[object, ...]] = set()
        choices = []
        for index in range(first, len(self.destinations)):
            if self.steps <= 0:
                self.exhausted = True
                return []
            self.steps -= 1
            destination = self.destinations[index]
            look = destination.look
            if look not in seen and destination.fits(instance):
                seen.add(look)
                choices.append(index)
        choices.sort(key=lambda i: -self.destinations[i].utilisation())
        return choices


def _size(instance: Instance) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(instance.resources.items()))
