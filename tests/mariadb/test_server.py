# SPDX-License-Identifier: Apache-2.0

"""The server of the tests ends with them, even if they are killed."""

import os
import pathlib
import signal
import socket
import subprocess
import sys

import fixtures

from minicloud import waiting
from tests.services import mariadb
from tests.unit import base


STARTS = """
import pathlib, sys, time
from tests.services import mariadb
server = mariadb.MariaDB(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
server.setUp()
print('up', flush=True)
time.sleep(600)
"""
PATIENCE_S = 60


class TestServer(base.TestCase):
    def test_ends_with_a_parent_that_is_killed(self):
        directory = self.useFixture(fixtures.TempDir()).path
        with socket.create_server(('127.0.0.1', 0)) as listening:
            port = listening.getsockname()[1]

        def listens():
            with socket.socket() as client:
                return client.connect_ex(('127.0.0.1', port)) == 0

        with subprocess.Popen(
            [sys.executable, '-c', STARTS, directory, str(port)],
            cwd=pathlib.Path(mariadb.__file__).parents[2],
            env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        ) as parent:
            try:
                self.assertEqual('up\n', parent.stdout.readline())
                self.assertTrue(listens())
            finally:
                parent.send_signal(signal.SIGKILL)
        waiting.until(
            lambda: not listens(), PATIENCE_S, lambda: 'it still listens'
        )
