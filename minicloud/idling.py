# SPDX-License-Identifier: Apache-2.0

"""Let threads sleep that have nothing to do.

Each of futurist's looks every second whether it is to end. Thirty compute
services have a thousand between them, which on a busy machine leave no time
to the others. Only imported in the child processes.
"""

from futurist import _thread


#: Those of a pool that was thrown away live on for as long.
_IDLE_S = 60


def install() -> None:
    """Wake the threads of all pools less often."""
    _thread.ThreadWorker.MAX_IDLE_FOR = _IDLE_S
