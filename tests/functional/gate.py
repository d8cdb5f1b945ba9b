# SPDX-License-Identifier: Apache-2.0

"""Nova's API as Watcher reaches it, with calls that go unanswered."""

import re
import socketserver
import threading

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any
from wsgiref import simple_server

import fixtures
import requests


#: Headers of an answer that belong to one connection, or to its encoding.
_OF_THE_CONNECTION = frozenset(
    (
        'connection',
        'content-encoding',
        'content-length',
        'date',
        'server',
        'transfer-encoding',
    )
)


#: For which a call is held back at most: then the test has ended.
_LONGEST_S = 120


class Gate(fixtures.Fixture):
    """Stands between Watcher and Nova, and lets calls through or not.

    :ivar url: where Watcher is sent, instead of to Nova
    :ivar watcher_options: what sends it there, and lets it not wait between
        the tries of a call that failed
    :ivar answers: the status of each answer, after the call it was given to:
        'GET /v2.1/servers?limit=1 200'; newest last
    :ivar nova: where Nova is; to be set before the first call
    """

    nova: str

    def _setUp(self) -> None:
        self.answers: list[str] = []
        self._before: tuple[re.Pattern[str], Callable[[], None]] | None = None
        self._opened = threading.Event()
        self._held = threading.Event()
        self.open()
        server = simple_server.make_server(
            '127.0.0.1', 0, self._answer, _Server, _Handler
        )
        self.url = f'http://127.0.0.1:{server.server_port}/v2.1'
        self.watcher_options = {
            'nova': {'endpoint_override': self.url},
            'collector': {'api_query_interval': 0},
        }
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def open(self) -> None:
        """Let everything through."""
        self._refused: re.Pattern[str] | None = None
        self._opened.set()

    def hold(self) -> None:
        """Let nothing through until it is opened: callers wait."""
        self._held.clear()
        self._opened.clear()

    @property
    def has_held(self) -> bool:
        """Whether a caller has been held back since it was told to hold."""
        return self._held.is_set()

    def refuse(self, calls: str = '', status: str = '503 Overloaded') -> None:
        """Answer some calls with a page of a proxy.

        :param calls: an expression, found in 'GET /v2.1/servers?limit=1'
        """
        self._status = status
        self._refused = re.compile(calls)

    def before(self, calls: str, does: Callable[[], None]) -> None:
        """Do something before the next of some calls is let through.

        :param calls: as for :meth:`refuse`
        """
        self._before = re.compile(calls), does

    def _answer(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        method, path = environ['REQUEST_METHOD'], environ['PATH_INFO']
        query = environ['QUERY_STRING']
        call = f'{method} {path}?{query}'
        if not self._opened.is_set():
            self._held.set()
        self._opened.wait(_LONGEST_S)
        if self._before and self._before[0].search(call):
            does, self._before = self._before[1], None
            does()
        if self._refused and self._refused.search(call):
            start_response(self._status, [('Content-Type', 'text/html')])
            return [b'<html>Sorry</html>']
        try:
            answer = self._forward(environ, f'{self.nova}{path}?{query}')
        except requests.ConnectionError:
            # Nova is gone: the test has ended.
            start_response('502 Bad Gateway', [])
            return []
        self.answers.append(f'{call} {answer.status_code}')
        start_response(
            f'{answer.status_code} {answer.reason}',
            [
                (name, value)
                for name, value in answer.headers.items()
                if name.lower() not in _OF_THE_CONNECTION
            ],
        )
        return [answer.content]

    def _forward(self, environ: dict[str, Any], url: str) -> requests.Response:
        headers = {
            name[5:].replace('_', '-'): value
            for name, value in environ.items()
            if name.startswith('HTTP_')
        }
        length = int(environ.get('CONTENT_LENGTH') or 0)
        headers['Content-Type'] = environ['CONTENT_TYPE']
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                environ['REQUEST_METHOD'],
                url,
                headers=headers,
                data=environ['wsgi.input'].read(length),
            )


class _Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    """A thread for each request; none outlives the process."""

    daemon_threads = True

    def server_bind(self) -> None:
        # The parent class would look the name up, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Nova is gone, or Watcher: the test has ended.
        pass


class _Handler(simple_server.WSGIRequestHandler):
    """One request, without a line on standard error."""

    def log_message(self, *args: Any) -> None:
        pass
