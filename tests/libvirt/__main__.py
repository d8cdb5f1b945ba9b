# SPDX-License-Identifier: Apache-2.0

"""Run the tests on real hypervisors: ``python -m tests.libvirt [NAME...]``.

Where something is missing nothing is run, and that is no success: the last
line begins with SKIPPED, and the exit status is :data:`SKIPPED`.

Tests run in namespaces of their own. They end with the first process in
there, and with them every process, mount and network interface.
"""

import os
import sys
import unittest

from collections.abc import Sequence

from tests.libvirt import namespaces
from tests.libvirt import prerequisites


#: The exit status that Automake and Meson take for a test that was skipped.
SKIPPED = 77
#: What the process inside is started with.
_INSIDE = '--inside'
_TESTS = ('tests.libvirt.test_drain', 'tests.libvirt.test_faults')


def main(arguments: Sequence[str]) -> int:
    """Run tests, by default all of them, and return the exit status."""
    # Daemons are not on everybody's.
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    if arguments[:1] == [_INSIDE]:
        return _run(arguments[1:])
    missing = prerequisites.missing()
    if missing:
        print(f'SKIPPED: {missing}')
        return SKIPPED
    sys.stdout.flush()
    return namespaces.become(
        [sys.executable, '-m', 'tests.libvirt', _INSIDE, *arguments]
    )


def _run(names: Sequence[str]) -> int:
    # It needs Python packages that are not everywhere.
    from tests.libvirt import base
    from tests.libvirt import cloud

    with cloud.Cloud(base.HOSTS) as shared:
        base.LibvirtTestCase.cloud = shared
        done = unittest.main(
            module=None,
            exit=False,
            argv=['tests.libvirt', '-v', *(names or _TESTS)],
        )
    return 0 if done.result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
