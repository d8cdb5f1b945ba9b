# SPDX-License-Identifier: Apache-2.0

"""The benchmarks of costs, on clouds that are too small to tell anything."""

import unittest

from unittest import mock

from benchmarks import audit_cost
from benchmarks import check_cost
from benchmarks import clusters
from benchmarks import drains
from benchmarks import plan_cost
from benchmarks import snapshots
from benchmarks import tables
from benchmarks import timing
from tests.unit.plugin import base


class TestCosts(base.TestCase):
    def setUp(self):
        super().setUp()
        # It takes a second with all that other tests have imported.
        self.enterContext(mock.patch('gc.collect'))
        # A new process imports all of Watcher.
        here = mock.patch.object(
            drains, 'memory_of_its_own', drains.memory_mib
        )
        self.enterContext(here)
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

    def test_check_cost(self):
        self.assertGreater(min(check_cost.measured(4, 3, tries=1)), 0)

    def test_rows(self):
        self.assertEqual(
            ['4', '3', '12.3', '-', '-', '0.50', '-', '-', '-'],
            plan_cost.row(4, 3, 0.01234, {'check': 0.504}),
        )
        self.assertEqual(
            ['4', '3', 'none', '0.004', '1.236', '0.250'],
            audit_cost.row(4, 3, 'none', 0.004, 1.2361, 0.25),
        )
        self.assertEqual(
            ['4', '3', '0.004', '1.236', '0.250'],
            check_cost.row(4, 3, 0.004, 1.2361, 0.25),
        )


class TestDrains(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch('gc.collect'))

    def test_row(self):
        case = {'nodes': 12, 'servers': 3, 'use': (0.6, 0.9), 'sources': 2}
        name, moves, left, *times = drains.row('small', case)
        self.assertEqual(('small', '6', '0'), (name, moves, left))
        self.assertEqual(len(drains.HEADS) - 3, len(times))
        self.assertGreater(min(map(float, times[:2])), 0)

    def test_refusal(self):
        case = {'nodes': 9, 'servers': 4, 'use': (0.1, 0.2), 'huge': 1}
        _name, moves, left, *_times = drains.row('huge', case)
        self.assertEqual(('0', '1'), (moves, left))

    def test_same_seed_same_snapshot(self):
        case = {'nodes': 5, 'servers': 9, 'use': (0.5, 0.9), 'kinds': 7}
        snapshot, request = snapshots.drain(**case)
        self.assertEqual((snapshot, request), snapshots.drain(**case))
        self.assertNotEqual(snapshot, snapshots.drain(**case, seed=2)[0])
        self.assertEqual(('compute-00000',), request.maintenance_nodes)
        self.assertEqual(9, len(snapshot.instances))


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
