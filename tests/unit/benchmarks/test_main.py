# SPDX-License-Identifier: Apache-2.0

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
        self.enterContext(
            mock.patch.object(
                benchmarks,
                'BENCHMARKS',
                {
                    name: lambda name=name: self.ran.append(name)
                    for name in 'abc'
                },
            )
        )

    def test_all(self):
        benchmarks.main([])
        self.assertEqual(['a', 'b', 'c'], self.ran)

    def test_some(self):
        benchmarks.main(['c', 'a'])
        self.assertEqual(['c', 'a'], self.ran)

    def test_unknown(self):
        errors = self.enterContext(contextlib.redirect_stderr(io.StringIO()))
        self.assertRaises(SystemExit, benchmarks.main, ['a', 'x', 'y'])
        self.assertEqual([], self.ran)
        self.assertIn('there is no benchmark x, y', errors.getvalue())
