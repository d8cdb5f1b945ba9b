# SPDX-License-Identifier: Apache-2.0

"""Whatever ends a cloud, it leaves no process and no file behind."""

import os
import pathlib
import signal
import subprocess
import sys

import fixtures
import testtools
import yaml

from minicloud import cloud
from minicloud import exceptions
from minicloud import waiting
from tests.functional import limited
from tests.functional.minicloud import base


DESCRIPTION = {
    'hosts': {'compute-1': base.HOST},
    'flavors': {'small': base.FLAVOR},
    'servers': {'web': {'host': 'compute-1', 'flavor': 'small'}},
}
PRELOADING = f"""
from minicloud import cloud, preloaded
preloaded.preload()
preloaded.preload()
for _number in range(2):
    with cloud.Cloud({DESCRIPTION}) as lab:
        print({{name: tuple(server)
               for name, server in lab.servers().items()}})
"""
PAUSING = f"""
import os, signal
from minicloud import cloud, preloaded
preloaded.preload()
lab = cloud.Cloud({DESCRIPTION})
lab.setUp()
lab.pause()
lab.resume()
print(*lab.servers(), flush=True)
lab.pause()
os.kill(os.getpid(), signal.SIGKILL)
"""
_PATIENCE_S = 180


class TestLifecycle(limited.LimitedTestCase):
    """Clouds that end in every way."""

    def setUp(self):
        super().setUp()
        # Only what the cloud itself leaves is then in this directory.
        self.temp = self.useFixture(fixtures.TempHomeDir()).path
        self.place = os.path.join(self.temp, 'tmp')
        os.mkdir(self.place)
        self.useFixture(fixtures.EnvironmentVariable('TMPDIR', self.place))
        self.useFixture(fixtures.MonkeyPatch('tempfile.tempdir', self.place))
        self.useFixture(
            fixtures.MonkeyPatch('minicloud.preloaded._preloaded', {})
        )

    def test_closed(self):
        with cloud.Cloud(DESCRIPTION) as lab:
            self.assertEqual(2, len(self._processes()))
            self.assertEqual('compute-1', lab.servers()['web'].host)
        self._assert_clean()

    def test_two_at_once(self):
        with (
            cloud.Cloud(DESCRIPTION) as one,
            cloud.Cloud(DESCRIPTION) as other,
        ):
            other.nova.servers.list()[0].stop()
            self._wait(lambda: other.servers()['web'].status == 'SHUTOFF')
            self.assertEqual('ACTIVE', one.servers()['web'].status)
        self._assert_clean()

    def test_preloaded(self):
        status, output = self._run(PRELOADING)
        self.assertEqual(
            (0, 2 * [str({'web': ('ACTIVE', 'compute-1')})]),
            (status, output.splitlines()),
        )
        self._assert_clean()

    def test_error_inside(self):
        with (
            testtools.ExpectedException(ZeroDivisionError),
            cloud.Cloud(DESCRIPTION),
        ):
            raise ZeroDivisionError
        self._assert_clean()

    def test_process_does_not_start(self):
        error = self.assertRaises(
            exceptions.CloudError,
            cloud.Cloud(
                DESCRIPTION,
                nova_options={'DEFAULT': {'compute_driver': 'no.such'}},
            ).setUp,
        )
        self.assertIn('nova did not start: it ended', str(error))
        self.assertIn('Unable to load the virtualization driver', str(error))
        self._assert_clean()

    def test_interpreter_is_wrong(self):
        error = self.assertRaises(
            exceptions.CloudError,
            cloud.Cloud(DESCRIPTION, watcher_python='/bin/false').setUp,
        )
        self.assertIn('watcher did not start: it ended', str(error))
        self._assert_clean()
        self.assertRaises(
            FileNotFoundError,
            cloud.Cloud(DESCRIPTION, watcher_python='/bin/none').setUp,
        )
        self._assert_clean()

    def test_server_does_not_start(self):
        flavor = {**base.FLAVOR, 'vcpus': base.HOST['vcpus'] + 1}
        error = self.assertRaises(
            exceptions.CloudError,
            cloud.Cloud({**DESCRIPTION, 'flavors': {'small': flavor}}).setUp,
        )
        self.assertIn('Server web is in ERROR', str(error))
        self._assert_clean()

    def test_program_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            program = self._program()
            program.send_signal(number)
            self.assertEqual(0, program.wait(_PATIENCE_S))
            self._assert_clean()

    def test_program_killed(self):
        program = self._program()
        program.kill()
        program.wait(_PATIENCE_S)
        self._assert_clean()

    def test_program_killed_with_a_paused_cloud(self):
        self.assertEqual((-signal.SIGKILL, 'web\n'), self._run(PAUSING))
        self._assert_clean()

    def test_program_killed_while_starting(self):
        program = self._program(ready=False)
        self._wait(lambda: len(self._processes()) > 1)
        program.kill()
        program.wait(_PATIENCE_S)
        self._assert_clean()

    def test_program_refuses(self):
        program = self._program(
            {'hosts': {'compute-1': {'vcpus': 'many'}}}, ready=False
        )
        self.assertEqual(1, program.wait(_PATIENCE_S))
        self.assertIn(
            "hosts.compute-1.vcpus: 'many' is not of type",
            program.stderr.read(),
        )

    def _run(self, source):
        """Run a program to its end; return its status and what it prints."""
        program = subprocess.run(
            [sys.executable, '-c', source],
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            timeout=_PATIENCE_S,
        )
        return program.returncode, program.stdout

    def _program(self, wanted=None, ready=True):
        """Run it, and wait until it has told how to reach it."""
        path = pathlib.Path(self.temp, 'description.yaml')
        path.write_text(yaml.safe_dump(wanted or DESCRIPTION))
        program = subprocess.Popen(
            [sys.executable, '-m', 'minicloud', str(path)],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.stderr.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        if ready:
            self.assertIn('export ', program.stdout.readline())
        return program

    def _processes(self):
        """Ids of all processes that were begun with our directory."""
        return {
            int(path.parent.name)
            for path in pathlib.Path('/proc').glob('[0-9]*/environ')
            if os.fsencode(self.place) in _content(path)
        }

    def _assert_clean(self):
        self._wait(lambda: not self._processes())
        self.assertEqual([], os.listdir(self.place))

    def _wait(self, condition):
        return waiting.until(condition, _PATIENCE_S, lambda: 'Still waiting')


def _content(path):
    """What is in a file of /proc, unless its process has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b''
