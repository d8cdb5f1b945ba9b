# SPDX-License-Identifier: Apache-2.0

"""Tests of what the plugin raises."""

import ddt

from watcher.common import exception

from tests.unit import base
from watcher_host_maintenance import exceptions
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.targets import UNKNOWN_NODE
from watcher_host_maintenance.plugin.watcher.model import MODEL_STALE


@ddt.ddt
class TestFirstLine(base.TestCase):
    @ddt.named_data(
        # name, error, expected
        ('one_line',      ValueError('no room'),            'no room'),
        ('two_lines',     ValueError('no room\n  at all'),  'no room'),
        ('blank_first',   ValueError('\n  no room\n'),      'no room'),
        ('says_nothing',  ValueError(),                     'ValueError'),
        ('says_blanks',   ValueError(' \n '),               'ValueError'),
        ('watchers_own',  exception.ComputeNodeNotFound(name='compute-1'),
         'The compute node compute-1 could not be found'),
    )  # fmt: skip
    @ddt.unpack
    def test_text(self, error, expected):
        self.assertEqual(expected, exceptions.first_line(error))


class TestDrainRefused(base.TestCase):
    def test_is_watchers(self):
        findings = (Finding(UNKNOWN_NODE, 'compute-9'),)
        error = exceptions.DrainRefused('Used 100 % of it.', findings)
        self.assertIsInstance(error, exception.WatcherException)
        self.assertEqual('Used 100 % of it.', str(error))
        self.assertEqual(findings, error.findings)


class TestNotPlanned(base.TestCase):
    def test_finding(self):
        finding = Finding(MODEL_STALE)
        error = exceptions.NotPlanned(finding)
        self.assertEqual(finding, error.finding)
        self.assertEqual('model_stale', str(error))
