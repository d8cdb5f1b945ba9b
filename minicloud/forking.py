# SPDX-License-Identifier: Apache-2.0

"""The other side of :mod:`minicloud.preloaded`: import, then fork.

The child's standard input becomes a pipe whose other end only the parent of
all holds. When that one closes it, or dies by any signal, the child reads the
end of the file, removes the cloud's directory and exits.
"""

import ctypes
import gc
import os
import signal
import socket
import sys
import tempfile
import threading
import traceback

from collections.abc import Callable
from collections.abc import Sequence

from minicloud import files
from minicloud import settings


#: Starts the services of a cloud; returns when they run.
Start = Callable[[settings.Settings], None]

_MAX_DESCRIPTORS = 32
#: Of prctl: have a signal sent when the parent ends.
_PR_SET_PDEATHSIG = 1


def serve(preload: Callable[[], Start]) -> None:
    """Fork a process for each request on standard input, until its end.

    :param preload: imports everything, and begins no thread
    """
    requests = socket.socket(fileno=os.dup(0))
    start = preload()
    # What is there by now stays for good: the collector need not look at it.
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _flags, _address = socket.recv_fds(
            requests, 16, _MAX_DESCRIPTORS
        )
        if not request:
            return
        if os.fork() == 0:
            requests.close()
            _run(start, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _run(start: Start, descriptors: Sequence[int]) -> None:
    """Be the process of one cloud; never returns."""
    try:
        lifeline, status, document, *sockets = descriptors
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # One that is paused could not see that its lifeline is closed.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)
        os.dup2(lifeline, 0)
        os.close(lifeline)
        # It stays open as long as the process lives.
        os.write(status, str(os.getpid()).encode())
        cloud = settings.load(document, sockets)
        _move_in(cloud)
        threading.Thread(
            target=_wait_and_exit,
            args=(cloud.directory,),
            daemon=True,
            name='lifeline',
        ).start()
        start(cloud)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    threading.Event().wait()


def _move_in(cloud: settings.Settings) -> None:
    """Print and write into the cloud's directory only.

    It is made here, for the parent could not remove it if it was killed
    before we were asked.
    """
    os.makedirs(cloud.directory, mode=0o700, exist_ok=True)
    with open(cloud.path(cloud.name + '.out'), 'wb') as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ['TMPDIR'] = tempfile.tempdir = cloud.directory
    # Dozens of threads of one interpreter get in each other's way when they
    # run on several processors: Nova boots servers twice as fast on one.
    if cloud.cpu is not None:
        os.sched_setaffinity(0, {cloud.cpu})
    # The collector finds little, and takes a tenth of the time.
    gc.set_threshold(100_000, 20, 20)


def _wait_and_exit(directory: str) -> None:
    """Read standard input to its end; then leave without ceremony."""
    try:
        while os.read(0, 1024):
            pass
    finally:
        files.remove(directory)
        # Threads of the services may wait for ever: no orderly shutdown.
        os._exit(0)
