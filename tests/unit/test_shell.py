# SPDX-License-Identifier: Apache-2.0

"""The bash in which the documentation is typed, without a cloud."""

import pathlib
import sys

from unittest import mock

import fixtures

from tests.functional import typed
from tests.unit import base


class Echo(typed.Shell):
    """One whose ``openstack`` prints what it was given."""

    def _answer(self, arguments):
        return 0, f'{len(arguments)}: {" ".join(arguments)}\n'


class TestShell(base.TestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def test_arguments_arrive(self):
        shell = Echo(None, self.directory)
        self.assertEqual(
            '3: audit show a b\n', shell.type('openstack audit show "a b"')
        )

    def test_variables_stay(self):
        shell = Echo(None, self.directory)
        shell.type('kept=one')
        self.assertEqual('1: one\n', shell.type('openstack $kept'))

    def test_python_in_a_path_with_a_space(self):
        python = self.directory / 'my venv' / 'python'
        python.parent.mkdir()
        python.symlink_to(sys.executable)
        with mock.patch.object(sys, 'executable', str(python)):
            shell = Echo(None, self.directory)
        self.assertEqual('1: goal\n', shell.type('openstack goal'))
