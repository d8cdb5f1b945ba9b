# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""The benchmarks of costs, on clouds that are too small to tell anything."""

import unittest

from benchmarks import audit_cost
from benchmarks import clusters
from benchmarks import plan_cost
from benchmarks import tables
from benchmarks import timing
from tests.unit.plugin import base


class TestCosts(base.TestCase):
    def setUp(self):
        super().setUp()
        self.conf.config(group='nova', auth_type='none',
                         endpoint_override='http://127.0.0.1:9')

    def test_plan_cost(self):
        row = plan_cost.measured(4, 3, tries=1)
        self.assertEqual(3 + len(plan_cost.TIMED), len(row))
        self.assertEqual(['4', '3'], row[:2])
        self.assertGreater(min(map(float, row[2:])), 0)

    def test_audit_cost(self):
        row = audit_cost.measured(4, 3, tries=1)
        self.assertEqual(len(audit_cost.HEADS), len(row))
        self.assertGreater(float(row[-1]), 0)


class TestModel(unittest.TestCase):
    def test_pass_reads_all_of_it(self):
        root = clusters.model(2, 3)
        expected = sum(
            i.vcpus + i.memory + i.disk + len(i.state)
            for i in root.get_all_instances().values())
        self.assertEqual(expected, clusters.iterate(root))


class TestTables(unittest.TestCase):
    def test_simple(self):
        self.assertEqual(
            '==  ===\na     b\n==  ===\nc   100\ndd    2\n==  ===',
            tables.simple(['a', 'b'], [['c', '100'], ['dd', '2']]))


class TestRatios(unittest.TestCase):
    def test_prepares_for_each_try(self):
        prepared = []

        def prepare():
            prepared.append(1)
            return lambda: sum(range(1000))

        unit_s, ratios = timing.ratios(
            prepare, {'a': prepare, 'b': prepare}, tries=3)
        self.assertEqual(3 * 2 * 2, len(prepared))
        self.assertEqual(['a', 'b'], list(ratios))
        self.assertGreater(unit_s, 0)
