# SPDX-License-Identifier: Apache-2.0

"""Web hooks of projects, and the example that calls them from a bus."""

import hashlib
import hmac
import json
import pathlib
import secrets
import subprocess
import sys

from collections.abc import Iterable
from typing import Any

import fixtures

from minicloud import waiting
from tests.functional import typed
from tests.services import rabbitmq


EXAMPLE = typed.SOURCE / 'examples' / 'tell_projects.py'
SIGNATURE = 'X-Maintenance-Signature'
_START_S = 60


class WebHooks(fixtures.Fixture):
    """A hook for each project, with a secret of its own."""

    def __init__(self, broker: rabbitmq.Broker, projects: Iterable[str]):
        super().__init__()
        self._broker = broker
        self._secrets = {p: secrets.token_urlsafe(24) for p in projects}

    def _setUp(self) -> None:
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._posted = directory / 'posted'
        self._posted.touch()
        server = self._run('-m', 'tests.functional.receiver', self._posted)
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        hooks = directory / 'hooks.json'
        hooks.write_text(
            json.dumps(
                {
                    project: {
                        'url': f'http://127.0.0.1:{port}/{project}',
                        'secret': secret,
                    }
                    for project, secret in self._secrets.items()
                }
            )
        )
        self._example = self._run(EXAMPLE, self._broker.url, hooks)
        waiting.until(
            lambda: self._broker.has_queue('tell-projects'),
            _START_S,
            lambda: 'the example does not listen',
        )

    def _run(self, *arguments: Any) -> subprocess.Popen[str]:
        """Run a program of Python until the end of the test."""
        process = subprocess.Popen(
            [sys.executable, '-W', 'ignore', *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def posted(self, project: str) -> list[dict[str, Any]]:
        """Return what was posted to a project's hook so far.

        :raises AssertionError: it is not signed with the project's secret
        """
        bodies = []
        for line in self._posted.read_text().splitlines():
            path, headers, body = json.loads(line)
            if path == f'/{project}':
                secret = self._secrets[project].encode()
                code = hmac.new(secret, body.encode(), hashlib.sha256)
                signature = f'sha256={code.hexdigest()}'
                assert headers[SIGNATURE] == signature, headers
                bodies.append(json.loads(body))
        return bodies

    def end(self) -> str:
        """End the example; return what it has written to stderr."""
        self._example.kill()
        assert self._example.stderr is not None
        return self._example.stderr.read()
