# SPDX-License-Identifier: Apache-2.0

"""A service of Watcher that notes who starts each of its threads.

``python -m tests.chaos.service COMMAND [ARGUMENT...]``; the environment
variable :data:`NOTES` names the file. Python 3.11 gives the kernel no name of
a thread, and the name of a pool's thread says nothing of whose pool it is.
"""

import json
import os
import sys
import threading

from collections.abc import Iterator
from concurrent import futures
from importlib import metadata
from types import FrameType
from typing import Any


NOTES = 'CHAOS_THREAD_NOTES'

_WAYS = (
    'threading',
    'concurrent.futures',
    'futurist',
    'watcher.common.executor',
)
"""Packages through which others start threads."""


def main(command: str) -> None:
    """Run a command of this Python environment, whose threads are noted."""
    [program] = metadata.entry_points(group='console_scripts', name=command)
    # Watcher reads these when it is imported.
    sys.argv[:] = [command, *sys.argv[2:]]
    note_threads(os.environ[NOTES])
    program.load()()


def note_threads(path: str) -> None:
    """Append a JSON object to a file for each thread that is started.

    Its fields are ``thread``, the id that the kernel has given it,
    ``starter``, the function that wanted it, and for a thread of a pool
    ``pool``, which tells pools apart, and ``size``, the most
    threads that the pool may have.
    """
    start = threading.Thread.start
    # Services fork: the position in the file has to be the file's.
    notes = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def start_and_note(thread: threading.Thread) -> None:
        start(thread)
        note = {'thread': thread.native_id, **_origin(sys._getframe(1))}
        os.write(notes, f'{json.dumps(note)}\n'.encode())

    threading.Thread.start = start_and_note


def _origin(frame: FrameType) -> dict[str, Any]:
    """Return the starter of a thread, and the pool that it belongs to."""
    pool: dict[str, Any] = {}
    for caller in _callers(frame):
        name = caller.f_globals['__name__']
        owner = caller.f_locals.get('self')
        if isinstance(owner, futures.Executor):
            pool = {
                'pool': f'{os.getpid()}.{id(owner)}',
                'size': owner._max_workers,
            }
        if not f'{name}.'.startswith(tuple(f'{way}.' for way in _WAYS)):
            break
    return {'starter': f'{name}.{caller.f_code.co_qualname}', **pool}


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame:
        yield frame
        frame = frame.f_back


if __name__ == '__main__':
    main(sys.argv[1])
