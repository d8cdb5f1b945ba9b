# SPDX-License-Identifier: Apache-2.0

import itertools

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core import builders
from tests.unit.core.builders import a_place
from tests.unit.core.builders import an_inventory
from tests.unit.core.builders import holding
from tests.unit.core.planning.builders import fits
from tests.unit.core.planning.builders import hosts
from tests.unit.core.planning.builders import loads
from tests.unit.core.planning.builders import place_all
from tests.unit.core.planning.builders import servers
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules.rule import Leaver


class TestFits(base.TestCase):
    @generated.settings(300)
    @hypothesis.given(generated.cases(), st.randoms(use_true_random=False))
    def test_is_the_judgement_of_the_rules(self, case, random):
        """What takes an instance has no objection, and the other way."""
        known, request = case
        leavers = [
            Leaver(i, leaving.kind(i, request)) for i in known.instances
        ]
        judge = hosting.Judge(known, request, leavers)
        for node in known.nodes:
            taken = []
            for instance in known.instances:
                there = builders.a_destination(
                    node, request.headroom_percent, known.groups, taken
                )
                place = a_place(
                    node,
                    request.headroom_percent,
                    known.groups,
                    taken,
                    judge.refused(node),
                )
                self.assertEqual(
                    not judge.objections(instance, there),
                    fits(instance, place, known.groups),
                )
                if random.random() < 0.3:
                    taken.append(instance)


CLASSES = st.sampled_from(['VCPU', 'MEMORY_MB', 'DISK_GB', 'VGPU'])


OFFERS = st.builds(
    lambda total, kept, ratio, most, least, step: an_inventory(
        total, min(kept, total), ratio, most, min_unit=least, step_size=step
    ),
    st.integers(0, 20),
    st.integers(0, 3),
    st.sampled_from([0.3, 0.9, 1.0, 1.1, 1.5, 16.0]),
    st.none() | st.integers(1, 12),
    st.integers(1, 4),
    st.integers(1, 4),
)


class TestRoomForAny(base.TestCase):
    @generated.settings(300)
    @hypothesis.given(
        inventory=st.dictionaries(CLASSES, OFFERS),
        used=st.dictionaries(CLASSES, st.integers(0, 25)),
        wanted=st.dictionaries(CLASSES, st.integers(1, 12)),
        headroom=st.sampled_from([0.0, 10.0, 33.3]),
    )
    def test_is_the_judgement_of_the_rules(
        self, inventory, used, wanted, headroom
    ):
        node = ComputeNode('compute-2', inventory=inventory, used=used)
        instance = holding(wanted)
        judge = hosting.Judge(builders.a_snapshot(), builders.a_request())
        there = builders.a_destination(node, headroom)
        self.assertEqual(
            not judge.objections(instance, there),
            fits(instance, a_place(node, headroom)),
        )


class TestEvenness(base.TestCase):
    @generated.settings(150)
    @hypothesis.given(
        st.lists(st.integers(1, 6), min_size=1, max_size=5),
        st.lists(st.integers(0, 8), min_size=2, max_size=3),
    )
    def test_is_the_best(self, sizes, used):
        """No assignment has a lower fullest among those that are used."""
        names = 'ABC'[: len(used)]
        before = dict(zip(names, used, strict=True))
        taken = {h: {'VCPU': n} for h, n in before.items()}
        found = place_all(
            servers(*sizes), hosts(*len(used) * [64], taken=taken), Limits()
        )

        def fullest(where):
            sums = loads(sizes, where, before)
            return max(sums[h] for h in where.values())

        best = min(
            fullest(dict(zip('abcdefgh', choice, strict=False)))
            for choice in itertools.product(names, repeat=len(sizes))
        )
        self.assertEqual(best, fullest(found.where))
