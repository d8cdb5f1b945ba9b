# SPDX-License-Identifier: Apache-2.0

"""The wheel in a fresh environment of Watcher, as an operator has it."""

import json
import subprocess
import sys

from typing import ClassVar

from tests.packaging import base
from tools.compat import environments


#: What the documentation says that is added.
ADDED = {base.PROJECT, 'highspy', 'numpy', 'python-novaclient'}


def changed(before: set[str], after: set[str]) -> set[str]:
    """Names of distributions that came, went or changed."""
    return {line.partition('==')[0].lower() for line in before ^ after}


class OnWatcher:
    """What holds on each supported Watcher."""

    WATCHER: ClassVar[str]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        version = environments.WATCHERS[cls.WATCHER]
        cls.fresh = base.Fresh(cls.work / 'fresh', version)
        cls.before = cls.fresh.installed()
        cls.fresh.install(str(cls.wheel))
        cls.after = cls.fresh.installed()

    def test_adds_what_is_listed(self):
        self.assertEqual(ADDED, changed(self.before, self.after))

    def test_nothing_is_broken(self):
        self.assertEqual(
            'No broken requirements found.', self.fresh.pip('check').strip()
        )

    def test_is_loaded_from_the_wheel(self):
        where = environments.run(
            str(self.fresh.python),
            '-I',
            '-c',
            'import watcher_host_maintenance as w; print(w.__file__)',
        )
        self.assertIn(str(self.work / 'fresh'), where)

    def test_drains(self):
        elsewhere = self.work / 'elsewhere'
        done = subprocess.run(
            [
                sys.executable,
                base.ROOT / 'tests' / 'packaging' / 'drain.py',
                self.fresh.python,
            ],
            env=base.outside(elsewhere),
            cwd=self.work,
            check=False,
            capture_output=True,
            text=True,
        )
        self.assertEqual(0, done.returncode, done.stderr[-4000:])
        told = json.loads(done.stdout)
        self.assertIn('cluster_maintenance', told['goals'])
        self.assertIn('cluster_host_maintenance', told['strategies'])
        self.assertEqual(
            ('SUCCEEDED', 'SUCCEEDED'), (told['audit'], told['plan'])
        )
        self.assertEqual(
            {
                'web-1': ['ACTIVE', 'compute-2'],
                'web-2': ['ACTIVE', 'compute-2'],
            },
            told['servers'],
        )
        self.assertEqual(
            ['disabled', 'up', 'watcher_maintaining'], told['service']
        )


class TestWatcher16(OnWatcher, base.TestCase):
    WATCHER = '16'


class TestWatcher17(OnWatcher, base.TestCase):
    WATCHER = '17'
