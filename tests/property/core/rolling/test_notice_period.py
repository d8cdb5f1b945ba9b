# SPDX-License-Identifier: Apache-2.0

"""Owners have their time before every wave, and no wave waits for ever."""

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.rolling import Journal
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.rolling import Told
from watcher_host_maintenance.core.rolling import notice_period


PERIOD_S, INTERVAL_S, MOST_S = 600, 200, 300
"""Notice period, time between two runs, and the longest time to write."""


class TestPeriod(base.TestCase):
    @generated.settings(60)
    @hypothesis.given(st.integers(1, 5), st.data())
    def test_is_kept_and_ends(self, count, data):
        """Whichever wave each run plans, and if plans are killed."""
        undone = {f'compute-{n}' for n in range(1, count + 1)}
        hosts = tuple(sorted(undone))
        snapshot = a_snapshot(
            [a_node(host) for host in hosts],
            [an_instance(f'web-{host}', host) for host in hosts],
        )
        kills = data.draw(st.integers(0, 3), label='kills')
        runs = 2 * count + kills
        slack_s = PERIOD_S + notice_period.WRITING_S + MOST_S
        last_s = runs * INTERVAL_S + count * slack_s
        told: dict[str, Told] = {}
        now_s = 0
        while undone:
            self.assertLessEqual(now_s, last_s)
            now_s += INTERVAL_S
            wave = data.draw(
                st.sets(st.sampled_from(sorted(undone)), min_size=1)
            )
            request = RollRequest(
                hosts,
                owners=Owners.OBEY,
                notice_period=PERIOD_S,
                maintenance_id=generated.NOTICED,
                now_s=now_s,
            )
            begins_s = notice_period.begins_s(
                wave, snapshot, request, Journal(told=told)
            )
            if begins_s <= now_s:
                for host in wave:
                    self.assertLessEqual(told[host].at_s + PERIOD_S, now_s)
                undone -= wave
                continue
            untold = wave - told.keys()
            if untold and kills and data.draw(st.booleans()):
                kills -= 1
                continue
            at_s = now_s + data.draw(st.integers(0, MOST_S))
            for host in untold:
                told[host] = Told(generated.NOTICED, at_s, begins_s)
