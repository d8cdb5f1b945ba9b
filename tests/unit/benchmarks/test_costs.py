# SPDX-License-Identifier: Apache-2.0

"""The benchmarks of costs, on clouds that are too small to tell anything."""

import unittest

from unittest import mock

from benchmarks import audit_cost
from benchmarks import clusters
from benchmarks import plan_cost
from benchmarks import tables
from benchmarks import timing
from tests.unit.plugin import base


class TestCosts(base.TestCase):
    def setUp(self):
        super().setUp()
        # It takes a second with all that other tests have imported.
        self.enterContext(mock.patch('gc.collect'))
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override='http://127.0.0.1:9',
        )

    def test_plan_cost(self):
        unit_s, times = plan_cost.measured(4, 3, tries=1)
        self.assertEqual({*plan_cost.TIMED}, {*times})
        self.assertGreater(min(unit_s, *times.values()), 0)

    def test_audit_cost(self):
        measured = audit_cost.measured(4, 3, tries=1)
        self.assertEqual(['none', 'project'], list(measured))
        self.assertGreater(min(map(min, measured.values())), 0)

    def test_rows(self):
        self.assertEqual(
            ['4', '3', '12.3', '-', '-', '0.50', '-', '-', '-'],
            plan_cost.row(4, 3, 0.01234, {'check': 0.504}),
        )
        self.assertEqual(
            ['4', '3', 'none', '0.004', '1.236', '0.250'],
            audit_cost.row(4, 3, 'none', 0.004, 1.2361, 0.25),
        )


class TestModel(unittest.TestCase):
    def test_pass_reads_all_of_it(self):
        root = clusters.model(2, 3)
        expected = sum(
            i.vcpus + i.memory + i.disk + len(i.state)
            for i in root.get_all_instances().values()
        )
        self.assertEqual(expected, clusters.iterate(root))


class TestTables(unittest.TestCase):
    def test_simple(self):
        self.assertEqual(
            '==  ===\na     b\n==  ===\nc   100\ndd    2\n==  ===',
            tables.simple(['a', 'b'], [['c', '100'], ['dd', '2']]),
        )


class TestRatios(unittest.TestCase):
    @mock.patch('gc.collect', mock.Mock())
    def test_prepares_for_each_try(self):
        prepared = []

        def prepare():
            prepared.append(1)
            return lambda: sum(range(1000))

        unit_s, ratios = timing.ratios(
            prepare, {'a': prepare, 'b': prepare}, tries=3
        )
        self.assertEqual(3 * 2 * 2, len(prepared))
        self.assertEqual(['a', 'b'], list(ratios))
        self.assertGreater(unit_s, 0)
