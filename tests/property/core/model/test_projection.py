# SPDX-License-Identifier: Apache-2.0

import collections
import dataclasses

import hypothesis

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model import projection
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.snapshot import AFFINITY
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.scheduling import steps


LIMITS = Limits.of(20_000)


def amounts(instances):
    """Hostname and class -> the amount that these instances hold there."""
    held = collections.Counter()
    for instance in instances:
        for resource_class, amount in instance.resources.items():
            held[instance.host, resource_class] += amount
    return held


def members(snapshot):
    """Group and hostname -> how many of the known instances are there.

    In an affinity group the other end of a move does not count.
    """
    affinity = {g.uuid for g in snapshot.groups if g.policy == AFFINITY}
    return collections.Counter(
        (i.group, i.host)
        for i in snapshot.instances
        if i.group and not (i.elsewhere and i.group in affinity)
    )


class TestEveryProjection(base.TestCase):
    """Whatever the cluster, a plan leaves what it says that it leaves."""

    @generated.settings(600)
    @hypothesis.given(generated.cases() | generated.tight_cases())
    def test_planned_nodes_are_empty(self, case):
        known, request = case
        outcome = drain.plan(known, request, LIMITS)
        after = projection.after_outcome(known, outcome)
        for node in outcome.nodes:
            if node.verdict is Verdict.REFUSED:
                continue
            left = {i.instance_uuid for i in (*node.stays, *node.stops)}
            self.assertEqual(
                left,
                {
                    i.uuid
                    for i in after.instances_on(node.hostname)
                    if i.vm_state not in ('deleted', 'shelved_offloaded')
                },
            )
            there = after.by_hostname[node.hostname]
            self.assertTrue(
                there.status == 'disabled' or there.state == 'down'
            )

    @generated.settings(600)
    @hypothesis.given(generated.cases() | generated.tight_cases())
    @hypothesis.example(
        generated.case(sources=1, others=1, servers=1, seed=1859)
    )
    def test_nothing_is_lost_or_held_twice(self, case):
        known, request = case
        outcome = drain.plan(known, request, LIMITS)
        after = projection.after_outcome(known, outcome)
        held, holds = amounts(known.instances), amounts(after.instances)
        for old, new in zip(known.nodes, after.nodes, strict=True):
            for c in old.used.keys() | new.used.keys():
                key = new.hostname, c
                self.assertEqual(
                    old.used.get(c, 0) - held[key],
                    new.used.get(c, 0) - holds[key],
                )
            self.assertEqual(
                old.instance_count - len(known.instances_on(old.hostname)),
                new.instance_count - len(after.instances_on(new.hostname)),
            )
        before, now = members(known), members(after)
        for old, new in zip(known.groups, after.groups, strict=True):
            for hostname in old.members.keys() | new.members.keys():
                key = new.uuid, hostname
                self.assertEqual(
                    old.members.get(hostname, 0) - before[key],
                    new.members.get(hostname, 0) - now[key],
                )

    @generated.settings(300)
    @hypothesis.given(generated.cases() | generated.tight_cases())
    def test_can_be_planned_and_checked_again(self, case):
        known, request = case
        outcome = drain.plan(known, request, LIMITS)
        after = projection.after_outcome(known, outcome)
        again = drain.plan(after, request, LIMITS)
        schedule = steps.schedule(after, again)
        self.assertEqual((), check.check(after, request, again, schedule))
        verdicts = {n.hostname: n.verdict for n in again.nodes}
        for node in outcome.nodes:
            if node.verdict is Verdict.PLANNED and not (
                node.stays or node.stops
            ):
                self.assertIs(Verdict.FINISHED, verdicts[node.hostname])

    @generated.settings(200)
    @hypothesis.given(generated.cases() | generated.tight_cases())
    def test_plan_is_the_same_if_servers_are_known_everywhere(self, case):
        known, request = case
        emptied = {i.host for i in known.instances}
        emptied.update(request.maintenance_nodes)
        emptied.update(
            n.hostname for n in known.nodes if n.status != 'enabled'
        )
        # Those that may move could make room, which a refusal would advise.
        residents = [
            an_instance(
                f'resident-{node.hostname}',
                node.hostname,
                vcpus=0,
                memory_mb=0,
                disk_gb=0,
                resources={c: n for c, n in node.used.items() if n},
                excluded=True,
            )
            for node in known.nodes
            if node.hostname not in emptied
        ]
        everywhere = dataclasses.replace(
            known, instances=(*known.instances, *residents)
        )
        self.assertEqual(
            drain.plan(known, request, LIMITS),
            drain.plan(everywhere, request, LIMITS),
        )
