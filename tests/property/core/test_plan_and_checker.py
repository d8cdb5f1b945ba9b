# SPDX-License-Identifier: Apache-2.0


"""Whatever the cluster, the plan is proved, stable, and the best there is."""

import dataclasses
import os
import subprocess
import sys
import textwrap

import hypothesis

from hypothesis import strategies as st

from tests.property.core import exhaustive
from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.advice.unplaced import NO_FIT_FOUND
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.plan import Method
from watcher_host_maintenance.core.model.plan import Outcome
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.scheduling import steps as schedule


LIMITS = Limits.of(20_000)
PROGRAM_ALONE = dataclasses.replace(LIMITS, ejections=0)


def plan(known: Snapshot, request: Request) -> str:
    """The whole answer, as bytes would show it."""
    outcome = drain.plan(known, request, LIMITS)
    steps = schedule.schedule(known, outcome)
    return document.dumps(outcome) + document.dumps(steps)


class TestEveryPlan(base.TestCase):
    @generated.settings(1600)
    @hypothesis.given(
        generated.cases() | generated.tight_cases() | generated.crowded_cases()
    )
    def test_is_proved(self, case):
        known, request = case
        outcome = drain.plan(known, request, LIMITS)
        steps = schedule.schedule(known, outcome)
        self.assertEqual((), check.check(known, request, outcome, steps))

    @generated.settings(300)
    @hypothesis.given(generated.crowded_cases())
    def test_makes_room_only_where_it_has_to(self, case):
        known, request = case
        without = dataclasses.replace(request, max_secondary_moves=0)
        direct = drain.plan(known, without, LIMITS, advises=False)
        outcome = drain.plan(known, request, LIMITS, advises=False)
        if not outcome.secondary_moves:
            self.assertEqual(direct, outcome)
            return
        self.assertTrue(direct.lacks_room)
        count = len(outcome.secondary_moves)
        self.assertLessEqual(count, request.max_secondary_moves)
        fewer = dataclasses.replace(request, max_secondary_moves=count - 1)
        outcome = drain.plan(known, fewer, LIMITS, advises=False)
        self.assertEqual((), outcome.secondary_moves)

    @generated.settings(200)
    @hypothesis.given(generated.cases() | generated.tight_cases())
    def test_is_the_same_on_a_slow_machine(self, case):
        """Core reads no clock, and HiGHS its own, for the guard alone.

        One that runs four times as fast leaves a quarter of the time.
        """
        limits = dataclasses.replace(PROGRAM_ALONE, nodes=50)
        slow = dataclasses.replace(limits, guard_s=limits.guard_s / 4)
        self.assertEqual(drain.plan(*case, limits), drain.plan(*case, slow))

    @generated.settings(100)
    @hypothesis.given(generated.cases() | generated.tight_cases())
    def test_goes_nowhere_where_nobody_may_have_any(self, case):
        known, request = case
        idle = known.nodes[-1]
        inventory = {
            c: dataclasses.replace(offer, allocation_ratio=0.0)
            for c, offer in idle.inventory.items()
        }
        known = dataclasses.replace(
            known,
            nodes=(
                *known.nodes[:-1],
                dataclasses.replace(idle, inventory=inventory),
            ),
        )
        outcome = drain.plan(known, request, LIMITS)
        steps = schedule.schedule(known, outcome)
        self.assertEqual((), check.check(known, request, outcome, steps))
        uuids = {
            m.instance_uuid
            for m in outcome.moves
            if m.destination == idle.hostname
        }
        self.assertEqual(
            [], [i for i in known.instances if i.uuid in uuids and i.resources]
        )

    @generated.settings(100)
    @hypothesis.given(
        generated.cases()
        | generated.tight_cases()
        | generated.crowded_cases(),
        st.randoms(use_true_random=False),
    )
    def test_does_not_depend_on_the_order_of_its_input(self, case, random):
        known, request = case

        def shuffled(items):
            items = list(items)
            random.shuffle(items)
            return tuple(items)

        def mixed(mapping):
            return dict(shuffled(mapping.items()))

        known_again = dataclasses.replace(
            known,
            nodes=shuffled(
                dataclasses.replace(
                    n,
                    inventory=mixed(n.inventory),
                    used=mixed(n.used),
                    traits=shuffled(n.traits),
                )
                for n in known.nodes
            ),
            instances=shuffled(
                dataclasses.replace(
                    i,
                    resources=mixed(i.resources),
                    extra_specs=mixed(i.extra_specs),
                )
                for i in known.instances
            ),
            groups=shuffled(
                dataclasses.replace(g, members=mixed(g.members))
                for g in known.groups
            ),
            aggregates=shuffled(
                dataclasses.replace(
                    a, hosts=shuffled(a.hosts), metadata=mixed(a.metadata)
                )
                for a in known.aggregates
            ),
            refusals=shuffled(known.refusals),
            hinted=mixed(known.hinted),
        )
        request_again = dataclasses.replace(
            request, maintenance_nodes=shuffled(request.maintenance_nodes)
        )
        self.assertEqual(
            plan(known, request), plan(known_again, request_again)
        )

    @generated.settings(50)
    @hypothesis.given(generated.cases())
    def test_is_the_same_twice(self, case):
        self.assertEqual(plan(*case), plan(*case))

    @generated.settings(100)
    @hypothesis.given(generated.cases() | generated.tight_cases())
    def test_is_the_same_whether_advice_is_asked_for_or_not(self, case):
        advised = drain.plan(*case, LIMITS)
        plain = drain.plan(*case, LIMITS, advises=False)
        self.assertEqual(
            self.but_for_advice(plain), self.but_for_advice(advised)
        )

    def but_for_advice(self, outcome):
        """The same without what is said of instances together."""
        return dataclasses.replace(
            outcome,
            nodes=tuple(
                dataclasses.replace(
                    n,
                    remedies=(),
                    findings=tuple(
                        f for f in n.findings if not f.reason.is_of_all
                    ),
                )
                for n in outcome.nodes
            ),
        )

    @generated.settings(50)
    @hypothesis.given(generated.cases())
    def test_is_the_same_for_a_snapshot_that_was_saved(self, case):
        known, request = case
        saved = document.loads(Snapshot, document.dumps(known))
        self.assertEqual(plan(known, request), plan(saved, request))


class TestOtherProcess(base.TestCase):
    """Sets and mappings iterate in another order; the plan is the same."""

    SCRIPT = textwrap.dedent(
        """
        import hypothesis
        from tests.property.core import generated
        from tests.property.core import test_plan_and_checker

        @generated.settings(200)
        @hypothesis.given(generated.cases())
        def show(case):
            print(test_plan_and_checker.plan(*case))

        show()
        """
    )

    def plans(self, hash_seed: str) -> str:
        """The plans of many cases, made in a process of their own."""
        return subprocess.run(
            [sys.executable, '-c', self.SCRIPT],
            env={
                **os.environ,
                'PYTHONHASHSEED': hash_seed,
                'PYTHONPATH': os.pathsep.join(sys.path),
            },
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def test_plan_is_the_same_byte_for_byte(self):
        one, two = self.plans('1'), self.plans('2')
        self.assertIn('"destination"', one)
        self.assertEqual(one, two)


def fullest(node: ComputeNode, group: tuple[Instance, ...]) -> float:
    """The used share of a node's fullest class, with these on it."""
    return max(
        (node.used.get(c, 0) + sum(i.resources.get(c, 0) for i in group))
        / node.inventory[c].capacity
        for c in ('VCPU', 'MEMORY_MB', 'DISK_GB')
    )


def moved(known: Snapshot, outcome: Outcome) -> tuple[Instance, ...]:
    """The instances that a plan moves."""
    uuids = {m.instance_uuid for m in outcome.moves}
    return tuple(i for i in known.instances if i.uuid in uuids)


CASES = generated.small_cases() | generated.tight_cases()
LIMITED = st.sampled_from([LIMITS, PROGRAM_ALONE])


class TestSmallCases(base.TestCase):
    """All assignments are tried: the planner finds as good a one."""

    @generated.settings(400)
    @hypothesis.given(CASES, LIMITED)
    def test_everything_is_placed_if_it_can_be(self, case, limits):
        known, request = case
        everything = known.instances
        fitting = [
            s
            for s in exhaustive.spares(known)
            if exhaustive.holds(case, s, everything)
        ]
        fits = everything in exhaustive.placements(
            case, exhaustive.spreads(known)
        )
        [node] = drain.plan(known, request, limits).nodes
        if fitting:
            self.assertIs(Method.UNUSED_HOST, node.method)
            tightest = min(
                fitting, key=lambda s: (-fullest(s, everything), s.hostname)
            )
            self.assertEqual(
                {tightest.hostname}, {m.destination for m in node.moves}
            )
        elif fits:
            self.assertIs(Method.SPREAD, node.method)
            self.assertEqual(len(everything), len(node.moves))
        else:
            self.assertIs(Verdict.REFUSED, node.verdict)
            self.assertTrue(node.stays)
            self.assertNotIn(NO_FIT_FOUND, {f.reason for f in node.findings})

    @generated.settings(400)
    @hypothesis.given(CASES, LIMITED)
    def test_the_most_is_moved_if_some_may_be_left(self, case, limits):
        known, request = case
        leave = dataclasses.replace(request, on_blocked=OnBlocked.LEAVE)
        methods = [
            *([s] for s in exhaustive.spares(known)),
            exhaustive.spreads(known),
        ]
        best = max(
            exhaustive.score(group)
            for hosts in methods
            for group in exhaustive.placements(case, hosts)
        )
        outcome = drain.plan(known, leave, limits)
        self.assertEqual(best, exhaustive.score(moved(known, outcome)))
