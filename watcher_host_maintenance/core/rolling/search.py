# SPDX-License-Identifier: Apache-2.0

"""Find an order of waves in which few servers move twice.

A node that comes back is empty: the next node's servers go there, as far as
rules allow, so that usually only the first node of all, or of a zone, costs
moves that are repeated. The lightest nodes come first, since each leaves more
room than it takes; where it would cost repeated moves, the cheapest of a few
nodes is next. With more than one node at a time, some repeated moves buy
waves that are wide from the start. Only where no node can be emptied, servers
of other nodes move first, if the request allows that.
"""

import collections
import dataclasses
import itertools

from collections.abc import Iterable
from collections.abc import Sequence
from typing import NamedTuple

from watcher_host_maintenance.core.model.plan import Move
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.packing.problem import BALANCED
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.planning import node_work
from watcher_host_maintenance.core.rolling import canaries
from watcher_host_maintenance.core.rolling.waves import Draft
from watcher_host_maintenance.core.rolling.waves import draft
from watcher_host_maintenance.core.rolling.waves import draft_making_room
from watcher_host_maintenance.core.rolling.waves import is_impossible
from watcher_host_maintenance.core.rolling.world import ANY_ZONE
from watcher_host_maintenance.core.rolling.world import Amounts
from watcher_host_maintenance.core.rolling.world import World
from watcher_host_maintenance.core.rolling.world import needed


MOST_TRIED = 24
"""How many nodes are tried that may cost no repeated move."""

MOST_COMPARED = 8
"""How many nodes are compared when each would cost repeated moves."""


@dataclasses.dataclass(frozen=True)
class Order:
    """As many waves as were found.

    :ivar drafts: the waves
    :ivar world: after the last of them; its undone nodes have no wave
    """

    drafts: tuple[Draft, ...]
    world: World

    @property
    def moves(self) -> int:
        """How many moves there are in all waves."""
        return sum(draft.moves for draft in self.drafts)


def search(
    world: World,
    limits: Limits,
    budget: int,
    first: Sequence[str] = (),
    awaited: Sequence[str] = (),
) -> Order:
    """Find waves until no node of the set is left, or none can be emptied.

    :param budget: how many moves may be repeated for the sake of wide waves
    :param first: hostnames that come before all others when they can
    :param awaited: hostnames of nodes that came back and need a canary
    """
    finder = _Search(limits, first, budget)
    drafts = []
    while world.undone:
        sent = finder.sent(world, awaited)
        ready = world.moved(sent)
        wave = finder.wave(ready)
        if wave is None:
            break
        drafts.append(dataclasses.replace(wave, canaries=sent))
        world = ready.after(wave.hostnames, wave.outcome)
        awaited = _awaited(world, wave)
    return Order(tuple(drafts), world)


def _awaited(world: World, wave: Draft) -> tuple[str, ...]:
    """Return the nodes of a wave that need a canary when they are back."""
    if not world.request.canary:
        return ()
    stayed = {
        instance.instance_uuid
        for node in wave.outcome.nodes
        for instance in (*node.stays, *node.stops)
    }
    return canaries.without_runner(world.snapshot, wave.hostnames, stayed)


class _Work(NamedTuple):
    """What has to leave one node.

    :ivar servers: all that were on it when this was worked out
    :ivar share: how much of the node they need, of their fullest class
    """

    servers: tuple[Instance, ...]
    moving: tuple[Instance, ...]
    need: Amounts
    share: float


class _Search:
    """What a search remembers between waves.

    :ivar budget: moves that may still be repeated for the sake of width
    """

    def __init__(self, limits: Limits, first: Sequence[str], budget: int):
        self.limits = limits
        self.quick = limits.quick()
        self.budget = budget
        self._first = {hostname: n for n, hostname in enumerate(first)}
        self._failures: dict[str, int] = {}
        self._works: dict[str, _Work] = {}

    def sent(self, world: World, awaited: Sequence[str]) -> tuple[Move, ...]:
        """Return the moves to nodes that came back, before the next wave."""
        if not awaited:
            return ()
        sources = self._ranked(world)
        return canaries.choose(world, awaited, sources, self.quick)

    def _ranked(self, world: World) -> list[str]:
        return sorted(world.undone, key=lambda h: self._rank(world, h))

    def wave(self, world: World) -> Draft | None:
        """Return the next wave; None if no node can be emptied."""
        ranked = [h for h in self._ranked(world) if world.may_be_out([h])]
        idle = [h for h in ranked if not self._work(world, h).moving]
        wave = self._idle(world, idle)
        wave = wave or self._without_repeats(world, ranked)
        if wave is None:
            # The fewest first: those that may cost least.
            ranked.sort(key=lambda h: (self._place(h), self._lack(world, [h])))
            wave = self._cheapest(world, ranked)
        if wave is None:
            # Not widened: what moves first is little as it is.
            return self._making_room(world, ranked)
        return self._widened(world, wave, ranked)

    def _work(self, world: World, hostname: str) -> _Work:
        """Return what has to leave a node; worked out once if it can be."""
        servers = world.snapshot.instances_on(hostname)
        work = self._works.get(hostname)
        if work is None or work.servers != servers:
            node = world.snapshot.by_hostname[hostname]
            moving = node_work.judge(
                node, world.snapshot, world.request
            ).moving
            need = needed(moving)
            work = _Work(servers, moving, need, _share(need, node))
            self._works[hostname] = work
        return work

    def _place(self, hostname: str) -> int:
        return self._first.get(hostname, len(self._first))

    def _rank(
        self, world: World, hostname: str
    ) -> tuple[int, int, bool, bool, float, str]:
        """Return what nodes are sorted by, those to be tried first first."""
        node = world.snapshot.by_hostname[hostname]
        return (
            self._place(hostname),
            self._failures.get(hostname, 0),
            hostname not in world.out,
            bool(world.zone) and node.zone != world.zone,
            self._work(world, hostname).share,
            hostname,
        )

    def _lack(self, world: World, hostnames: Iterable[str]) -> int:
        """Estimate how many servers have no room on settled nodes."""
        moving = [i for h in hostnames for i in self._work(world, h).moving]
        room, lack = collections.Counter(world.room), 0
        for instance in sorted(moving, key=lambda i: (i.memory_mb, i.uuid)):
            need = needed([instance])
            if all(room[key] >= amount for key, amount in need.items()):
                room.subtract(need)
            else:
                lack += 1
        return lack

    def _idle(self, world: World, idle: Sequence[str]) -> Draft | None:
        """Return a wave of nodes off which nothing has to move."""
        for width in range(min(len(idle), world.request.parallel), 0, -1):
            if not world.may_be_out(idle[:width]):
                continue
            wave = draft(world, idle[:width], self.quick)
            if wave is not None:
                return wave
        return None

    def _without_repeats(
        self, world: World, ranked: Sequence[str]
    ) -> Draft | None:
        """Return a wave that costs no repeated move, as wide as is easy."""
        able = [h for h in ranked if world.has_room(self._work(world, h).need)]
        for number, hostname in enumerate(able[:MOST_TRIED]):
            wave = self._joint(world, able[number:])
            if wave is not None:
                return wave
            self._failures[hostname] = self._failures.get(hostname, 0) + 1
        return None

    def _joint(self, world: World, hostnames: Sequence[str]) -> Draft | None:
        """Return a wide wave of the first of these and some others."""
        chosen, need = [], Amounts()
        for hostname in hostnames:
            more = need + self._work(world, hostname).need
            if world.has_room(more):
                chosen.append(hostname)
                need = more
            if len(chosen) == world.request.parallel:
                break
        for width in range(len(chosen), 0, -1):
            if not world.may_be_out(chosen[:width]):
                continue
            wave = draft(world, chosen[:width], self.quick)
            if wave is not None:
                return wave
        return None

    def _cheapest(self, world: World, ranked: Sequence[str]) -> Draft | None:
        """Return the wave of one node that costs the fewest repeated moves.

        Only if no short search helps, each that is not proved to be impossible
        has all the time it may have.
        """
        found = _some(world, ranked, self.quick) or _some(
            world,
            [h for h in ranked if not is_impossible(world, h, self.quick)],
            self.limits,
        )
        return min(
            found,
            key=lambda w: (self._place(w.hostnames[0]), w.repeats),
            default=None,
        )

    def _making_room(
        self, world: World, ranked: Sequence[str]
    ) -> Draft | None:
        """Return the wave of one node that the fewest other moves allow."""
        if not world.request.max_secondary_moves:
            return None
        drafts = (
            draft_making_room(world, [hostname], self.limits)
            for hostname in ranked[:MOST_TRIED]
        )
        found = [*itertools.islice(filter(None, drafts), MOST_COMPARED)]
        return min(
            found,
            key=lambda w: (
                self._place(w.hostnames[0]),
                len(w.outcome.secondary_moves),
                w.repeats,
            ),
            default=None,
        )

    def _widened(
        self, world: World, wave: Draft, ranked: Sequence[str]
    ) -> Draft:
        """Return a wave with more nodes, if the budget covers its cost."""
        others = [h for h in ranked if h not in wave.hostnames]
        most = min(world.request.parallel, len(wave.hostnames) + len(others))
        for width in range(most, len(wave.hostnames), -1):
            more = others[: width - len(wave.hostnames)]
            hostnames = (*wave.hostnames, *more)
            affordable = wave.repeats + self.budget
            if not world.may_be_out(hostnames):
                continue
            if self._lack(world, hostnames) > affordable:
                continue
            wider = draft(world, hostnames, self.quick, may_repeat=True)
            if wider is not None and wider.repeats <= affordable:
                self.budget -= max(wider.repeats - wave.repeats, 0)
                return wider
        return wave


def _some(
    world: World, hostnames: Iterable[str], limits: Limits
) -> list[Draft]:
    """Return the first waves of one node that may cost repeated moves."""
    drafts = (draft(world, [h], limits, may_repeat=True) for h in hostnames)
    return [*itertools.islice(filter(None, drafts), MOST_COMPARED)]


def _share(need: Amounts, node: ComputeNode) -> float:
    """Return how much of a node is needed, of the fullest balanced class."""
    return max(
        (
            need[ANY_ZONE, c] / offer.capacity
            for c in BALANCED
            if (offer := node.inventory.get(c)) and offer.capacity > 0
        ),
        default=0.0,
    )
