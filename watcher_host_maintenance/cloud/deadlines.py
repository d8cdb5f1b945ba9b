# SPDX-License-Identifier: Apache-2.0

"""One end, on the clock, for all that is read together.

The timeout of a session is that of one packet: a service that answers a byte
a minute would be read for ever.
"""

import contextlib
import functools
import http.client
import io
import math
import socket
import threading
import time

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import requests

from keystoneauth1.session import Session
from keystoneauth1.session import TCPKeepAliveAdapter

from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of


OUT_OF_TIME = Of.READ.declare(
    'out_of_time',
    says=N_('{limit_s} s were over before {service} answered {call}'),
    helps=N_('Find out why {service} is slow, or allow more time.'),
)

PLANNING_TOO_LONG = Of.READ.declare(
    'planning_too_long',
    says=N_('{limit_s} s were over before the plan was made'),
    helps=N_('Raise audit_timeout_s, or lower search_steps.'),
)

TOO_LATE = frozenset({OUT_OF_TIME, PLANNING_TOO_LONG})
"""The reasons of what has taken too long."""

LOOK_S = 5.0
"""Seconds between two looks whether what is done is still wanted."""

MOST_BYTES = 2**28
"""What is read of one answer: of a page of servers Nova sends a few MiB."""

TLS = ('tls_ciphers', 'tls_min_version')
"""What a session of keystoneauth sets up its connections with, if it can."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 2.0
"""Seconds between the first two looks, and at most."""

SLOWER = 1.3
"""How many times as long as the one before a pause is."""


def pauses() -> Iterator[float]:
    """Yield the seconds between looks at what may take long, without end.

    What is done at once is seen at once; what takes minutes costs the
    services little.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        yield pause_s
        pause_s = min(pause_s * SLOWER, LONGEST_PAUSE_S)


class Cancelled(Exception):
    """Nobody wants the answer any more."""


class Deadline:
    """When reading has to end.

    :ivar limit_s: seconds that there were at the start
    """

    def __init__(
        self,
        limit_s: float = math.inf,
        is_cancelled: Callable[[], bool] | None = None,
    ):
        """Start it.

        :param is_cancelled: whether to end at once; asked every
            :data:`LOOK_S`, by one thread at a time
        """
        self._is_cancelled = is_cancelled
        self._look_at = time.monotonic() + LOOK_S
        self._looking = threading.Lock()
        self.start(limit_s)

    def start(self, limit_s: float) -> None:
        """Let it end so many seconds from now."""
        self.limit_s = limit_s
        self._end = time.monotonic() + limit_s

    @property
    def left_s(self) -> float:
        """Seconds that are left, 0 or more."""
        return max(0.0, self._end - time.monotonic())

    @contextlib.contextmanager
    def within(self, limit_s: float) -> Iterator[None]:
        """Let it end earlier for a while, not later."""
        end = self._end
        self._end = min(end, time.monotonic() + limit_s)
        try:
            yield
        finally:
            self._end = end

    def checked_left_s(self) -> float:
        """Return how many seconds are left; raise as :meth:`check` does."""
        self.check()
        return self.left_s

    def check(self) -> None:
        """Raise when it is over.

        :raises NotPlanned: there is no time left
        :raises Cancelled: the answer is not wanted any more
        """
        if self._is_cancelled is not None and self._looking.acquire(False):
            try:
                if time.monotonic() >= self._look_at:
                    self._look_at = time.monotonic() + LOOK_S
                    if self._is_cancelled():
                        self._look_at = 0.0
                        raise Cancelled
            finally:
                self._looking.release()
        if not self.left_s:
            raise NotPlanned(PLANNING_TOO_LONG.about(limit_s=self.limit_s))

    @contextlib.contextmanager
    def calling(self, service: str, call: str) -> Iterator[None]:
        """Make a call that has to end in time.

        :raises NotPlanned: it did not; or the call has raised it
        :raises Cancelled: the answer is not wanted any more
        """
        try:
            self.check()
            yield
        except NotPlanned as exc:
            if self.left_s:
                raise
            late = OUT_OF_TIME.about(
                service=service, call=call, limit_s=self.limit_s
            )
            raise NotPlanned(late) from exc

    def limit(self, session: Session) -> None:
        """Let every request of keystoneauth's end in time, byte by byte."""
        options = {key: getattr(session, key, None) for key in TLS}
        self.limit_requests(
            session.session, **{k: v for k, v in options.items() if v}
        )

    def limit_requests(self, session: requests.Session, **tls: Any) -> None:
        """Let every request of a session end in time, byte by byte.

        :param tls: what its connections are set up with, of :data:`TLS`
        """
        adapter = _Adapter(self, **tls)
        for scheme in ('http://', 'https://'):
            session.mount(scheme, adapter)


class _Adapter(TCPKeepAliveAdapter):
    """Connections that know a deadline."""

    def __init__(self, deadline: Deadline, **options: Any):
        self._deadline = deadline
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._teach(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        is_known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not is_known and not proxy.lower().startswith('socks'):
            self._teach(manager)
        return manager

    def _teach(self, manager: Any) -> None:
        """Let the connections of a pool manager know the deadline."""
        manager.pool_classes_by_scheme = {
            scheme: _pool(pool, self._deadline)
            for scheme, pool in manager.pool_classes_by_scheme.items()
        }


def _pool(base: Any, deadline: Deadline) -> Any:
    """Return a class of connection pools whose connections know a deadline."""

    class Connection(base.ConnectionCls):  # type: ignore[misc]
        response_class = functools.partial(_Response, deadline)

        def connect(self) -> None:
            """Connect, for which there is no more time than is left."""
            self._limit(_left_s(deadline))
            super().connect()

        def _limit(self, left_s: float) -> None:
            timeout: Any = self.timeout  # type: ignore[has-type]
            if isinstance(timeout, (int, float)):
                self.timeout = min(timeout, left_s)

    class Pool(base):  # type: ignore[misc]
        ConnectionCls = Connection

    return Pool


class _Response(http.client.HTTPResponse):
    """An answer that is read from a :class:`_Stream`."""

    def __init__(
        self,
        deadline: Deadline,
        sock: socket.socket,
        *args: Any,
        **kwargs: Any,
    ):
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Stream(sock, deadline))


class _Stream(io.RawIOBase):
    """What a socket receives for one answer until a deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline):
        self._sock = sock
        self._timeout = sock.gettimeout() or math.inf
        self._deadline = deadline
        self._file = sock.makefile('rb', buffering=0)
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come, or wait for it until the deadline.

        :raises TimeoutError: nothing has come in time
        :raises ValueError: the answer is longer than any that makes sense
        """
        left_s = min(self._timeout, _left_s(self._deadline))
        self._sock.settimeout(left_s if left_s < math.inf else None)
        count = self._file.readinto(buffer)
        self._received += count or 0
        if self._received > MOST_BYTES:
            raise ValueError(f'it has more than {MOST_BYTES} bytes')
        return count

    def close(self) -> None:
        """Close it; the connection stays open for the next request."""
        self._file.close()
        super().close()


def _left_s(deadline: Deadline) -> float:
    """Return how many seconds are left.

    :raises TimeoutError: there are none, which a socket takes for not to wait
    """
    left_s = deadline.left_s
    if not left_s:
        raise TimeoutError('the time is over')
    return left_s
