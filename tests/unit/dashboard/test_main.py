# SPDX-License-Identifier: Apache-2.0

"""Without a browser the tests of the dashboard do not count as passed."""

import contextlib
import io
import pathlib
import sys

from unittest import mock

import ddt
import fixtures

from tests.dashboard import __main__ as main
from tests.dashboard import browser
from tests.unit import base


PROGRAMS = ('chromium', 'chromedriver')
MODULES = (
    'selenium',
    'axe_core_python',
    'openstack_dashboard',
    'watcher_dashboard',
)


@ddt.ddt
class TestMissing(base.TestCase):
    def install(self, *names):
        """Have these programs and modules, and no others."""
        place = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for name in names:
            path = place / (f'{name}.py' if name in MODULES else name)
            path.touch(mode=0o755)
        self.useFixture(fixtures.EnvironmentVariable('PATH', str(place)))
        patched = mock.patch.object(sys, 'path', [str(place)])
        patched.start()
        self.addCleanup(patched.stop)

    @ddt.named_data(
        # name, what is not installed, how it is told
        ('nothing', (), ''),
        ('browser', ('chromium',), 'chromium (Debian package chromium)'),
        (
            'driver',
            ('chromedriver',),
            'chromedriver (Debian package chromium-driver)',
        ),
        (
            'horizon',
            ('openstack_dashboard',),
            'openstack_dashboard (Python package horizon)',
        ),
        (
            'two',
            ('chromium', 'watcher_dashboard'),
            'chromium (Debian package chromium), '
            'watcher_dashboard (Python package watcher-dashboard)',
        ),
    )
    @ddt.unpack
    def test_missing(self, missing, told):
        self.install(*({*PROGRAMS, *MODULES} - {*missing}))
        self.assertEqual(told, browser.missing())

    def test_is_not_passed(self):
        self.install(*PROGRAMS)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = main.main([])
        self.assertEqual(main.SKIPPED, status)
        self.assertEqual(
            'SKIPPED: not installed: selenium (Python package selenium), '
            'axe_core_python (Python package axe-core-python), '
            'openstack_dashboard (Python package horizon), '
            'watcher_dashboard (Python package watcher-dashboard)\n',
            said.getvalue(),
        )
