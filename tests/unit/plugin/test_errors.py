# SPDX-License-Identifier: Apache-2.0

"""Tests of what the plugin raises into Watcher."""

from watcher.common import exception

from tests.unit import base
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE
from watcher_host_maintenance.plugin.errors import DrainRefused


class TestFirstLine(base.TestCase):
    def test_of_watchers_own(self):
        self.assertEqual(
            'The compute node compute-1 could not be found',
            first_line(exception.ComputeNodeNotFound(name='compute-1')),
        )


class TestDrainRefused(base.TestCase):
    def test_is_watchers(self):
        findings = (Finding(UNKNOWN_NODE, 'compute-9'),)
        error = DrainRefused('Used 100 % of it.', findings)
        self.assertIsInstance(error, exception.WatcherException)
        self.assertEqual('Used 100 % of it.', str(error))
        self.assertEqual(findings, error.findings)
