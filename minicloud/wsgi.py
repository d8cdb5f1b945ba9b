# SPDX-License-Identifier: Apache-2.0

"""Serve WSGI applications on loopback sockets that are already bound.

The parent binds the sockets, so that ports are known, and free, before
either child has imported anything; a request that arrives early waits in
the socket's backlog until its server starts.
"""

import contextlib
import enum
import json
import logging
import socket
import socketserver
import threading

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from urllib import parse
from wsgiref import simple_server

from minicloud import waiting


LOG = logging.getLogger(__name__)

Application = Callable[..., Iterable[bytes]]
#: Answers one control request: (method, path, JSON body) -> JSON answer.
Control = Callable[[str, str, Any], Any]
Headers = Iterable[tuple[str, str]]

#: For which a request is left without an answer at most: then the test ended.
_LONGEST_S = 120
#: Between two bytes of an answer that drips.
_DRIP_S = 0.2

PROJECT_ID = '6f70656e737461636b20342065766572'
#: What Keystone's middleware would have set for an administrator.
_ADMIN = {
    'HTTP_X_AUTH_TOKEN': 'admin',
    'HTTP_X_IDENTITY_STATUS': 'Confirmed',
    'HTTP_X_USER_ID': 'admin',
}


class _Handler(simple_server.WSGIRequestHandler):
    """One request; its line goes to the log, not to standard error."""

    def log_message(self, message: str, *args: Any) -> None:
        LOG.debug(message, *args)

    def address_string(self) -> str:
        return self.client_address[0]


class _Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    """A thread per request; none of them outlives the process."""

    daemon_threads = True


def listen(port: int = 0) -> socket.socket:
    """Bind a port of 127.0.0.1; the caller closes the socket.

    :param port: 0 is any that is free
    """
    sock = socket.socket()
    # When the process is killed and another one takes its port, connections
    # of the first are still remembered; both have to allow for it.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(('127.0.0.1', port))
    sock.listen(128)
    return sock


def listen_again(url: str, timeout_s: float = 10) -> socket.socket:
    """Bind the port of a process that was killed, when it lets go of it.

    Such a process closes what it has open one by one: that one thing is
    closed does not tell of the others.

    :param url: of a socket of :func:`listen`
    :raises CloudError: another process has it
    """
    port = parse.urlsplit(url).port or 0
    found: list[socket.socket] = []

    def bound() -> bool:
        with contextlib.suppress(OSError):
            found.append(listen(port))
        return bool(found)

    waiting.until(bound, timeout_s, lambda: f'{url} is in use')
    return found[0]


def url(sock: socket.socket) -> str:
    """Where a socket of :func:`listen` is reached, without a last slash."""
    host, port = sock.getsockname()
    return f'http://{host}:{port}'


def serve(sock: socket.socket, app: Application) -> None:
    """Answer the socket's requests from a background thread, for good."""
    address = sock.getsockname()
    server = _Server(address, _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = sock
    server.server_address = address
    # server_bind() would look the name up, which can take seconds.
    server.server_name, server.server_port = address
    server.setup_environ()
    server.set_app(app)
    threading.Thread(
        target=server.serve_forever, daemon=True, name=f'wsgi-{address[1]}'
    ).start()


def as_admin(app: Application, *roles: str) -> Application:
    """Wrap an API so that every caller is an administrator.

    A caller may name the project to act in as X-Project-Id.

    :param roles: that callers have, too
    """
    every = ','.join(('admin', 'member', 'reader', *roles))

    def admin_app(environ: dict[str, Any], start_response: Any) -> Any:
        environ.update(_ADMIN, HTTP_X_ROLES=every)
        environ.setdefault('HTTP_X_PROJECT_ID', PROJECT_ID)
        return app(environ, start_response)

    return admin_app


class Passage(enum.Enum):
    """What becomes of the requests to an API.

    They are answered; refused with 503; left without an answer until the API
    works again; or answered one byte at a time until then.
    """

    OPEN = 'open'
    CLOSED = 'closed'
    HANGS = 'hangs'
    DRIPS = 'drips'


class Gate:
    """An API that can go out of service, or stand still."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._passage = Passage.OPEN
        self._later: tuple[str, Passage] | None = None
        self._changed = threading.Condition()

    def set(self, passage: Passage, path: str = '') -> None:
        """Let requests be answered like this, also those under way.

        :param path: of the request with which that begins; '' is at once
        """
        with self._changed:
            self._later = (path, passage) if path else None
            if not path:
                self._passage = passage
                self._changed.notify_all()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        later = self._later
        if later and environ['PATH_INFO'] == later[0]:
            self.set(later[1])
        self._stay(Passage.HANGS, _LONGEST_S)
        if self._passage is Passage.CLOSED:
            start_response(
                '503 Service Unavailable', [('Content-Type', 'text/plain')]
            )
            return [b'out of service']
        answer = self._app(environ, start_response)
        return answer if self._passage is Passage.OPEN else self._drip(answer)

    def _drip(self, answer: Iterable[bytes]) -> Iterator[bytes]:
        """Yield an answer byte by byte as long as the API drips."""
        body = b''.join(answer)
        sent = 0
        while sent < len(body) and self._passage is Passage.DRIPS:
            yield body[sent : sent + 1]
            sent += 1
            self._stay(Passage.DRIPS, _DRIP_S)
        yield body[sent:]

    def _stay(self, passage: Passage, longest_s: float) -> None:
        """Wait as long as it is like this."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._passage is not passage, longest_s
            )


class NotFound(Exception):
    """What a request names is not there."""


def json_app(control: Control, headers: Headers = ()) -> Application:
    """Make a JSON API of one function.

    NotFound of the function becomes 404, LookupError and ValueError 400,
    anything else 500; the body is then ``{"error": "words"}``.

    :param headers: go with every answer
    """

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        try:
            status, answer = (
                '200 OK',
                control(
                    environ['REQUEST_METHOD'],
                    environ['PATH_INFO'],
                    _body(environ),
                ),
            )
        except NotFound as exc:
            status, answer = '404 Not Found', {'error': str(exc)}
        except (LookupError, ValueError) as exc:
            status, answer = '400 Bad Request', {'error': str(exc)}
        except Exception as exc:
            LOG.exception('Control request failed')
            status, answer = '500 Internal Server Error', {'error': str(exc)}
        start_response(
            status, [('Content-Type', 'application/json'), *headers]
        )
        return [json.dumps(answer).encode()]

    return app


def _body(environ: Mapping[str, Any]) -> Any:
    """The decoded JSON of a request; None when there is none."""
    length = int(environ.get('CONTENT_LENGTH') or 0)
    return json.loads(environ['wsgi.input'].read(length)) if length else None
