# SPDX-License-Identifier: Apache-2.0

"""A hook does not outlive the process that has called it."""

import os
import pathlib
import subprocess
import sys

from unittest import mock

import fixtures

from tests.unit import base
from tests.unit.plugin.processes import Waits
from tests.unit.plugin.processes import runs
from watcher_host_maintenance.plugin.actions import hook_process


SCRIPT = """#!/bin/sh
sleep 60 & echo $! > "$(dirname $0)/child"
sleep 60
"""


class TestKilled(Waits, base.TestCase):
    def test_group_is_ended_with_the_applier(self):
        """Nothing of ours is left to end it when we are killed."""
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        script, child = directory / 'hook', directory / 'child'
        script.write_text(SCRIPT)
        script.chmod(0o700)
        code = (
            f'from {hook_process.__name__} import run; '
            f'run([{str(script)!r}], {{}}, 60, lambda: False)'
        )
        applier = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', code]
        )
        self.addCleanup(applier.wait)
        self.addCleanup(applier.kill)
        self.until(lambda: child.exists() and child.read_text().strip())
        pid = int(child.read_text())
        self.assertTrue(runs(pid))
        applier.kill()
        self.until(lambda: not runs(pid))

    def test_may_not_be_ended(self):
        """As one that runs by sudo: it is no hook that was not started."""
        refused = mock.patch.object(os, 'killpg', side_effect=PermissionError)
        short = mock.patch.object(hook_process, 'TERM_S', 0.1)
        with refused as killed, short:
            self.assertRaises(
                hook_process.HookTimeout,
                hook_process.run,
                ['/bin/sleep', '2'],
                {},
                0.2,
                lambda: False,
            )
        self.assertEqual(2, killed.call_count)
