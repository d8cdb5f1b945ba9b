# SPDX-License-Identifier: Apache-2.0

"""Waiting ends."""

from tests.unit import base
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NoAnswer
from watcher_host_maintenance.client.waiting import OUTAGE_S
from watcher_host_maintenance.client.waiting import TimedOut
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.cloud.deadlines import LONGEST_PAUSE_S
from watcher_host_maintenance.cloud.deadlines import SLOWER


class Clock:
    """Passes only while somebody sleeps."""

    now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class TestWaiting(base.TestCase):
    def setUp(self):
        super().setUp()
        self.clock = Clock()
        self.outages = []

    def waiting(self, timeout_s=None):
        return Waiting(
            timeout_s,
            self.outages.append,
            self.clock,
            self.clock.sleep,
        )

    def test_looks_until_the_caller_stops(self):
        seen = iter([1, 2, 3])
        for value in self.waiting().looks(lambda: next(seen)):
            if value == 3:
                break
        self.assertEqual(100 + 0.25 + 0.25 * SLOWER, self.clock.now)

    def test_time_is_over(self):
        looks = []

        def look():
            looks.append(self.clock.now - 100)

        with self.assertRaisesRegex(TimedOut, '0.5 s'):
            list(self.waiting(0.5).looks(look))
        # One more at the very end.
        self.assertEqual([0, 0.25, 0.5], looks)

    def test_no_time_at_all_is_one_look(self):
        looks = []
        with self.assertRaises(TimedOut):
            list(self.waiting(0).looks(lambda: looks.append(1)))
        self.assertEqual([1], looks)

    def test_outage_passes(self):
        error = NoAnswer('Watcher does not answer')
        answers = [1, error, error, 2, error, 3]

        def look():
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        looks = self.waiting().looks(look)
        self.assertEqual([1, 2, 3], [next(looks) for _ in range(3)])
        self.assertEqual([error, error], self.outages)

    def test_outage_lasts(self):
        def look():
            raise NoAnswer('Watcher does not answer')

        with self.assertRaisesRegex(NoAnswer, 'Watcher'):
            next(self.waiting().looks(look))
        late_s = self.clock.now - 100 - OUTAGE_S
        self.assertTrue(0 <= late_s < LONGEST_PAUSE_S, late_s)
        self.assertEqual(1, len(self.outages))

    def test_outage_ends_with_the_time(self):
        def look():
            raise NoAnswer('Watcher does not answer')

        with self.assertRaises(TimedOut):
            next(self.waiting(OUTAGE_S - 1).looks(look))

    def test_other_errors_are_not_repeated(self):
        def look():
            raise ClientError('refused')

        with self.assertRaisesRegex(ClientError, 'refused'):
            next(self.waiting().looks(look))
        self.assertEqual(100.0, self.clock.now)
