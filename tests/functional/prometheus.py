# SPDX-License-Identifier: Apache-2.0

"""The HTTP API of Prometheus, as far as a return asks it."""

import json
import threading

from typing import Any
from urllib import parse
from wsgiref import simple_server

import fixtures


class Prometheus(fixtures.Fixture):
    """Answers every query with the same series.

    :ivar url: of its root
    :ivar series: labels of each series; None is out of service
    :ivar queries: what it was asked, newest last
    """

    def _setUp(self) -> None:
        self.series: list[dict[str, str]] | None = []
        self.queries: list[str] = []
        server = simple_server.make_server(
            '127.0.0.1', 0, self._answer, handler_class=_Handler
        )
        self.url = f'http://127.0.0.1:{server.server_port}'
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def _answer(
        self, environ: dict[str, Any], start_response: Any
    ) -> list[bytes]:
        query = parse.parse_qs(environ['QUERY_STRING'])
        self.queries += query['query']
        if environ['PATH_INFO'] != '/api/v1/query' or self.series is None:
            start_response('503 Service Unavailable', [])
            return [b'out of service']
        start_response('200 OK', [('Content-Type', 'application/json')])
        result = [{'metric': s, 'value': [0, '1']} for s in self.series]
        data = {'resultType': 'vector', 'result': result}
        return [json.dumps({'status': 'success', 'data': data}).encode()]


class _Handler(simple_server.WSGIRequestHandler):
    """One request, without a line on standard error."""

    def log_message(self, *args: Any) -> None:
        pass
