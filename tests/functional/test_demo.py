# SPDX-License-Identifier: Apache-2.0

"""The demo runs to its end, reads well and leaves nothing behind."""

import os
import pathlib
import re
import signal
import subprocess
import sys

import fixtures

from testtools import content

from tests.functional import command_line
from tests.functional import limited


ROOT = pathlib.Path(__file__).parents[2]

#: What is typed once as Watcher alone has it.
RAW = """\
$ openstack optimize audit create -g cluster_maintenance \\
    -s cluster_host_maintenance -p maintenance_node=compute-4 --auto-trigger \\
"""
#: Some of what is told, in order.
TOLD = (
    'It has 6 compute hosts and 40 servers:',
    '$ openstack maintenance check compute-1 ',
    'Possible now: compute-1. Servers to move: 10.',
    'it is left least full',
    '$ openstack maintenance start compute-1 --wait',
    # Which of the least full nodes it is depends on its UUID.
    ' of 10: live migrate files-1 to compute-',
    '10 of 10: verify compute-1: succeeded',
    '[ok] compute-1 is empty, and disabled as "watcher_maintaining".',
    '$ openstack maintenance start compute-2 --wait',
    'Cannot drain compute-2: 1 of 12 instances',
    '$ openstack maintenance check compute-2 ',
    '--on-blocked leave',
    'compute-4: needs 1700 DISK_GB, 560 free',
    '[ok] There is no plan. All 40 servers and 6 hosts are as they were.',
    RAW,
    '$ openstack maintenance wait compute-4',
    '| compute-4 | ready |',
    '[ok] compute-4 is empty, and disabled as "watcher_maintaining".',
    '[ok] compute-5 is enabled and holds them all.',
    'All came out as told',
)
#: The same of the rolling maintenance.
ROLLED = (
    'It has 4 compute hosts and 14 servers:',
    '$ openstack maintenance roll check compute-1 ',
    '4 of 4 nodes can be maintained in 3 waves with 17 moves (at least 17 ',
    '$ openstack maintenance roll start compute-1 ',
    'The hook patch works on: compute-',
    'SUCCEEDED: 4 of 4 nodes maintained, 17 moves (at least 17 were needed).',
    '[ok] All 4 hosts are patched and back in service.',
    '[ok] All 14 servers are as they were',
    'All came out as told',
)


class TestDemo(limited.LimitedTestCase):
    """The demo as a newcomer runs it, but without a terminal."""

    LIMIT_S = 600

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path
        self.log = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path, 'log'
        )

    def start(self, *arguments):
        demo = subprocess.Popen(
            [
                *command_line.INTERRUPTIBLE,
                sys.executable,
                '-m',
                'demo',
                '--log',
                self.log,
                *arguments,
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding='utf-8',
            env={
                **os.environ,
                'TMPDIR': self.directory,
                'PYTHONUTF8': '1',
                'PYTHONUNBUFFERED': '1',
            },
        )
        for end in (
            demo.stdout.close,
            demo.stderr.close,
            demo.wait,
            demo.kill,
        ):
            self.addCleanup(end)
        return demo

    def test_all_is_as_told(self):
        output = self.tell(TOLD)
        self.assertEqual(1, output.count('$ openstack optimize '))

    def test_roll(self):
        self.tell(ROLLED, 'roll')

    def tell(self, told, *arguments):
        """Have the demo tell a story to its end; return what it prints."""
        demo = self.start(*arguments)
        output, errors = demo.communicate()
        for name, text in (
            ('output', output),
            ('errors', errors),
            ('log', self.read_log()),
        ):
            self.addDetail(name, content.text_content(text))
        self.assertEqual((0, ''), (demo.returncode, errors))
        position = 0
        for text in told:
            self.assertIn(text, output[position:])
            position = output.index(text, position)
        self.assertLooksGood(output)
        self.assertEqual([], os.listdir(self.directory))
        return output

    def test_interrupted(self):
        demo = self.start()
        for line in demo.stdout:
            if line.startswith('Starting'):
                break
        demo.send_signal(signal.SIGINT)
        _output, errors = demo.communicate(timeout=60)
        self.assertEqual(
            (130, '\nStopped. The cloud is gone.\n'), (demo.returncode, errors)
        )
        self.assertEqual([], os.listdir(self.directory))

    def assertLooksGood(self, output):
        """Check for what a plain text of 80 columns cannot show.

        A terminal breaks the sentences of commands, which have no columns.
        """
        self.assertEqual(
            [],
            [
                line
                for line in output.splitlines()
                if len(line) > 80
                and not re.match(r'[A-Z\d][\w ]+[:,.(] ?', line)
                and ' fits on no destination ' not in line
            ],
        )
        self.assertIsNone(re.search(r'[^\n\x20-\x7e\u2500]', output))

    def read_log(self):
        """What the services logged, for a person to find out more."""
        return self.log.read_text() if self.log.exists() else ''
