# SPDX-License-Identifier: Apache-2.0

"""Programs end with the process that has started them."""

import os
import pathlib
import subprocess
import sys

import fixtures

from minicloud import waiting
from tests.services import programs
from tests.unit import base


#: A program with a worker, as Watcher's services are.
WORKS = ('sh', '-c', 'sleep 600 & wait')
#: Prints the processes of a program, and waits to be killed.
STARTS = f"""
import pathlib, sys, time
from tests.services import programs
program = programs.Program('works', {WORKS}, pathlib.Path(sys.argv[1]))
program.setUp()
while len(program.pids()) < 2:
    time.sleep(0.01)
print(*program.pids(), flush=True)
time.sleep(600)
"""
PATIENCE_S = 30


def is_alive(pid: int) -> bool:
    """Return True unless a process has ended, reaped or not."""
    try:
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(')')[2].split()[0] != 'Z'


class TestProgram(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def assertEnd(self, pids):
        self.assertEqual(2, len(pids))
        waiting.until(
            lambda: not any(map(is_alive, pids)),
            PATIENCE_S,
            lambda: f'alive: {[*filter(is_alive, pids)]}',
        )

    def test_ends_with_the_fixture(self):
        with programs.Program('works', WORKS, self.directory) as program:
            waiting.until(
                lambda: len(program.pids()) == 2, PATIENCE_S, program.log
            )
            pids = program.pids()
            self.assertTrue(all(map(is_alive, pids)))
        self.assertEnd(pids)

    def test_ends_with_a_parent_that_is_killed(self):
        with subprocess.Popen(
            [sys.executable, '-c', STARTS, str(self.directory)],
            cwd=pathlib.Path(programs.__file__).parents[2],
            env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        ) as parent:
            try:
                pids = [int(pid) for pid in parent.stdout.readline().split()]
                self.assertTrue(all(map(is_alive, pids)))
            finally:
                parent.kill()
        self.assertEnd(pids)
