# SPDX-License-Identifier: Apache-2.0

"""Options from a file, without Watcher."""

import pathlib

import ddt
import fixtures

from oslo_config import cfg

from tests.unit import base
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request.options import GROUP
from watcher_host_maintenance.request.options import RETURN_OPTIONS
from watcher_host_maintenance.request.options import ROLL_OPTIONS
from watcher_host_maintenance.request.options import STRATEGY_OPTIONS


@ddt.ddt
class TestRead(base.TestCase):
    def read(self, *lines, group=GROUP):
        directory = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(directory, 'watcher.conf')
        path.write_text('\n'.join([f'[{group}]', *lines]))
        return config.read(str(path))

    def test_defaults(self):
        options = config.read()
        self.assertEqual((), options.given)
        self.assertEqual(
            {
                o.dest: o.default
                for o in (*STRATEGY_OPTIONS, *RETURN_OPTIONS, *ROLL_OPTIONS)
            },
            options.values,
        )

    def test_given(self):
        options = self.read('max_migrations = 3', 'marking_reasons = a, b')
        self.assertEqual(('marking_reasons', 'max_migrations'), options.given)
        self.assertEqual(['a', 'b'], options.values['marking_reasons'])
        self.assertEqual(3, options.values['max_migrations'])

    def test_given_as_the_default(self):
        self.assertEqual(
            ('max_migrations',), self.read('max_migrations = 10').given
        )

    def test_other_groups_are_no_matter(self):
        self.assertEqual((), self.read('max_migrations = 3', group='x').given)

    @ddt.data('max_migrations = 0', 'max_migrations = many')
    def test_bad_value(self, line):
        self.assertRaises((cfg.Error, ValueError), self.read, line)

    def test_no_file(self):
        self.assertRaises(cfg.Error, config.read, '/nonexistent/watcher.conf')
