# SPDX-License-Identifier: Apache-2.0

"""Make oslo.messaging's in-memory driver deliver at once.

Its listeners look for messages twenty times a second. A migration is some
ten messages, each of which would wait, and every compute service adds two
listeners that keep the processor busy. Only imported in the child processes.
"""

import collections
import threading
import time

from typing import Any

from oslo_messaging._drivers import base
from oslo_messaging._drivers import impl_fake


#: Topic -> the listeners of the topic, each with the server it is for.
_listeners: dict[str, list[tuple[str | None, threading.Event]]] = (
    collections.defaultdict(list)
)


class _Exchange(impl_fake.FakeExchange):
    """Wakes who may be meant by a message."""

    def deliver_message(
        self,
        topic: str,
        ctxt: Any,
        message: Any,
        server: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().deliver_message(topic, ctxt, message, server, **kwargs)
        for name, wake in tuple(_listeners[topic]):
            if server in (None, name):
                wake.set()

    def clear(self) -> None:
        """Throw away what waits here."""
        with self._queues_lock:
            for queues in (self._topic_queues, self._server_queues):
                for queue in queues.values():
                    queue.clear()


class _Listener(impl_fake.FakeListener):
    """Sleeps until it is woken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wake = threading.Event()
        self._topics = {target.topic for target in self._targets}
        self._entry = (self._targets[0].server, self._wake)
        for topic in self._topics:
            _listeners[topic].append(self._entry)

    @base.batch_poll_helper
    def poll(self, timeout: float | None = None) -> Any:
        """Wait for a message; None after the timeout, in seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._stopped.is_set():
            self._wake.clear()
            message = self._next()
            if message is not None:
                return message
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return None
            self._wake.wait(left)
        return None

    def stop(self) -> None:
        super().stop()
        self._wake.set()
        for topic in self._topics:
            if self._entry in _listeners[topic]:
                _listeners[topic].remove(self._entry)

    def _next(self) -> Any:
        """Take the first message of any target; None when there is none."""
        for target in self._targets:
            exchange = self._exchange_manager.get_exchange(target.exchange)
            ctxt, message, reply_queue, requeue = exchange.poll(
                target, self._pool
            )
            if message is not None:
                return impl_fake.FakeIncomingMessage(
                    ctxt, message, reply_queue, requeue
                )
        return None


def clear() -> None:
    """Throw away all messages to services that do not run."""
    for exchange in tuple(impl_fake.FakeExchangeManager._exchanges.values()):
        exchange.clear()


def install() -> None:
    """Use these for every transport that is made from now on."""
    impl_fake.FakeExchange = _Exchange
    impl_fake.FakeListener = _Listener
