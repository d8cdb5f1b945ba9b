# SPDX-License-Identifier: Apache-2.0

import os
import subprocess
import sys

from tests.unit import base


class TestOtherProcess(base.TestCase):
    """The answers are the same bytes, whatever order a set iterates in."""

    def test_every_scenario(self):
        one, two = self.answers('1'), self.answers('2')
        self.assertIn('"schedule"', one)
        self.assertIn('Status message:', one)
        self.assertEqual(one, two)

    def answers(self, hash_seed):
        return subprocess.run(
            [sys.executable, '-m', 'tests.scenarios', 'show'],
            env={
                **os.environ,
                'PYTHONHASHSEED': hash_seed,
                'PYTHONPATH': os.pathsep.join(sys.path),
            },
            check=True,
            capture_output=True,
            text=True,
        ).stdout
