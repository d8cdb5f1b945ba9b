# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""Benchmarks are run by name, all or none."""

import contextlib
import io

from unittest import mock

from benchmarks import __main__ as benchmarks
from tests.unit import base


class TestMain(base.TestCase):
    def setUp(self):
        super().setUp()
        self.ran = []
        self.enterContext(mock.patch.object(benchmarks, 'BENCHMARKS', {
            name: lambda name=name: self.ran.append(name) for name in 'abc'}))

    def test_all(self):
        benchmarks.main([])
        self.assertEqual(['a', 'b', 'c'], self.ran)

    def test_some(self):
        benchmarks.main(['c', 'a'])
        self.assertEqual(['c', 'a'], self.ran)

    def test_unknown(self):
        errors = self.enterContext(
            contextlib.redirect_stderr(io.StringIO()))
        self.assertRaises(SystemExit, benchmarks.main, ['a', 'x', 'y'])
        self.assertEqual([], self.ran)
        self.assertIn('there is no benchmark x, y', errors.getvalue())
