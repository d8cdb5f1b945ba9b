# SPDX-License-Identifier: Apache-2.0

"""Whatever the cluster and the window, the plan is cut, and nothing lost."""

import dataclasses

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Verdict
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.scheduling import holding
from watcher_host_maintenance.core.scheduling import steps


LIMITS = Limits.of(20_000)
NOW_S = 1_796_072_400
LONG_S = 1_000_000

WINDOWS = st.builds(
    lambda begins_s, length_s: Window(
        NOW_S + begins_s, None if length_s is None else NOW_S + length_s
    ),
    st.sampled_from([-LONG_S, -1, 0, 0, 0, 1]),
    st.sampled_from([None, LONG_S]) | st.integers(2, 150),
) | st.just(Window(NOW_S - 60, NOW_S))

PACES = st.builds(
    Pace,
    per_source=st.integers(1, 2),
    per_destination=st.integers(1, 3),
    overall=st.integers(1, 4),
    mib_per_s=st.sampled_from([1, 10, 100]),
)

CASES = generated.cases() | generated.tight_cases() | generated.crowded_cases()


def actions(node):
    """What becomes of the instances that something becomes of."""
    return (*node.moves, *node.stops, *node.releases)


class TestEveryWindow(base.TestCase):
    @generated.settings(300)
    @hypothesis.given(CASES, WINDOWS, PACES, st.sampled_from(CloseAt))
    def test_part_is_proved_and_nothing_is_lost(
        self, case, window, pace, close
    ):
        known, request = case
        request = dataclasses.replace(
            request, now_s=NOW_S, window=window, close=close
        )
        whole = drain.plan(known, request, LIMITS, advises=False)
        part = holding.hold(whole, known, request, pace)
        schedule = steps.schedule(known, part, pace)
        self.assertEqual((), check.check(known, request, part, schedule, pace))
        if whole.failed:
            self.assertEqual(whole, part)
            return
        for before, after in zip(whole.nodes, part.nodes, strict=True):
            begins = [a for a in actions(before) if a in actions(after)]
            self.assertEqual([*actions(after)], begins)
            waiting = {stay.instance_uuid for stay in after.waiting}
            self.assertEqual(
                {a.instance_uuid for a in actions(before)},
                waiting | {a.instance_uuid for a in begins},
            )
            kept = [s for s in after.stays if s not in after.waiting]
            self.assertEqual([*before.stays], kept)
            if before.verdict is not Verdict.PLANNED:
                self.assertEqual(before, after)
        self.assertLessEqual({*part.secondary_moves}, {*whole.secondary_moves})
        self.assertLessEqual({*part.enables}, {*whole.enables})
        if not window.is_open(NOW_S):
            self.assertEqual((), (*part.moves, *part.stops, *part.releases))

    @generated.settings(150)
    @hypothesis.given(CASES, st.sampled_from([None, NOW_S + LONG_S]))
    def test_all_begins_where_there_is_time(self, case, ends_s):
        known, request = case
        whole = drain.plan(known, request, LIMITS, advises=False)
        request = dataclasses.replace(
            request, now_s=NOW_S, window=Window(NOW_S, ends_s)
        )
        self.assertEqual(whole, holding.hold(whole, known, request, Pace()))

    @generated.settings(500)
    @hypothesis.given(CASES, PACES, st.data())
    def test_whoever_waits_for_another_reason_does_not_begin(
        self, case, pace, data
    ):
        known, request = case
        whole = drain.plan(known, request, LIMITS, advises=False)
        moving = st.sampled_from([m.instance_uuid for m in whole.moves])
        waiting = data.draw(st.sets(moving) if whole.moves else st.just(set()))
        finding = holding.NO_TIME_LEFT.about('x', takes_s=1, left_s=1, ends='')
        request = dataclasses.replace(
            request, now_s=NOW_S, window=Window(NOW_S, NOW_S + LONG_S)
        )
        waits = dict.fromkeys(waiting, finding)
        part = holding.hold(whole, known, request, pace, waits)
        schedule = steps.schedule(known, part, pace)
        self.assertEqual((), check.check(known, request, part, schedule, pace))
        self.assertEqual(
            set(), waiting & {move.instance_uuid for move in part.moves}
        )
        if not waiting:
            self.assertEqual(whole, part)
