# SPDX-License-Identifier: Apache-2.0

"""Namespaces of Linux that a process and all of its children live in.

A process is in namespaces of its own for the network, mounts, process ids,
System V IPC and the host name. When the first process of a namespace of
process ids ends, the kernel ends all others; when the last process ends, its
mounts and network interfaces are gone.
"""

import os
import subprocess

from collections.abc import Sequence
from typing import NoReturn


#: What takes a program into namespaces of its own. The program is killed with
#: it: that is what --kill-child is for.
COMMAND = (
    'unshare',
    '--net',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--propagation',
    'private',
    '--',
)


def available() -> bool:
    """Return True if this process may make namespaces."""
    return (
        subprocess.run(
            [*COMMAND, 'true'], capture_output=True, check=False
        ).returncode
        == 0
    )


def become(command: Sequence[str]) -> NoReturn:
    """Become a program in namespaces of its own, which ends with this one."""
    os.execvp(COMMAND[0], [*COMMAND, *command])
