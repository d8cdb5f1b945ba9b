# SPDX-License-Identifier: Apache-2.0

"""The command nova-manage, in a cloud of a test."""

import pathlib
import subprocess
import sys

from minicloud import cloud


# minicloud's databases need a plugin.
_PROGRAM = (
    'import sys, minicloud.database; from nova.cmd import manage; '
    'sys.exit(manage.main())'
)


def run(lab: cloud.Cloud, *arguments: str) -> int:
    """Run nova-manage, and return its exit status."""
    configuration = pathlib.Path(lab.directory, 'nova.conf')
    command = [sys.executable, '-c', _PROGRAM, '--config-file', configuration]
    return subprocess.run([*command, *arguments], check=False).returncode
