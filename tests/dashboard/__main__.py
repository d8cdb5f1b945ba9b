# SPDX-License-Identifier: Apache-2.0

"""Run the tests of the dashboard: ``python -m tests.dashboard [NAME...]``.

Where something is missing nothing is run, and that is no success: the last
line begins with SKIPPED, and the exit status is :data:`SKIPPED`.
"""

import sys
import unittest

from collections.abc import Sequence

from tests.dashboard import browser


#: The exit status that Automake and Meson take for a test that was skipped.
SKIPPED = 77


def main(names: Sequence[str]) -> int:
    """Run tests, by default all of them, and return the exit status."""
    missing = browser.missing()
    if missing:
        print(f'SKIPPED: not installed: {missing}')
        return SKIPPED
    done = unittest.main(
        module=None,
        exit=False,
        argv=[
            'tests.dashboard',
            '-v',
            *(names or ['tests.dashboard.test_dashboard']),
        ],
    )
    return 0 if done.result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
