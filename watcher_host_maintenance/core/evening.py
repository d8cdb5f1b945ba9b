# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Make a spread more even: exchange what the first pass put badly."""

import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from watcher_host_maintenance.core.ledger import Destination
from watcher_host_maintenance.core.snapshot import Instance


@dataclasses.dataclass(frozen=True)
class _Change:
    """One instance leaves a destination, another may come in its place.

    :ivar height: utilisation of the fuller of both destinations afterwards
    """

    height: float
    instance: Instance
    source: Destination
    destination: Destination
    back: Instance | None

    @property
    def key(self) -> tuple[float, str, str, str]:
        """Lowest first; ties by the names of who moves where."""
        back = self.back.uuid if self.back else ''
        return (
            self.height,
            self.destination.hostname,
            self.instance.uuid,
            back,
        )


def even(
    instances: Sequence[Instance],
    where: Mapping[str, str],
    destinations: Sequence[Destination],
    steps: int,
) -> dict[str, str]:
    """Lower the fullest destination as long as one exchange does it.

    Only destinations that got instances count: what was there before stays
    where it is.

    :param where: instance UUID -> hostname, a placement that fits
    :param steps: how many exchanges may be looked at
    :returns: a placement of the same instances that fits as well
    """
    placed = [i for i in instances if i.uuid in where]
    board = _Board(placed, where, destinations)
    change = board.best_change(steps)
    while change is not None:
        steps -= board.looked
        board.apply(change)
        change = board.best_change(steps)
    return board.clear()


class _Board:
    """The instances on their destinations, while they are exchanged."""

    def __init__(
        self,
        placed: Sequence[Instance],
        where: Mapping[str, str],
        destinations: Sequence[Destination],
    ):
        self.destinations = destinations
        self.on: dict[str, list[Instance]] = {
            d.hostname: [] for d in destinations
        }
        self.hosts = {d.hostname: d for d in destinations}
        self.looked = 0
        for instance in placed:
            self._put(instance, self.hosts[where[instance.uuid]])

    def clear(self) -> dict[str, str]:
        """Take all off again; return instance UUID -> hostname."""
        where = {}
        for hostname, there in self.on.items():
            for instance in list(there):
                self._take_off(instance, self.hosts[hostname])
                where[instance.uuid] = hostname
        return where

    def best_change(self, steps: int) -> _Change | None:
        """Find the exchange after which the fullest is lowest, if any."""
        self.looked = 0
        got = [d for d in self.destinations if self.on[d.hostname]]
        if not got or steps <= 0:
            return None
        fullest = max(got, key=lambda d: (d.utilisation(), d.hostname))
        before = fullest.utilisation()
        changes = self._changes(fullest, before, steps)
        return min(changes, key=lambda c: c.key, default=None)

    def apply(self, change: _Change) -> None:
        """Do an exchange."""
        self._take_off(change.instance, change.source)
        if change.back is not None:
            self._take_off(change.back, change.destination)
            self._put(change.back, change.source)
        self._put(change.instance, change.destination)

    def _changes(
        self, fullest: Destination, before: float, steps: int
    ) -> Iterator[_Change]:
        for instance in list(self.on[fullest.hostname]):
            self._take_off(instance, fullest)
            for destination in self.destinations:
                if destination is fullest:
                    continue
                for back in (None, *self.on[destination.hostname]):
                    self.looked += 1
                    height = self._height(fullest, instance, destination, back)
                    if height is not None and height < before:
                        yield _Change(
                            height, instance, fullest, destination, back
                        )
            self._put(instance, fullest)
            if self.looked >= steps:
                return

    def _height(
        self,
        fullest: Destination,
        instance: Instance,
        destination: Destination,
        back: Instance | None,
    ) -> float | None:
        """Return the fuller utilisation after an exchange; None: no room.

        The instance has been taken off the fullest already.
        """
        if back is not None:
            destination.give_back(back)
        fits = _as_good(instance, fullest, destination) and (
            back is None or _as_good(back, destination, fullest)
        )
        height = max(
            destination.utilisation(instance.resources),
            fullest.utilisation(back.resources if back else None),
        )
        if back is not None:
            destination.take(back)
        return height if fits else None

    def _put(self, instance: Instance, destination: Destination) -> None:
        destination.take(instance)
        self.on[destination.hostname].append(instance)

    def _take_off(self, instance: Instance, destination: Destination) -> None:
        destination.give_back(instance)
        self.on[destination.hostname].remove(instance)


def _as_good(
    instance: Instance, before: Destination, after: Destination
) -> bool:
    """Tell whether it fits, and no soft policy likes it less there."""
    return after.fits(instance) and after.dislikes(
        instance
    ) <= before.dislikes(instance)
