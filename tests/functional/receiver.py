# SPDX-License-Identifier: Apache-2.0

"""A web server that writes down what is posted to it.

``python -m tests.functional.receiver FILE`` prints its port, and writes a line
of JSON for each request: path, headers and body. It is a program, since threads
of the tests may not run beside the client.
"""

import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes whatever is posted."""

    def do_POST(self) -> None:
        """Write it down, then answer."""
        length = int(self.headers['Content-Length'])
        body = self.rfile.read(length).decode()
        with open(sys.argv[1], 'a') as file:
            json.dump((self.path, dict(self.headers), body), file)
            file.write('\n')
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Write no line for a request."""


if __name__ == '__main__':
    server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
