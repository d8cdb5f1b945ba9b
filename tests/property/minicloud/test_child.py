# SPDX-License-Identifier: Apache-2.0

"""A child is ended once, and nobody else in its place."""

import os
import subprocess

from unittest import mock

from minicloud import child
from minicloud import preloaded
from minicloud import settings
from tests.unit import base


class Origin:
    """Starts a process that does nothing."""

    def fork(self, document, sockets):
        status, theirs = os.pipe()
        self.process = subprocess.Popen(['sleep', '600'], pass_fds=[theirs])
        os.write(theirs, str(self.process.pid).encode())
        os.close(theirs)
        return preloaded.Birth(os.open(os.devnull, os.O_WRONLY), status)

    def end(self):
        self.process.kill()
        self.process.wait()


class TestKill(base.TestCase):
    def setUp(self):
        super().setUp()
        self.origin = Origin()
        self.enterContext(
            mock.patch.object(
                preloaded, 'find', lambda name, python: self.origin
            )
        )
        self.child = child.Child(
            settings.Settings(
                name='nova',
                directory='/',
                apis=(),
                options={},
                hosts={},
                urls={'nova-control': 'http://127.0.0.1:9'},
            ),
            '',
            [],
        )
        self.addCleanup(self.child.release)
        self.addCleanup(self.origin.end)

    def test_runs(self):
        self.child.kill()
        self.child.wait()
        self.assertEqual(-9, self.origin.process.wait())

    def test_has_ended(self):
        # Whose id is free, and may be another's by now.
        self.assertEqual(self.origin.process.pid, self.child.pid)
        self.origin.end()
        with mock.patch.object(os, 'kill') as kill:
            self.child.kill()
            self.child.wait()
        self.assertEqual([], kill.mock_calls)
