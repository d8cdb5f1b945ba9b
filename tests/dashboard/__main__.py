# SPDX-License-Identifier: Apache-2.0

"""Run the tests of the dashboard: ``python -m tests.dashboard [NAME...]``.

Views are tested first, by Horizon's own helpers, then all pages in a browser.
Where something is missing for either, that part is not run, and that is no
success: the last line begins with SKIPPED, and the exit status is
:data:`SKIPPED`.
"""

import os
import subprocess
import sys
import unittest

from collections.abc import Sequence

from tests.dashboard import browser


#: The exit status that Automake and Meson take for a test that was skipped.
SKIPPED = 77

VIEWS = 'tests.dashboard.views'
PAGES = ('tests.dashboard.test_dashboard', 'tests.dashboard.test_panel')


def main(names: Sequence[str]) -> int:
    """Run tests, by default all of them, and return the exit status."""
    views = [n for n in names or [VIEWS] if n.startswith(VIEWS)]
    pages = [n for n in names or PAGES if n not in views]
    missing = ''
    passed = True
    if views:
        missing = browser.missing(programs=(), modules=['openstack_dashboard'])
        passed = bool(missing) or run_views(views)
    if pages:
        missing = browser.missing() or missing
        passed = (bool(browser.missing()) or run_pages(pages)) and passed
    if passed and missing:
        print(f'SKIPPED: not installed: {missing}')
        return SKIPPED
    return 0 if passed else 1


def run_views(names: Sequence[str]) -> bool:
    """Run tests of views as Django does; return True if they passed."""
    done = subprocess.run(
        [sys.executable, '-m', 'django', 'test', '-v', '2', *names],
        env={
            **os.environ,
            'DJANGO_SETTINGS_MODULE': 'tests.dashboard.view_settings',
        },
        check=False,
    )
    return done.returncode == 0


def run_pages(names: Sequence[str]) -> bool:
    """Run tests in a browser; return True if they passed."""
    done = unittest.main(
        module=None, exit=False, argv=['tests.dashboard', '-v', *names]
    )
    return done.result.wasSuccessful()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
