# SPDX-License-Identifier: Apache-2.0

"""Watcher's decision engine starts in one order."""

import threading

from minicloud.watcher import services
from tests.unit import base


class Handler:
    """Looks for CONTINUOUS audits in a thread, as soon as it is started."""

    def __init__(self, events: list[str]) -> None:
        """Note what happens, in this order."""
        self._events = events
        self.thread: threading.Thread | None = None

    def launch_audits_periodically(self) -> None:
        """Look."""
        self._events.append('look')

    def start(self) -> None:
        """Start to look, and give that look time to come first."""
        self.thread = threading.Thread(target=self.launch_audits_periodically)
        self.thread.start()
        self.thread.join(0.05)
        self._events.append('started')


class TestFirstLook(base.TestCase):
    """The first look for audits."""

    def setUp(self) -> None:
        """Have a handler that is not started."""
        super().setUp()
        self.events: list[str] = []
        self.handler = Handler(self.events)

    def test_comes_after_the_start(self) -> None:
        with services.first_look_held_back(self.handler):
            self.handler.start()
        assert self.handler.thread is not None
        self.handler.thread.join()
        self.assertEqual(['started', 'look'], self.events)

    def test_comes_though_the_start_fails(self) -> None:
        with (
            self.assertRaisesRegex(ValueError, 'no database'),
            services.first_look_held_back(self.handler),
        ):
            self.handler.start()
            raise ValueError('no database')
        assert self.handler.thread is not None
        self.handler.thread.join()
        self.assertEqual(['started', 'look'], self.events)

    def test_later_looks_are_not_held_back(self) -> None:
        with services.first_look_held_back(self.handler):
            pass
        self.handler.launch_audits_periodically()
        self.assertEqual(['look'], self.events)
