# SPDX-License-Identifier: Apache-2.0

"""A Watcher that is too old is told so in one line."""

import importlib

from importlib import metadata
from unittest import mock

import ddt

from tests.unit import base
from watcher_host_maintenance import plugin
from watcher_host_maintenance.plugin import release


@ddt.ddt
class TestRelease(base.TestCase):
    @ddt.named_data(
        # name, version of Watcher, whether the plugin works with it
        ('old',         '14.1.2', False),
        ('one_before',  '15.1.2', False),
        ('least',       '16.0.0', True),
        ('candidate',   '16.0.0.0rc1', True),
        ('newest',      '17.0.0', True),
        ('development', '17.1.0.dev12', True),
        ('unknown',     'master', True),
    )  # fmt: skip
    @ddt.unpack
    def test_is_new_enough(self, version, expected):
        self.assertEqual(expected, release.is_new_enough(version))

    def test_one_line(self):
        with mock.patch.object(metadata, 'version', return_value='15.1.2'):
            refused = self.assertRaises(ImportError, importlib.reload, plugin)
        self.assertEqual(
            'watcher-host-maintenance needs python-watcher 16 or newer, and '
            'this is 15.1.2: upgrade Watcher',
            str(refused),
        )

    def test_versions(self):
        self.assertEqual(
            {
                'watcher-host-maintenance': metadata.version(
                    'watcher-host-maintenance'
                ),
                'python-watcher': metadata.version('python-watcher'),
            },
            release.versions(),
        )

    def test_version_that_is_not_known(self):
        self.assertIsNone(release.installed('watcher-of-nobody'))

    def test_without_metadata(self):
        with mock.patch.object(
            metadata, 'version', side_effect=metadata.PackageNotFoundError
        ):
            importlib.reload(plugin)
