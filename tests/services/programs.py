# SPDX-License-Identifier: Apache-2.0

"""Programs of the control plane."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys

from collections.abc import Mapping

import fixtures

from minicloud import environment


class Program(fixtures.Fixture):
    """A program that runs until the end of the fixture."""

    def __init__(
        self,
        name: str,
        command: tuple[str, ...],
        directory: pathlib.Path,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Describe it.

        :param name: of its log, NAME.log in the directory
        :param variables: of its environment, beside those that it inherits
        """
        super().__init__()
        self._name = name
        self._command = command
        self._log = directory / f'{name}.log'
        self._variables = variables or {}

    def _setUp(self) -> None:
        with self._log.open('ab') as output:
            self._process = subprocess.Popen(
                self._command,
                env=environment.clean() | self._variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.useFixture(Lifeline(self._process.pid))
        self.addCleanup(self._end)

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, by itself or because it was killed."""
        return self._process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and all its workers."""
        if not self.has_ended:
            os.killpg(self._process.pid, number)

    def pids(self) -> list[int]:
        """Return it and its workers, of those that are alive."""
        return [
            int(path.name)
            for path in pathlib.Path('/proc').iterdir()
            if path.name.isdecimal() and _group_of(path) == self._process.pid
        ]

    def check(self) -> None:
        """Raise an error if it has ended by itself."""
        if self._process.poll() is not None:
            raise RuntimeError(f'{self._name} has ended:\n{self.log()}')

    def log(self) -> str:
        """Return all that it has printed."""
        return self._log.read_text(errors='replace')

    def _end(self) -> None:
        # Watcher and Nova have workers, which would look for their parent
        # once a minute.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Lifeline(fixtures.Fixture):
    """Kill a process group when this process ends, however it ends.

    A shell in a session of its own waits at a pipe that this process holds
    open: it reads a line when the fixture ends, and the end of the file when
    this process was killed.
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self._group = group

    def _setUp(self) -> None:
        keeper = subprocess.Popen(
            ('sh', '-c', 'read _ || kill -s KILL -- "-$0"', str(self._group)),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Last of all: what it guards has ended by then.
        self.addCleanup(keeper.communicate, b'\n')


def _group_of(process: pathlib.Path) -> int | None:
    """Return the group of a process in /proc; None if it has ended."""
    try:
        status = (process / 'stat').read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # After the name, which may hold anything: state, parent, group.
    return int(status.rpartition(')')[2].split()[2])


def run(
    command: tuple[str, ...], variables: Mapping[str, str] | None = None
) -> str:
    """Run a program to its end and return what it prints.

    :raises RuntimeError: its exit status is not 0
    """
    done = subprocess.run(
        command,
        env=environment.clean() | (variables or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f'{" ".join(command)}: {done.stdout}')
    return done.stdout


def script(name: str) -> str:
    """Return the path of a command of this Python environment."""
    return str(pathlib.Path(sys.executable).with_name(name))
