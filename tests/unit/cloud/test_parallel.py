# SPDX-License-Identifier: Apache-2.0


"""Tests of reads that do not wait for one another."""

import threading
import time

from tests.unit import base
from watcher_host_maintenance.cloud import parallel


GIVE_UP_S = 60
"""A test that waits so long has failed; none waits at all otherwise."""


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.before = set(threading.enumerate())

    def readers(self):
        """The threads that the test has left behind."""
        return set(threading.enumerate()) - self.before


class TestEach(TestCase):
    def test_answers_are_in_the_order_of_the_items(self):
        last = threading.Event()

        def read(number):
            if number == 0:
                last.wait(GIVE_UP_S)
            if number == 4:
                last.set()
            return number * 10

        self.assertEqual([0, 10, 20, 30, 40], parallel.each(read, range(5)))

    def test_as_many_at_once_as_said(self):
        together = threading.Barrier(parallel.AT_ONCE)
        lock = threading.Lock()
        running, counts = set(), []

        def read(number):
            with lock:
                running.add(number)
                counts.append(len(running))
            together.wait(GIVE_UP_S)
            with lock:
                running.remove(number)

        parallel.each(read, range(2 * parallel.AT_ONCE))
        self.assertEqual(parallel.AT_ONCE, max(counts))

    def test_none(self):
        self.assertEqual([], parallel.each(self.fail, ()))

    def test_first_failure_is_raised(self):
        second = threading.Event()

        def read(number):
            if number == 1:
                second.wait(GIVE_UP_S)
                raise KeyError('one')
            if number == 2:
                second.set()
                raise ValueError('two')

        error = self.assertRaises(KeyError, parallel.each, read, range(4))
        self.assertEqual(('one',), error.args)

    def test_ends_before_it_raises(self):
        # No thread reads on while the audit tells its reason.
        self.assertRaises(KeyError, parallel.each, {}.__getitem__, range(20))
        self.assertEqual(set(), self.readers())


class TestByItem(TestCase):
    def test_each_once(self):
        asked = []

        def read(item):
            asked.append(item)
            return item * 10

        self.assertEqual(
            [(2, 20), (1, 10)],
            list(parallel.by_item(read, [2, 1, 2]).items()),
        )
        self.assertEqual([1, 2], sorted(asked))


class TestTogether(TestCase):
    def test_are_started_at_once(self):
        second = threading.Event()
        self.assertEqual(
            [True, None],
            parallel.together(lambda: second.wait(GIVE_UP_S), second.set),
        )

    def test_first_failure_is_raised(self):
        def fail():
            raise ValueError('No')

        self.assertRaises(ValueError, parallel.together, str, fail)

    def test_end_together(self):
        begun, ended = threading.Event(), threading.Event()

        def read():
            begun.set()
            # Who did not wait for it would be through by then.
            time.sleep(0.1)
            ended.set()

        def fail():
            begun.wait(GIVE_UP_S)
            raise ValueError('No')

        self.assertRaises(ValueError, parallel.together, fail, read)
        self.assertTrue(ended.is_set())
        self.assertEqual(set(), self.readers())
