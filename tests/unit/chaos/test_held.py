# SPDX-License-Identifier: Apache-2.0

"""What may grow in a service that drains node after node."""

import _thread
import json
import os
import pathlib
import threading

from concurrent import futures

import ddt
import fixtures
import futurist

from tests.chaos.held import GROWTH
from tests.chaos.held import GROWTH_MIB
from tests.chaos.held import LIBRARY
from tests.chaos.held import PROCESS
from tests.chaos.held import Held
from tests.chaos.held import Threads
from tests.chaos.held import by_starter
from tests.chaos.held import fillings
from tests.chaos.held import growths
from tests.chaos.held import held_by
from tests.chaos.service import note_threads
from tests.unit import base


def held(memory_mib=300.0, sockets=8, files=28, **threads):
    return Held(memory_mib, threads, sockets, files)


@ddt.ddt
class TestGrowths(base.TestCase):
    @ddt.data(
        ({'memory_mib': 300 + GROWTH_MIB}, []),
        ({'memory_mib': 301 + GROWTH_MIB}, ['300.0 MiB became 341.0']),
        ({'sockets': 8 + GROWTH}, []),
        ({'sockets': 9 + GROWTH}, ['8 sockets became 11']),
        ({'files': 28 + GROWTH}, []),
        ({'files': 29 + GROWTH}, ['28 files became 31']),
    )
    @ddt.unpack
    def test_amount(self, after, expected):
        self.assertEqual(expected, growths(held(), held(**after)))

    @ddt.data(
        # Outside a pool; none is there in the beginning.
        (Threads(2, 0, 0), Threads(2, 0, 0), [], []),
        (
            Threads(2, 0, 0),
            Threads(3, 0, 0),
            [],
            ['rpc: 2 threads became 3'],
        ),
        (None, Threads(1, 0, 0), [], ['rpc: 0 threads became 1']),
        # A pool that fills up; one that is full; a second one.
        (
            Threads(2, 1, 64),
            Threads(64, 1, 64),
            ['rpc: 2 threads became 64 of 64'],
            [],
        ),
        (Threads(64, 1, 64), Threads(64, 1, 64), [], []),
        (
            Threads(2, 1, 64),
            Threads(3, 2, 128),
            [],
            ['rpc: 2 of 64 threads became 3 of 128 in 2 pools'],
        ),
        # A plan's own pool is closed, and another one is open.
        (Threads(4, 2, 4), Threads(2, 1, 2), [], []),
    )
    @ddt.unpack
    def test_threads(self, before, after, filling, growing):
        first = held(rpc=before) if before else held()
        second = held(rpc=after)
        self.assertEqual(filling, fillings(first, second))
        self.assertEqual(growing, growths(first, second))


class TestByStarter(base.TestCase):
    def test_pools(self):
        self.assertEqual(
            {
                'rpc': Threads(3, 2, 128),
                'timer': Threads(1, 0, 0),
            },
            by_starter(
                [
                    {'starter': 'timer'},
                    {'starter': 'rpc', 'pool': '7.1', 'size': 64},
                    {'starter': 'rpc', 'pool': '7.2', 'size': 64},
                    {'starter': 'rpc', 'pool': '7.1', 'size': 64},
                ]
            ),
        )


class Asker:
    """Starts threads, as a service does."""

    def ask(self, pool, event):
        """Start one in a pool."""
        pool.submit(event.wait)

    def watch(self, event):
        """Start one outside a pool."""
        threading.Thread(target=event.wait, daemon=True).start()


@ddt.ddt
class TestNotes(base.TestCase):
    """The notes of a service, in this process."""

    def setUp(self):
        super().setUp()
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'a')
        self.end = threading.Event()
        self.addCleanup(self.end.set)
        self.addCleanup(
            setattr, threading.Thread, 'start', threading.Thread.start
        )
        note_threads(str(self.path))

    def held(self):
        lines = self.path.read_text(encoding='utf-8').splitlines()
        notes = [json.loads(line) for line in lines]
        held = held_by([os.getpid()], {note['thread']: note for note in notes})
        self.assertIn(PROCESS['starter'], held.threads)
        self.assertGreater(held.memory_mib, 1)
        self.assertGreaterEqual(held.files, held.sockets)
        return {
            starter.rpartition('.')[2]: threads
            for starter, threads in held.threads.items()
            if starter.startswith(f'{__name__}.Asker.')
        }

    def test_outside_a_pool(self):
        Asker().watch(self.end)
        Asker().watch(self.end)
        self.assertEqual({'watch': Threads(2, 0, 0)}, self.held())

    @ddt.data(futures.ThreadPoolExecutor, futurist.ThreadPoolExecutor)
    def test_pools(self, kind):
        first, second = kind(5), kind(7)
        for pool in (first, first, second):
            Asker().ask(pool, self.end)
        self.assertEqual({'ask': Threads(3, 2, 12)}, self.held())

    def test_not_noted(self):
        """A thread that Python has not started, here: not this way."""
        begun = threading.Event()
        _thread.start_new_thread(lambda: (begun.set(), self.end.wait()), ())
        begun.wait()
        held = held_by([os.getpid()], {})
        self.assertGreaterEqual(held.threads[LIBRARY['starter']].count, 1)
