# SPDX-License-Identifier: Apache-2.0

"""Tests of the strategies as Watcher loads them."""

import subprocess
import sys

from tests.unit.plugin import base
from watcher_host_maintenance.plugin.watcher import strategies


class TestLoading(base.TestCase):
    def test_imports_before_objects_are_registered(self):
        # oslo-config-generator registers none; here they already are.
        done = subprocess.run(
            [
                sys.executable,
                '-W',
                'ignore',
                '-c',
                f'import {strategies.__name__}',
            ],
            capture_output=True,
            check=False,
            text=True,
        )
        self.assertEqual(0, done.returncode, done.stderr)
