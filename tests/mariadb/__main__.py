# SPDX-License-Identifier: Apache-2.0

"""Run the tests with MariaDB: ``python -m tests.mariadb [NAME...]``.

Where it is missing nothing is run, and that is no success: the last line
begins with SKIPPED, and the exit status is :data:`SKIPPED`.
"""

import os
import shutil
import sys
import unittest

from collections.abc import Sequence


#: The exit status that Automake and Meson take for a test that was skipped.
SKIPPED = 77
_TESTS = ('tests.mariadb.test_server', 'tests.mariadb.test_texts')


def main(arguments: Sequence[str]) -> int:
    """Run tests, by default all of them, and return the exit status."""
    # Daemons are not on everybody's.
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    if shutil.which('mariadbd') is None:
        print('SKIPPED: not installed; apt-get install mariadb-server')
        return SKIPPED
    done = unittest.main(
        module=None,
        exit=False,
        argv=['tests.mariadb', '-v', *(arguments or _TESTS)],
    )
    return 0 if done.result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
