# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Tie a child process to its parent, whatever happens to the parent.

The child's standard input is a pipe whose other end only the parent holds.
When the parent closes it, or dies by any signal, the child reads the end of
the file, removes the cloud's directory and exits.
"""

import os
import shutil
import sys
import threading
import time
import traceback

from collections.abc import Callable


def run(start: Callable[[], None], directory: str) -> None:
    """Start services, and keep them until the parent is gone.

    :param start: returns when they run; when it raises, the process ends
        at once, whatever threads it has begun
    :param directory: removed when the parent is gone
    """
    threading.Thread(target=_wait_and_exit, args=(directory,),
                     daemon=True, name='lifeline').start()
    try:
        start()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    threading.Event().wait()


def _wait_and_exit(directory: str) -> None:
    """Read standard input to its end; then leave without ceremony."""
    try:
        while os.read(sys.stdin.fileno(), 1024):
            pass
    finally:
        remove(directory)
        # Threads of the services may wait for ever: no orderly shutdown.
        os._exit(0)


def remove(directory: str, attempts: int = 20) -> None:
    """Remove a tree that another process may still be writing to."""
    for _attempt in range(attempts):
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.exists(directory):
            return
        time.sleep(0.05)
