# SPDX-License-Identifier: Apache-2.0

import dataclasses
import math

import hypothesis

from tests.property.core import exhaustive
from tests.property.core import generated
from tests.unit import base
from tests.unit.core.drains import LEAVE
from tests.unit.core.drains import conflicts
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.advice.conflict import CONFLICT
from watcher_host_maintenance.core.advice.conflict import CONFLICT_SUM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import LOWER_HEADROOM
from watcher_host_maintenance.core.advice.remedies import WAKE_SPARE
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.packing.result import Limits


LIMITS = Limits.of(20_000)


def named(known: Snapshot, names: tuple[str, ...]):
    """Instances by what a finding calls them, in the snapshot's order."""
    return tuple(i for i in known.instances if i.name in names)


def with_node(known: Snapshot, hostname: str, **changes: object) -> Snapshot:
    """The same snapshot but for one node."""
    return dataclasses.replace(
        known,
        nodes=tuple(
            dataclasses.replace(n, **changes) if n.hostname == hostname else n
            for n in known.nodes
        ),
    )


def freed(known: Snapshot, finding: Finding) -> Snapshot:
    """The snapshot after so much of a class was freed on a node."""
    c, amount = finding.facts['resource_class'], finding.facts['amount']
    node = known.by_hostname[finding.subject]
    used = {**node.used, c: node.used.get(c, 0) - amount}
    return with_node(known, finding.subject, used=used)


def enlarged(known: Snapshot, request: Request, finding: Finding) -> Snapshot:
    """The snapshot after a node was given so much more, beside headroom."""
    c, amount = finding.facts['resource_class'], finding.facts['amount']
    node: ComputeNode = known.by_hostname[finding.subject]
    offer = node.inventory[c]
    share = offer.allocation_ratio * (100 - request.headroom_percent) / 100
    # One more, since Placement rounds a capacity down.
    total = offer.total + math.ceil(amount / share) + 1
    larger = dataclasses.replace(offer, total=total)
    return with_node(
        known, finding.subject, inventory={**node.inventory, c: larger}
    )


def after(known: Snapshot, request: Request, finding: Finding):
    """What snapshots and requests a remedy leads to."""
    reason = finding.reason
    if reason is WAKE_SPARE:
        yield (
            with_node(
                known, finding.subject, status='enabled', disabled_reason=''
            ),
            request,
        )
    elif reason is LOWER_HEADROOM:
        percent = finding.facts['percent']
        yield known, dataclasses.replace(request, headroom_percent=percent)
    elif reason is LEAVE_SOME:
        yield known, dataclasses.replace(request, **LEAVE)
    else:
        node = known.by_hostname[finding.subject]
        used = node.used.get(finding.facts['resource_class'], 0)
        if used >= finding.facts['amount']:
            yield freed(known, finding), request
        yield enlarged(known, request, finding), request


def done(known, request, hostname):
    """The verdict on a node that is refused no more.

    One that was empty all along was refused for the others of the request.
    It has yet to be closed, unless it is.
    """
    node = known.by_hostname[hostname]
    may_be_filled = node.state == 'up' and node.status == 'enabled'
    to_be_marked = (
        node.status == 'disabled'
        and node.disabled_reason in request.unused_reasons
    )
    states = {i.vm_state for i in known.instances_on(hostname)}
    if states - {'deleted'} or may_be_filled or to_be_marked:
        return Verdict.PLANNED
    return Verdict.FINISHED


class TestWhatIsTold(base.TestCase):
    """Whatever the cluster, what is told is so."""

    @generated.settings(400)
    @hypothesis.given(generated.small_cases() | generated.tight_cases())
    def test_each_conflict_is_irreducible(self, case):
        known, request = case
        outcome = drain.plan(known, request, LIMITS)
        for finding in conflicts(outcome):
            together = named(known, finding.facts['names'])
            self.assertEqual(finding.facts['count'], len(together))
            hosts = exhaustive.spreads(known)
            self.assertFalse(self.have_places(case, hosts, together))
            for one in together:
                rest = tuple(i for i in together if i is not one)
                self.assertTrue(self.have_places(case, hosts, rest))

    @generated.settings(400)
    @hypothesis.given(generated.small_cases() | generated.tight_cases())
    def test_what_a_conflict_is_measured_in(self, case):
        known, request = case
        for finding in conflicts(drain.plan(known, request, LIMITS)):
            facts = finding.facts
            together = named(known, facts['names'])
            where = [
                n
                for n in exhaustive.spreads(known)
                if any(exhaustive.holds(case, n, (i,)) for i in together)
            ]
            self.assertEqual(facts['destinations'], len(where))
            self.assertIn(
                facts['hosts'], ((), tuple(n.hostname for n in where))
            )
            if finding.reason is CONFLICT_SUM:
                c = facts['resource_class']
                wanted = sum(i.resources.get(c, 0) for i in together)
                self.assertEqual(wanted, facts['wanted'])
                self.assertLess(facts['free'], wanted)
            elif finding.reason is not CONFLICT:
                self.assertLess(facts['most'], len(together))

    @generated.settings(600)
    @hypothesis.given(
        generated.cases() | generated.small_cases() | generated.tight_cases()
    )
    @hypothesis.example(
        generated.case(sources=3, others=2, servers=4, seed=334786)
    )
    def test_each_remedy_works(self, case):
        known, request = case
        outcome = drain.plan(known, request, LIMITS)
        for node in outcome.refused:
            for finding in node.remedies:
                for changed in after(known, request, finding):
                    self.assert_helps(node.hostname, finding, *changed)

    def have_places(self, case, hosts, instances):
        """Whether some assignment holds these and no others."""
        known, request = case
        alone = dataclasses.replace(known, instances=instances)
        return instances in exhaustive.placements((alone, request), hosts)

    def assert_helps(self, hostname, finding, known, request):
        outcome = drain.plan(known, request, LIMITS)
        [node] = [n for n in outcome.nodes if n.hostname == hostname]
        self.assertIs(done(known, request, hostname), node.verdict, finding)
        here, left = (
            {stay.instance_name for one in nodes for stay in one.blocked}
            for nodes in ([node], outcome.nodes)
        )
        if finding.reason is LEAVE_SOME:
            # Of the nodes that were tried together.
            named = set(finding.facts['names'])
            self.assertTrue(here <= named <= left, (here, named, left))
            self.assertTrue(outcome.moves)
        else:
            self.assertEqual(set(), here, finding)
