# SPDX-License-Identifier: Apache-2.0

"""What every test of the rim builds on."""

from unittest import mock

import fixtures

from keystoneauth1 import loading
from oslo_config import fixture as config_fixture
from testtools import matchers
from watcher import conf
from watcher import objects

from tests.unit import base
from watcher_host_maintenance.cloud import deadlines
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.request import options


class TestCase(base.TestCase):
    """A test with Watcher's options, all at their defaults.

    :ivar conf: the fixture to override options with
    :ivar log: the fixture that holds what is logged from INFO on
    """

    def setUp(self):
        super().setUp()
        # As each of Watcher's services does first.
        objects.register_all()
        self.log = self.useFixture(fixtures.FakeLogger())
        # Watcher 16 parses these whenever it loads a plugin.
        self.useFixture(fixtures.MonkeyPatch('sys.argv', ['watcher']))
        self.conf = self.useFixture(config_fixture.Config(conf.CONF))
        if 'auth_type' not in getattr(conf.CONF, 'placement', ()):
            self.register_placement()
        self.configure()

    def register_placement(self):
        """Let Watcher 16 have the options that Watcher 17 has for Placement.

        It has a client instead, which the functional tests go through.
        """
        for kind in (
            loading.get_auth_common_conf_options,
            loading.get_session_conf_options,
            loading.get_adapter_conf_options,
        ):
            self.conf.register_opts(kind(), group='placement')

    def configure(self, *paths):
        """Read these files, and neither the machine's nor our arguments."""
        conf.CONF(
            [],
            project='watcher',
            default_config_files=paths,
            default_config_dirs=[],
        )

    def configure_strategy(self, **values):
        """Override options of the strategy, before Watcher has loaded it."""
        conf.CONF.register_opts(
            options.STRATEGY_OPTIONS, group=names.STRATEGY_GROUP
        )
        self.conf.config(group=names.STRATEGY_GROUP, **values)


class StoppedClock(fixtures.Fixture):
    """Time in which no deadline passes, however slow the machine is."""

    def _setUp(self):
        clock = mock.Mock(monotonic=lambda: 0.0)
        self.useFixture(
            fixtures.MonkeyPatch(f'{deadlines.__name__}.time', clock)
        )


class FitsInto:
    """Matches a text that a database column of Watcher's holds."""

    def __init__(self, column):
        self.column = column

    def match(self, text):
        if len(text) > self.column.type.length:
            return matchers.Mismatch(
                f'{len(text)} characters, {self.column} holds '
                f'{self.column.type.length}: {text!r}'
            )
        return None
