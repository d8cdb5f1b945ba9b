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


class TestReads(TestCase):
    def test_are_started_at_once(self):
        second = threading.Event()
        with parallel.Reads() as reads:
            one = reads.start(lambda: second.wait(GIVE_UP_S))
            two = reads.start(second.set)
            self.assertTrue(one())
            self.assertIsNone(two())

    def test_failure_is_raised_where_it_is_waited_for(self):
        def fail():
            raise ValueError('No')

        with parallel.Reads() as reads:
            wait = reads.start(fail)
            self.assertEqual('', reads.start(str)())
            self.assertRaises(ValueError, wait)

    def test_end_together(self):
        begun, ended = threading.Event(), threading.Event()

        def read():
            begun.set()
            # Who did not wait for it would be through by then.
            time.sleep(0.1)
            ended.set()

        def leave():
            with parallel.Reads() as reads:
                reads.start(read)
                begun.wait(GIVE_UP_S)
                raise ValueError('No')

        self.assertRaises(ValueError, leave)
        self.assertTrue(ended.is_set())
        self.assertEqual(set(), self.readers())
