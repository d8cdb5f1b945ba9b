# SPDX-License-Identifier: Apache-2.0

import dataclasses

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.property.core.scheduling.test_holding import LIMITS
from tests.property.core.scheduling.test_holding import NOW_S
from tests.property.core.scheduling.test_holding import PACES
from tests.property.core.scheduling.test_holding import WINDOWS
from tests.unit import base
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.checking import check
from watcher_host_maintenance.core.model.notice import GO
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.request import CloseAt
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.rules import owners
from watcher_host_maintenance.core.scheduling import notices
from watcher_host_maintenance.core.scheduling import steps


CASES = generated.owned_cases()


def of_instances(known, fields):
    """Return the snapshot with other fields of its instances."""
    instances = [dataclasses.replace(i, **fields(i)) for i in known.instances]
    return dataclasses.replace(known, instances=tuple(instances))


class TestNotices(base.TestCase):
    """Whatever owners say and a window allows, what begins is proved."""

    @generated.settings(600)
    @hypothesis.given(
        CASES,
        WINDOWS | st.none(),
        WINDOWS | st.none(),
        PACES,
        st.sampled_from(CloseAt),
    )
    def test_are_proved(self, case, window, later, pace, close):
        known, request = case
        # The windows are about another now than the cases.
        later_s = NOW_S - request.now_s
        request = dataclasses.replace(
            request,
            now_s=NOW_S,
            answer_by_s=request.answer_by_s + later_s,
            window=window,
            later=later,
            close=close,
        )
        whole = drain.plan(known, request, LIMITS, advises=False)
        part = notices.begin(whole, known, request, pace)
        schedule = steps.schedule(known, part, pace)
        self.assertEqual((), check.check(known, request, part, schedule, pace))
        begins = (*part.moves, *part.stops, *part.releases)
        for action in begins:
            instance = known.by_uuid.get(action.instance_uuid)
            if instance is not None:
                self.assertTrue(owners.is_due(instance, request))

    @generated.settings(300)
    @hypothesis.given(CASES, PACES)
    def test_nothing_is_told_twice(self, case, pace):
        known, request = case
        known = of_instances(
            known,
            # Whoever goes before the time moves.
            lambda i: {'owner_words': tuple({*i.owner_words} - {GO})},
        )
        later = Window(request.now_s + 1, None)
        request = dataclasses.replace(request, window=later, later=None)
        whole = drain.plan(known, request, LIMITS, advises=False)
        part = notices.begin(whole, known, request, pace)
        self.assertEqual((), (*part.moves, *part.stops, *part.releases))
        told = {n.instance_uuid: n.notice for n in part.notices}
        after = of_instances(
            known, lambda i: {'notice': told.get(i.uuid, i.notice)}
        )
        again = notices.begin(whole, after, request, pace)
        self.assertEqual((), again.notices)

    @generated.settings(200)
    @hypothesis.given(CASES)
    def test_no_notice_has_a_name_or_a_word(self, case):
        known, request = case
        whole = drain.plan(known, request, LIMITS, advises=False)
        part = notices.begin(whole, known, request, Pace())
        texts = {node.hostname for node in known.nodes}
        texts |= {i.name for i in known.instances} | {'red', 'blue'}
        for notify in part.notices:
            written = ' '.join(notify.notice.to_metadata().values())
            self.assertFalse([text for text in texts if text in written])
