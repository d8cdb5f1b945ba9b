# SPDX-License-Identifier: Apache-2.0

"""Processes that have imported Nova or Watcher and fork one for each cloud.

Importing takes half of a cloud's start. A process that starts many clouds
calls :func:`preload` first, and pays for it once.
"""

import atexit
import os
import socket
import subprocess
import sys
import tempfile

from collections.abc import Sequence
from typing import NamedTuple

from minicloud import environment


_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Birth(NamedTuple):
    """What the parent holds of a forked process.

    :ivar lifeline: descriptor; the process ends when it is closed
    :ivar status: descriptor; its id comes out, then the end of the file
        when it ends
    """

    lifeline: int
    status: int


class Preloaded:
    """One such process; it ends when its parent does."""

    def __init__(self, name: str, python: str) -> None:
        """Start to import.

        :param name: 'nova' or 'watcher'
        :param python: the interpreter it is installed in
        """
        # Each request stays one, with its descriptors.
        self._requests, theirs = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        self._output = tempfile.TemporaryFile()  # noqa: SIM115
        with theirs:
            # A session of its own: Ctrl-C is for the parent, which then
            # ends its children in order.
            self._process = subprocess.Popen(
                [python, '-W', 'ignore', '-m', f'minicloud.{name}'],
                stdin=theirs.fileno(),
                stdout=self._output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_environment(),
            )

    def fork(self, settings: str, sockets: Sequence[int]) -> Birth:
        """Fork a process as soon as everything is imported.

        :param settings: JSON, tells it what to do
        :param sockets: descriptors that it is to have, in the order of the
            settings
        """
        lifeline, ours = os.pipe()
        status, theirs = os.pipe()
        try:
            with tempfile.TemporaryFile('w+') as document:
                document.write(settings)
                document.flush()
                socket.send_fds(
                    self._requests,
                    [b'fork'],
                    [lifeline, theirs, document.fileno(), *sockets],
                )
        except ConnectionError:
            # It has ended, which the status and its sockets tell.
            pass
        finally:
            os.close(lifeline)
            os.close(theirs)
        return Birth(ours, status)

    def output(self) -> str:
        """What it has printed: nothing, unless the import failed."""
        self._output.seek(0)
        return self._output.read().decode(errors='replace')

    def release(self) -> None:
        """Let it end, after what it was asked for; forked ones go on."""
        self._requests.close()

    def wait(self) -> None:
        """Wait for its end, once it was released."""
        self._process.wait()
        self._output.close()


_preloaded: dict[tuple[str, str], Preloaded] = {}


def preload(
    nova_python: str = sys.executable, watcher_python: str = sys.executable
) -> None:
    """Import for all clouds of this process; cheap to call again.

    The two processes stay until this one ends.

    :param nova_python: the interpreter Nova and Placement are under
    :param watcher_python: the interpreter Watcher is under
    """
    for key in (('nova', nova_python), ('watcher', watcher_python)):
        if key not in _preloaded:
            _preloaded[key] = Preloaded(*key)
            atexit.register(_preloaded[key].wait)
            atexit.register(_preloaded[key].release)


def find(name: str, python: str) -> Preloaded | None:
    """The process that :func:`preload` has started, if any."""
    return _preloaded.get((name, python))


def _environment() -> dict[str, str]:
    """One in which minicloud is found."""
    path = (_ROOT, os.environ.get('PYTHONPATH'))
    return {
        **environment.clean(),
        'PYTHONPATH': os.pathsep.join(filter(None, path)),
    }
