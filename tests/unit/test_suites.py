# SPDX-License-Identifier: Apache-2.0

"""Unit tests are what one runs while working: they take no time.

What draws examples or starts other programs is in tests/property.
"""

import ast
import pathlib

import ddt

from tests.unit import base


ROOT = pathlib.Path(__file__).parent
MODULES = [str(p.relative_to(ROOT)) for p in sorted(ROOT.rglob('test_*.py'))]
SLOW = frozenset({'hypothesis', 'subprocess'})
# It asks git for the names of all files, in milliseconds.
QUICK = ('test_licence.py',)


def imports(source):
    """The first part of each name that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split('.')[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or '').split('.')[0]


@ddt.ddt
class TestSuites(base.TestCase):
    def test_imports_are_found(self):
        source = 'import a.b\ndef f():\n    from c.d import e\n'
        self.assertEqual(['a', 'c'], list(imports(source)))

    @ddt.idata(name for name in MODULES if name not in QUICK)
    def test_is_no_property(self, name):
        found = set(imports((ROOT / name).read_text()))
        self.assertEqual(set(), found & SLOW)
