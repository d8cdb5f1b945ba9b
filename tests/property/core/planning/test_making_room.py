# SPDX-License-Identifier: Apache-2.0

"""The fewest servers of other nodes move, by trying every order of moves.

Written without the planner: rules are the checker's, room is one sum.
"""

import dataclasses

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import ddt
import hypothesis

from benchmarks import making_room as benchmark
from tests.property.core import exhaustive
from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.advice import remedy_check
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.scheduling import steps


EMPTIED = 'compute-1'
CLASSES = ('VCPU', 'MEMORY_MB')
CLOUDS = 10
MOVES = remedy_check.SECONDARY
WILLING = frozenset({'move', 'go'})


class Cloud:
    """Where servers may go, and whether they fit there.

    :ivar leaving: servers of the node to empty
    :ivar movable: servers of other nodes that may move first
    """

    def __init__(self, known: Snapshot, request: Request):
        self.by_uuid = known.by_uuid
        self.hosts = [n.hostname for n in exhaustive.spreads(known)]
        self.leaving = known.instances_on(EMPTIED)
        self.movable = [
            i
            for i in known.instances
            if i.host != EMPTIED
            and i.vm_state in ('active', 'paused')
            and WILLING.issuperset(i.owner_words)
        ]
        share = (100 - request.headroom_percent) / 100
        self.room = {
            n.hostname: {
                c: n.inventory[c].capacity * share - n.used.get(c, 0)
                for c in CLASSES
            }
            for n in exhaustive.spreads(known)
        }
        self.groups = {g.uuid: g for g in known.groups}
        self.may = {
            (i.uuid, n.hostname)
            for i in (*self.leaving, *self.movable)
            for n in exhaustive.spreads(known)
            if n.hostname != i.host
            and not exhaustive.refused(known, request, n, i)
        }

    def fits(
        self, instance: Instance, host: str, moved: Mapping[str, str]
    ) -> bool:
        """Return True if a server fits on a host after these moves."""
        return (instance.uuid, host) in self.may and all(
            needs <= free
            for needs, free in self._balance(instance, host, moved)
        )

    def _balance(
        self, instance: Instance, host: str, moved: Mapping[str, str]
    ) -> Iterator[tuple[float, float]]:
        """Yield what a server needs on a host, and what is free."""
        moves = [(self.by_uuid[uuid], to) for uuid, to in moved.items()]
        come = [i for i, to in moves if to == host]
        left = [i for i, _to in moves if i.host == host]
        for c in CLASSES:
            balance = sum(i.resources[c] for i in left) - sum(
                i.resources[c] for i in come
            )
            yield instance.resources[c], self.room[host][c] + balance
        group = self.groups.get(instance.group)
        if group is not None:
            members = sum(i.group == instance.group for i in come) - sum(
                i.group == instance.group for i in left
            )
            members += group.members.get(host, 0)
            yield 1, group.max_server_per_host - members

    def places(
        self, instances: Sequence[Instance], moved: Mapping[str, str]
    ) -> bool:
        """Return True if all of these fit after the moves of others."""
        if not instances:
            return True
        first, *others = instances
        return any(
            self.places(others, {**moved, first.uuid: host})
            for host in self.hosts
            if self.fits(first, host, moved)
        )

    def memory_mb(self, uuids: Iterable[str]) -> int:
        """Return the memory of these together."""
        return sum(self.by_uuid[uuid].memory_mb for uuid in uuids)

    def needed(self, most: int) -> tuple[int, int] | None:
        """Return how many moves, and of how much memory; None is more."""
        orders = [dict[str, str]()]
        for count in range(most + 1):
            enough = [m for m in orders if self.places(self.leaving, m)]
            if enough:
                return count, min(map(self.memory_mb, enough))
            further = (
                {**moved, instance.uuid: host}
                for moved in orders
                for instance in self.movable
                for host in self.hosts
                if instance.uuid not in moved
                and self.fits(instance, host, moved)
            )
            orders = [*{frozenset(m.items()): m for m in further}.values()]
        return None


class TestMakingRoom(base.TestCase):
    @generated.settings(1200)
    @hypothesis.given(generated.fragmented_cases())
    def test_fewest_moves_then_least_memory(self, case):
        known, request = case
        most = request.max_secondary_moves
        outcome = drain.plan(known, request, advises=False)
        schedule = steps.schedule(known, outcome)
        self.assertEqual((), check.check(known, request, outcome, schedule))
        cloud = Cloud(known, request)
        expected = cloud.needed(most)
        if expected is None:
            self.assertEqual((), outcome.secondary_moves)
            self.assertTrue(outcome.lacks_room)
            return
        moved = {m.instance_uuid for m in outcome.secondary_moves}
        self.assertFalse(outcome.lacks_room)
        self.assertEqual(expected, (len(moved), cloud.memory_mb(moved)))

    @generated.settings(400)
    @hypothesis.given(generated.fragmented_cases())
    def test_advice(self, case):
        """A refusal names the moves if one or two help, and no others."""
        known, request = case
        request = dataclasses.replace(
            request, max_secondary_moves=0, on_blocked=OnBlocked.FAIL
        )
        remedies = [
            remedy
            for node in drain.plan(known, request).nodes
            for remedy in node.remedies
            if remedy.reason in MOVES
        ]
        count, _memory_mb = Cloud(known, request).needed(2) or (0, 0)
        self.assertEqual(
            [count] if count else [], [MOVES[r.reason] for r in remedies]
        )
        for remedy in remedies:
            outcome = drain.plan(*remedy_check.taken(known, request, remedy))
            names = {remedy.subject, remedy.facts.get('other', remedy.subject)}
            self.assertEqual(
                names, {m.instance_name for m in outcome.secondary_moves}
            )


@ddt.ddt
class TestLargerClouds(base.TestCase):
    """The clouds of a benchmark, beside its model of whole numbers."""

    @ddt.data(*benchmark.USES)
    def test_as_few_as_the_exact_model(self, use):
        clouds = [benchmark.try_cloud(seed, use) for seed in range(CLOUDS)]
        refused = [c for c in clouds if c is not None]
        self.assertTrue(any(c.counts[1] for c in refused))
        for cloud in refused:
            # The model may need more time than it gets.
            for most, fewest in cloud.exact.items():
                if fewest is not None:
                    self.assertEqual(fewest, cloud.counts[most])
