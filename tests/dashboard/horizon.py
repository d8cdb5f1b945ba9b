# SPDX-License-Identifier: Apache-2.0

"""A Horizon in front of a minicloud, as a fixture."""

import os
import subprocess
import sys
import tempfile

import fixtures

from minicloud import environment
from minicloud import wsgi


_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))


class Horizon(fixtures.Fixture):
    """A process of its own; it ends with the fixture, or its parent.

    :ivar url: where the dashboard is
    """

    def __init__(self, keystone_url: str) -> None:
        """Serve the cloud of a Keystone, with version: ``.../v3``."""
        super().__init__()
        self._keystone_url = keystone_url

    def _setUp(self) -> None:
        directory = self.useFixture(fixtures.TempDir()).path
        output = self._output = tempfile.TemporaryFile()  # noqa: SIM115
        self.addCleanup(output.close)
        with wsgi.listen() as sock:
            self.url = wsgi.url(sock)
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    '-W',
                    'ignore',
                    '-m',
                    'tests.dashboard.server',
                    str(sock.fileno()),
                ],
                pass_fds=[sock.fileno()],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd=_ROOT,
                env=_environment(directory, self._keystone_url),
            )
        self.addCleanup(self._end)

    def log(self) -> str:
        """What it has logged, the last of it."""
        self._output.seek(0)
        return self._output.read().decode(errors='replace')[-20000:]

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _environment(directory: str, keystone_url: str) -> dict[str, str]:
    return {
        **environment.clean(),
        'HORIZON_DIRECTORY': directory,
        'HORIZON_KEYSTONE_URL': keystone_url,
    }
