# SPDX-License-Identifier: Apache-2.0

"""Which room of the package may import which.

A room is a folder. It imports rooms that stand before it in the order, and
nothing that its rules forbid.
"""

import subprocess
import sys

from tests.unit import base
from tests.unit.sources import SOURCES
from tests.unit.sources import room


class TestRooms(base.TestCase):
    def test_cloud_loads_without_watcher(self):
        modules = [
            name.removesuffix('.__init__')
            for name in SOURCES
            if room(name).startswith(('core', 'cloud'))
        ]
        done = subprocess.run(
            [
                sys.executable,
                '-W',
                'ignore',
                '-c',
                'import sys\nsys.modules["watcher"] = None\n'
                + '\n'.join(f'import {name}' for name in modules),
            ],
            capture_output=True,
            check=False,
            text=True,
        )
        self.assertEqual(0, done.returncode, done.stderr)
