# SPDX-License-Identifier: Apache-2.0

"""Run a command as ``openstack`` does, against faked APIs."""

import contextlib
import io
import json
import pathlib
import sys

from types import SimpleNamespace
from unittest import mock

import fixtures

from keystoneauth1 import noauth
from keystoneauth1.session import Session

from tests.unit.client import clouds
from tests.unit.client import fake_watcher
from tests.unit.plugin import fake_placement
from watcher_host_maintenance.client import waiting


MOST_SLEEPS = 20


class CommandTestCase(clouds.CloudTestCase):
    """A test that types commands; nobody is at a terminal.

    :ivar terminal: what is typed, or raised; None is no terminal
    """

    terminal = None

    def setUp(self):
        super().setUp()
        self.sleeps = []
        self.signing_in = mock.Mock()
        patch = mock.patch.object(waiting.time, 'sleep', self.sleep)
        patch.start()
        self.addCleanup(patch.stop)
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def config(self, *lines):
        """Write options of the plugin into a watcher.conf."""
        group = '[watcher_strategies.cluster_host_maintenance]'
        return self.file('watcher.conf', '\n'.join([group, *lines]))

    def sleep(self, seconds):
        """Stands for the time between two looks."""
        self.sleeps.append(seconds)
        if len(self.sleeps) > MOST_SLEEPS:
            raise AssertionError('This is waited for for ever')

    def run_command(self, kind, *arguments):
        """Run a command.

        :returns: exit status, stdout read as JSON, stderr
        """
        app = SimpleNamespace(
            client_manager=SimpleNamespace(
                session=Session(auth=noauth.NoAuth()),
                interface='public',
                region_name=None,
                _api_version={'infra-optim': '1.latest'},
                _cli_options=SimpleNamespace(
                    config={
                        'infra_optim_endpoint_override': fake_watcher.URL,
                        'compute_endpoint_override': f'{self.nova.url}/v2.1',
                        'placement_endpoint_override': fake_placement.URL,
                    }
                ),
            ),
            prepare_to_run_command=self.signing_in,
            stdout=io.StringIO(),
            command_manager=SimpleNamespace(namespace='test'),
        )
        command = kind(app, None)
        parser = command.get_parser('openstack maintenance')
        parsed = parser.parse_args(['-f', 'json', *arguments])
        typed = mock.Mock()
        typed.isatty.return_value = self.terminal is not None
        typed.readline.side_effect = [self.terminal]
        errors = io.StringIO()
        with (
            contextlib.redirect_stderr(errors),
            mock.patch.object(sys, 'stdin', typed),
        ):
            status = command.run(parsed)
        return status, json.loads(app.stdout.getvalue()), errors.getvalue()
