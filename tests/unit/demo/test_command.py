# SPDX-License-Identifier: Apache-2.0

import os
import sys

from unittest import mock

import ddt

from demo import command
from demo import judge
from tests.unit import base


UUID = '04cd0317-27d7-4c15-9c70-8facfaa6583b'


@ddt.ddt
class TestTyped(base.TestCase):
    @ddt.named_data(
        # name, words, as typed on 24 columns
        ('short', ['openstack', '-c', 'UUID'], ['$ openstack -c UUID']),
        (
            'long',
            ['openstack', 'audit', 'show', '-c', 'State'],
            ['$ openstack audit show \\', '    -c State'],
        ),
        (
            'quoted',
            ['show', '-c', 'Status Message'],
            ['$ show \\', "    -c 'Status Message'"],
        ),
        (
            'flag',
            ['create', '--auto-trigger', '-c', 'UUID'],
            ['$ create \\', '    --auto-trigger \\', '    -c UUID'],
        ),
    )
    @ddt.unpack
    def test_lines(self, words, lines):
        self.assertEqual('\n'.join(lines), command.typed(words, 24))


class TestEnvironment(base.TestCase):
    def test_other_clouds_and_proxies_are_left_out(self):
        ours = {
            'OS_CLOUD': 'mine',
            'https_proxy': 'x',
            'NO_PROXY': 'y',
            'PATH': '/bin',
            'HOME': '/home/me',
        }
        with mock.patch.dict(os.environ, ours, clear=True):
            found = command.environment({'OS_ENDPOINT': 'http://lab'}, 72)
        self.assertEqual(
            {
                'CLIFF_FIT_WIDTH',
                'CLIFF_MAX_TERM_WIDTH',
                'COLUMNS',
                'HOME',
                'OS_ENDPOINT',
                'OS_CLIENT_CONFIG_FILE',
                'PATH',
                'PYTHONWARNINGS',
            },
            set(found),
        )
        self.assertEqual('72', found['CLIFF_MAX_TERM_WIDTH'])


class TestRun(base.TestCase):
    def run_python(self, code, status=0):
        return command.run([sys.executable, '-c', code], os.environ, status)

    def test_returns_what_was_printed(self):
        self.assertEqual('done\n', self.run_python('print("done")'))

    def test_failure(self):
        raised = self.assertRaises(
            judge.NotAsTold, self.run_python, 'raise SystemExit(2)'
        )
        self.assertIn('ended with status 2, not 0', str(raised))

    def test_expected_failure(self):
        code = 'print("no room"); raise SystemExit(2)'
        self.assertEqual('no room\n', self.run_python(code, 2))
        self.assertRaises(judge.NotAsTold, self.run_python, '', 2)

    def test_no_such_command(self):
        raised = self.assertRaises(
            judge.NotAsTold, command.run, ['no-such-command'], {}
        )
        self.assertEqual('There is no command "no-such-command"', str(raised))
